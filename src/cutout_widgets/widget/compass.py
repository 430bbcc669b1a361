"""Where the sky lies on a cutout: north, east, and how much of it a pixel covers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.pixels.image import PANELS, Panel
from cutout_widgets.pixels.projection import speaks_icrs, world_at
from cutout_widgets.widget import protocol

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

    from cutout_widgets.pixels.image import Image, Triplet

__all__ = ["compasses_of", "directions"]

BEST_FIRST: tuple[Panel, ...] = ("science", "difference", "template")
"""Whose WCS speaks for a panel that has none."""


def compasses_of(triplets: Sequence[Triplet]) -> list[dict[Panel, protocol.Compass | None]]:
    """Return where north and east lie in the middle of each panel, and how much sky a pixel is.

    A template may lie on other pixels than the science image. Cutouts of one exposure share a WCS, and
    are asked about together.

    Parameters
    ----------
    triplets
        A panel without a WCS has the pixels of the others: it gets the compass of the science image,
        else of the difference, else of the template.

    Returns
    -------
    list
        For each triplet the compass of every panel there is; None without a WCS, or where it has no
        answer.
    """
    found: list[dict[Panel, protocol.Compass | None]] = [{} for _ in triplets]
    members: dict[int, list[tuple[int, Panel, Image]]] = {}
    for place, triplet in enumerate(triplets):
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None and image.wcs is not None:
                members.setdefault(id(image.wcs), []).append((place, panel, image))
    for some in members.values():
        wcs = some[0][2].wcs
        assert wcs is not None
        middle = np.array([image.box.centre for _, _, image in some])
        points = middle[:, np.newaxis, :] + np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
        sky = directions(wcs, points[..., 0].ravel(), points[..., 1].ravel())
        for k, (place, panel, _) in enumerate(some):
            found[place][panel] = None if sky is None else _compass(sky.reshape(len(some), 3, 3)[k])
    for triplet, compasses in zip(triplets, found, strict=True):
        lent = next((one for panel in BEST_FIRST if (one := compasses.get(panel)) is not None), None)
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None:
                compasses.setdefault(panel, lent)
    return found


def _compass(sky: NDArray[np.float64]) -> protocol.Compass | None:
    """Return the compass of a pixel, its right and its upper neighbour, as unit vectors (3, 3)."""
    (x, y, z), beside = sky[0], sky[1:] - sky[0]
    length = math.hypot(x, y)
    if not np.isfinite(sky).all() or length == 0:
        return None  # at a pole every direction is south
    sin, cos = y / length, x / length
    # Rows: arcsec east and north; columns: one pixel right, one pixel up.
    (a, b), (c, d) = (
        np.degrees(beside @ np.array([[-sin, -z * cos], [cos, -z * sin], [0.0, length]])).T * 3600
    )
    determinant = float(a * d - b * c)
    if determinant == 0 or not math.isfinite(determinant):
        return None
    # Columns of the inverse: the step in pixels that goes one arcsec east, and one north.
    sign = math.copysign(1.0, determinant)
    east, north = (sign * float(d), -sign * float(c)), (-sign * float(b), sign * float(a))
    return protocol.Compass(north=_unit(north), east=_unit(east), arcsec_per_px=math.sqrt(abs(determinant)))


def _unit(vector: tuple[float, float]) -> tuple[float, float]:
    """Return a vector of length one."""
    length = math.hypot(*vector)
    return vector[0] / length, vector[1] / length


def directions(
    wcs: BaseHighLevelWCS, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Return ICRS unit vectors at parent pixels, shape (n, 3), or None if the WCS is not celestial."""
    try:
        if speaks_icrs(wcs):
            ra, dec = (np.radians(value) for value in world_at(wcs, x, y))
        else:
            sky = wcs.pixel_to_world(x, y).icrs
            ra, dec = sky.ra.rad, sky.dec.rad
    except (ValueError, AttributeError, TypeError):
        return None
    cos = np.cos(dec)
    return np.column_stack([cos * np.cos(ra), cos * np.sin(ra), np.sin(dec)])
