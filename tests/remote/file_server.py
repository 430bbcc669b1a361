"""A file server on loopback, with or without range support, complete or truncated."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.loopback import LoopbackServer, QuietHandler


class _Handler(QuietHandler):
    service: FileServer

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.service.asked.append((self.path, wanted, self.headers.get("Authorization", "")))
        path = self.path.partition("?")[0].lstrip("/")
        if path in self.service.moved:
            return self.answer(302, b"", Location=self.service.moved[path])
        if path in self.service.statuses:
            return self.answer(self.service.statuses[path], b"the token is sesame-sesame-sesame")
        if path not in self.service.files:
            return self.answer(404, b"no such thing")
        content = self.service.files[path]
        if self.service.version and self.headers.get("If-None-Match") == self.service.version:
            self.service.unchanged += 1
            return self.answer(304, b"")
        if not (wanted and self.service.ranges):
            return self.answer(200, content)
        start, end = (int(one) for one in re.findall(r"\d+", wanted))
        if start >= len(content):
            return self.answer(416, b"")
        part = content[start : end + 1]
        return self.answer(206, part, Content_Range=f"bytes {start}-{start + len(part) - 1}/{len(content)}")

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        version = {"ETag": self.service.version} if self.service.version else {}
        self._send(status, body, kind=None, **headers, **version)


@dataclass
class FileServer(LoopbackServer):
    """Serves files and records the requests until the ``with`` block ends."""

    handler = _Handler

    files: dict[str, bytes] = field(default_factory=dict)
    """Path, as it is asked for -> content."""
    ranges: bool = True
    statuses: dict[str, int] = field(default_factory=dict)
    """Path -> status of a refusal."""
    moved: dict[str, str] = field(default_factory=dict)
    """Path -> where else it is."""
    version: str = '"1"'
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Path with query, Range and Authorization of each question."""
    unchanged: int = 0
    """Answers that the client's copy is the newest: nothing is sent."""

    def url(self, path: str) -> str:
        return f"{self.origin}/{path}"

    @property
    def sent_bytes(self) -> int:
        """Bytes of the ranges that were asked for."""
        spans = [re.findall(r"\d+", wanted) for _, wanted, _ in self.asked if wanted]
        return sum(int(end) - int(start) + 1 for start, end in spans)
