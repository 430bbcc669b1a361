"""An append-only file of lines: on disk before a call returns, and read incrementally."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from cutout_widgets.errors import BadOption, NotWritable, sentence

__all__ = ["GrowingFile"]

_CHUNK = 1 << 22
"""Bytes read at once."""

_MARK = 256
"""Bytes before the read position that must be unchanged; they contain an action's unique number."""


class GrowingFile:
    """A file of lines to which several processes append.

    Parameters
    ----------
    path
        The file; it and its folder are created with the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tail = b""
        """The data after the last newline: truncated, or still being written."""
        self._read_to = 0
        self._mark = b""
        self._seen: tuple[int, int, int, int] | None = None
        self._was_there = False

    def is_unchanged(self) -> bool:
        """Return whether the file is unchanged since it was read, by its inode, size and time."""
        return self._looked() == self._seen

    def was_replaced(self) -> bool:
        """Return whether the data read are no longer in the file: it was replaced, truncated or rewritten."""
        now, before = self._looked(), self._seen
        if before is None:
            return False
        if now is None or now[:2] != before[:2] or now[2] < self._read_to:
            return True
        if now[2] == self._read_to and now[3] != before[3]:
            return True  # rewritten without growing
        return bool(self._mark) and self._bytes(self._read_to - len(self._mark), self._read_to) != self._mark

    def begin_anew(self) -> None:
        """Forget what was read, to start from the beginning."""
        self._read_to, self._mark, self.tail, self._seen = 0, b"", b"", None

    def n_unread(self) -> int:
        """Return the number of unread bytes."""
        now = self._looked()
        return 0 if now is None else max(0, now[2] - self._read_to)

    def fresh_lines(self) -> Iterator[list[bytes]]:
        """Yield the complete new lines, in chunks; the rest becomes the tail.

        Raises
        ------
        BadOption
            If the file cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self._read_to)
                while chunk := file.read(_CHUNK):
                    self._read_to += len(chunk)
                    self._mark = (self._mark + chunk)[-_MARK:]
                    *whole, self.tail = (self.tail + chunk).split(b"\n")
                    yield whole
                found = os.fstat(file.fileno())
                self._was_there = True
                self._seen = found.st_dev, found.st_ino, self._read_to, found.st_mtime_ns
        except FileNotFoundError:
            return
        except OSError as err:
            raise BadOption(f"the journal {self.path} cannot be read: {_reason(err)}") from err

    def append(self, payload: bytes) -> None:
        """Append lines in one write, and wait until they are on disk.

        Raises
        ------
        NotWritable
            If it fails. A part that was written ends without a newline, or is ignored
            by its reader.
        """
        try:
            if self.tail:
                # An incomplete line becomes a separate line, which readers skip.
                payload = b"\n" + payload
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(self.path, payload)
        except (OSError, ValueError) as err:
            raise NotWritable(f"the journal {self.path} cannot be written: {_reason(err)}") from err

    def was_deleted(self) -> bool:
        """Return whether the file was read and no longer exists."""
        return self._was_there and not self.path.exists()

    def problem(self) -> str:
        """Return why appending is impossible, or that the file was deleted; empty if there is no problem."""
        place = self.path
        try:
            if self.was_deleted():
                return f"the journal {self.path} was deleted; the next label starts a new one"
            if not place.exists():
                place = next(one for one in self.path.absolute().parents if one.exists())
            if not os.access(place, os.W_OK):
                return f"the journal {self.path} cannot be written: no permission, or a read-only disk"
            if shutil.disk_usage(place).free == 0:
                return f"the journal {self.path} cannot be written: the disk is full"
        except OSError as err:
            return f"the journal {self.path} cannot be reached: {_reason(err)}"
        return ""

    def keep_aside(self, torn: bytes) -> None:
        """Copy an incomplete line to a file next to this one."""
        try:
            _write_through(self.path.with_name(self.path.name + ".torn"), torn + b"\n")
        except OSError as err:
            raise NotWritable(
                f"the incomplete line of {self.path} cannot be set aside: {_reason(err)}"
            ) from err

    def _looked(self) -> tuple[int, int, int, int] | None:
        """Return device, inode, size and modification time; None if there is no file."""
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as err:
            raise BadOption(f"the journal {self.path} cannot be read: {_reason(err)}") from err
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def _bytes(self, start: int, stop: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(stop - start)
        except OSError as err:
            raise BadOption(f"the journal {self.path} cannot be read: {_reason(err)}") from err


def _reason(err: Exception) -> str:
    return getattr(err, "strerror", None) or sentence(err)


def _write_through(path: Path, payload: bytes) -> None:
    """Append bytes in one write and wait until they, and a new file's name, are on disk."""
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        written = os.write(handle, payload)
        if written < len(payload) - 1:  # only the last newline may be missing, which readers do not need
            raise OSError(f"only {written} of {len(payload)} bytes could be written; is the disk full?")
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new and os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
