"""Shift a WCS to a pixel grid with another origin."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import BadOption

if TYPE_CHECKING:
    from astropy.wcs import WCS
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["equal_wcs", "from_pixel", "is_fits_wcs", "moved"]


def is_fits_wcs(wcs: Any) -> bool:
    """Return whether a WCS is astropy's FITS WCS (not a gWCS or a wrapper)."""
    return hasattr(wcs, "all_world2pix")


def equal_wcs(a: Any, b: Any) -> bool:
    """Return whether two WCS (or None) are the same object, or FITS WCS with the same numbers.

    WCS with look-up tables of distortion are not compared: they count as different.
    """
    if a is b:
        return True
    if not (is_fits_wcs(a) and is_fits_wcs(b)):
        return False
    tables = ("cpdis1", "cpdis2", "det2im1", "det2im2")
    if any(getattr(one, table) is not None for one in (a, b) for table in tables):
        return False
    return bool(a.wcs.compare(b.wcs, 0, 0.0)) and _equal_sip(a.sip, b.sip)


def _equal_sip(a: Any, b: Any) -> bool:
    """Return whether two SIP distortions, or Nones, have the same numbers."""
    if a is None or b is None:
        return a is b
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("a", "b", "ap", "bp", "crpix"))


def moved(wcs: WCS, dx: float, dy: float) -> WCS:
    """Return a WCS shifted by `dx`, `dy` pixels, as a new object.

    Parameters
    ----------
    wcs
        A FITS WCS, with any distortion; it is not modified.
    dx, dy
        Pixels, may be fractional.

    Raises
    ------
    BadOption
        If it is not a FITS WCS: others cannot be shifted without a wrapper.
    """
    if not is_fits_wcs(wcs):
        raise BadOption(f"only a FITS WCS can be moved along its pixels; got {type(wcs).__name__}")
    from astropy.wcs import Sip

    new = copy.deepcopy(wcs)
    step = np.array([dx, dy], dtype=float)
    new.wcs.crpix = new.wcs.crpix + step
    if new.sip is not None:
        old = new.sip
        new.sip = Sip(old.a, old.b, old.ap, old.bp, old.crpix + step)
    for tables in (("cpdis1", "cpdis2"), ("det2im1", "det2im2")):
        for name in tables:
            table = getattr(new, name)
            if table is not None:
                # `crval` is the position of the table's own reference on the image's grid.
                table.crval = np.asarray(table.crval, dtype=float) + step
    return new


def from_pixel(wcs: BaseHighLevelWCS, x0: int, y0: int) -> BaseHighLevelWCS:
    """Return a WCS for the array whose first pixel is pixel ``(x0, y0)`` on the grid of `wcs`.

    Raises
    ------
    BadOption
        If it is not a FITS WCS and the array begins before the grid.
    """
    if x0 == y0 == 0:
        return wcs
    if is_fits_wcs(wcs):
        return moved(wcs, -x0, -y0)
    if x0 < 0 or y0 < 0:
        raise BadOption(
            f"only a FITS WCS can extend below pixel 0; got {type(wcs).__name__}: trim the image first"
        )
    from astropy.wcs.wcsapi import HighLevelWCSWrapper, SlicedLowLevelWCS

    return HighLevelWCSWrapper(SlicedLowLevelWCS(wcs.low_level_wcs, (slice(y0, None), slice(x0, None))))
