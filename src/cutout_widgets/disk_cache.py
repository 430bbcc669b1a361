"""What was fetched, kept on disk up to a size: it need not be fetched again."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

__all__ = ["DEFAULT_FOLDER", "DiskCache", "cache_in"]

DEFAULT_FOLDER = "~/.cache/cutout_widgets/fetched"
"""Shared by all that fetch."""

_ROOM_LEFT = 0.9
"""After tidying, the cache is filled to this part of its limit, so that not each stamp tidies."""


class DiskCache:
    """A folder of files named by the hash of what was asked for, and by their length.

    A file of another length was cut short since (a full disk, a crash) and counts as not there.

    Several processes may share it: files are written under a temporary name and moved into place,
    and a file that another process removed is just not there.

    Parameters
    ----------
    folder
        Made when the first file is kept; readable by its owner alone.
    limit_bytes
        The least recently used files are removed beyond it.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._size: int | None = None

    def path_of(self, question: str, length: int | str, ending: str = ".fits") -> Path:
        """Return the file in which an answer of some length to a question is, if it is there."""
        name = hashlib.sha256(question.encode()).hexdigest()
        return self.folder / name[:2] / f"{name}-{length}{ending}"

    def find(self, question: str, ending: str = ".fits") -> Path | None:
        """Return the file of an answer and mark it as used; None if there is none that is whole."""
        for path in self._answers(question, ending):
            try:
                if path.name.endswith(f"-{path.stat().st_size}{ending}"):
                    os.utime(path)
                    return path
            except OSError:
                continue  # another process removed it
        return None

    def keep(self, question: str, answer: bytes, ending: str = ".fits") -> Path:
        """Keep the answer to a question, and return its file.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        path = self.path_of(question, len(answer), ending)
        self.drop(question, ending)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")  # readable by its owner alone
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
        """Remove the answer to a question: it turned out to be no good, or is to be replaced."""
        for path in self._answers(question, ending):
            path.unlink(missing_ok=True)

    def _answers(self, question: str, ending: str) -> list[Path]:
        """Return the files of a question, whatever their length: one, or what was left by another process."""
        any_length = self.path_of(question, "*", ending)
        return list(any_length.parent.glob(any_length.name))

    def _grown_by(self, size: int) -> None:
        """Count what was added and remove the oldest files beyond the limit."""
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
        """Return when each file was last used, its size and its path."""
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
    """Return the cache of a folder, one for this process: it measures the folder once, not for each file.

    Parameters
    ----------
    folder
        Where; ``~`` is the home folder.
    limit_bytes
        As for `DiskCache`.
    """
    # A forked child may have copied a lock that a thread of its parent held.
    key = os.getpid(), Path(folder).expanduser(), limit_bytes
    return _caches.setdefault(key, DiskCache(key[1], limit_bytes))
