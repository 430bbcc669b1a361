"""Requests that hang at each step, and end when the read is cancelled."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from cutout_widgets.errors import ImageNotFound
from cutout_widgets.stores.soda.connections import Abort, Connections
from cutout_widgets.stores.soda.http import Fetcher


class TellingAbort(Abort):
    """Signals that it got something to watch."""

    def __init__(self) -> None:
        super().__init__()
        self.watching = threading.Event()

    def watch(self, sock: socket.socket) -> None:
        super().watch(sock)
        self.watching.set()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port of this machine that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        listening.settimeout(30)
        yield listening


def origin_of(listener: socket.socket) -> str:
    return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def full(listener: socket.socket) -> Iterator[socket.socket]:
    """A port with a full backlog, so that connections hang."""
    with contextlib.ExitStack() as waiting:
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener


def said_when_ended(url: str, hangs: Callable[[TellingAbort], object]) -> str:
    """Return the error of a request that is cancelled once it hangs."""
    fetcher = Fetcher(token=lambda: None, home=frozenset(), tries=1, timeout_s=600.0, pause_s=0.0)
    abort = TellingAbort()
    said: list[str] = []

    def ask() -> None:
        try:
            fetcher.get(url, abort)
        except ImageNotFound as err:
            said.append(str(err))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    assert hangs(abort)
    abort.end()
    asking.join(timeout=30)
    assert not asking.is_alive()
    assert not abort._sockets  # nothing is left open
    return said[0]


def test_cancelling_ends_a_request_to_a_host_that_does_not_accept(full):
    said = said_when_ended(f"http://{origin_of(full)}/links", lambda abort: abort.watching.wait(30))
    assert said == "the reading was cancelled"


def accepted(listener: socket.socket) -> Callable[[Abort], bytes]:
    """Return a function that waits until a request has begun, and keeps silent."""
    kept = []

    def hangs(abort: Abort) -> bytes:
        client, _ = listener.accept()
        kept.append(client)
        return client.recv(1)

    return hangs


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_cancelling_ends_a_request_to_a_silent_host(listener, scheme):
    said = said_when_ended(f"{scheme}://{origin_of(listener)}/links", accepted(listener))
    assert said == "the reading was cancelled"


def test_an_answer_of_unknown_length_cut_by_cancelling_is_discarded(listener):
    def hangs(abort: Abort) -> bytes:
        client, _ = listener.accept()
        started = client.recv(1 << 16)
        client.sendall(b"HTTP/1.0 200 OK\r\n\r\nSIMPLE  =")
        held.append(client)
        return started

    held: list[socket.socket] = []
    assert said_when_ended(f"http://{origin_of(listener)}/x", hangs) == "the reading was cancelled"


def test_a_refused_connection_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        origin = origin_of(closed)
    fetcher = Fetcher(token=lambda: None, home=frozenset(), tries=1, timeout_s=600.0, pause_s=0.0)
    with pytest.raises(ImageNotFound, match="cannot be reached: ConnectionRefusedError"):
        fetcher.get(f"http://{origin}/links", Abort())


def test_a_host_that_does_not_accept_connections_times_out(full):
    fetcher = Fetcher(token=lambda: None, home=frozenset(), tries=1, timeout_s=0.01, pause_s=0.0)
    with pytest.raises(ImageNotFound, match="cannot be reached: TimeoutError"):
        fetcher.get(f"http://{origin_of(full)}/links", Abort())


def test_the_ca_bundle_is_loaded_once_and_again_if_its_location_changes(monkeypatch, tmp_path):
    def trusted() -> ssl.SSLContext:
        (handler,) = [one for one in Connections(Abort()).opener().handlers if hasattr(one, "https_open")]
        return handler._context

    assert trusted() is trusted()
    assert trusted().verify_mode is ssl.CERT_REQUIRED
    assert trusted().check_hostname
    before = trusted()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert trusted() is not before
