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
from typing import IO, Any

from cutout_widgets.errors import ImageNotFound
from cutout_widgets.web import origin_of

__all__ = ["Abort", "Connections"]


class Abort:
    """Ends the requests of one reading, from whatever thread.

    Parameters
    ----------
    patient
        Whether the reading may wait for a service that is down.
    """

    def __init__(self, *, patient: bool = False) -> None:
        self.patient = patient
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()

    def watch(self, sock: socket.socket) -> None:
        """Remember a socket that has to be shut when the reading ends; it is closed by `let_go`."""
        with self._lock:
            self._sockets.add(sock)
        self.check()

    def let_go(self, sock: socket.socket) -> None:
        """Forget a socket that is done, and close it."""
        with self._lock:  # not closed while it is shut: its number may be another file's by then
            self._sockets.discard(sock)
            sock.close()

    def check(self) -> None:
        """Raise if the reading has ended.

        Raises
        ------
        ImageNotFound
            If it has.
        """
        if self._event.is_set():
            raise ImageNotFound("the reading was cancelled")

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the reading."""
        self._event.wait(seconds)
        self.check()

    def end(self) -> None:
        """End all requests; those under way fail at once."""
        self._event.set()
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):  # it was done already
                    sock.shutdown(socket.SHUT_RDWR)


class Connections:
    """Makes connections that an `Abort` can shut."""

    def __init__(self, abort: Abort) -> None:
        self._abort = abort
        self._sockets: list[socket.socket] = []

    def opener(self) -> urllib.request.OpenerDirector:
        """Return an opener for http and https only."""
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
        """Connect as `socket.create_connection` does, to be ended while it connects and ever after.

        Raises
        ------
        OSError
            If no address of the host can be reached.
        ImageNotFound
            If the reading has ended.
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
        """Connect a socket that is watched meanwhile; close it if that fails."""
        try:
            if source_address:
                sock.bind(source_address)
            sock.setblocking(False)
            fault = sock.connect_ex(place)
            self._watch(sock)  # not before: a socket that does not connect yet cannot be shut
            if fault == errno.EINPROGRESS:
                fault = _fault_in_time(sock, timeout)
            if fault:
                raise OSError(fault, os.strerror(fault))
            sock.settimeout(timeout)
        except BaseException:
            sock.close()
            raise

    def _watch(self, sock: socket.socket) -> None:
        """Watch a second handle of a socket: the first becomes another object when TLS begins."""
        handle = sock.dup()
        self._sockets.append(handle)
        self._abort.watch(handle)

    def of(self, connection: http.client.HTTPConnection) -> http.client.HTTPConnection:
        """Let a connection make its socket here."""
        connection._create_connection = self.connect  # type: ignore[attr-defined]  # the hook of http.client
        return connection

    def forget(self) -> None:
        """Let all sockets go."""
        while self._sockets:
            self._abort.let_go(self._sockets.pop())


def _fault_in_time(sock: socket.socket, timeout: float) -> int:
    """Wait until a socket has connected, or has not; return the number of the error, 0 if none."""
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
        super().__init__()
        self._watcher = watcher

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **options: Any) -> http.client.HTTPConnection:
        context = ssl.create_default_context()
        return self._watcher.of(http.client.HTTPSConnection(host, context=context, **options))


class _SameOriginRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects; the token is sent to the same origin only."""

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
