"""Reading stamps of alert packets: the bytes of a small FITS file to an image."""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import UnreadableImage, sentence
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.remarks import remarks_recorded
from cutout_widgets.stores.fits.plain import read_plain_images
from cutout_widgets.stores.fits.untyped import meant_plane, says_type
from cutout_widgets.unpacking import largest_unpacked, size_text

if TYPE_CHECKING:
    type _Cards = Any
    """An astropy Header, or a dict of plain cards."""

__all__ = ["read_stamp"]

_LARGEST_STAMP_BYTES = 1 << 28
"""Limit of a decompressed stamp, against decompression bombs: the largest seen has 0.1 MB."""

_NEAR_WHOLE_PX = 0.1
"""Maximum deviation of a stamp's corner, computed from the catalogue's x, from a whole pixel.

Measured on 58 LSST stamps: below 0.001 px.
"""

_PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF"}


def read_stamp(
    data: bytes,
    *,
    position: XY | None = None,
    within: Callable[[tuple[int, int]], XY] | None = None,
    upside_down: bool = False,
    origin: str = "",
) -> Image:
    """Read the stamp of one panel.

    Parameters
    ----------
    data
        A FITS file, plain or gzipped. LSST: PRIMARY pixels, UNCERT, PSFIMAGE.
    position
        The catalogue's position of the source, in pixels of the detector (0-based, x first), from which
        the stamp's position on the detector is found. None = the stamp is its own parent.
    within
        For stamps without WCS: shape (ny, nx) -> position of the source in the stamp as stored (x
        first). None = at its centre.
    upside_down
        Whether to flip rows of a stamp without WCS, for surveys with south at the top (ZTF).
    origin
        Origin of the stamp, for messages.

    Returns
    -------
    Image
        float32 pixels; `variance` infinite where unknown, `psf` if the stamp has one; no mask.
        `wcs` is in parent pixels; if it cannot be used, `sky_problem` has the reason. `anchor` is the
        position of the source, if catalogue and header agree on it, and if there is no WCS.

    Raises
    ------
    UnreadableImage
        If the bytes are not a FITS image.

    Notes
    -----
    Source: the format that ``astropy.nddata.CCDData`` writes.
    """
    plain = _unpacked(data)
    try:
        hdus = read_plain_images(plain)
        if hdus is None or any("CTYPE1" in cards for cards, _ in hdus):
            with remarks_recorded(f"a stamp of {origin}" if origin else "a stamp"):
                image = _read_generally(plain, position, origin)
        else:
            image = _to_image(hdus, position, origin)  # without astropy, which takes long to import
    except UnreadableImage:
        raise
    except Exception as err:  # astropy raises various errors for damaged data and cards of a wrong type
        raise UnreadableImage(
            f"the stamp's {len(plain)} bytes are not a FITS image: {sentence(err)}"
        ) from err
    if image.projection is not None or image.anchor is not None:
        return image
    anchor = within(image.shape) if within is not None else Box.from_shape(image.shape).centre
    return _turned_over(image, anchor) if upside_down else _anchored(image, anchor)


def _unpacked(data: bytes) -> bytes:
    """Decompress gzip; raise for data that are clearly not FITS."""
    if not data:
        raise UnreadableImage("the stamp is empty")
    plain = data
    if data[:2] == b"\x1f\x8b":
        inflate = zlib.decompressobj(wbits=31)
        limit = min(_LARGEST_STAMP_BYTES, largest_unpacked())
        try:
            plain = inflate.decompress(data, limit)
        except zlib.error as err:
            raise UnreadableImage(f"the stamp's gzip is damaged: {err}") from err
        if not inflate.eof:
            raise UnreadableImage(
                f"the stamp's gzip data are truncated or unpack to more than {size_text(limit)}"
            )
    for magic, kind in _PICTURES.items():
        if plain.startswith(magic):
            raise UnreadableImage(f"the stamp is a {kind} picture, which has no pixel values; only FITS has")
    if not plain.startswith((b"SIMPLE", b"XTENSION")):
        what = "zero bytes" if not plain.strip(b"\0") else f"bytes that begin with {plain[:6]!r}"
        raise UnreadableImage(f"the stamp is not a FITS file: it has {len(plain)} {what}")
    if plain.startswith(b"SIMPLE  =  T  ") and len(plain) >= 80:
        # ZTF's card is not in fixed format, about which astropy would warn for each stamp.
        plain = b"SIMPLE  =                    T" + plain[30:]
    return plain


def _read_generally(plain: bytes, position: XY | None, origin: str) -> Image:
    """Read any FITS image: scaled, compressed, with its own WCS."""
    from cutout_widgets.hdus import open_hdus

    with open_hdus(io.BytesIO(plain)) as hdus:
        return _to_image([(hdu.header, hdu.data) for hdu in hdus if hdu.is_image], position, origin)


