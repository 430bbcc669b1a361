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
    return [None] * len(images) if sky is None else _compasses(sky.reshape(-1, 3, 3))


def _compasses(sky: NDArray[np.float64]) -> list[Compass | None]:
    """Return compasses from the unit vectors (n, 3, 3) of pixels, their right and their upper neighbours."""
    x, y, z = sky[:, 0].T
    length = np.hypot(x, y)
    with np.errstate(invalid="ignore", divide="ignore"):
        sin, cos = y / length, x / length
        # Unit vectors that point east and north; at a pole every direction is north or south.
        ways = np.array([[-sin, cos, 0 * z], [-z * cos, -z * sin, length]])
        # Arcsec east and north (first axis) of a pixel to the right and of one up (second axis).
        steps = np.degrees(np.einsum("wik,kpi->wpk", ways, sky[:, 1:] - sky[:, :1])) * 3600
    known = np.isfinite(sky).all(axis=(1, 2)) & (length != 0)
    return [
        _compass(*one) if is_known else None
        for one, is_known in zip(steps.reshape(4, -1).T.tolist(), known.tolist(), strict=True)
    ]


def _compass(a: float, b: float, c: float, d: float) -> Compass | None:
    """Return the compass of the steps (a, b) east and (c, d) north, arcsec, of a pixel right and up."""
    determinant = a * d - b * c
    if determinant == 0 or not math.isfinite(determinant):
        return None
    # Columns of the inverse: the step in pixels for one arcsec east, and for one north.
    sign = math.copysign(1.0, determinant)
    east, north = (sign * d, -sign * c), (-sign * b, sign * a)
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
