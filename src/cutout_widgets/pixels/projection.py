"""Project between pixels and sky, and between two pixel grids, including distortion.

Positions that cannot be projected - NaN, beyond the horizon of the projection, or where the inverse of
the distortion does not converge - become NaN and do not affect the others.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.errors import BadOption, CutoutError
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.tangent import TangentPlane
from cutout_widgets.pixels.wcs import equal_wcs, is_fits_wcs, moved
from cutout_widgets.quantities import degrees_icrs, numbers_in

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = [
    "latitude_first",
    "moved",
    "pixel_to_pixel",
    "pixels_at",
    "same_grid",
    "share_pixels",
    "shifted",
    "speaks_icrs",
    "world_at",
]

TOLERANCE_PX = 1e-6
"""Tolerance of the inverse of a distortion, px."""

ITERATIONS = 50
"""Maximum iterations; SIP of real cameras converges within ten."""

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def speaks_icrs(wcs: Any) -> bool:
    """Return whether the raw world axes of a WCS, in either order, are ra and dec, ICRS degrees.

    Then no coordinate object is needed, which for a stamp would take longer than everything else.
    """
    if isinstance(wcs, TangentPlane):
        return True
    fits = getattr(wcs, "wcs", None) if is_fits_wcs(wcs) else None
    if fits is None:
        return False
    from astropy.units import deg

    return (
        {fits.lng, fits.lat} == {0, 1}
        and fits.lngtyp.strip() == "RA"
        and fits.radesys.strip() == "ICRS"
        and all(unit == deg for unit in fits.cunit)
    )


def latitude_first(wcs: Any) -> bool:
    """Return whether the first world axis of a WCS is declination (or another latitude)."""
    if isinstance(wcs, TangentPlane):
        return False
    if is_fits_wcs(wcs):
        return bool(wcs.wcs.lat == 0)
    return str(wcs.low_level_wcs.world_axis_physical_types[0]).endswith((".dec", ".lat"))


def world_at(wcs: BaseHighLevelWCS, x: ArrayLike, y: ArrayLike) -> Pair:
    """Return the raw world axes (degrees for celestial ones) of pixel positions, longitude first.

    Parameters
    ----------
    wcs
        World coordinates of the pixels, two axes; SIP, TPV and look-up tables are applied.
    x, y
        Positions, 0-based, of the same shape.

    Returns
    -------
    lon, lat
        Arrays of that shape: right ascension in [0, 360) and declination, or galactic l and b...; in
        this order, whatever the axis order of the WCS.

    Examples
    --------
    >>> from cutout_widgets.testing import make_wcs
    >>> lon, lat = world_at(make_wcs(53.0, -28.0, at=(20.0, 10.0)), [20.0], [10.0])
    >>> lon.round(3), lat.round(3)
    (array([53.]), array([-28.]))
    """
    xs, ys = _floats(x, y)
    if isinstance(wcs, TangentPlane):
        return wcs.world_at(xs, ys)
    if is_fits_wcs(wcs):
        lon, lat = wcs.all_pix2world(xs.ravel(), ys.ravel(), 0)
    else:
        lon, lat = wcs.low_level_wcs.pixel_to_world_values(xs.ravel(), ys.ravel())
    if latitude_first(wcs):
        lon, lat = lat, lon
    return np.reshape(lon, xs.shape), np.reshape(lat, xs.shape)


def pixels_at(wcs: BaseHighLevelWCS, lon: ArrayLike | SkyCoord, lat: ArrayLike | None = None) -> Pair:
    """Return the pixel positions of sky positions; the inverse of `world_at`.

    Parameters
    ----------
    wcs
        World coordinates of the pixels.
    lon, lat
        Its raw world axes, degrees or Quantities, of the same shape; longitude first, whatever the axis order
        of the WCS. Or a single SkyCoord in any frame.

    Returns
    -------
    x, y
        0-based; NaN if undefined. The distortion itself is inverted iteratively;
        the approximate inverse polynomials of a header (AP, BP) are not used.

    Examples
    --------
    >>> from cutout_widgets.testing import make_wcs
    >>> x, y = pixels_at(make_wcs(53.0, -28.0, at=(20.0, 10.0)), [53.0], [-28.0])
    >>> x.round(3), y.round(3)
    (array([20.]), array([10.]))
    >>> from astropy.coordinates import SkyCoord
    >>> x, y = pixels_at(make_wcs(53.0, -28.0, at=(20.0, 10.0)), SkyCoord(53.0, -28.0, unit="deg"))
    >>> round(float(x), 3), round(float(y), 3)
    (20.0, 10.0)
    """
    lons, lats = _floats(*_world_values(wcs, lon, lat))
    x, y = np.full(lons.size, np.nan), np.full(lons.size, np.nan)
    good = (np.isfinite(lons) & np.isfinite(lats) & (np.abs(lats) <= 90)).ravel()
    if good.any():
        x[good], y[good] = _inverse(wcs, lons.ravel()[good], lats.ravel()[good])
    unknown = ~(np.isfinite(x) & np.isfinite(y))
    x[unknown] = y[unknown] = np.nan
    return x.reshape(lons.shape), y.reshape(lons.shape)


def _world_values(wcs: Any, lon: Any, lat: Any) -> tuple[Any, Any]:
    """Return the raw world axes of sky positions, longitude first, from any accepted form."""
    if lat is not None:
        return numbers_in(lon, "lon", "deg"), numbers_in(lat, "lat", "deg")
    from astropy.wcs.wcsapi.high_level_api import high_level_objects_to_values

    degrees_icrs(lon, "pixels_at")
    wcs = wcs.astropy if isinstance(wcs, TangentPlane) else wcs
    first, second = high_level_objects_to_values(lon, low_level_wcs=wcs.low_level_wcs)
    return (second, first) if latitude_first(wcs) else (first, second)


def _inverse(wcs: Any, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Pair:
    """Invert a WCS at finite positions; NaN if it does not converge."""
    if isinstance(wcs, TangentPlane):
        return wcs.pixels_at(lon, lat)
    if latitude_first(wcs):
        lon, lat = lat, lon  # now in the axis order of the WCS
    if not is_fits_wcs(wcs):
        x, y = wcs.low_level_wcs.world_to_pixel_values(lon, lat)
        return np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    from astropy.wcs import NoConvergence

    # Positions beyond the projection's horizon are NaN from the start: iterating them would warn.
    first = np.column_stack(wcs.wcs_world2pix(lon, lat, 0))
    answers = np.isfinite(first).all(axis=1)
    if not wcs.has_distortion or not answers.any():
        return first[:, 0], first[:, 1]
    found = np.full(first.shape, np.nan)
    try:
        found[answers] = np.column_stack(
            wcs.all_world2pix(lon[answers], lat[answers], 0, tolerance=TOLERANCE_PX, maxiter=ITERATIONS)
        )
    except NoConvergence as err:
        best = np.array(err.best_solution, dtype=float)
        for lost in (err.divergent, err.slow_conv):
            if lost is not None:
                best[lost] = np.nan
        found[answers] = best
    return found[:, 0], found[:, 1]


def pixel_to_pixel(source: BaseHighLevelWCS, target: BaseHighLevelWCS, x: ArrayLike, y: ArrayLike) -> Pair:
    """Return the positions on a pixel grid that correspond to positions on another.

    Parameters
    ----------
    source, target
        World coordinates of the two grids; their celestial frames may differ.
    x, y
        Positions on the source grid, 0-based, of the same shape.

    Returns
    -------
    x, y
        Positions on the target grid; NaN if undefined.
    """
    lon, lat = world_at(source, x, y)
    source, target = (one.astropy if isinstance(one, TangentPlane) else one for one in (source, target))
    if _same_frame(source, target):
        return pixels_at(target, lon, lat)
    from astropy.coordinates import SkyCoord
    from astropy.wcs.utils import wcs_to_celestial_frame

    known = np.isfinite(lon) & np.isfinite(lat)
    sky = SkyCoord(
        np.where(known, lon, 0.0), np.where(known, lat, 0.0), unit="deg", frame=wcs_to_celestial_frame(source)
    ).transform_to(wcs_to_celestial_frame(target))
    sphere = sky.spherical
    return pixels_at(target, np.where(known, sphere.lon.deg, np.nan), np.where(known, sphere.lat.deg, np.nan))


def same_grid(a: BaseHighLevelWCS, b: BaseHighLevelWCS, box: Box, *, within_px: float = 1e-4) -> bool:
    """Return whether two WCS agree at the corners of a box, to 1e-4 px unless another tolerance is given.

    Examples
    --------
    >>> from cutout_widgets.testing import make_wcs
    >>> box = cw.Box(0, 9, 0, 9)
    >>> same_grid(make_wcs(), make_wcs(), box), same_grid(make_wcs(), make_wcs(53.1), box)
    (True, False)
    """
    if a is b:
        return True
    x = np.array([box.x0, box.x0, box.x1, box.x1]) - 0.5
    y = np.array([box.y0, box.y1, box.y0, box.y1]) - 0.5
    there_x, there_y = pixel_to_pixel(a, b, x, y)
    return bool((np.hypot(there_x - x, there_y - y) < within_px).all())  # NaN counts as different


def share_pixels(a: Image, b: Image) -> bool:
    """Return whether a parent pixel of one image is the same place on the sky in another.

    Their WCS agree to a tenth of a pixel at the corners of the first. If one is unknown or not celestial,
    images of the same box count as having the same pixels.
    """
    one, other = a.projection, b.projection
    if one is not None and other is not None:
        if equal_wcs(one, other):
            return True
        with contextlib.suppress(CutoutError, ValueError, ArithmeticError):
            return same_grid(one, other, a.box, within_px=0.1)
    return a.box == b.box


def shifted(image: Image, dx: float, dy: float) -> Image:
    """Return the image with its WCS shifted by a subpixel offset; the pixels do not change.

    Parameters
    ----------
    image
        An image with a FITS WCS; it is not modified, and its arrays are shared.
    dx, dy
        Offset in pixels of the true sky position to the right and up, relative to the WCS.

    Returns
    -------
    Image
        Parent pixel p of the result is where the old WCS had p - (dx, dy);
        `shift` accumulates the offsets.

    Raises
    ------
    BadOption
        If it has no WCS, or one that cannot be shifted.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> moved = shifted(make_image((4, 5), wcs=make_wcs()), 1.5, 0.0)
    >>> moved.shape
    (4, 5)
    """
    if image.wcs is None:
        raise BadOption("an image without a WCS cannot be shifted on the sky")
    if dx == 0 and dy == 0:
        return image
    shift = XY(image.shift.x + dx, image.shift.y + dy)
    return replace(image, wcs=moved(image.wcs, dx, dy), shift=shift)


def _same_frame(source: Any, target: Any) -> bool:
    """Return whether raw world coordinates of two WCS have the same meaning."""
    from astropy.wcs.utils import wcs_to_celestial_frame

    if source is target:
        return True
    if not (is_fits_wcs(source) and is_fits_wcs(target)):
        return False
    return bool(wcs_to_celestial_frame(source).is_equivalent_frame(wcs_to_celestial_frame(target)))


def _floats(a: ArrayLike, b: ArrayLike) -> Pair:
    """Return two float arrays of the same shape."""
    one, two = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    return one, two
