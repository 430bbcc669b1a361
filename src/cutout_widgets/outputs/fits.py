"""One FITS file per source: image, mask and variance of the three panels, with WCS and provenance."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets._version import __version__
from cutout_widgets.pixels.fitted import array_wcs
from cutout_widgets.pixels.image import PANELS, Image, Triplet
from cutout_widgets.pixels.image_file import ORIGIN_KEY, card_text, squared

if TYPE_CHECKING:
    from astropy.io.fits import Header

    from cutout_widgets.catalog.source import DiaSource

__all__ = ["fault_of_fits", "fits_bytes"]

_BLOCK, _CARD = 2880, 80
"""Block size of FITS files, bytes."""


def fits_bytes(source: DiaSource, triplet: Triplet) -> bytes:
    """Return a multi-extension FITS file of a source's cutouts.

    Parameters
    ----------
    source
        The row: its scalar columns go into the primary header.
    triplet
        The cutouts; for a missing panel the primary header has the reason.

    Returns
    -------
    bytes
        HDUs ``TEMPLATE``, ``TEMPLATE_MASK``, ``TEMPLATE_VARIANCE``, ``TEMPLATE_PSF`` and so on for
        ``SCIENCE`` and ``DIFFERENCE``, if the images have them. Each image HDU has the WCS of
        its own array; ``LTV1/2`` are minus the corner in the parent image, mask planes are ``MP_*``.
        Every HDU has its checksums, and the first has the number of the others. The output is reproducible.
    """
    from astropy.io import fits

    primary = fits.PrimaryHDU()
    _describe(primary.header, source, triplet)
    hdus = fits.HDUList([primary])
    for panel, image in zip(PANELS, triplet, strict=True):
        if image is None:
            continue
        name = panel.upper()
        sky, tables = _sky(image, name)
        header = sky.copy()
        header["LTV1"], header["LTV2"] = -image.box.x0, -image.box.y0
        if image.unit is not None:
            header["BUNIT"] = image.unit
        if image.exposure_s is not None:
            header["EXPTIME"] = (image.exposure_s, "[s]")
        if image.origin:
            header[ORIGIN_KEY] = card_text(image.origin)
        hdus.append(fits.ImageHDU(image.pixels, header=header, name=name))
        for part in ("mask", "variance", "weight"):
            array = getattr(image, part)
            if array is not None:
                hdu = fits.ImageHDU(array, header=sky.copy(), name=f"{name}_{part.upper()}")
                hdu.header["LTV1"], hdu.header["LTV2"] = -image.box.x0, -image.box.y0
                if part == "mask":
                    for plane, bit in image.planes.items():
                        hdu.header[f"HIERARCH MP_{plane}"] = bit
                if part == "variance" and image.unit is not None:
                    hdu.header["BUNIT"] = squared(image.unit)
                hdus.append(hdu)
        if image.psf is not None:
            hdus.append(fits.ImageHDU(image.psf, name=f"{name}_PSF"))
        hdus.extend(tables)
    primary.header["NEXTEND"] = (len(hdus) - 1, "extensions that follow")
    primary.header["EXTEND"] = True
    for hdu in hdus:
        hdu.add_checksum(when="1's complement")  # astropy's default comment is the current time
    stream = io.BytesIO()
    hdus.writeto(stream)
    return stream.getvalue()


def fault_of_fits(data: bytes, stem: str) -> str | None:
    """Return what is wrong with a source's FITS file, or None if it is intact.

    Parameters
    ----------
    data
        The content of the file.
    stem
        Its name without extension: the id of the source.

    Returns
    -------
    str or None
        The number of HDUs must be that in the first one, each must have the size given in its header and
        the checksum that `fits_bytes` wrote, nothing may follow them, and the source must be the right one.
    """
    at, number, first = 0, 0, dict[str, str]()
    while at < len(data):
        cards, body = _cards(data, at)
        if body is None:
            return "it is truncated"
        end = body + _size(cards)
        if end > len(data):
            return "it is truncated"
        if not _sums_up(data[at:end]):
            return f"its HDU {number} is damaged"
        if number == 0:
            first = cards
        at, number = end, number + 1
    source_id = first.get("SRCID", "").strip("' ")
    if source_id != stem:
        return f"it is of source {source_id}" if source_id else "it is not one of our FITS files"
    return None if first.get("NEXTEND") == f"{number - 1}" else "it is truncated"


def _cards(data: bytes, at: int) -> tuple[dict[str, str], int | None]:
    """Return the plain cards of the header at an offset, and the offset of its data."""
    cards: dict[str, str] = {}
    for place in range(at, len(data) - _CARD + 1, _CARD):
        card = data[place : place + _CARD].decode("latin-1")
        if card.rstrip() == "END":
            return cards, place + _CARD + (at - place - _CARD) % _BLOCK
        if card[8:10] == "= ":
            cards[card[:8].rstrip()] = card[10:].partition("/")[0].strip()
    return cards, None


def _size(cards: Mapping[str, str]) -> int:
    """Return the size of a header's data in bytes, with padding; 0 if it is not given."""
    try:
        axes = [int(cards[f"NAXIS{axis}"]) for axis in range(1, int(cards["NAXIS"]) + 1)]
        items = math.prod(axes) + int(cards.get("PCOUNT", 0)) if axes else 0
        bits = abs(int(cards["BITPIX"])) * items * int(cards.get("GCOUNT", 1))
    except (KeyError, ValueError):
        return 0
    return max(0, -(-bits // 8 // _BLOCK) * _BLOCK)


def _sums_up(hdu: bytes) -> bool:
    """Return whether the words of an HDU sum up as CHECKSUM requires: to all bits set."""
    if len(hdu) % 4:
        return False
    total = int(np.frombuffer(hdu, dtype=">u4").sum(dtype=np.uint64))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total == 0xFFFFFFFF


def _describe(header: Header, source: DiaSource, triplet: Triplet) -> None:
    """Write the provenance."""
    # Ids are written as text, because some readers convert numbers to floats.
    header["SRCID"] = (f"{source.id:d}", "diaSourceId")
    for key, value, comment in (
        ("RA", source.ra, "[deg] ICRS"),
        ("DEC", source.dec, "[deg] ICRS"),
        ("VISIT", source.visit, "exposure"),
        ("DETECTOR", source.detector, ""),
        ("FILTER", source.band, "band"),
        ("INSTRUME", source.row.get("instrument"), "instrument"),
    ):
        if isinstance(value, str):
            header[key] = card_text(value)[:60]
        elif value is not None and np.isfinite(value):
            header[key] = (value, comment)
    header["CREATOR"] = f"cutout_widgets {__version__}"
    for problem in triplet.problems:
        header["HISTORY"] = card_text(problem)


def _sky(image: Image, name: str) -> tuple[Header, list[Any]]:
    """Return the WCS of an image's array as header cards, and the tables it needs."""
    from astropy.io import fits

    if image.wcs is None:
        return fits.Header(), []
    hdus = array_wcs(image).to_fits(relax=True)
    return hdus[0].header, list(hdus[1:])
