"""Cutouts stripped of everything that identifies their source."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence, Set
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import PANELS, Extra, Image, Triplet
from cutout_widgets.stores.group_cutting import whole_stamps

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.pixels.region import Region
    from cutout_widgets.stores.base import ImageStore

__all__ = ["BlindImages"]


class BlindImages:
    """An image store whose rows are keys, and whose images hold only pixels and variance.

    They have no sky or detector position, no mask (one plane marks injected sources) and no file name.

    Parameters
    ----------
    images
        Where the pixels are.
    sources
        The original rows.
    rows
        For each key, the position of its row in `sources`, shape (n,); keys start at 1.
    """

    def __init__(self, images: ImageStore, sources: SourceTable, rows: NDArray[np.int64]) -> None:
        self._images, self._sources, self._rows = images, sources, rows
        if hasattr(images, "side_by_side"):
            self.side_by_side = images.side_by_side

    def group(self, source: DiaSource) -> Hashable:
        """Return the group of the source's original row."""
        return self._images.group(self._own(source))

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield the cutouts of each source without identifying data."""
        for triplet in self._images.read([self._own(one) for one in sources], region):
            yield _stripped(triplet)

    def whole_stamps(self, sources: Sequence[DiaSource], extras: Set[Extra]) -> Iterator[Triplet] | None:
        """Yield whole stamps without identifying data, if the store holds stamps; see `HoldsStamps`."""
        stamps = whole_stamps(self._images, [self._own(one) for one in sources], extras)
        return None if stamps is None else map(_stripped, stamps)

    def _own(self, source: DiaSource) -> DiaSource:
        return self._sources[int(self._rows[source.id - 1])]


def _stripped(triplet: Triplet) -> Triplet:
    template, science, difference = (_bare(image) for image in triplet)
    missing = tuple(
        f"{panel}: there is no such image; the reason is hidden"
        for panel, image in zip(PANELS, triplet, strict=True)
        if image is None
    )
    return Triplet(template, science, difference, missing)


def _bare(image: Image | None) -> Image | None:
    """Return an image's pixels, variance and PSF only, in coordinates that start at the cutout's corner."""
    if image is None:
        return None
    at = image.anchor
    return Image(
        image.pixels,
        Box.from_shape(image.pixels.shape),
        variance=image.variance,
        psf=image.psf,
        unit=image.unit,
        unread=image.unread - {"mask"},
        anchor=None if at is None else XY(at.x - image.box.x0, at.y - image.box.y0),
    )
