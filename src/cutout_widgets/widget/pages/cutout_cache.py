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
"""Of all grids of a process together; the smallest container of the Science Platform has 4 GB."""


PROBLEMS_KEPT_S = 30.0
"""What failed is tried again after this long: a file may come, a network may be back."""


class _Kept(NamedTuple):
    """A triplet in memory."""

    triplet: Triplet
    nbytes: int
    since_s: float


class TripletCache:
    """Keeps the triplets used last, up to a number of bytes.

    Parameters
    ----------
    bound_bytes
        What their arrays may take together.
    clock
        Tells the time in seconds.
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
        """Bytes of all arrays that are kept."""
        return self._bytes

    def get(self, owner: str, key: Hashable) -> Triplet | None:
        """Return what an owner put under a key, if it is still there."""
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
        """Keep a triplet, and forget those not used for longest if there is no room."""
        size = size_of(triplet)
        if size > self._bound // 4:
            return  # one giant must not push out everything else
        with self._lock:
            self._forget((owner, key))
            self._kept[owner, key] = _Kept(triplet, size, self._clock())
            self._bytes += size
            while self._bytes > self._bound:
                self._forget(next(iter(self._kept)))

    def release(self, owner: str) -> None:
        """Forget all of one owner."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == owner]:
                self._forget(key)

    def _forget(self, key: tuple[str, Hashable]) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= found.nbytes


def size_of(triplet: Triplet) -> int:
    """Return the bytes a triplet keeps alive.

    A view keeps the whole array it looks into, which the store owns anyway: it counts as its own size.
    """
    return 1024 + sum(
        array.nbytes
        for image in triplet
        if image is not None
        for array in (image.pixels, image.mask, image.variance, image.psf)
        if isinstance(array, np.ndarray)
    )


_SHARED = TripletCache()


def shared_cache() -> TripletCache:
    """Return the one memory of this process."""
    return _SHARED
