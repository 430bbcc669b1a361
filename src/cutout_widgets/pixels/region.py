"""The size and extras of cutouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from cutout_widgets.errors import BadOption, NoOverlap
from cutout_widgets.pixels.cutting import cut_each
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import EXTRAS, Extra, Image, Triplet
from cutout_widgets.pixels.mapping import map_boxes
from cutout_widgets.pixels.position import Located, locate, pixel_scale
from cutout_widgets.pixels.resampling import Resample
from cutout_widgets.quantities import has_unit

__all__ = ["LARGEST_SIDE_PX", "Located", "Region", "locate", "pixel_scale"]

LARGEST_SIDE_PX = 4096
"""Maximum side in pixels: a cutout larger than a whole LSST detector is a mistake in the unit."""


_FARTHEST_PX = 1e9
"""Positions further away are invalid: the WCS has no meaning there."""


@dataclass(frozen=True)
class Region:
    """The size of cutouts, their alignment and their extras.

    Create one with `of`, `angle` or `whole`; functions that take a region accept anything that `of` accepts.

    Examples
    --------
    >>> import astropy.units as u
    >>> import cutout_widgets as cw
    >>> cw.Region.of((30, 60)).sizes, cw.Region.of(0.1 * u.arcmin).sizes
    ((30.0, 60.0), (6.0,))
    """

    sizes: tuple[float, ...] = (30.0,)
    """Widths of the square cutouts; empty means the whole image."""
    unit: Literal["px", "arcsec"] = "px"
    """Unit of `sizes`."""
    align: Literal["own", "science"] = "own"
    """``"own"``: each panel is cut around the source on its own grid; ``"science"``: template and
    difference are cut at the outline of the science cutout."""
    resample: Resample | None = None
    """How to resample panels with another grid than the science image's to that grid
    (needs the extra ``resample``); None leaves their pixels unchanged."""
    extras: frozenset[Extra] = field(default=EXTRAS, repr=False)
    """Extras to read besides pixels; a store may return more if omitting them saves nothing."""

    def __post_init__(self) -> None:
        if not isinstance(self.sizes, tuple) or any(has_unit(one) for one in self.sizes):
            given = Region.of(self.sizes, unit=self.unit)
            object.__setattr__(self, "sizes", given.sizes)
            object.__setattr__(self, "unit", given.unit)
        for size in self.sizes:
            if not (0 < size < np.inf and (self.unit != "px" or size == int(size))):
                raise BadOption(
                    f"a cutout size is a positive whole number of pixels or a positive angle; "
                    f"got {size} {self.unit}"
                )
            if self.unit == "px" and size > LARGEST_SIDE_PX:
                raise BadOption(f"a cutout has at most {LARGEST_SIDE_PX} pixels a side; got {size:.0f}")
        if self.align not in ("own", "science"):
            raise BadOption(f"align is 'own' or 'science'; got {self.align!r}")
        if self.resample not in (None, "nearest", "interp", "exact"):
            raise BadOption(f"resample is 'nearest', 'interp', 'exact' or None; got {self.resample!r}")
        if self.resample and self.align == "own":
            raise BadOption("resample shows panels on the science grid, so it needs align='science'")
        if not EXTRAS.issuperset(self.extras):
            raise BadOption(f"extras are some of {', '.join(sorted(EXTRAS))}; got {self.extras!r}")

    @classmethod
    def of(
        cls, size: Region | int | Sequence[int] | Any | None, *, unit: Literal["px", "arcsec"] = "px"
    ) -> Region:
        """Return the region given by a user as a size.

        Parameters
        ----------
        size
            Pixels (``30``), several sizes (``(30, 60)``), an angle (``6 * u.arcsec``) or several, None
            for the whole image, or a `Region`, which is returned unchanged.
        unit
            Unit of plain numbers.

        Raises
        ------
        BadOption
            If it is invalid.
        """
        if isinstance(size, Region):
            return size
        if size is None:
            return cls.whole()
        if has_unit(size) or (isinstance(size, (tuple, list)) and any(has_unit(one) for one in size)):
            return cls.angle(size)
        try:
            sizes = tuple(float(one) for one in np.atleast_1d(size))
        except (TypeError, ValueError):
            sizes = ()
        if not sizes or isinstance(size, (str, bool)):
            raise BadOption(
                f"a size is pixels (30), several (30, 60), an angle (6 * u.arcsec) or None for the whole "
                f"image; got {size!r}"
            )
        return cls(sizes, unit)

    @classmethod
    def angle(cls, size: Any) -> Region:
        """Return the region of one or several angles (astropy Quantities), or Quantities in pixels."""
        from astropy import units as u

        try:
            given = np.atleast_1d(u.Quantity(size))
            unit = u.pix if given.unit.is_equivalent(u.pix) else u.arcsec
            values = given.to_value(unit)
        except (u.UnitsError, TypeError) as err:
            raise BadOption(f"a size on the sky is an angle; got {size}") from err
        return cls(tuple(float(v) for v in values), unit="px" if unit is u.pix else "arcsec")

    @classmethod
    def whole(cls) -> Region:
        """Return the region of the whole image, such as a whole stamp."""
        return cls(sizes=())

    def sides_on(self, image: Image) -> tuple[int, ...]:
        """Return the widths in pixels of `image`, one for each size.

        Raises
        ------
        BadOption
            If the sizes are angles and the image has no WCS, or an angle is unreasonably large in pixels.
        """
        if self.unit == "px":
            return tuple(int(size) for size in self.sizes)
        if image.projection is None:
            raise BadOption(f"a size of {self.sizes[0]:g} arcsec needs a WCS, and this image has none")
        scale = pixel_scale(image)
        sides = tuple(max(1, round(size / scale)) for size in self.sizes)
        if max(sides) > LARGEST_SIDE_PX:
            raise BadOption(f"{max(self.sizes):g} arcsec are {max(sides)} pixels of {scale:.3g} arcsec here")
        return sides

    def boxes_on(self, image: Image, sources: Sequence[Located]) -> list[Box]:
        """Return, for each source, the box that covers all sizes, in the image's parent pixels.

        Parameters
        ----------
        image
            The image to cut from; only its WCS, anchor and box are used.
        sources
            Rows; their positions are projected in one call.

        Raises
        ------
        NoOverlap
            If a source has no position on this image (no WCS and no x, y; or beyond the projection).
        """
        if not self.sizes:
            return [image.box] * len(sources)
        side = max(self.sides_on(image))
        centres = locate(image, sources)
        if not (np.abs(centres) < _FARTHEST_PX).all():  # False for NaN too
            raise NoOverlap(f"the source has no position on this image: {_why_nowhere(image)}")
        # The rule of Box.centred, vectorised. Rounded first: the box of a source exactly at the centre of a
        # pixel would otherwise depend on the last digit of the WCS, and differ between stores.
        first = np.ceil(np.round(centres - side / 2, 6)).astype(int).tolist()
        return [Box(y0, y0 + side, x0, x0 + side) for x0, y0 in first]

    def box_on(self, image: Image, row: Located) -> Box:
        """Return the box that covers all sizes around one source; see `boxes_on`."""
        return self.boxes_on(image, [row])[0]

    def aligned_box(self, science: Image, box: Box, other: Image) -> Box:
        """Return the box on another panel of the outline of a science cutout.

        Parameters
        ----------
        science
            The science image; only its WCS is used.
        box
            The cutout, in its parent pixels.
        other
            The other panel. If either has no WCS, their grids are assumed to be the same.

        Raises
        ------
        NoOverlap
            If the outline cannot be mapped to the other panel's grid.
        """
        if science.projection is None or other.projection is None or science.projection is other.projection:
            return box
        (mapped,) = map_boxes([box], science.projection, other)
        largest = max(LARGEST_SIDE_PX, 2 * max(box.shape))
        if mapped.box is None or max(mapped.box.shape) > largest:
            raise NoOverlap(f"the science cutout {box} cannot be mapped onto this panel's grid")
        return mapped.box

    def split(self, triplet: Triplet, row: Located) -> tuple[Triplet, ...]:
        """Cut each size from the triplet that `boxes_on` covers.

        Parameters
        ----------
        triplet
            As read by a store for this region.
        row
            The source it belongs to.

        Returns
        -------
        tuple of Triplet
            One for each size, in the order of `sizes`; the triplet itself for the whole image.
            A panel that cannot be cut is None and has a sentence in `problems`.
        """
        if len(self.sizes) <= 1:
            return (triplet,)
        parts = []
        for size in self.sizes:
            one = replace(self, sizes=(size,))
            parts.append(cut_each(triplet, partial(one._box_in, triplet, row=row)))
        return tuple(parts)

    def _box_in(self, triplet: Triplet, image: Image, row: Located) -> Box:
        """Return the box of one panel of a triplet, aligned if requested."""
        science = triplet.science
        if self.align == "own" or science is None:
            return self.box_on(image, row)
        return self.aligned_box(science, self.box_on(science, row), image)


def _why_nowhere(image: Image) -> str:
    """Return why a source has no position on an image, and what to do."""
    if image.projection is not None:
        return "its ra and dec are missing or outside the WCS's projection"
    if image.sky_problem:
        return f"the WCS of the image cannot be used ({image.sky_problem}), and the row has no x and y"
    return "the image has no WCS, and the row has no x and y"
