"""The directions of north and east on an image, and its pixel scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.pixels.projection import speaks_icrs, world_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from astropy.wcs.wcsapi import BaseHighLevelWCS

    from cutout_widgets.pixels.image import Image

__all__ = ["Compass", "compasses_in", "directions"]


class Compass(NamedTuple):
    """The orientation of an image on the sky, at its centre."""

    north: tuple[float, float]
    """Unit vector in pixels, x and y, that points north."""
    east: tuple[float, float]
    """The same for east."""
    arcsec_per_px: float
    """Side of a square pixel with the same area, arcsec."""


def compasses_in(images: Sequence[Image]) -> list[Compass | None]:
    """Return the orientation at the centre of images that share one WCS.

    Parameters
    ----------
    images
        At least one; all have the WCS of the first.

    Returns
    -------
    list
        None if the WCS is not celestial, or the image is at a pole.
    """
    wcs = images[0].projection
    assert wcs is not None
    middle = np.array([image.box.centre for image in images])
    points = middle[:, np.newaxis, :] + np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
    sky = directions(wcs, points[..., 0].ravel(), points[..., 1].ravel())
    return [None if sky is None else _compass(sky.reshape(len(images), 3, 3)[k]) for k in range(len(images))]


def _compass(sky: NDArray[np.float64]) -> Compass | None:
    """Return the compass from the unit vectors (3, 3) of a pixel, its right and its upper neighbour."""
    (x, y, z), beside = sky[0], sky[1:] - sky[0]
    length = math.hypot(x, y)
    if not np.isfinite(sky).all() or length == 0:
        return None  # at a pole every direction is north or south
    sin, cos = y / length, x / length
    # Rows: arcsec east and north; columns: one pixel right, one pixel up.
    (a, b), (c, d) = (
        np.degrees(beside @ np.array([[-sin, -z * cos], [cos, -z * sin], [0.0, length]])).T * 3600
    )
    determinant = float(a * d - b * c)
    if determinant == 0 or not math.isfinite(determinant):
        return None
    # Columns of the inverse: the step in pixels for one arcsec east, and for one north.
    sign = math.copysign(1.0, determinant)
    east, north = (sign * float(d), -sign * float(c)), (-sign * float(b), sign * float(a))
    return Compass(north=_unit(north), east=_unit(east), arcsec_per_px=math.sqrt(abs(determinant)))


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
