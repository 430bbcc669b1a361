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
"""Datasets whose place is remembered: more than a night has detectors on a page."""

FOUND_FOR_S = 30.0
"""The registry is asked again after this long: a dataset may be replaced, removed or superseded."""


@dataclass(frozen=True)
class Located:
    """A dataset that was found; equal to another of the same id."""

    id: str
    """UUID of the dataset."""
    data_id: str = field(compare=False)
    """What it is for, for sentences."""
    ref: Any = field(compare=False, repr=False)
    """The ``DatasetRef``."""
    butlers: Butlers = field(compare=False, repr=False)
    """Where it was found."""

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
        except Exception as err:  # the Butler has some forty errors of its own
            raise ImageNotFound(
                f"no file of {self.ref.datasetType.name} for {self.data_id}: {sentence(err)}"
            ) from err

    @property
    def version(self) -> tuple[int, int, int]:
        """What changes when its file is rewritten; `GONE` where that cannot be seen."""
        return GONE if self._path is None else version_of(self._path)

    @property
    def is_gone(self) -> bool:
        """Whether its file is not there any more, as far as that can be seen."""
        return self._path is not None and self.version == GONE

    @cached_property
    def _path(self) -> str | None:
        """Its file, if that is known to be one of this machine."""
        try:
            uri = self.uri
        except ImageNotFound:  # opening tells it
            return None
        return str(uri.ospath) if getattr(uri, "isLocal", False) else None


class Found:
    """The datasets that were found last: a question to the registry costs as much as a small read.

    Only what was found is kept, and not for long: what is missing now may come. There is no lock that
    a forked child could inherit shut; two threads at once may ask the registry twice, which does no harm.

    Parameters
    ----------
    clock
        Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[Located, float]] = {}

    def get(self, key: Hashable) -> Located | None:
        """Return what was kept, if that was a moment ago."""
        located, since_s = self._kept.get(key, (None, 0.0))
        return located if self._clock() - since_s <= FOUND_FOR_S else None

    def keep(self, key: Hashable, located: Located) -> None:
        """Keep one, and forget all when they are too many."""
        if len(self._kept) >= MOST_FOUND:
            self._kept = {}
        self._kept[key] = located, self._clock()

    def forget(self, located: Located) -> None:
        """Forget one."""
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] != located}

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return type(self), ()


def open_located(
    found: tuple[Located, tuple[int, int, int]], *, planes: tuple[str, ...] | None
) -> ClosableImage:
    """Open a dataset in the way its storage class asks for; `found` has the version of its file, too."""
    located, _ = found
    storage_class = str(located.ref.datasetType.storageClass_name)
    if not storage_class.startswith("Exposure"):
        return OpenArchive(located.uri, planes=planes)
    if afw_is_here():
        return OpenExposure(located.butlers.mine.clone(), located.ref, planes=planes)
    return OpenAfwFits.from_uri(located.uri, planes=planes)
