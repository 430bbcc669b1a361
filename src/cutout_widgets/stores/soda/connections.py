"""Connections that another thread can close; redirects do not receive the token."""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import selectors
import socket
import ssl
import threading
import urllib.request
from email.message import Message
from functools import lru_cache
from typing import IO, Any

from cutout_widgets.errors import ImageNotFound
from cutout_widgets.web import origin_of

__all__ = ["Abort", "Connections"]


class Abort:
    """Ends the requests of one read, from any thread.

    Parameters
    ----------
    patient
        Whether the read may wait for a service that is down.
    """

    def __init__(self, *, patient: bool = False) -> None:
        self.patient = patient
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()

    def watch(self, sock: socket.socket) -> None:
        """Register a socket to be shut down when the read ends; `let_go` closes it."""
        with self._lock:
            self._sockets.add(sock)
        self.check()

    def let_go(self, sock: socket.socket) -> None:
        """Unregister a socket, and close it."""
        with self._lock:  # closed only after shutdown, as its number could be reused by another file
            self._sockets.discard(sock)
            sock.close()

    def check(self) -> None:
        """Raise if the read has ended.

        Raises
        ------
        ImageNotFound
            If it has ended.
        """
        if self._event.is_set():
            raise ImageNotFound("the reading was cancelled")

    def pause(self, seconds: float) -> None:
        """Wait, but at most until the read ends."""
        self._event.wait(seconds)
        self.check()

    def end(self) -> None:
        """End all requests; running ones fail at once."""
        self._event.set()
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):  # already closed
                    sock.shutdown(socket.SHUT_RDWR)


class Connections:
    """Creates connections that an `Abort` can shut down."""

    def __init__(self, abort: Abort) -> None:
        self._abort = abort
        self._sockets: list[socket.socket] = []

    def opener(self) -> urllib.request.OpenerDirector:
        """Return a URL opener for http and https only."""
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            _Http(self),
            _Https(self),
            _SameOriginRedirects(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
        ):
            opener.add_handler(handler)
        return opener

    def connect(
        self, address: tuple[str, int], timeout: float, source_address: tuple[str, int] | None = None
    ) -> socket.socket:
        """Connect like `socket.create_connection`, abortable while connecting and afterwards.

        Raises
        ------
        OSError
            If no address of the host can be reached.
        ImageNotFound
            If the read has ended.
        """
        fault = OSError("the host has no address")
        for family, kind, protocol, _, place in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
            try:
                sock = socket.socket(family, kind, protocol)
                self._connect(sock, place, timeout, source_address)
                return sock
            except OSError as err:
                fault = err
        raise fault

    def _connect(
        self, sock: socket.socket, place: Any, timeout: float, source_address: tuple[str, int] | None
    ) -> None:
        """Connect a socket so that it can be aborted; close it on failure."""
        try:
            if source_address:
                sock.bind(source_address)
            sock.setblocking(False)
            fault = sock.connect_ex(place)
            self._watch(sock)  # not earlier: a socket that is not connecting cannot be shut down
            if fault == errno.EINPROGRESS:
                fault = _fault_in_time(sock, timeout)
            if fault:
                raise OSError(fault, os.strerror(fault))
            sock.settimeout(timeout)
        except BaseException:
            sock.close()
            raise

    def _watch(self, sock: socket.socket) -> None:
        """Register a duplicate of a socket, because TLS replaces the original object."""
        handle = sock.dup()
        self._sockets.append(handle)
        self._abort.watch(handle)

    def of(self, connection: http.client.HTTPConnection) -> http.client.HTTPConnection:
        """Make a connection create its socket with `connect`."""
        connection._create_connection = self.connect  # type: ignore[attr-defined]  # the hook of http.client
        return connection

    def forget(self) -> None:
        """Unregister all sockets."""
        while self._sockets:
            self._abort.let_go(self._sockets.pop())


def _fault_in_time(sock: socket.socket, timeout: float) -> int:
    """Wait until a socket has connected or failed; return the error number, 0 for success."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(sock, selectors.EVENT_WRITE)
        if not waiting.select(timeout):
            raise TimeoutError
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, watcher: Connections) -> None:
        super().__init__()
        self._watcher = watcher

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **options: Any) -> http.client.HTTPConnection:
        return self._watcher.of(http.client.HTTPConnection(host, **options))


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, watcher: Connections) -> None:
        super().__init__(context=_trusted(ssl.get_default_verify_paths()))
        self._watcher = watcher

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **options: Any) -> http.client.HTTPConnection:
        context = _trusted(ssl.get_default_verify_paths())
        return self._watcher.of(http.client.HTTPSConnection(host, context=context, **options))


@lru_cache(maxsize=4)
def _trusted(_: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Return the trusted certificates, cached by their paths: reading them takes longer than a stamp."""
    return ssl.create_default_context()


class _SameOriginRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and sends the token only to the same origin."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        token = req.get_header("Authorization")
        if new is not None and token and origin_of(newurl) == origin_of(req.full_url):
            new.add_unredirected_header("Authorization", token)
        return new
