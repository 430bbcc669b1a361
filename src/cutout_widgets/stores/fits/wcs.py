"""World coordinates out of a FITS header, in the parent's pixels."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS, Sip

__all__ = ["corner_of", "parent_wcs", "shift"]

_log = logging.getLogger(__name__)


def corner_of(header: fits.Header) -> tuple[int, int]:
    """Return the parent pixel (y, x) of an image's first pixel.

    Parameters
    ----------
    header
        Header of the image: ``LTV1/2`` (IRAF, afw), else a linear WCS ``A`` (afw, lsst.images).

    Returns
    -------
    tuple of int
        (0, 0) if nothing is said, or if the image is binned or off by a part of a pixel, for then
        its pixels are nobody's parent pixels.
    """
    return _corner_on(header, 2), _corner_on(header, 1)


def _corner_on(header: fits.Header, axis: int) -> int:
    """Return the parent pixel of the first pixel along one FITS axis."""
    start: Any = 0
    if f"LTV{axis}" in header:
        if header.get(f"LTM{axis}_{axis}", 1) == 1:
            start = -_number(header[f"LTV{axis}"])
    elif str(header.get(f"CTYPE{axis}A", "")).strip() == "LINEAR":
        step = header.get(f"CDELT{axis}A", header.get(f"CD{axis}_{axis}A", 1))
        if step == 1:
            # FITS counts array pixels from 1; the value at pixel 1 is the parent pixel, from 0.
            start = _number(header.get(f"CRVAL{axis}A", 0)) + 1 - _number(header.get(f"CRPIX{axis}A", 0))
    return int(start) if np.isfinite(start) and start == int(start) else 0


def _number(value: Any) -> float:
    """Return a header value as a number, NaN if it is none."""
    return float(value) if isinstance(value, (int, float)) else np.nan


def parent_wcs(header: fits.Header, hdus: fits.HDUList | None, yx0: tuple[int, int]) -> WCS | None:
    """Read the celestial WCS of a 2-d image.

    Parameters
    ----------
    header
        Header of the image.
    hdus
        The file it came from, which may hold lookup tables of distortion.
    yx0
        Parent pixel of the image's first pixel.

    Returns
    -------
    WCS or None
        Two-dimensional, in 0-based parent pixels; None if the header describes no sky, or
        describes it in a way that cannot be understood (which is logged).
    """
    if not str(header.get("CTYPE1", "")).strip():
        return None
    try:
        # fix=False: astropy would warn about each repair of each file; the repairs are made here.
        wcs = WCS(_modern(header), hdus, naxis=None if header.get("NAXIS") == 2 else 2, fix=False)
        wcs.wcs.fix()
        wcs.wcs.set()
    except Exception:  # noqa: BLE001  a damaged header makes wcslib and astropy raise almost anything
        _log.warning("the WCS of an image could not be understood", exc_info=True)
        return None
    if not wcs.has_celestial:
        return None
    return shift(wcs, dy=yx0[0], dx=yx0[1])


def _modern(header: fits.Header) -> fits.Header:
    """Return the header without what wcslib refuses or frowns upon: old names, cards that mean nothing."""
    # SCAMP leaves its PV cards beside SIP, where they mean nothing.
    leftover = list(header["PV?_*"]) if "A_ORDER" in header else []
    renamed = "RADECSYS" in header and "RADESYS" not in header
    if not (leftover or renamed):
        return header
    header = header.copy()
    for keyword in leftover:
        del header[keyword]
    if renamed:
        header.rename_keyword("RADECSYS", "RADESYS")
    return header


def shift(wcs: WCS, *, dy: int, dx: int) -> WCS:
    """Move a WCS to pixels whose numbers are larger by (dy, dx), in place, and return it.

    Everything that is counted in pixels moves: the reference pixel, that of SIP, and the anchors
    of lookup tables (detector-to-image and distortion).
    """
    if dy == 0 and dx == 0:
        return wcs
    move = np.array([dx, dy], dtype=float)
    wcs.wcs.crpix = wcs.wcs.crpix + move
    if wcs.sip is not None:
        sip = wcs.sip
        wcs.sip = Sip(sip.a, sip.b, sip.ap, sip.bp, sip.crpix + move)
    for table in (wcs.cpdis1, wcs.cpdis2, wcs.det2im1, wcs.det2im2):
        if table is not None:
            table.crval = tuple(np.asarray(table.crval) + move)
    wcs.wcs.set()
    return wcs
