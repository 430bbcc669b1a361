"""Files that are written completely or not at all, even if the process dies."""

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
"""Folder of files being written; all other folders contain only complete files."""


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_PATIENCE = 100
"""Attempts to create a folder that another run removes because it is empty."""

ABANDONED_S = 24 * 3600
"""Files of another machine, whose processes cannot be checked, count as abandoned after this time."""

RUNS = "runs"
"""Folder among the partial files for the lists of what runs have written, see `record`."""


def facts_of(data: Buffer) -> str:
    """Return length and checksum (CRC-32) of a file's content, as in the record of files."""
    return f"{len(memoryview(data).cast('B'))},{zlib.crc32(data):08x}"


def read_plain(path: Path) -> bytes:
    """Read a regular file: links and pipes are refused.

    Raises
    ------
    OSError
        If it cannot be read, or is not a regular file; ``strerror`` has the reason.
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
    """Create a folder and its parents, even while other runs remove empty ones."""
    for _ in range(_PATIENCE):
        with suppress(FileNotFoundError, FileExistsError):
            folder.mkdir(parents=True, exist_ok=True)
            return
    folder.mkdir(parents=True, exist_ok=True)


class Summed:
    """A writable stream that computes length and checksum."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._size, self._sum = 0, 0

    @property
    def facts(self) -> str:
        """Length and checksum of what was written so far."""
        return f"{self._size},{self._sum:08x}"

    def write(self, data: Buffer) -> int:
        """Write some bytes."""
        self._size += len(memoryview(data).cast("B"))
        self._sum = zlib.crc32(data, self._sum)
        return self._stream.write(data)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


class Partial:
    """Writes files below a folder: first to this process's temporary folder, then moved into place.

    Parameters
    ----------
    root
        The folder; all paths to write are below it.
    """

    _numbers = itertools.count()

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / PARTIAL / process()
        self._plain: set[Path] = set()

    def write(self, path: Path, data: bytes | memoryview) -> str:
        """Write a file.

        Returns
        -------
        str
            The result of `facts_of`.

        Raises
        ------
        OSError
            If it cannot be written, or a folder below `root` is a link; then nothing
            is left behind.
        """
        # System calls instead of `open`: this is done for every figure, and streams would double its time.
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
        """Write a file unless it exists, and return whether it was written; of several runs one succeeds."""
        draft = Path(f"{self._draft()}-first")
        self.write(draft, data)
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without links: the last run wins
            os.replace(draft, path)  # noqa: PTH105  as above
        finally:
            draft.unlink(missing_ok=True)
        return True

    @contextmanager
    def open(self, path: Path) -> Iterator[Summed]:
        """Open a file for writing; it gets its name when the block ends without an error."""
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
        """Return a new path in this process's temporary folder."""
        return f"{self.folder}/{next(self._numbers)}-{threading.get_ident()}"

    def close(self) -> None:
        """Remove this process's temporary folder, unless another thread uses it."""
        for folder in (self.folder, self.folder.parent):
            with suppress(OSError):
                folder.rmdir()

    def _create(self, draft: str) -> int:
        """Create a temporary file, and its folder if another run has just removed it."""
        for _ in range(_PATIENCE):
            try:
                return os.open(draft, _NEW, 0o666)
            except FileNotFoundError:
                self.refuse_links(self.folder)
                make_folder(self.folder)
        return os.open(draft, _NEW, 0o666)

    def _move(self, draft: str, path: Path) -> None:
        """Rename a temporary file to its final path."""
        if (folder := path.parent) not in self._plain:
            self.refuse_links(folder)
            self._plain.add(folder)
        try:
            os.replace(draft, path)  # noqa: PTH105  as above
        except FileNotFoundError:
            make_folder(path.parent)
            os.replace(draft, path)  # noqa: PTH105  as above

    def refuse_links(self, folder: Path) -> None:
        """Raise if a folder is reached through a link: files must not be saved elsewhere."""
        at = self.root
        for part in folder.relative_to(self.root).parts:
            at = at / part
            if at.is_symlink():
                raise OSError(errno.ELOOP, f"{at} is a link to elsewhere; remove it", f"{at}")


def clear_away(root: Path) -> None:
    """Remove incomplete files of dead processes; those of live processes stay.

    Processes of other machines cannot be checked: their files are removed after a day.
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
    """Remove the empty temporary folders of processes."""
    partial = root / PARTIAL
    with suppress(OSError):
        for folder in list(partial.iterdir()):
            with suppress(OSError):
                folder.rmdir()
    with suppress(OSError):
        partial.rmdir()


def _machine() -> str:
    """Return an identifier of this machine."""
    return f"{zlib.crc32(socket.gethostname().encode('utf-8', 'replace')):08x}"


def process() -> str:
    """Return an identifier of this process, different from that of any later process."""
    pid = os.getpid()
    return f"{_machine()}-{pid}-{_started(pid)}"


def _started(pid: int) -> str:
    """Return the start time of a process in kernel ticks, to detect a reused process id."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def is_live(name: str, path: Path) -> bool:
    """Return whether the process that owns a file or folder may still use it.

    Parameters
    ----------
    name
        The owner's identifier, from `process`.
    path
        The file or folder: one of another machine has no owner after `ABANDONED_S` without a change.
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
