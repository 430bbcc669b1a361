"""Positions of sources on an image, and the local pixel scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.projection import pixels_at, speaks_icrs, world_at
from cutout_widgets.quantities import has_unit, numbers_in

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["Located", "locate", "pixel_scale", "pixels_in", "project"]

_CLOSED_LOOP_ARCSEC = 0.1
"""Tolerance of the round trip from sky to pixels and back, beyond which the inversion has failed."""


class Located(Protocol):
    """Anything with a position, such as a `DiaSource`."""

    @property
    def ra(self) -> float:
        """Right ascension, ICRS degrees."""

    @property
    def dec(self) -> float:
        """Declination, ICRS degrees."""

    @property
    def xy(self) -> tuple[float, float] | None:
        """Position in parent pixels, x first, if the catalogue has it."""


def locate(image: Image, sources: Sequence[Located]) -> NDArray[np.float64]:
    """Return the positions of sources on an image, in parent pixels.

    Parameters
    ----------
    image
        Positions come from its `anchor`, else from ra and dec with its WCS, else from the
        catalogue's x and y.
    sources
        Rows with a position.

    Returns
    -------
    ndarray
        Shape (n, 2): x, y; NaN if undefined.
    """
    if image.anchor is not None:
        return np.tile(np.array(image.anchor, dtype=float), (len(sources), 1))
    if image.projection is None:
        nowhere = (np.nan, np.nan)
        return np.array([source.xy or nowhere for source in sources], dtype=float).reshape(-1, 2)
    ra = np.array([source.ra for source in sources], dtype=float)
    dec = np.array([source.dec for source in sources], dtype=float)
    return project(image.projection, ra, dec)


def project(wcs: BaseHighLevelWCS, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return x and y of sky positions in degrees, shape (n, 2); NaN if undefined."""
    if speaks_icrs(wcs) and not wcs.has_distortion:
        return np.column_stack(pixels_at(wcs, ra, dec))
    from astropy.coordinates import SkyCoord

    found = np.full((len(ra), 2), np.nan)
    good = np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90)
    if good.any():
        where = SkyCoord(ra[good], dec[good], unit="deg", frame="icrs")
        try:
            projected = np.column_stack(wcs.world_to_pixel(where))
        except ValueError:  # some WCSs raise for all positions if one is invalid: project them one by one
            projected = np.array([_project_one(wcs, one) for one in where])
        if getattr(wcs, "has_distortion", False):
            projected[~_comes_back(wcs, projected, where)] = np.nan
        found[good] = projected
    return found


def _project_one(wcs: BaseHighLevelWCS, where: Any) -> tuple[float, float]:
    """Project one position; NaN if the distortion's inverse does not converge."""
    try:
        x, y = wcs.world_to_pixel(where)
    except ValueError:
        return np.nan, np.nan
    return float(x), float(y)


def _comes_back(wcs: BaseHighLevelWCS, xy: NDArray[np.float64], where: SkyCoord) -> NDArray[np.bool_]:
    """Return for which positions the WCS maps the pixels back to the sky position.

    The inverse of a distortion is iterated; far off the image astropy returns its last, wrong guess.
    """
    known = np.isfinite(xy).all(axis=1)
    if known.any():
        back = wcs.pixel_to_world(*xy[known].T)
        known[known] = back.separation(where[known]).arcsec < _CLOSED_LOOP_ARCSEC
    return known


def pixels_in(length: Any, image: Image, name: str) -> Any:
    """Return a length on an image in pixels: a Quantity of pixels or of an angle, or a plain number.

    Raises
    ------
    BadOption
        If a Quantity has another unit, or it is an angle and the image has no WCS.
    """
    if not has_unit(length):
        return length
    from astropy import units as u

    if length.unit.is_equivalent(u.pix):
        return length.to_value(u.pix)
    arcsec = numbers_in(length, name, "arcsec")
    if image.projection is None:
        raise BadOption(f"{name} of {length} needs a WCS, and this image has none; give pixels")
    return arcsec / pixel_scale(image)


def pixel_scale(image: Image, at: XY | None = None) -> float:
    """Return the side of a pixel in arcsec: the square root of its area on the sky.

    Parameters
    ----------
    image
        An image with a WCS.
    at
        Position in parent pixels; None = the centre of the image.

    Raises
    ------
    BadOption
        If the image has no WCS.
    """
    if image.projection is None:
        raise BadOption("the pixel scale needs a WCS, and this image has none")
    x, y = at or image.box.centre
    # Unit vectors are faster than SkyCoords: each stamp has its own WCS, and needs this.
    lon, lat = np.radians(world_at(image.projection, [x, x + 1, x], [y, y, y + 1]))
    at_sky = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    area = np.linalg.norm(np.cross(at_sky[1] - at_sky[0], at_sky[2] - at_sky[0]))
    return float(np.degrees(np.sqrt(area)) * 3600)
