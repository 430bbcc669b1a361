"""The frame of the small HTTP servers of the tests: on loopback, in a thread, silent."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class LoopbackServer:
    """Serve until the ``with`` block ends; a subclass sets the class that handles its requests."""

    handler: type[QuietHandler]
    """Each of its instances finds the server in its attribute `service`."""

    def __enter__(self) -> Self:
        handler = type("Handler", (self.handler,), {"service": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"


class QuietHandler(BaseHTTPRequestHandler):
    """Sends complete answers, and logs nothing."""

    def _send(self, code: int, body: bytes, kind: str | None = "text/plain", **headers: str) -> None:
        """Send an answer; the underscores in the names of headers become hyphens."""
        self.send_response(code)
        if kind is not None:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _is_refused(self, service: Any, arguments: Any) -> bool:
        """Answer as a service that sends requests elsewhere, wants a token or has a fault, if it does."""
        secret = self.headers.get("Authorization")
        fault = service.faults.popleft() if service.faults else None
        if service.elsewhere:
            self._send(307, b"", Location=f"{service.elsewhere}{self.path}")
        elif service.token is not None and secret != f"Bearer {service.token}":
            self._send(401, f"<p>no access for {secret}</p>".encode(), kind="text/html")
        elif fault is not None:
            getattr(self, f"_{fault}")(arguments)
        else:
            return False
        return True

    def log_message(self, *_: object) -> None:
        """Log nothing."""
