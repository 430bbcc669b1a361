"""Images in memory: stacks of stamps, or whole images by key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets._public import shown_by
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import PANELS, Extra, Image, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.input import (
    bit_fields,
    given_stacks,
    image_of,
    one_for_each,
    places_of,
    stacks_beside,
)
from cutout_widgets.stores.arrays.stamps import Stamps
from cutout_widgets.stores.arrays.whole_images import WholeImages
from cutout_widgets.stores.base import in_memory
from cutout_widgets.stores.group_cutting import opened_triplet

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from astropy.wcs.wcsapi import BaseHighLevelWCS

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.open_image import OpenImage

__all__ = ["ArrayImages"]


class ArrayImages:
    """A store of arrays in memory.

    Create it with `from_stamps`, `from_images` or `from_exposures`.

    Examples
    --------
    >>> import numpy as np
    >>> images = ArrayImages.from_stamps([7, 8], *np.ones((3, 2, 9, 9)), unit="nJy")
    >>> [(_, triplet)] = cw.read([cw.DiaSource(8, 0.0, 0.0)], images, 5)
    >>> triplet.science.shape
    (5, 5)
    """

    side_by_side = 1
    """Nothing here waits for a disk: threads would only delay a page."""

    def __init__(self, pixels: Stamps | WholeImages) -> None:
        self._pixels = pixels

    @classmethod
    def from_stamps(
        cls,
        ids: Sequence[int] | NDArray[np.integer[Any]],
        template: NDArray[Any] | None,
        science: NDArray[Any] | None,
        difference: NDArray[Any] | None,
        mask: NDArray[Any] | Mapping[Panel, NDArray[Any]] | None = None,
        variance: NDArray[Any] | Mapping[Panel, NDArray[Any]] | None = None,
        wcs: BaseHighLevelWCS | Sequence[BaseHighLevelWCS | None] | None = None,
        *,
        planes: Mapping[str, int] | None = None,
        unit: str | None = None,
    ) -> ArrayImages:
        """Use stacks of stamps, one stamp for each id.

        Parameters
        ----------
        ids
            The n ids of the rows, unique 64-bit integers.
        template, science, difference
            Stacks of shape (n, ny, nx); None for a missing panel. The panels may differ in
            ny and nx. A list may contain stamps of various shapes, as arrays, Quantities, Images or
            CCDData, and None for a missing one. A stamp of NaN only is shown as such;
            masked pixels of masked arrays become NaN.
        mask
            Bit fields with the shape of the stacks: one for all panels, or panel -> mask.
        variance
            Variances, likewise.
        wcs
            World coordinates of the stamps' pixels: one for each stamp, or one for all. Without it a
            source is at the centre of its stamp.
        planes
            Mask plane name -> bit number.
        unit
            Unit of the pixels, in FITS notation (``"nJy"``); Quantities are converted to it. None = that of
            the Quantities.

        Raises
        ------
        BadOption
            If lengths or shapes differ, an id is not an integer or is repeated, or there is no panel.
        """
        stacks, unit = given_stacks(
            {"template": template, "science": science, "difference": difference}, unit
        )
        places = places_of(ids)
        for panel, stack in stacks.items():
            if len(stack) != len(places) or (not isinstance(stack, list) and stack.ndim != 3):
                got = f"{len(stack)} stamps" if isinstance(stack, list) else f"shape {stack.shape}"
                raise BadOption(
                    f"{panel} must be a stack of shape ({len(places)}, ny, nx), one stamp for each id; "
                    f"got {got}"
                )
        masks, bits = bit_fields(stacks_beside(stacks, mask, "mask"), planes or {})
        return cls(
            Stamps(
                places,
                stacks,
                masks=masks,
                variances=stacks_beside(stacks, variance, "variance"),
                wcs=one_for_each(wcs, len(places)),
                planes=bits,
                unit=unit,
            )
        )

    @classmethod
    def from_images(
        cls,
        images: Mapping[Any, Sequence[Any]],
        key: str | Sequence[str] = ("visit", "detector"),
    ) -> ArrayImages:
        """Cut from whole images, found by columns of the rows.

        Parameters
        ----------
        images
            Key -> (template, science, difference). Each of the three is an `Image`, an
            ``(array, wcs)`` pair, astropy's ``CCDData`` or ``NDData`` with its mask and uncertainty, an
            exposure as returned by ``butler.get`` (see `as_image`), a plain
            array (its rows then need columns ``x`` and ``y``), or None. Arrays are not copied.
        key
            Columns of the rows that make the key, in the order of the mapping's key
            tuples; a single name if keys are not tuples.

        Raises
        ------
        BadOption
            If something is neither an image nor None, or a key does not have as many parts as `key`.
        """
        columns = (key,) if isinstance(key, str) else tuple(key)
        wholes: dict[tuple[Any, ...], tuple[Image | None, ...]] = {}
        for name, three in images.items():
            parts = name if isinstance(name, tuple) else (name,)
            if len(parts) != len(columns):
                raise BadOption(f"the key {name!r} should have {len(columns)} parts: {', '.join(columns)}")
            if len(three) != len(PANELS):
                raise BadOption(f"{name!r} needs three images or None: template, science, difference")
            wholes[parts] = tuple(
                image_of(one, f"{parts} {panel}") for one, panel in zip(three, PANELS, strict=True)
            )
        return cls(WholeImages(columns, wholes))

    @classmethod
    def from_exposures(cls, template: Any = None, science: Any = None, difference: Any = None) -> ArrayImages:
        """Cut all rows from the same images, whatever their visit and detector.

        Parameters
        ----------
        template, science, difference
            As for `from_images`; None for a missing panel.

        Raises
        ------
        BadOption
            If none is given, or one is not an image.
        """
        if template is None and science is None and difference is None:
            raise BadOption("at least one of template, science and difference must be given")
        return cls.from_images({(): (template, science, difference)}, key=())

    def group(self, source: DiaSource) -> Hashable:
        """Return the key of the stamps or whole images that a source is cut from."""
        return self._pixels.group(source)

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order."""
        return self._pixels.read(sources, region)

    def open_panels(
        self, sources: Sequence[DiaSource]
    ) -> dict[Panel, Callable[[], AbstractContextManager[OpenImage]]] | None:
        """Return for each panel a function that opens the whole image of the sources; None for stamps."""
        return (
            in_memory(self._pixels.whole_panels(sources)) if isinstance(self._pixels, WholeImages) else None
        )

    def whole_stamps(self, sources: Sequence[DiaSource], extras: Set[Extra]) -> Iterator[Triplet] | None:
        """Return the whole stamps of each source; None for whole images. See `HoldsStamps`."""
        if isinstance(self._pixels, WholeImages):
            return None
        return (opened_triplet(self._pixels.openers(source)) for source in sources)

    def visits_at(self, ra: float, dec: float) -> list[dict[str, Any]]:
        """Return the whole images with a WCS that cover a position; see `HasVisits`."""
        return self._pixels.visits_at(ra, dec) if isinstance(self._pixels, WholeImages) else []

    def narrowed(self, sources: Sequence[DiaSource]) -> ArrayImages:
        """Return a store with only the stamps or whole images of some rows in one group."""
        return ArrayImages(self._pixels.narrowed(sources))

    def reads(self) -> dict[str, str]:
        """Return what the store reads, as labelled text."""
        return {"arrays": self._pixels.what()}

    _repr_html_ = shown_by("outputs.preview:store_html")

    def __repr__(self) -> str:
        return f"<ArrayImages {self._pixels.what()}>"
