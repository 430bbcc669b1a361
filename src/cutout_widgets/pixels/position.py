"""Positions of sources on an image, and the local pixel scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.projection import Pair, latitude_first, pixels_at, speaks_icrs, world_at
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
    if speaks_icrs(wcs):
        return np.column_stack(_inverted(wcs, ra, dec) if wcs.has_distortion else pixels_at(wcs, ra, dec))
    from astropy.coordinates import SkyCoord

    found = np.full((len(ra), 2), np.nan)
    good = _on_a_sphere(ra, dec)
    if good.any():
        where = SkyCoord(ra[good], dec[good], unit="deg", frame="icrs")
        try:
            projected = np.column_stack(wcs.world_to_pixel(where))
        except ValueError:  # some WCSs raise for all positions if one is invalid: project them one by one
            projected = np.array([_one_or_nan(wcs.world_to_pixel, one) for one in where])
        if getattr(wcs, "has_distortion", False):
            projected[~_comes_back(wcs, projected, where)] = np.nan
        found[good] = projected
    return found


def _inverted(wcs: Any, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> Pair:
    """Return x and y on a FITS WCS with distortion whose axes are ra and dec.

    The results are those of `world_to_pixel`, without a coordinate object for each image, which takes
    most of the time.
    """
    swapped = slice(None, None, -1 if latitude_first(wcs) else 1)
    found = np.full((2, len(ra)), np.nan)
    good = _on_a_sphere(ra, dec)
    if not good.any():
        return found[0], found[1]
    at = np.array([ra[good] % 360, dec[good]])
    try:
        projected = np.array(wcs.world_to_pixel_values(*at[swapped]))
    except ValueError:
        each = [_one_or_nan(wcs.world_to_pixel_values, *one) for one in at[swapped].T]
        projected = np.array(each).T
    known = np.isfinite(projected).all(axis=0)
    if known.any():
        back = np.array(wcs.pixel_to_world_values(*projected[:, known]))[swapped]
        known[known] = _apart_arcsec(at[:, known], back) < _CLOSED_LOOP_ARCSEC
    projected[:, ~known] = np.nan
    found[:, good] = projected
    return found[0], found[1]


def _on_a_sphere(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which numbers are valid positions."""
    return np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90)


def _apart_arcsec(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angles between positions, both shape (2, n): longitude and latitude in degrees."""
    (lon_1, lat_1), (lon_2, lat_2) = np.radians(one), np.radians(other)
    across = np.sin((lon_2 - lon_1) / 2) ** 2 * np.cos(lat_1) * np.cos(lat_2)
    half = np.sqrt(np.sin((lat_2 - lat_1) / 2) ** 2 + across)
    apart: NDArray[np.float64] = np.degrees(2 * np.arcsin(np.minimum(half, 1.0)))
    return apart * 3600


def _one_or_nan(project_one: Callable[..., Any], *where: Any) -> tuple[float, float]:
    """Project one position; NaN if the distortion's inverse does not converge."""
    try:
        x, y = project_one(*where)
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
