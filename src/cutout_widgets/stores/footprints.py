"""Any image store combined with the footprints of its sources."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cutout_widgets._public import shown_by
from cutout_widgets.errors import counted
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.stores.base import HasVisits
from cutout_widgets.stores.group_cutting import whole_stamps

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.pixels.image import Extra, Triplet
    from cutout_widgets.pixels.region import Region
    from cutout_widgets.stores.base import ImageStore

__all__ = ["FootprintImages"]


@dataclass(frozen=True, eq=False, repr=False)
class FootprintImages:
    """A store that adds footprints by source id to another store.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.diag([0.0, 0.0, 9.0, 0.0, 0.0])
    >>> [footprint] = cw.footprints.footprints_above(pixels, 5.0)
    >>> images = cw.ArrayImages.from_images({(1, 0): (None, cw.as_image(pixels), None)})
    >>> store = FootprintImages(images, {7: footprint})
    >>> store.footprint(cw.DiaSource(7, 53.0, -28.0, visit=1, detector=0)).area
    1
    """

    images: ImageStore
    """The store with the pixels."""
    footprints: Mapping[int, Footprint]
    """Id of a source -> its footprint, in the parent pixels of the image it was found on."""

    @property
    def side_by_side(self) -> int:
        """Groups that may be read in parallel, as in the other store."""
        return int(getattr(self.images, "side_by_side", 64))

    def group(self, source: DiaSource) -> Hashable:
        """Return the key of the images a source needs."""
        return self.images.group(source)

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order."""
        return self.images.read(sources, region)

    def whole_stamps(self, sources: Sequence[DiaSource], extras: Set[Extra]) -> Iterator[Triplet] | None:
        """Yield the whole stamps of each source, if the other store holds stamps; see `HoldsStamps`."""
        return whole_stamps(self.images, sources, extras)

    def footprint(self, source: DiaSource) -> Footprint | None:
        """Return the footprint of a source, or None."""
        return self.footprints.get(source.id)

    def visits_at(self, ra: float, dec: float) -> list[dict[str, Any]]:
        """Return the other store's exposures that cover a position; see `HasVisits`."""
        return self.images.visits_at(ra, dec) if isinstance(self.images, HasVisits) else []

    def reads(self) -> dict[str, str]:
        """Return what the store reads, as labelled text."""
        return {"footprints": str(len(self.footprints)), "images": repr(self.images)}

    _repr_html_ = shown_by("outputs.preview:store_html")

    def __repr__(self) -> str:
        return f"<FootprintImages: {counted(len(self.footprints), 'footprint')} over {self.images!r}>"
