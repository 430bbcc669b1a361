"""A remote file that is read in blocks."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from cutout_widgets.disk_cache import cache_in
from cutout_widgets.errors import UnreadableImage
from cutout_widgets.remote.connection import NoRanges, connect, refusal
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.unpacking import largest_unpacked, too_large
from cutout_widgets.web import shown

__all__ = ["RemoteFile"]

_FIRST_BLOCKS = 4
"""Blocks of the first request: headers, and the table of tile offsets of an image."""


class RemoteFile(io.RawIOBase):
    """A file at a URL, read in blocks, which are cached in memory, and on disk between sessions.

    Parameters
    ----------
    url
        The file.
    options
        How it is read.
    token
        Bearer token for it; None = that of the environment, if the options allow it.

    Raises
    ------
    ImageNotFound
        If it does not exist, is not permitted, or the host does not respond.
    MissingDependency
        If obstore is not installed (extra ``remote``).
    """

    def __init__(self, url: str, options: RemoteOptions | None = None, *, token: str | None = None) -> None:
        super().__init__()
        self.url, self.options = url, options or RemoteOptions()
        self._store, self._path, self._reader = connect(url, self.options, token)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._at = 0
        self.requests = 0
        """Requests to the server so far."""
        self.fetched_bytes = 0
        """Bytes downloaded so far."""
        self._whole: bytes | None = None
        folder = self.options.cache
        self._cache = None if folder is None else cache_in(folder, self.options.cache_bytes)
        self.size, self.version = 0, ""
        self._begin()

    @property
    def held_bytes(self) -> int:
        """Memory used by blocks."""
        return sum(map(len, self._blocks.values())) + len(self._whole or b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the position."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def read(self, count: int | None = -1) -> bytes:
        """Read bytes from the current position; fewer at the end of the file.

        Raises
        ------
        UnreadableImage
            If the network fails.
        """
        end = self.size if count is None or count < 0 else min(self.size, self._at + count)
        if end <= self._at:
            return b""
        found = self._between(self._at, end)
        self._at += len(found)
        return found

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Fetch byte ranges that will be read, in one request.

        Parameters
        ----------
        ranges
            Start and end of each.
        """
        size = self.options.block_bytes
        wanted: dict[int, None] = {}
        most = max(1, self.options.held_bytes // size - 1)
        for start, end in ranges:
            for number in range(start // size, -(-min(end, self.size) // size)):
                wanted[number] = None
        self._fetch([*wanted][:most])

    def _between(self, start: int, end: int) -> bytes:
        """Return the bytes in a range."""
        if self._whole is not None:
            return self._whole[start:end]
        size = self.options.block_bytes
        numbers = range(start // size, -(-end // size))
        if (end - start) > self.options.held_bytes // 2:  # too large for the cache: bypass it
            return self._get_ranges([(start, end)])[0]
        self._fetch(numbers)
        joined = b"".join(self._block(number) for number in numbers)
        return joined[start - numbers[0] * size : end - numbers[0] * size]

    def _block(self, number: int) -> bytes:
        """Return a fetched block."""
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetch(self, numbers: Iterable[int]) -> None:
        """Load blocks into memory: from disk, else together from the server."""
        if self._whole is not None:
            return
        numbers = list(numbers)
        for number in numbers:
            if number not in self._blocks and (kept := self._kept(number)) is not None:
                self._blocks[number] = kept
        lacking = [number for number in numbers if number not in self._blocks]
        size = self.options.block_bytes
        spans = [(number * size, min(self.size, (number + 1) * size)) for number in lacking]
        for number, content in zip(lacking, self._get_ranges(spans) if spans else (), strict=True):
            self._blocks[number] = content
            self._keep(number, content)
        for number in numbers:
            self._blocks.move_to_end(number)
        while len(self._blocks) * size > max(self.options.held_bytes, len(numbers) * size):
            self._blocks.popitem(last=False)

    def _get_ranges(self, spans: list[tuple[int, int]]) -> list[bytes]:
        """Request ranges from the server, merging close ones."""
        import obstore

        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        self.requests += 1
        found = [
            bytes(one)
            for one in self._asked(
                lambda: obstore.get_ranges(
                    self._store, self._path, starts=starts, ends=ends, coalesce=self.options.block_bytes
                )
            )
        ]
        self.fetched_bytes += sum(map(len, found))
        if [len(one) for one in found] != [end - start for start, end in spans]:
            raise UnreadableImage(
                f"{shown(self.url)} sent fewer bytes than it promised; it changed: open it again"
            )
        return found

    def _begin(self) -> None:
        """Read the first blocks, which also give the size, and the version if the server has one.

        If the version is that of blocks cached on disk, the server sends nothing.
        """
        import obstore
        from obstore.exceptions import NotModifiedError

        known = self._remembered()
        wanted: Any = {"range": (0, _FIRST_BLOCKS * self.options.block_bytes)}
        if known is not None:
            wanted["if_none_match"] = known[1]
        self.requests += 1
        try:
            answer = self._asked(lambda: obstore.get(self._store, self._path, options=wanted))
            content = bytes(self._asked(answer.bytes))
        except NotModifiedError:
            assert known is not None
            self.size, self.version = known
            return
        except NoRanges:
            self._begin_whole()
            return
        self.fetched_bytes += len(content)
        about = answer.meta
        self.size = int(about["size"])
        self.version = str(about.get("e_tag") or about.get("version") or "")
        for number, start in enumerate(range(0, max(1, len(content)), self.options.block_bytes)):
            self._blocks[number] = content[start : start + self.options.block_bytes]
        if self._cache is not None and about.get("e_tag"):
            for number, block in self._blocks.items():
                self._keep(number, block)
            self._remember()

    def _remembered(self) -> tuple[int, str] | None:
        """Return the size and the version that the file had when blocks of it were cached on disk."""
        path = None if self._cache is None else self._cache.find(self._about, ".json")
        try:
            stored = None if path is None else json.loads(path.read_bytes())
            return None if stored is None else (int(stored["size"]), str(stored["version"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # another process removed it, or it was damaged

    def _remember(self) -> None:
        """Cache the size and the version on disk."""
        if self._cache is None:
            return
        stored = json.dumps({"size": self.size, "version": self.version}).encode()
        with contextlib.suppress(OSError):
            self._cache.keep(self._about, stored, ".json")

    @property
    def _about(self) -> str:
        """The cache key of the size and the version."""
        return f"{self._reader} {self.url} about"

    def _begin_whole(self) -> None:
        """Download the whole file from a server without byte ranges."""
        import obstore

        self.requests += 1
        answer = self._asked(lambda: obstore.get(self._store, self._path))
        if int(answer.meta["size"]) > largest_unpacked():
            raise too_large(shown(self.url))
        self._whole = bytes(self._asked(answer.bytes))
        self.fetched_bytes += len(self._whole)
        self.size = len(self._whole)

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Send a request; convert errors, without the URL's query."""
        try:
            return ask()
        except (FileNotFoundError, PermissionError) as err:
            raise refusal(self.url, err) from None
        except Exception as err:
            if not type(err).__module__.startswith("obstore") or type(err).__name__ == "NotModifiedError":
                raise
            raise refusal(self.url, err) from None

    def question(self, number: int) -> str:
        """Return the cache key of a block: credentials, version and range."""
        return f"{self._reader} {self.url} {self.version} {self.size} {self.options.block_bytes} {number}"

    def _kept(self, number: int) -> bytes | None:
        """Return a block cached on disk."""
        if self._cache is None or not self.version:
            return None
        path = self._cache.find(self.question(number))
        try:
            return None if path is None else path.read_bytes()
        except OSError:
            return None  # another process removed it

    def _keep(self, number: int, content: bytes) -> None:
        """Cache a block on disk; if that fails, it is fetched again next time."""
        if self._cache is None or not self.version:
            return
        try:
            self._cache.keep(self.question(number), content)
        except OSError:
            self._cache = None
