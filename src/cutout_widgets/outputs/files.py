"""Files that are whole or absent, whatever happens to the process that writes them."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

__all__ = ["PARTIAL", "Partial", "clear_away", "close"]

PARTIAL = ".partial"
"""Folder of files that are being written; other folders hold finished files alone."""


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_PATIENCE = 100
"""Times to make the folder again that another run found empty and removed."""


class Partial:
    """Writes files below a directory: first in a folder of this process, then moved into place.

    Parameters
    ----------
    root
        The directory; paths to write lie below it.
    """

    _numbers = itertools.count()

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / PARTIAL / _process()

    def write(self, path: Path, data: bytes | memoryview) -> None:
        """Write a file at once.

        Raises
        ------
        OSError
            If that is impossible; then nothing of it is left.
        """
        # The system's calls, not `open`: this is done for every figure, and streams cost as much again.
        draft = self._draft()
        handle = self._create(draft)
        try:
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(handle, rest) :]
            finally:
                os.close(handle)
            self._move(draft, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(draft)  # noqa: PTH108  as above
            raise

    @contextmanager
    def open(self, path: Path) -> Iterator[IO[bytes]]:
        """Open a file for writing; it appears under its name when the block ends without an error."""
        draft = self._draft()
        stream = os.fdopen(self._create(draft), "wb")
        try:
            with stream:
                yield stream
            self._move(draft, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(draft)  # noqa: PTH108  as above
            raise

    def _draft(self) -> str:
        """Return a new name in the folder of this process."""
        return f"{self.folder}/{next(self._numbers)}-{threading.get_ident()}"

    def close(self) -> None:
        """Remove this process's folder, unless another thread is writing in it."""
        for folder in (self.folder, self.folder.parent):
            with suppress(OSError):
                folder.rmdir()

    def _create(self, draft: str) -> int:
        """Open a draft; its folder may have been cleared by another run a moment ago."""
        for _ in range(_PATIENCE):
            try:
                return os.open(draft, _NEW, 0o666)
            except FileNotFoundError:
                self.folder.mkdir(parents=True, exist_ok=True)
        return os.open(draft, _NEW, 0o666)

    def _move(self, draft: str, path: Path) -> None:
        """Give a draft its name."""
        try:
            os.replace(draft, path)  # noqa: PTH105  as above
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(draft, path)  # noqa: PTH105  as above


def clear_away(root: Path) -> None:
    """Remove what processes that are no more left half written; live ones keep theirs.

    Folders of other machines are left alone: whether their processes live cannot be known here.
    """
    partial = root / PARTIAL
    with suppress(OSError):
        for folder in list(partial.iterdir()):
            if not _is_live(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        partial.rmdir()


def close(root: Path) -> None:
    """Remove the empty folders of processes that have nothing half written."""
    partial = root / PARTIAL
    with suppress(OSError):
        for folder in list(partial.iterdir()):
            with suppress(OSError):
                folder.rmdir()
    with suppress(OSError):
        partial.rmdir()


def _machine() -> str:
    """Return a word for this machine."""
    return f"{zlib.crc32(socket.gethostname().encode('utf-8', 'replace')):08x}"


def _process() -> str:
    """Return a word for this process, which no later process shares."""
    pid = os.getpid()
    return f"{_machine()}-{pid}-{_started(pid)}"


def _started(pid: int) -> str:
    """Return when a process began, as the kernel counts, so that a number used again is told apart."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def _is_live(name: str) -> bool:
    """Tell whether the process that owns a folder may still write there."""
    machine, _, rest = name.partition("-")
    pid, _, started = rest.partition("-")
    if not pid.isdigit() or machine != _machine():
        return machine != _machine()
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return _started(int(pid)) == started
