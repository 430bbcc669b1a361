"""Map boxes from one pixel grid to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.position import pixels_in
from cutout_widgets.pixels.projection import pixel_to_pixel

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

    from cutout_widgets.pixels.image import Image

__all__ = ["Covers", "MappedBox", "Place", "map_boxes", "outlines"]

Covers = Literal["all", "touch"]
"""Which boxes are wanted: those entirely on the target image, or all that overlap it."""

Place = Literal["inside", "partial", "outside", "nowhere", "empty"]
"""Position of a mapped box: see `MappedBox.place`."""

ROUNDING_PX = 1e-5
"""Maximum rounding error of a bound near a pixel's edge, which must not add a pixel."""

SAMPLES = 8
"""Points along each side of an outline; distortion bends a cutout's side by far less than 1/64 of it."""


@dataclass(frozen=True)
class MappedBox:
    """A box on the target grid, or the reason why there is none.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> wcs = make_wcs()
    >>> [one] = cw.map_boxes([cw.Box(10, 20, 10, 20)], wcs, make_image((40, 40), wcs=wcs))
    >>> one.place, one.box.shape
    ('inside', (10, 10))
    """

    place: Place
    """``"inside"`` the target image, ``"partial"``ly, entirely ``"outside"``; ``"nowhere"`` if a point of
    the outline cannot be projected; ``"empty"`` if a negative padding leaves nothing."""
    box: Box | None
    """The pixels it covers, including padding, in target pixels; None for nowhere and empty."""
    extent: tuple[float, float, float, float]
    """x min, y min, x max, y max of the mapped outline before padding and rounding; NaN for nowhere."""

    def wanted(self, covers: Covers) -> bool:
        """Return whether it is wanted according to a coverage rule."""
        return self.place == "inside" or (covers == "touch" and self.place == "partial")


def outlines(boxes: Sequence[Box], samples: int = SAMPLES) -> NDArray[np.float64]:
    """Return points along the outer pixel edges of boxes.

    Parameters
    ----------
    boxes
        Boxes, not empty.
    samples
        Points on each side, including its first corner: 1 gives only the corners.

    Returns
    -------
    ndarray
        Shape (n, 4 * samples, 2): x, y; clockwise from the lower left corner.

    Raises
    ------
    BadOption
        If `samples` is less than 1.
    """
    if samples < 1:
        raise BadOption(f"an outline needs at least one point a side; got {samples}")
    bounds = np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes], dtype=float).reshape(-1, 4) - 0.5
    along = np.arange(samples) / samples
    zero, one = np.zeros(samples), np.ones(samples)
    u = np.concatenate([zero, along, one, 1 - along])
    v = np.concatenate([along, one, 1 - along, zero])
    x = bounds[:, 0, None] + u * (bounds[:, 2] - bounds[:, 0])[:, None]
    y = bounds[:, 1, None] + v * (bounds[:, 3] - bounds[:, 1])[:, None]
    return np.stack([x, y], axis=-1)


def map_boxes(
    boxes: Sequence[Box],
    source: BaseHighLevelWCS,
    target: Image,
    *,
    padding_px: float = 0.0,
    samples: int = SAMPLES,
) -> list[MappedBox]:
    """Map boxes from one pixel grid to the image of another, all in one projection.

    Parameters
    ----------
    boxes
        Boxes in the pixels of the source grid.
    source
        World coordinates of that grid.
    target
        The image they are wanted on; only its WCS and box are used.
    padding_px
        Added on every side, in *target* pixels or as an angle, before rounding outwards; may be
        fractional or negative.
    samples
        Points along each side of a box; see `outlines`.

    Returns
    -------
    list of MappedBox
        One for each box, in order. A box that cannot be mapped does not affect the others.

    Raises
    ------
    BadOption
        If the target has no WCS, or `padding_px` is not finite.

    Notes
    -----
    A pixel is included if the padded extent reaches more than 1e-5 px into it. Thus a box
    mapped to its own grid is unchanged (subpixal's rule adds a pixel on each side, which is
    ``padding_px=0.5`` here).

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> fine, coarse = make_wcs(scale=0.1), make_image((40, 40), wcs=make_wcs(scale=0.2))
    >>> [one] = map_boxes([cw.Box(10, 20, 10, 20)], fine, coarse)
    >>> one.place
    'inside'
    """
    if target.projection is None:
        raise BadOption("boxes can only be mapped onto an image with a WCS")
    padding_px = pixels_in(padding_px, target, "padding")
    if not np.isfinite(padding_px):
        raise BadOption(f"padding is a number of target pixels; got {padding_px}")
    if not boxes:
        return []
    points = outlines(boxes, samples)
    x, y = pixel_to_pixel(source, target.projection, points[..., 0], points[..., 1])
    mapped = np.stack([x, y], axis=-1)
    low, high = mapped.min(axis=1), mapped.max(axis=1)  # NaN if any point is NaN
    first = np.floor(low + 0.5 - padding_px + ROUNDING_PX)
    beyond = np.ceil(high - 0.5 + padding_px - ROUNDING_PX) + 1
    sane = np.isfinite(low).all(axis=1) & (np.abs(first) < 2**31).all(axis=1)
    sane &= (np.abs(beyond) < 2**31).all(axis=1) & np.array([box.area > 0 for box in boxes])
    results = []
    for k, good in enumerate(sane):
        extent = (float(low[k, 0]), float(low[k, 1]), float(high[k, 0]), float(high[k, 1]))
        if not good:
            results.append(MappedBox("empty" if boxes[k].area == 0 else "nowhere", None, (np.nan,) * 4))
        elif (beyond[k] <= first[k]).any():
            results.append(MappedBox("empty", None, extent))
        else:
            box = Box(int(first[k, 1]), int(beyond[k, 1]), int(first[k, 0]), int(beyond[k, 0]))
            results.append(MappedBox(_place(box, target.box), box, extent))
    return results


def _place(box: Box, image: Box) -> Place:
    """Return the position of a box relative to an image."""
    if image.covers(box):
        return "inside"
    return "partial" if image.overlaps(box) else "outside"
