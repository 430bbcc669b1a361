"""A bounded cache of recently read cutouts, shared by all grids."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

import numpy as np

from cutout_widgets.pixels.image import Triplet

__all__ = ["TripletCache", "shared_cache"]

BOUND_BYTES = 256_000_000
"""For all grids of a process together; the smallest container of the Science Platform has 4 GB."""


PROBLEMS_KEPT_S = 30.0
"""Failed reads are tried again after this time: a file may appear, a network may recover."""


class _Kept(NamedTuple):
    """A cached triplet."""

    triplet: Triplet
    nbytes: int
    since_s: float


class TripletCache:
    """An LRU cache of triplets, limited in bytes.

    Parameters
    ----------
    bound_bytes
        Maximum total size of the arrays.
    clock
        Returns the time in seconds.
    """

    def __init__(
        self, bound_bytes: int = BOUND_BYTES, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bound = bound_bytes
        self._clock = clock
        self._kept: OrderedDict[tuple[str, Hashable], _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Total bytes of the cached arrays."""
        return self._bytes

    def get(self, owner: str, key: Hashable) -> Triplet | None:
        """Return an owner's triplet under a key, if it is still cached."""
        with self._lock:
            found = self._kept.get((owner, key))
            if found is None:
                return None
            if found.triplet.problems and self._clock() - found.since_s > PROBLEMS_KEPT_S:
                self._forget((owner, key))
                return None
            self._kept.move_to_end((owner, key))
            return found.triplet

    def put(self, owner: str, key: Hashable, triplet: Triplet) -> None:
        """Cache a triplet, and drop the least recently used ones if there is no space."""
        size = size_of(triplet)
        if size > self._bound // 4:
            return  # one huge triplet must not evict everything else
        with self._lock:
            self._forget((owner, key))
            self._kept[owner, key] = _Kept(triplet, size, self._clock())
            self._bytes += size
            while self._bytes > self._bound:
                self._forget(next(iter(self._kept)))

    def release(self, owner: str) -> None:
        """Drop all triplets of one owner."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == owner]:
                self._forget(key)

    def _forget(self, key: tuple[str, Hashable]) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= found.nbytes


def size_of(triplet: Triplet) -> int:
    """Return the bytes that a triplet keeps in memory.

    A view keeps the whole array it is part of, but the store owns that anyway: only its own size counts.
    """
    size = 1024
    for image in triplet:
        if image is not None:
            for array in (image.pixels, image.mask, image.variance, image.psf):
                if isinstance(array, np.ndarray):
                    size += array.nbytes
    return size


_SHARED = TripletCache()


def shared_cache() -> TripletCache:
    """Return the cache of this process."""
    return _SHARED
