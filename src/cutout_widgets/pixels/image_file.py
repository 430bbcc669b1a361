"""Write an `Image` to a FITS file and read it back without loss."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, CutoutError, ImageNotFound, UnreadableImage, sentence
from cutout_widgets.paths import path_to
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.projection import moved
from cutout_widgets.remarks import records_remarks
from cutout_widgets.whole_file import whole_file

if TYPE_CHECKING:
    from astropy.io.fits import HDUList, Header

__all__ = ["ORIGIN_KEY", "card_text", "read_written", "squared", "write_image", "wrote_it"]

ORIGIN_KEY = "PIXELSRC"
"""Card with the origin of the pixels; a keyword of eight letters, so that a long path can continue."""


_LARGEST = 10**40
"""Whole numbers that fit on a card."""

_OF_FITS = frozenset(
    [
        *("SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "EXTEND", "XTENSION", "PCOUNT", "GCOUNT"),
        *("COMMENT", "HISTORY", "CONTINUE", "END", "HIERARCH", ""),
    ]
)
"""Cards about the file format, not the exposure."""


def write_image(image: Image, path: str | os.PathLike[str]) -> Path:
    """Write an image, whole or cut out, with all its data.

    Parameters
    ----------
    image
        The image; its WCS must be a FITS WCS (distortions of any kind) or None.
    path
        The file; an existing one is replaced completely or not at all.

    Returns
    -------
    Path
        The file: HDUs ``IMAGE``, and ``MASK``, ``VARIANCE``, ``WEIGHT``, ``PSF`` if the image
        has them, as in afw: ``LTV1/2`` contain the corner, ``MP_*`` the mask planes, and the
        WCS is that of the array, so that viewers display it correctly.

    Raises
    ------
    BadOption
        If the WCS is not a FITS WCS.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cutout_widgets.testing import make_image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_image(make_image((4, 5)), Path(folder) / "one.fits").name
    'one.fits'
    """
    from astropy.io import fits

    target = path_to(path, "the file to write")
    main, tables = fits.Header(), []
    if image.wcs is not None:
        own = moved(image.wcs, -image.box.x0, -image.box.y0).to_fits(relax=True)
        main, tables = own[0].header, own[1:]
    _describe(main, image)
    primary = fits.PrimaryHDU()
    for keyword, value in image.metadata.items():
        if keyword not in _OF_FITS and (card := _card_of(keyword, value)) is not None:
            primary.header.append(card, end=True)
    hdus = fits.HDUList([primary, fits.ImageHDU(_plain(image.pixels), header=main, name="IMAGE")])
    for name in ("mask", "variance", "weight", "psf"):
        array = getattr(image, name)
        if array is not None:
            hdus.append(fits.ImageHDU(_plain(array), name=name.upper()))
            if name == "variance" and image.unit is not None:
                hdus[-1].header["BUNIT"] = card_text(squared(image.unit))
    if image.mask is not None:
        for plane, bit in image.planes.items():
            card = _card_of(f"MP_{plane}", bit)
            if card is None:
                raise BadOption(f"a FITS file cannot hold a mask plane named {plane!r:.60}; rename it")
            hdus["MASK"].header.append(card, end=True)
    hdus.extend(tables)
    with whole_file(target) as draft:
        hdus.writeto(draft)
    return target


def _card_of(keyword: str, value: Any) -> Any:
    """Return a card, None if FITS can hold no such keyword or value."""
    from astropy.io import fits

    if not _is_card(value):
        return None
    name = keyword if len(keyword) <= 8 and keyword == keyword.upper() else f"HIERARCH {keyword}"
    try:
        card = fits.Card(name, card_text(value) if isinstance(value, str) else value)
        str(card)  # a card that is too long, or not ASCII, fails here
    except (ValueError, fits.VerifyError):
        return None
    return card


def _is_card(value: Any) -> bool:
    """Return whether a value can be written to a FITS card."""
    if isinstance(value, float):
        return bool(np.isfinite(value))
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < _LARGEST)


def squared(unit: str) -> str:
    """Return the unit of a variance, in FITS notation."""
    return f"{unit}**2" if unit.isalnum() else f"({unit})**2"


def _describe(header: Header, image: Image) -> None:
    """Write everything except arrays and the WCS."""
    header["LTV1"], header["LTV2"] = -image.box.x0, -image.box.y0
    if image.unit is not None:
        header["BUNIT"] = card_text(image.unit)
    if image.exposure_s is not None:
        header["EXPTIME"] = (image.exposure_s, "[s]")
    if image.source_id is not None:
        # Ids are written as text, because some readers convert numbers to floats.
        header["SRCID"] = (card_text(str(image.source_id)), type(image.source_id).__name__)
    for key, pair in (("SHIFT", image.shift), ("ANCHOR", image.anchor)):
        if pair is not None and np.isfinite(pair).all():
            header[f"{key}X"], header[f"{key}Y"] = pair
    if image.origin:
        header[ORIGIN_KEY] = card_text(image.origin)


def card_text(text: str) -> str:
    """Return a text in characters allowed in FITS cards."""
    return "".join(c if " " <= c <= "~" else "?" for c in text.encode("ascii", "backslashreplace").decode())


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of a type allowed in FITS: not boolean."""
    return array.astype(np.uint8) if array.dtype.kind == "b" else array