def _to_image(hdus: Sequence[tuple[_Cards, Any]], position: XY | None, origin: str) -> Image:
    """Return the image in the HDUs of a stamp."""
    main = next((place for place, (_, data) in enumerate(hdus) if data is not None), None)
    if main is None:
        raise UnreadableImage("the stamp is a FITS file without an image")
    header = hdus[main][0]
    pixels = _native(hdus[main][1])
    if pixels.ndim != 2 or not pixels.size:
        raise UnreadableImage(f"the stamp's image has shape {pixels.shape}; a stamp is two-dimensional")
    variance, psf = None, None
    for cards, data in hdus[main + 1 :]:
        name = cards.get("EXTNAME")
        if data is None:
            continue
        if name == "UNCERT" and data.shape == pixels.shape:
            variance = _variance(_native(data), str(cards.get("UTYPE", "")))
        elif name == "PSFIMAGE" and data.ndim == 2:
            psf = _native(data)
    corner, anchor = _corner(header, position)
    wcs, sky_problem = _sky_of(header, corner)
    return Image(
        pixels,
        Box.from_shape(pixels.shape, (corner[1], corner[0])),
        variance=variance,
        wcs=wcs,
        sky_problem=sky_problem,
        unit=str(header.get("BUNIT", "")).strip() or None,
        psf=psf,
        anchor=anchor,
        origin=origin,
    )


def _sky_of(header: _Cards, corner: tuple[int, int]) -> tuple[Any, str]:
    """Return a stamp's WCS in parent pixels and the problem of one that cannot be used.

    LSST's stamps leave CTYPE out; what they mean needs no astropy, whose import takes longer than a page.
    """
    if not says_type(header) and _pole_is_far(header):
        try:
            plane = meant_plane(header)
        except (ValueError, TypeError) as err:
            return None, str(err)
        return None if plane is None else plane.moved(*corner), ""
    from cutout_widgets.stores.fits.wcs import parent_sky

    sky = parent_sky(header, None, (corner[1], corner[0]))
    return sky.wcs, sky.problem


def _pole_is_far(header: _Cards) -> bool:
    """Return whether the reference point of a header, if there is one, is not the pole."""
    return header.get("CRVAL2") not in (90, -90)


def _anchored(image: Image, at: XY) -> Image:
    """Set the source's position in the stamp."""
    return replace(image, anchor=XY(image.box.x0 + at.x, image.box.y0 + at.y))


def _turned_over(image: Image, at: XY) -> Image:
    """Flip the rows, and the position of the source."""
    flipped = replace(
        image,
        pixels=np.ascontiguousarray(image.pixels[::-1]),
        variance=None if image.variance is None else np.ascontiguousarray(image.variance[::-1]),
        psf=None if image.psf is None else np.ascontiguousarray(image.psf[::-1]),
    )
    return _anchored(flipped, XY(at.x, image.shape[0] - 1 - at.y))


def _native(data: Any) -> NDArray[np.float32]:
    """Return a contiguous float32 copy in native byte order."""
    return np.array(data, dtype=np.float32, order="C")


def _variance(values: NDArray[np.float32], kind: str) -> NDArray[np.float32]:
    """Return the variance from the uncertainty that astropy wrote, infinite where missing."""
    with np.errstate(all="ignore"):
        if kind == "StdDevUncertainty":
            values = np.square(values)
        elif kind == "InverseVariance":
            values = np.reciprocal(values)
    values[np.isnan(values)] = np.inf
    return values


def _corner(header: _Cards, position: XY | None) -> tuple[tuple[int, int], XY | None]:
    """Return the detector pixel (x0, y0) of the stamp's first pixel, and the source's position if certain.

    ``CRPIX`` is the source within the stamp, so its difference from the catalogue's x is the corner. Without
    x the header's ``CUTMINX`` is used, plus one: LSST writes it one too small
    (measured on v9 and v10).
    """
    at = _pair(header, "CRPIX1", "CRPIX2")
    if position is not None and at is not None:
        x0, y0 = position.x - (at.x - 1), position.y - (at.y - 1)
        if _is_whole(x0) and _is_whole(y0):
            corner = round(x0), round(y0)
            return corner, XY(corner[0] + at.x - 1, corner[1] + at.y - 1)
    first = _pair(header, "CUTMINX", "CUTMINY")
    return (0, 0) if first is None else (int(first.x) + 1, int(first.y) + 1), None


def _pair(header: _Cards, x: str, y: str) -> XY | None:
    """Return two cards, or None unless both are finite numbers."""
    values = [header.get(name) for name in (x, y)]
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
        return None
    return XY(*map(float, values))


def _is_whole(value: float) -> bool:
    """Return whether a corner is a whole pixel, within the catalogue's precision."""
    return math.isfinite(value) and abs(value - round(value)) < _NEAR_WHOLE_PX
