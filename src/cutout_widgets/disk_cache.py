"""A cache of downloads on disk, with a size limit."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

__all__ = ["DEFAULT_FOLDER", "DiskCache", "cache_in"]

DEFAULT_FOLDER = "~/.cache/cutout_widgets/fetched"
"""Folder shared by everything that downloads."""

_ROOM_LEFT = 0.9
"""Evictions reduce the cache to this fraction of its limit, so that they are rare."""


class DiskCache:
    """A folder of files named by the hash of a request, and by their length.

    A file of another length was truncated (by a full disk or a crash) and is ignored.

    Several processes may share it: files are written under a temporary name and moved into place,
    and a file that another process has removed is treated as missing.

    Parameters
    ----------
    folder
        Created with the first file; readable only by its owner.
    limit_bytes
        If the files exceed this, the least recently used ones are removed.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._size: int | None = None

    def path_of(self, question: str, length: int | str, ending: str = ".fits") -> Path:
        """Return the file of an answer with this length, or None."""
        name = hashlib.sha256(question.encode()).hexdigest()
        return self.folder / name[:2] / f"{name}-{length}{ending}"

    def find(self, question: str, ending: str = ".fits") -> Path | None:
        """Return the file of an answer and mark it as used; None if there is no complete one."""
        for path in self._answers(question, ending):
            try:
                if path.name.endswith(f"-{path.stat().st_size}{ending}"):
                    os.utime(path)
                    return path
            except OSError:
                continue  # another process removed it
        return None

    def keep(self, question: str, answer: bytes, ending: str = ".fits") -> Path:
        """Store the answer to a request, and return its file.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        path = self.path_of(question, len(answer), ending)
        self.drop(question, ending)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")  # readable only by its owner
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(answer)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._grown_by(len(answer))
        return path

    def drop(self, question: str, ending: str = ".fits") -> None:
        """Remove the answer to a request, because it is invalid or will be replaced."""
        for path in self._answers(question, ending):
            path.unlink(missing_ok=True)

    def _answers(self, question: str, ending: str) -> list[Path]:
        """Return the files of a request, of any length; another process may have left several."""
        any_length = self.path_of(question, "*", ending)
        return list(any_length.parent.glob(any_length.name))

    def _grown_by(self, size: int) -> None:
        """Add to the total size, and remove the oldest files beyond the limit."""
        with self._lock:
            if self._size is None:
                self._size = sum(size for _, size, _ in self._files())
            else:
                self._size += size
            if self._size <= self.limit_bytes:
                return
            files = sorted(self._files())
            total = sum(size for _, size, _ in files)
            for _, size_of_one, path in files:
                if total <= self.limit_bytes * _ROOM_LEFT:
                    break
                path.unlink(missing_ok=True)
                total -= size_of_one
            self._size = total

    def _files(self) -> list[tuple[float, int, Path]]:
        """Return the time of last use, size and path of each file."""
        found = []
        for path in self.folder.glob("??/*"):
            try:
                about = path.stat()
            except OSError:
                continue  # another process removed it
            found.append((about.st_mtime, about.st_size, path))
        return found


_caches: dict[tuple[int, Path, int], DiskCache] = {}


def cache_in(folder: str | os.PathLike[str], limit_bytes: int) -> DiskCache:
    """Return this process's cache of a folder, which is scanned only once.

    Parameters
    ----------
    folder
        The folder; ``~`` is the home folder.
    limit_bytes
        As for `DiskCache`.
    """
    # A forked child may have inherited a lock held by one of its parent's threads.
    key = os.getpid(), Path(folder).expanduser(), limit_bytes
    return _caches.setdefault(key, DiskCache(key[1], limit_bytes))
