"""Files that are whole or absent, whatever happens to the process that writes them."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import socket
import stat
import threading
import time
import zlib
from collections.abc import Buffer, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

__all__ = [
    "PARTIAL",
    "Partial",
    "Summed",
    "clear_away",
    "close",
    "facts_of",
    "is_live",
    "make_folder",
    "process",
    "read_plain",
]

PARTIAL = ".partial"
"""Folder of files that are being written; other folders hold finished files alone."""


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_PATIENCE = 100
"""Times to make the folder again that another run found empty and removed."""

ABANDONED_S = 24 * 3600
"""What another machine left unchanged for so long is nobody's: whether its process lives is unknown."""

RUNS = "runs"
"""Folder among the partial files that outlives processes: what runs have written, see `record`."""


def facts_of(data: Buffer) -> str:
    """Return the length and the checksum (CRC-32) of a file's bytes, as the record of files has them."""
    return f"{len(memoryview(data).cast('B'))},{zlib.crc32(data):08x}"


def read_plain(path: Path) -> bytes:
    """Read a file that is a file: no link is followed, no pipe waited for.

    Raises
    ------
    OSError
        If it cannot be read; ``strerror`` says what stands in its place.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link, not a file; remove it", f"{path}")
    handle = os.open(path, flags)
    with os.fdopen(handle, "rb") as stream:
        kind = os.fstat(handle).st_mode
        if not stat.S_ISREG(kind):
            raise OSError(errno.EINVAL, "it is a pipe or device, not a file; remove it", f"{path}")
        return stream.read()


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, also while other runs remove the empty ones among them."""
    for _ in range(_PATIENCE):
        with suppress(FileNotFoundError, FileExistsError):
            folder.mkdir(parents=True, exist_ok=True)
            return
    folder.mkdir(parents=True, exist_ok=True)


class Summed:
    """A stream for writing that keeps count of what went through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._size, self._sum = 0, 0

    @property
    def facts(self) -> str:
        """Length and checksum of what was written till now."""
        return f"{self._size},{self._sum:08x}"

    def write(self, data: Buffer) -> int:
        """Write some bytes."""
        self._size += len(memoryview(data).cast("B"))
        self._sum = zlib.crc32(data, self._sum)
        return self._stream.write(data)

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._stream.flush()


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
        self.folder = root / PARTIAL / process()
        self._plain: set[Path] = set()

    def write(self, path: Path, data: bytes | memoryview) -> str:
        """Write a file at once.

        Returns
        -------
        str
            What `facts_of` says of it.

        Raises
        ------
        OSError
            If that is impossible, or a folder below the directory is a link to elsewhere; then
            nothing of it is left.
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
        return facts_of(data)

    def write_first(self, path: Path, data: bytes) -> bool:
        """Write a file that must not be there yet; tell whether it was not: of several runs one succeeds."""
        draft = Path(f"{self._draft()}-first")
        self.write(draft, data)
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without links: the last one counts
            os.replace(draft, path)  # noqa: PTH105  as above
        finally:
            draft.unlink(missing_ok=True)
        return True

    @contextmanager
    def open(self, path: Path) -> Iterator[Summed]:
        """Open a file for writing; it appears under its name when the block ends without an error."""
        draft = self._draft()
        stream = os.fdopen(self._create(draft), "wb")
        try:
            with stream:
                yield Summed(stream)
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
                self.refuse_links(self.folder)
                make_folder(self.folder)
        return os.open(draft, _NEW, 0o666)

    def _move(self, draft: str, path: Path) -> None:
        """Give a draft its name."""
        if (folder := path.parent) not in self._plain:
            self.refuse_links(folder)
            self._plain.add(folder)
        try:
            os.replace(draft, path)  # noqa: PTH105  as above
        except FileNotFoundError:
            make_folder(path.parent)
            os.replace(draft, path)  # noqa: PTH105  as above

    def refuse_links(self, folder: Path) -> None:
        """Refuse a folder that is reached by a link: what is saved must not land elsewhere."""
        at = self.root
        for part in folder.relative_to(self.root).parts:
            at = at / part
            if at.is_symlink():
                raise OSError(errno.ELOOP, f"{at} is a link to elsewhere; remove it", f"{at}")


def clear_away(root: Path) -> None:
    """Remove what processes that are no more left half written; live ones keep theirs.

    Whether a process of another machine lives cannot be known here: what it left goes when it is a day old.
    """
    partial = root / PARTIAL
    if partial.is_symlink():
        return
    with suppress(OSError):
        for folder in list(partial.iterdir()):
            if folder.name != RUNS and not is_live(folder.name, folder):
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


def process() -> str:
    """Return a word for this process, which no later process shares."""
    pid = os.getpid()
    return f"{_machine()}-{pid}-{_started(pid)}"


def _started(pid: int) -> str:
    """Return when a process began, as the kernel counts, so that a number used again is told apart."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def is_live(name: str, path: Path) -> bool:
    """Return whether the process that owns a file or folder may still write there.

    Parameters
    ----------
    name
        What `process` said there.
    path
        The file or folder: one of another machine is nobody's when it is unchanged for `ABANDONED_S`.
    """
    machine, _, rest = name.partition("-")
    pid, _, started = rest.partition("-")
    if machine != _machine() or not pid.isdigit():
        with suppress(OSError):
            return time.time() - path.stat().st_mtime < ABANDONED_S
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return _started(int(pid)) == started
