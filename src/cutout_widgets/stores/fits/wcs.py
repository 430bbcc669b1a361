"""World coordinates from a FITS header, in parent pixels."""

from __future__ import annotations

import logging
import re
from typing import Any, NamedTuple

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS, Sip

from cutout_widgets.stores.fits.untyped import meant_plane, says_type

__all__ = ["Sky", "corner_of", "parent_sky", "shift"]

_log = logging.getLogger(__name__)

_ANGLES = {
    spelled: unit
    for unit, spellings in {
        "deg": "deg degs degree degrees",
        "arcmin": "arcmin arcmins arcminute arcminutes",
        "arcsec": "arcsec arcsecs arcsecond arcseconds",
        "mas": "mas milliarcsec milliarcsecond milliarcseconds",
        "rad": "rad rads radian radians",
    }.items()
    for spelled in spellings.split()
}
"""FITS unit -> spellings in CUNIT, in lower case."""

_BEYOND = re.compile(
    r"(?:NAXIS|CTYPE|CUNIT|CRPIX|CRVAL|CDELT|CROTA|CNAME|CRDER|CSYER)[3-9][A-Z]?"
    r"|(?:PC|CD)(?:[3-9]_\d|\d_[3-9])[A-Z]?|PC00(?:[3-9]00\d|\d00[3-9])|P[VS][3-9]_\d+[A-Z]?"
)
"""Cards about further axes."""

_NUMBER = re.compile(r"(?:CRPIX|CRVAL|CDELT|CROTA)[12]|(?:PC|CD)[12]_[12]|(?:LON|LAT)POLE")
"""Cards that must be numeric; wcslib uses its default for text."""

_PV = re.compile(r"PV[12]_(\d+)")
_FIRST_OF_SCAMP = 5
"""The tangent projection itself has PV parameters up to 4; higher ones are SCAMP's distortion."""

_SIP = re.compile(r"(?:AP?|BP?)_(?:ORDER|DMAX|\d+_\d+)")


def corner_of(header: fits.Header) -> tuple[int, int]:
    """Return the parent pixel (y, x) of an image's first pixel.

    Parameters
    ----------
    header
        Header of the image: ``LTV1/2`` (IRAF, afw), else a linear WCS ``A`` (afw, lsst.images).

    Returns
    -------
    tuple of int
        (0, 0) if there is no such card, or if the image is binned or shifted by a fraction of a pixel, as
        its pixels are then not pixels of a parent.
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
            # FITS array pixels are 1-based; the value at pixel 1 is the 0-based parent pixel.
            start = _number(header.get(f"CRVAL{axis}A", 0)) + 1 - _number(header.get(f"CRPIX{axis}A", 0))
    return int(start) if np.isfinite(start) and start == int(start) else 0


def _number(value: Any) -> float:
    """Return a header value as a number, NaN if it is not one."""
    return float(value) if isinstance(value, (int, float)) else np.nan


class Sky(NamedTuple):
    """The sky coordinates in a header."""

    wcs: WCS | None
    """Two celestial axes, in either order, in 0-based parent pixels; None if there is no usable WCS."""
    problem: str = ""
    """Why there is none although the header has one; a phrase for a message."""


def parent_sky(header: Any, hdus: fits.HDUList | None = None, yx0: tuple[int, int] = (0, 0)) -> Sky:
    """Read the celestial WCS of a 2-d image.

    Parameters
    ----------
    header
        Header of the image, or the cards of a plain one by keyword.
    hdus
        The file it came from, which may contain lookup tables of distortion.
    yx0
        Parent pixel of the image's first pixel.

    Returns
    -------
    Sky
        For a header with more axes the two celestial ones, if they are those of the image. Empty, without
        a problem, if the header has no sky coordinates.

    Notes
    -----
    The repairs are those of ``astropy.wcs``, made here because it reports each of them for each file:
    spellings of units, ``RADECSYS``, SIP and SCAMP's PV cards together. LSST's alert stamps
    lack ``CTYPE``, ``CUNIT`` and ``RADESYS``, which FITS interprets as a linear system (up to 4 arcsec
    wrong at a corner); a header with a reference point on the sky and pixels smaller than
    `~cutout_widgets.stores.fits.untyped.LARGEST_PIXEL_DEG` is interpreted as a tangent plane in ICRS degrees.
    """
    try:
        wcs = _read(header, hdus) if says_type(header) else _completed(header)
        if wcs is not None:
            wcs.wcs.set()
            if not np.isfinite([*wcs.wcs.crpix, *wcs.wcs.crval, *wcs.pixel_scale_matrix.flat]).all():
                raise ValueError("its numbers are not finite")
    except Exception as err:  # noqa: BLE001  damaged headers make wcslib and astropy raise various errors
        _log.info("the WCS of an image cannot be used", exc_info=True)
        return Sky(None, _last_line(err))
    if wcs is None or not wcs.has_celestial:
        return Sky(None)
    return Sky(shift(wcs, dy=yx0[0], dx=yx0[1]))


def _last_line(err: Exception) -> str:
    """Return wcslib's message, without the location in its source code."""
    lines = [line.strip() for line in str(err).splitlines() if line.strip()]
    return (lines[-1] if lines else type(err).__name__).rstrip(".")


