"""A file that only grows: whole lines on disk before a call returns, read as far as it was not read yet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from cutout_widgets.errors import BadOption, NotWritable, sentence

__all__ = ["GrowingFile"]

_CHUNK = 1 << 22
"""Bytes read at a time."""

_MARK = 256
"""Bytes before the place read to that must still be the same; each act has a number of its own in them."""


class GrowingFile:
    """A file of lines that several processes append to.

    Parameters
    ----------
    path
        The file; it and its folder are made with the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tail = b""
        """What stands after the last newline: torn, or still being written."""
        self._read_to = 0
        self._mark = b""
        self._seen: tuple[int, int, int, int] | None = None
        self._was_there = False

    def is_unchanged(self) -> bool:
        """Return whether the file is the one that was read, by one look at its inode, size and time."""
        return self._looked() == self._seen

    def was_replaced(self) -> bool:
        """Return whether what was read is no more: another file, a shorter one, or one with another text."""
        now, before = self._looked(), self._seen
        if before is None:
            return False
        if now is None or now[:2] != before[:2] or now[2] < self._read_to:
            return True
        if now[2] == self._read_to and now[3] != before[3]:
            return True  # it was written without growing
        return bool(self._mark) and self._bytes(self._read_to - len(self._mark), self._read_to) != self._mark

    def begin_anew(self) -> None:
        """Forget what was read."""
        self._read_to, self._mark, self.tail, self._seen = 0, b"", b"", None

    def n_unread(self) -> int:
        """Return how many bytes were not read yet."""
        now = self._looked()
        return 0 if now is None else max(0, now[2] - self._read_to)

    def fresh_lines(self) -> Iterator[list[bytes]]:
        """Read what was appended, and give its whole lines, some at a time; the rest becomes the tail.

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
        """Append lines by one write, and wait until they are on disk.

        Raises
        ------
        NotWritable
            If that is impossible. What was written of them by then ends without a newline, or is
            kept from counting by its reader.
        """
        try:
            if self.tail:
                # What was torn becomes a line of its own, which readers skip.
                payload = b"\n" + payload
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(self.path, payload)
        except (OSError, ValueError) as err:
            raise NotWritable(f"the journal {self.path} cannot be written: {_reason(err)}") from err

    def problem(self) -> str:
        """Return why nothing can be appended now, or that the file is gone; empty if all is well."""
        place = self.path
        try:
            if not place.exists():
                if self._was_there:
                    return f"the journal {self.path} was deleted, with its labels; the next label starts anew"
                place = next(one for one in self.path.absolute().parents if one.exists())
            if not os.access(place, os.W_OK):
                return f"the journal {self.path} cannot be written: no permission, or a read-only disk"
            if shutil.disk_usage(place).free == 0:
                return f"the journal {self.path} cannot be written: the disk is full"
        except OSError as err:
            return f"the journal {self.path} cannot be reached: {_reason(err)}"
        return ""

    def keep_aside(self, torn: bytes) -> None:
        """Copy a torn line to a file beside this one."""
        try:
            _write_through(self.path.with_name(self.path.name + ".torn"), torn + b"\n")
        except OSError as err:
            raise NotWritable(
                f"the incomplete line of {self.path} cannot be set aside: {_reason(err)}"
            ) from err

    def _looked(self) -> tuple[int, int, int, int] | None:
        """Return device, inode, size and time of change; None if there is no file."""
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
    """Append bytes by one write and wait until they, and a new file's name, are on disk."""
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        written = os.write(handle, payload)
        if written < len(payload) - 1:  # readers do not need the last newline: without it alone, all counts
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
