"""Connections that can be ended from another thread, and redirects that leave the token at home."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.request
from email.message import Message
from typing import IO, Any
from urllib.parse import urlsplit

from cutout_widgets.errors import BadOption, ImageNotFound

__all__ = ["Abort", "Connections", "origin_of", "shown"]


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL: what may share a secret.

    Raises
    ------
    BadOption
        If it is no http or https URL.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (KeyError, ValueError) as err:
        raise BadOption(f"a link begins with https:// or http://; got {shown(url)}") from err
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def shown(url: str) -> str:
    """Return a URL as it may be shown: without query, which can hold a signature, and without user."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.netloc.rpartition(":")[2].isdecimal() and ":" in parts.netloc else ""
    return f"{parts.scheme}://{host}{port}{parts.path}" if parts.scheme else url[:80]


class Abort:
    """Ends the requests of one reading, from whatever thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()

    def watch(self, sock: socket.socket) -> None:
        """Remember a socket that has to be shut when the reading ends."""
        with self._lock:
            self._sockets.add(sock)
        self.check()

    def let_go(self, sock: socket.socket) -> None:
        """Forget a socket that is done."""
        with self._lock:
            self._sockets.discard(sock)

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
            sockets, self._sockets = self._sockets, set()
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was done already


class Connections:
    """Makes connections that an `Abort` can shut."""

    def __init__(self, abort: Abort) -> None:
        self._abort = abort
        self._sockets: list[socket.socket] = []

    def opener(self) -> urllib.request.OpenerDirector:
        """Return an opener for http and https alone."""
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

    def watch(self, sock: socket.socket) -> None:
        """Watch a socket that has just connected."""
        self._sockets.append(sock)
        self._abort.watch(sock)

    def forget(self) -> None:
        """Let all sockets go."""
        for sock in self._sockets:
            self._abort.let_go(sock)


class _Connection(http.client.HTTPConnection):
    watcher: Connections

    def connect(self) -> None:
        super().connect()
        self.watcher.watch(self.sock)


class _SecureConnection(http.client.HTTPSConnection):
    watcher: Connections

    def connect(self) -> None:
        super().connect()
        self.watcher.watch(self.sock)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, watcher: Connections) -> None:
        super().__init__()
        self._watcher = watcher

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **options: Any) -> http.client.HTTPConnection:
        connection = _Connection(host, **options)
        connection.watcher = self._watcher
        return connection


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, watcher: Connections) -> None:
        super().__init__()
        self._watcher = watcher

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **options: Any) -> http.client.HTTPConnection:
        connection = _SecureConnection(host, context=ssl.create_default_context(), **options)
        connection.watcher = self._watcher
        return connection


class _SameOriginRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects; the token comes along to the same origin alone."""

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