def _read(header: fits.Header, hdus: fits.HDUList | None) -> WCS:
    """Read a WCS that declares its axis types."""
    wcs = WCS(_modern(header), hdus, fix=False)
    wcs.wcs.fix()
    return wcs


def _completed(cards: Any) -> WCS | None:
    """Return the tangent plane implied by a header without CTYPE; None if it does not describe one."""
    plane = meant_plane(cards)
    return None if plane is None else plane.astropy


def _modern(header: fits.Header) -> fits.Header:
    """Return the header in the form that wcslib and astropy accept silently: two axes, current names."""
    header = header.copy()
    _repair_cards(header)
    _keep_two_axes(header)
    for keyword in header:
        if _NUMBER.fullmatch(keyword) and not isinstance(header[keyword], (int, float)):
            raise ValueError(f"its card {keyword} is {header[keyword]!r:.40}, which is not a number")
    if "RADECSYS" in header:
        if "RADESYS" in header:
            del header["RADECSYS"]
        else:
            header.rename_keyword("RADECSYS", "RADESYS")
    for axis in (1, 2):
        kind = str(header.get(f"CTYPE{axis}", ""))
        if kind != kind.upper():
            header[f"CTYPE{axis}"] = kind.upper()
        unit = str(header.get(f"CUNIT{axis}", "")).strip()
        if (spelled := _ANGLES.get(unit.lower())) is not None and spelled != unit:
            header[f"CUNIT{axis}"] = spelled
    _keep_one_distortion(header)
    return header


def _repair_cards(header: fits.Header) -> None:
    """Repair non-standard cards silently, and drop those that cannot be repaired."""
    for card in list(header.cards):
        try:
            card.verify("silentfix")
        except fits.VerifyError:
            header.remove(card.keyword, ignore_missing=True)


def _keep_two_axes(header: fits.Header) -> None:
    """Drop the cards of further axes, which a plane may keep from the cube it was cut from."""
    beyond = [keyword for keyword in header if _BEYOND.fullmatch(keyword)]
    for keyword in beyond:
        if keyword[:2] in ("PC", "CD") and keyword[2] in "12" and header[keyword] != 0:
            raise ValueError("its first two axes depend on a third one")
    for keyword in dict.fromkeys(beyond):
        del header[keyword]
    if header.get("WCSAXES", 2) != 2:
        header["WCSAXES"] = 2
    if header.get("NAXIS", 2) != 2:
        header["NAXIS"] = 2


def _keep_one_distortion(header: fits.Header) -> None:
    """Keep one of SIP and SCAMP's PV cards if a header has both, and name it in CTYPE.

    Source: D. Shupe et al., "More flexibility in representing geometric distortion in astronomical
    images" (SPIE 2012), section 7, which astropy follows: CTYPE decides; plain TAN with PV of order 5
    or higher means TPV.
    """
    types = [str(header.get(f"CTYPE{axis}", "")).strip().upper() for axis in (1, 2)]
    scamp = [
        keyword
        for keyword in header
        if (found := _PV.fullmatch(keyword)) is not None and int(found[1]) >= _FIRST_OF_SCAMP
    ]
    sip = any(name in header for name in ("A_ORDER", "B_ORDER"))
    if not (sip or scamp):
        return
    if all(kind.endswith("-TAN") for kind in types) and scamp:
        types = [kind.removesuffix("TAN") + "TPV" for kind in types]
    if all(kind.endswith("-TPV") for kind in types):
        for keyword in [keyword for keyword in header if _SIP.fullmatch(keyword)]:
            del header[keyword]
    elif sip:
        for keyword in list(header["PV?_*"]):
            del header[keyword]
        if header.get("A_ORDER", 0) > 1:
            types = [kind if kind.endswith("-SIP") else f"{kind}-SIP" for kind in types]
    for axis, kind in zip((1, 2), types, strict=True):
        header[f"CTYPE{axis}"] = kind


def shift(wcs: WCS, *, dy: int, dx: int) -> WCS:
    """Move a WCS to pixels whose numbers are larger by (dy, dx), in place, and return it.

    All pixel positions are shifted: the reference pixel, that of SIP, and the anchors
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
