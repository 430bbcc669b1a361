"""A pool of open files, each used by one thread at a time; surplus idle ones are closed."""

from __future__ import annotations

import errno
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

__all__ = ["ALWAYS", "GONE", "Handles", "version_of"]


PAGE_OF_FILES = 72
"""Enough for a page whose sources are all of different exposures: three files for each of 24 sources."""

GONE = (0, 0, 0)
"""The version of a file that does not exist."""


ALWAYS = (1, 0, 0)
"""The version of a file that is assumed not to change: one at a URL."""


_pools: weakref.WeakSet[Handles[Any, Any]] = weakref.WeakSet()
"""All pools of this process: when it reaches the limit of open files, all close their idle ones."""


class Closable(Protocol):
    """Anything that can be closed, such as a file or an archive."""

    @property
    def held_bytes(self) -> int:
        """Memory used while the handle is idle."""

    def close(self) -> None:
        """Release what the handle holds; called once."""


class _Idle[Key: Hashable, Handle: Closable]:
    """Idle handles in the order of their last use, found by key without a search."""

    def __init__(self) -> None:
        self._all: OrderedDict[int, tuple[Key, Handle, int]] = OrderedDict()
        self._of_key: dict[Key, list[int]] = {}
        self.nbytes = 0
        """Memory that they take."""

    def __len__(self) -> int:
        return len(self._all)

    def put(self, key: Key, handle: Handle) -> None:
        """Add a handle."""
        size = handle.held_bytes
        self._all[id(handle)] = (key, handle, size)
        self._of_key.setdefault(key, []).append(id(handle))
        self.nbytes += size

    def take(self, key: Key) -> Handle | None:
        """Remove and return the most recently used handle of a key."""
        numbers = self._of_key.get(key)
        return self._out(numbers[-1]) if numbers else None

    def take_oldest(self) -> Handle:
        """Remove and return the least recently used handle."""
        return self._out(next(iter(self._all)))

    def take_all(self) -> list[Handle]:
        """Remove and return all handles."""
        return [self.take_oldest() for _ in range(len(self))]

    def _out(self, number: int) -> Handle:
        key, handle, size = self._all.pop(number)
        self._of_key[key].remove(number)
        if not self._of_key[key]:
            del self._of_key[key]
        self.nbytes -= size
        return handle


class Handles[Key: Hashable, Handle: Closable]:
    """A bounded pool of open handles, belonging to one store.

    A handle is never used by two threads at once: astropy's and lsst.images' readers have a file
    position and a decompressor, and two threads sharing one would read garbage. A second thread that
    borrows the same key gets a second handle. A pickled pool has no open handles; a forked
    child ignores the parent's handles, because it would share their file positions.

    Parameters
    ----------
    open_handle
        Opens the handle of a key; a module-level function (or partial), so that it is picklable.
    idle
        Maximum number of idle handles; the least recently used is closed first.
    idle_bytes
        Maximum memory held by idle handles (decompressed gzip files, for example).
    files_each
        Files that an idle handle keeps open; 0 = none, and the system's limit on open files is ignored.

    Examples
    --------
    >>> class OpenText:
    ...     held_bytes = 0
    ...
    ...     def __init__(self, path):
    ...         print("opening", path)
    ...
    ...     def close(self):
    ...         print("closing")
    >>> files = Handles(OpenText, idle=1)
    >>> for _ in range(2):
    ...     with files.borrow("a.txt"):
    ...         pass
    opening a.txt
    >>> files.close()
    closing
    """

    def __init__(
        self,
        open_handle: Callable[[Key], Handle],
        *,
        idle: int = PAGE_OF_FILES,
        idle_bytes: int = 256 * 2**20,
        files_each: int = 1,
    ) -> None:
        self._open_handle = open_handle
        self._files_each = files_each
        self._idle_limit = min(idle, _share_of_files() // files_each) if files_each else idle
        self._idle_bytes = idle_bytes
        self._start_empty()

    def _start_empty(self) -> None:
        """Initialise without anything open, in this process."""
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._idle: _Idle[Key, Handle] = _Idle()
        weakref.finalize(self, _close_idle, self._lock, self._idle, self._process)
        _pools.add(self)

    @contextmanager
    def borrow(self, key: Key) -> Iterator[Handle]:
        """Give the caller exclusive use of a key's handle until the ``with`` block ends.

        Raises
        ------
        Exception
            Any exception of opening; the handle is then not kept.
        """
        if self._process != os.getpid():
            self._start_empty()
        handle = self._take(key)
        if handle is None:
            handle = self._opened(key)
        try:
            yield handle
        except GeneratorExit:  # reading was stopped; the file is fine
            self._give_back(key, handle)
            raise
        except BaseException:
            # The handle may be broken or in an undefined state; reopen next time.
            handle.close()
            raise
        else:
            self._give_back(key, handle)

    def _opened(self, key: Key) -> Handle:
        """Open a handle; at the limit of open files, close idle ones first."""
        try:
            return self._open_handle(key)
        except Exception as err:
            if not _too_many_files(err):
                raise
        for pool in list(_pools):
            pool.close()
        return self._open_handle(key)

    def _take(self, key: Key) -> Handle | None:
        """Remove the most recently used idle handle of the key from the pool."""
        with self._lock:
            return self._idle.take(key)

    def _give_back(self, key: Key, handle: Handle) -> None:
        """Keep a handle for the next caller, and close surplus ones."""
        surplus = []
        with self._lock:
            self._idle.put(key, handle)
            while len(self._idle) > self._idle_limit or self._idle.nbytes > self._idle_bytes:
                surplus.append(self._idle.take_oldest())
        for old in surplus:
            old.close()

    def close(self) -> None:
        """Close all idle handles; the pool can still be used."""
        _close_idle(self._lock, self._idle, self._process)

    def __repr__(self) -> str:
        return f"<Handles: {len(self._idle)} idle, {self._idle_limit} at most>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _empty_handles, (self._open_handle, self._idle_limit, self._idle_bytes, self._files_each)


def _empty_handles(
    open_handle: Callable[[Any], Any], idle: int, idle_bytes: int, files_each: int
) -> Handles[Any, Any]:
    """Create a pool without open handles, for pickle."""
    return Handles(open_handle, idle=idle, idle_bytes=idle_bytes, files_each=files_each)


def _close_idle(lock: threading.Lock, idle: _Idle[Any, Any], process: int) -> None:
    """Close every idle handle of a pool, if it was opened in this process."""
    if process != os.getpid():
        return
    with lock:
        handles = idle.take_all()
    for handle in handles:
        handle.close()


def version_of(file: str) -> tuple[int, int, int]:
    """Return a value that changes when a file is replaced or grows; `GONE` if it does not exist."""
    try:
        stat = Path(file).stat()
    except OSError:
        return GONE
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _too_many_files(err: BaseException | None) -> bool:
    """Return whether an error, or its cause, is that the limit of open files was reached."""
    while err is not None:
        if isinstance(err, OSError) and err.errno in (errno.EMFILE, errno.ENFILE):
            return True
        err = err.__cause__ or err.__context__
    return False


def _share_of_files() -> int:
    """Return how many files one pool may keep open: an eighth of the limit, for example 32 of a Mac's 256."""
    try:
        import resource
    except ImportError:  # Windows, where the limit is thousands
        return PAGE_OF_FILES
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return PAGE_OF_FILES if soft == resource.RLIM_INFINITY else max(1, soft // 8)