def wrote_it(hdus: HDUList) -> bool:
    """Return whether a file was written by `write_image`, judging by its unique layout."""
    from astropy.io import fits

    if len(hdus) < 2 or not isinstance(hdus[1], fits.ImageHDU) or hdus[1].name != "IMAGE":
        return False
    header = hdus[1].header
    return "LTV1" in header and "EXTTYPE" not in header and "AR_HDU" not in hdus[0].header


@records_remarks(lambda path: path)
def read_written(path: str | os.PathLike[str]) -> Image:
    """Read a file of `write_image`, with the original types.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Image
        With native byte order; booleans become bytes.

    Raises
    ------
    ImageNotFound
        If there is no such file.
    UnreadableImage
        If it is not a FITS file, has no ``IMAGE``, or is damaged.
    """
    try:
        return _read(path)
    except CutoutError:
        raise
    except Exception as err:  # damaged bytes make astropy, cfitsio and wcslib raise various errors
        raise UnreadableImage(f"{path} cannot be read: {sentence(err)}") from err


def _read(path: str | os.PathLike[str]) -> Image:
    """Read an undamaged file."""
    from astropy.wcs import WCS

    from cutout_widgets.hdus import open_hdus

    try:
        hdus = open_hdus(path)
    except FileNotFoundError as err:
        raise ImageNotFound(f"there is no file {path}") from err
    except CutoutError:
        raise
    except (OSError, ValueError) as err:
        raise UnreadableImage(f"{path} is not a FITS file: {err}") from err
    with hdus:
        if "IMAGE" not in hdus:
            raise UnreadableImage(f"{path} has no IMAGE; it has {[hdu.name for hdu in hdus]}")
        header = hdus["IMAGE"].header
        pixels = _native(hdus["IMAGE"].data)
        x0, y0 = -int(header.get("LTV1", 0)), -int(header.get("LTV2", 0))
        wcs = moved(WCS(header, hdus), x0, y0) if "CTYPE1" in header else None
        arrays: dict[str, Any] = {
            name: _native(hdus[name.upper()].data) if name.upper() in hdus else None
            for name in ("mask", "variance", "weight", "psf")
        }
        cards = hdus["MASK"].header if "MASK" in hdus else {}
        metadata = {
            keyword: value for keyword, value in hdus[0].header.items() if keyword and keyword not in _OF_FITS
        }
        planes = {name[3:]: int(cards[name]) for name in cards if name.startswith("MP_")}
    given = header.get("SRCID")
    number = given is not None and header.comments["SRCID"].startswith(("int", "uint"))
    return Image(
        pixels,
        box=Box.from_shape((pixels.shape[0], pixels.shape[1]), (y0, x0)),
        planes=planes,
        metadata=metadata,
        wcs=wcs,
        unit=header.get("BUNIT"),
        exposure_s=header.get("EXPTIME"),
        source_id=int(given) if number else given,
        shift=_pair(header, "SHIFT") or XY(0.0, 0.0),
        anchor=_pair(header, "ANCHOR"),
        origin=header.get(ORIGIN_KEY, ""),
        **arrays,
    )


def _pair(header: Header, key: str) -> XY | None:
    """Return two cards as a pair, x first."""
    return XY(float(header[f"{key}X"]), float(header[f"{key}Y"])) if f"{key}X" in header else None


def _native(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array in native byte order."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)
