"""Which HDU of a FITS file is the image, and which are its mask and its variance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.io import fits

from cutout_widgets.errors import ImageNotFound, UnreadableImage

__all__ = ["HduName", "Roles", "plane_shape", "roles_in"]

HduName = int | str | tuple[str, int]
"""Which HDU holds the image: its number, its EXTNAME, or EXTNAME and EXTVER."""


@dataclass(frozen=True)
class Roles:
    """Which HDUs of a file are what."""

    image: Any
    masks: tuple[Any, ...]
    variance: Any | None


def roles_in(hdus: fits.HDUList, wanted: HduName | None, path: Path) -> Roles:
    """Find out which HDU is the image, and which are its mask and variance.

    Parameters
    ----------
    hdus
        The file.
    wanted
        The HDU a user chose; None for the one whose EXTTYPE is ``IMAGE``, else whose EXTNAME is
        ``IMAGE`` or ``SCI``, else the first two-dimensional one.
    path
        Its name, for sentences.

    Raises
    ------
    ImageNotFound
        If there is no such HDU.
    UnreadableImage
        If it is not two-dimensional, or none is.
    """
    image = _choose(hdus, path) if wanted is None else _named(hdus, wanted, path)
    shape = plane_shape(image)
    masks, variance = [], None
    for hdu in _images(hdus, after=image):
        if plane_shape(hdu) != shape:
            continue
        role = _role(hdu)
        if role == "MASK":
            masks.append(hdu)
        elif role in ("VARIANCE", "VAR"):
            variance = hdu
            break  # written last; what follows need not be looked at
    return Roles(image, tuple(masks), variance)


def _named(hdus: fits.HDUList, wanted: HduName, path: Path) -> Any:
    """Return the HDU a user asked for."""
    try:
        hdu = hdus[wanted]
    except (KeyError, IndexError) as err:
        raise ImageNotFound(f"{path} has no HDU {wanted!r}; it has {_contents(hdus)}") from err
    if not _is_plane(hdu):
        raise UnreadableImage(f"HDU {wanted!r} of {path} is no 2-d image; the file has {_contents(hdus)}")
    return hdu


def _choose(hdus: fits.HDUList, path: Path) -> Any:
    """Return the HDU that is the image, by EXTTYPE, then by EXTNAME, then the first that can be."""
    by_name = first = None
    for hdu in _each(hdus):
        if not _is_plane(hdu):
            continue
        if str(hdu.header.get("EXTTYPE", "")).strip().upper() == "IMAGE":
            return hdu
        if by_name is None and hdu.name in ("IMAGE", "SCI"):
            by_name = hdu
        if first is None:
            first = hdu
    chosen = first if by_name is None else by_name
    if chosen is None:
        raise UnreadableImage(f"{path} holds no 2-d image; it has {_contents(hdus)}")
    return chosen


def _each(hdus: fits.HDUList) -> Iterator[Any]:
    """Go through the HDUs, reading each header only when its turn comes."""
    number = 0
    while True:
        try:
            hdu = hdus[number]
        except IndexError:
            return
        yield hdu
        number += 1


def _images(hdus: fits.HDUList, *, after: Any) -> Iterator[Any]:
    """Go through the two-dimensional images that follow one directly: its mask and its variance."""
    seen = False
    for hdu in _each(hdus):
        if seen:
            if not _is_plane(hdu) or _role(hdu) in ("IMAGE", "SCI"):
                return
            yield hdu
        seen = seen or hdu is after


def _role(hdu: Any) -> str:
    """Return what an HDU says it is: its EXTTYPE, else its EXTNAME."""
    return str(hdu.header.get("EXTTYPE", "")).strip().upper() or str(hdu.name).upper()


def _is_plane(hdu: Any) -> bool:
    """Tell whether an HDU is an image of two axes, or of more that have one element each."""
    if not isinstance(hdu, (fits.PrimaryHDU, fits.ImageHDU, fits.CompImageHDU)):
        return False
    shape = hdu.shape or ()
    return len(shape) >= 2 and all(n == 1 for n in shape[:-2]) and min(shape[-2:]) > 0


def plane_shape(hdu: Any) -> tuple[int, int]:
    """Return height and width."""
    height, width = hdu.shape[-2:]
    return int(height), int(width)


def _contents(hdus: fits.HDUList) -> str:
    """Say what a file holds, for a sentence."""
    said = []
    for number, hdu in enumerate(_each(hdus)):
        if isinstance(hdu, (fits.PrimaryHDU, fits.ImageHDU, fits.CompImageHDU)):
            shape = "x".join(str(n) for n in hdu.shape or ()) or "no data"
        else:
            shape = "a table"
        said.append(f"{number} {hdu.name} ({shape})".replace("  ", " "))
    return ", ".join(said[:8]) + (f" and {len(said) - 8} more" if len(said) > 8 else "")
