"""Datasets of a Butler repository: finding them, caching their locations, opening them."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cutout_widgets.errors import ImageNotFound, sentence
from cutout_widgets.stores.butler.afw import OpenExposure, afw_is_here
from cutout_widgets.stores.butler.connection import Butlers
from cutout_widgets.stores.butler.lsst_images import OpenArchive
from cutout_widgets.stores.fits.afw import OpenAfwFits
from cutout_widgets.stores.handles import GONE, version_of
from cutout_widgets.stores.open_image import ClosableImage

__all__ = ["Found", "Located", "open_located"]

MOST_FOUND = 4096
"""Datasets whose location is cached: more than the detectors that a page of one night can have."""

FOUND_FOR_S = 30.0
"""The registry is queried again after this time: a dataset may be replaced or removed."""


@dataclass(frozen=True)
class Located:
    """A dataset that was found; equal to any other one with the same id."""

    id: str
    """UUID of the dataset."""
    data_id: str = field(compare=False)
    """Its data id, for messages."""
    ref: Any = field(compare=False, repr=False)
    """The ``DatasetRef``."""
    butlers: Butlers = field(compare=False, repr=False)
    """The Butler that found it."""

    @cached_property
    def uri(self) -> Any:
        """The ``ResourcePath`` of its file.

        Raises
        ------
        ImageNotFound
            If it does not have exactly one file, or the datastore does not report it.
        """
        try:
            return self.butlers.mine.getURI(self.ref)
        except Exception as err:  # the Butler raises some forty types of errors
            raise ImageNotFound(
                f"no file of {self.ref.datasetType.name} for {self.data_id}: {sentence(err)}"
            ) from err

    @property
    def version(self) -> tuple[int, int, int]:
        """Changes when its file is rewritten; `GONE` if that cannot be detected."""
        return GONE if self._path is None else version_of(self._path)

    @property
    def is_gone(self) -> bool:
        """Whether its file no longer exists, if that can be detected."""
        return self._path is not None and self.version == GONE

    @cached_property
    def _path(self) -> str | None:
        """Its file, if it is local."""
        try:
            uri = self.uri
        except ImageNotFound:  # reported when it is opened
            return None
        return str(uri.ospath) if getattr(uri, "isLocal", False) else None


class Found:
    """A cache of dataset locations: a registry query takes as long as a small read.

    Only successful queries are cached, and not for long, because missing datasets may appear. There is no
    lock, which a forked child could inherit locked; two threads may do the same query, which is harmless.

    Parameters
    ----------
    clock
        Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[Located, float]] = {}

    def get(self, key: Hashable) -> Located | None:
        """Return a cached location, unless it is too old."""
        located, since_s = self._kept.get(key, (None, 0.0))
        return located if self._clock() - since_s <= FOUND_FOR_S else None

    def keep(self, key: Hashable, located: Located) -> None:
        """Cache a location; clear the cache if it is full."""
        if len(self._kept) >= MOST_FOUND:
            self._kept = {}
        self._kept[key] = located, self._clock()

    def forget(self, located: Located) -> None:
        """Remove a location."""
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] != located}

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()


def open_located(
    found: tuple[Located, tuple[int, int, int]], *, planes: tuple[str, ...] | None
) -> ClosableImage:
    """Open a dataset according to its storage class; `found` includes the version of its file."""
    located, _ = found
    storage_class = str(located.ref.datasetType.storageClass_name)
    if not storage_class.startswith("Exposure"):
        return OpenArchive(located.uri, planes=planes)
    if afw_is_here():
        return OpenExposure(located.butlers.mine.clone(), located.ref, planes=planes)
    return OpenAfwFits.from_uri(located.uri, planes=planes)
