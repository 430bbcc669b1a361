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
"""Three files for each of 24 sources, enough for a page whose sources are all of different exposures."""

GONE = (0, 0, 0)
"""The version of a file that is not there."""


ALWAYS = (1, 0, 0)
"""The version of a file that is taken not to change: one at a URL."""


_pools: weakref.WeakSet[Handles[Any, Any]] = weakref.WeakSet()
"""All pools of this process: when it runs out of open files, all close their idle ones."""


class Closable(Protocol):
    """A file, an archive: anything that can be closed."""

    @property
    def held_bytes(self) -> int:
        """Memory that stays in use while the handle is idle."""

    def close(self) -> None:
        """Release what the handle holds; called once."""


class Handles[Key: Hashable, Handle: Closable]:
    """A bounded pool of open handles that belongs to one store.

    A handle is never used by two threads at once: astropy's and lsst.images' readers keep a file
    position and a decompressor, and two threads on one of them read garbage. A second thread that
    borrows the same key gets a second handle. Pickling keeps how to open, not what is open; a forked
    child forgets the parent's handles, whose file positions it would share.

    Parameters
    ----------
    open_handle
        Opens the handle of a key; a module-level function (or partial), so that it pickles.
    idle
        Maximum number of idle handles kept open; the least recently used is closed first.
    idle_bytes
        Maximum memory held by idle handles (unpacked gzip files, for example).

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
    ) -> None:
        self._open_handle = open_handle
        self._idle_limit = min(idle, _share_of_files())
        self._idle_bytes = idle_bytes
        self._start_empty()

    def _start_empty(self) -> None:
        """Begin with nothing open, in this process."""
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._idle: OrderedDict[int, tuple[Key, Handle]] = OrderedDict()
        weakref.finalize(self, _close_idle, self._lock, self._idle, self._process)
        _pools.add(self)

    @contextmanager
    def borrow(self, key: Key) -> Iterator[Handle]:
        """Give the caller exclusive use of a key's handle until the ``with`` block ends.

        Raises
        ------
        Exception
            Whatever opening raises; nothing is kept.
        """
        if self._process != os.getpid():
            self._start_empty()
        handle = self._take(key)
        if handle is None:
            handle = self._opened(key)
        try:
            yield handle
        except GeneratorExit:  # the reader was told to stop, which says nothing about the file
            self._give_back(key, handle)
            raise
        except BaseException:
            # It may be broken, or stand in the middle of something; the next one opens anew.
            handle.close()
            raise
        else:
            self._give_back(key, handle)

    def _opened(self, key: Key) -> Handle:
        """Open a handle; if the process can open no more files, idle ones are closed."""
        try:
            return self._open_handle(key)
        except Exception as err:
            if not _too_many_files(err):
                raise
        for pool in list(_pools):
            pool.close()
        return self._open_handle(key)

    def _take(self, key: Key) -> Handle | None:
        """Take an idle handle of the key out of the pool, the most recently used one."""
        with self._lock:
            for number in reversed(self._idle):
                if self._idle[number][0] == key:
                    return self._idle.pop(number)[1]
        return None

    def _give_back(self, key: Key, handle: Handle) -> None:
        """Keep a handle for the next caller and close what is too much."""
        surplus = []
        with self._lock:
            self._idle[id(handle)] = (key, handle)
            while len(self._idle) > self._idle_limit or self._held() > self._idle_bytes:
                surplus.append(self._idle.popitem(last=False)[1][1])
        for old in surplus:
            old.close()

    def _held(self) -> int:
        """Return how much memory idle handles hold."""
        return sum(handle.held_bytes for _, handle in self._idle.values())

    def close(self) -> None:
        """Close all idle handles; the pool stays usable."""
        _close_idle(self._lock, self._idle, self._process)

    def __repr__(self) -> str:
        return f"<Handles: {len(self._idle)} idle, {self._idle_limit} at most>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _empty_handles, (self._open_handle, self._idle_limit, self._idle_bytes)


def _empty_handles(open_handle: Callable[[Any], Any], idle: int, idle_bytes: int) -> Handles[Any, Any]:
    """Build a pool with nothing open, for pickle."""
    return Handles(open_handle, idle=idle, idle_bytes=idle_bytes)


def _close_idle(lock: threading.Lock, idle: OrderedDict[int, tuple[Any, Any]], process: int) -> None:
    """Close every idle handle of a pool, if it was opened in this process."""
    if process != os.getpid():
        return
    with lock:
        handles = [handle for _, handle in idle.values()]
        idle.clear()
    for handle in handles:
        handle.close()


def version_of(file: str) -> tuple[int, int, int]:
    """Return what changes when a file is replaced or grows; `GONE` if it does not exist."""
    try:
        stat = Path(file).stat()
    except OSError:
        return GONE
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _too_many_files(err: BaseException | None) -> bool:
    """Return whether an error, or what it came from, is that no more files may be open."""
    while err is not None:
        if isinstance(err, OSError) and err.errno in (errno.EMFILE, errno.ENFILE):
            return True
        err = err.__cause__ or err.__context__
    return False


def _share_of_files() -> int:
    """Return how many files one pool may leave open: an eighth of what the process may, 32 of a Mac's 256."""
    try:
        import resource
    except ImportError:  # Windows, which allows thousands
        return PAGE_OF_FILES
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return PAGE_OF_FILES if soft == resource.RLIM_INFINITY else max(1, soft // 8)
