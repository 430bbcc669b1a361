"""One FITS file as an image with mask and variance, of which parts can be read."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutError, ImageNotFound, UnreadableImage, sentence
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.stores.base import as_float32, frame_of
from cutout_widgets.stores.fits_masks import MaskLayout, mask_layout
from cutout_widgets.stores.fits_wcs import corner_of, parent_wcs

__all__ = ["HduName", "OpenFits", "open_fits"]

HduName = int | str | tuple[str, int]
"""Which HDU holds the image: its number, its EXTNAME, or EXTNAME and EXTVER."""

GZIP_MAGIC = b"\x1f\x8b"

COST_OF_A_CALL_PX = 16384
"""What one sub-image read costs beyond its tiles, in pixels decompressed in the same time.

With it the break-even of a 4096x4096 image comes out where it was measured: 120 cutouts of
30 pixels for rows as tiles, 400 for tiles of 128x128.
"""


@dataclass(frozen=True)
class Roles:
    """Which HDUs of a file are what."""

    image: Any
    masks: tuple[Any, ...]
    variance: Any | None


class OpenFits:
    """An open FITS file: an `OpenImage` to be used by one thread at a time.

    Parameters
    ----------
    path
        The file; gzip is told by its first bytes.
    hdu
        Which HDU is the image; by default the one with EXTTYPE, else EXTNAME ``IMAGE`` (or
        ``SCI``), else the first two-dimensional one.
    planes
        Mask planes to keep; by default all that fit into 32 bits.

    Raises
    ------
    ImageNotFound
        If there is no such file or HDU.
    UnreadableImage
        If it is no FITS file, is cut short, or holds no two-dimensional image.
    """

    def __init__(
        self, path: Path, *, hdu: HduName | None = None, planes: Sequence[str] | None = None
    ) -> None:
        self.path = path
        self._hdus = _open(path)
        try:
            roles = _cast(self._hdus, hdu, path)
            self._check_length(roles)
            self._image, self._variance = roles.image, roles.variance
            self._masks: MaskLayout | None = mask_layout(roles.masks, planes, str(path))
            header = self._image.header
            y0, x0 = corner_of(header)
            box = Box.from_shape(_plane_shape(self._image), (y0, x0))
            unit = str(header.get("BUNIT", "")).strip() or None
            wcs = parent_wcs(header, self._hdus, (y0, x0))
            self._frame = frame_of(box, wcs=wcs, unit=unit, origin=str(path))
        except CutoutError:
            self._hdus.close()
            raise
        except Exception as err:
            self._hdus.close()
            raise UnreadableImage(f"{path} cannot be read as FITS: {sentence(err)}") from err
        self._whole: dict[int, NDArray[Any]] = {}
        self._read_whole = False

    @property
    def frame(self) -> Image:
        """Box, WCS and unit."""
        return self._frame

    def close(self) -> None:
        """Close the file."""
        self._whole.clear()
        self._hdus.close()

    def expect(self, boxes: Sequence[Box]) -> None:
        """Decide between sub-image reads and one full read of each plane."""
        self._whole.clear()
        tiles = getattr(self._image, "tile_shape", None)
        if tiles is None:
            self._read_whole = False  # rows of an uncompressed file are read where they lie
            return
        tile_y, tile_x = tiles[-2:]
        whole = self._frame.box
        work = 0
        for box in boxes:
            rows, columns = box.slices_in(whole)
            across = ((columns.stop - 1) // tile_x - columns.start // tile_x + 1) * min(tile_x, whole.width)
            up = ((rows.stop - 1) // tile_y - rows.start // tile_y + 1) * min(tile_y, whole.height)
            work += across * up + COST_OF_A_CALL_PX
        self._read_whole = work > whole.area + COST_OF_A_CALL_PX

    def part(self, box: Box) -> Image:
        """Read a box that lies inside the frame."""
        where = box.slices_in(self._frame.box)
        try:
            pixels = as_float32(_blank_to_nan(self._image, self._plane(self._image, where)))
            variance = None if self._variance is None else as_float32(self._plane(self._variance, where))
            mask = None
            if self._masks is not None:
                mask = self._masks.combine([self._plane(hdu, where) for hdu in self._masks.hdus])
        except Exception as err:
            # A damaged tile makes astropy and its decompressors raise almost anything.
            raise UnreadableImage(f"the pixels of {self.path} cannot be read: {sentence(err)}") from err
        return replace(
            self._frame,
            pixels=pixels,
            box=box,
            mask=mask,
            planes=self._masks.planes if self._masks is not None else {},
            variance=variance,
        )

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return None: a plain FITS file has no point-spread function."""
        return None

    def _plane(self, hdu: Any, where: tuple[slice, slice]) -> NDArray[Any]:
        """Read a part of one HDU, scaled, with BLANK as NaN."""
        if self._read_whole:
            key = id(hdu)
            if key not in self._whole:
                self._whole[key] = _section(hdu, (slice(None), slice(None)))
            return self._whole[key][where]
        if isinstance(hdu, fits.CompImageHDU):
            return _section(hdu, where)
        # Whole rows are one read; astropy reads a part of rows row by row.
        rows = _section(hdu, (where[0], slice(None)))
        return rows[:, where[1]]

    def _check_length(self, roles: Roles) -> None:
        """Refuse a file that ends before its pixels do; astropy would only warn."""
        for hdu in (roles.image, *roles.masks, roles.variance):
            where = None if hdu is None or isinstance(hdu, fits.CompImageHDU) else hdu.fileinfo()
            if not where:
                continue
            size = where["file"].size
            wanted = where["datLoc"] + abs(hdu.header["BITPIX"]) // 8 * int(np.prod(hdu.shape))
            if size < wanted:
                raise UnreadableImage(
                    f"{self.path} is cut short: it has {size} bytes of at least {wanted}; fetch it again"
                )


def open_fits(
    name: tuple[str, tuple[int, int, int]], *, hdu: HduName | None, planes: tuple[str, ...] | None
) -> OpenFits:
    """Open a file by path; the second part of `name` tells versions of it apart for a pool."""
    return OpenFits(Path(name[0]), hdu=hdu, planes=planes)


def _open(path: Path) -> fits.HDUList:
    """Open a file, or say in one sentence why not."""
    try:
        if path.is_dir():
            raise UnreadableImage(f"{path} is a folder, not a FITS file")
        with path.open("rb") as stream:
            start = stream.read(80)
            if start.startswith(GZIP_MAGIC):
                # A part of a gzip stream costs all that is before it: unpack once.
                stream.seek(0)
                content = gzip.decompress(stream.read())
                start = content[:80]
            else:
                content = None
    except FileNotFoundError as err:
        raise ImageNotFound(f"there is no file {path}") from err
    except PermissionError as err:
        raise ImageNotFound(f"{path} may not be read by this user") from err
    except (EOFError, zlib.error, gzip.BadGzipFile) as err:
        raise UnreadableImage(f"{path} is a damaged gzip file: {sentence(err)}") from err
    if not start:
        raise UnreadableImage(f"{path} is empty")
    if not start.startswith(b"SIMPLE"):
        raise UnreadableImage(f"{path} is not a FITS file: it does not begin with SIMPLE")
    try:
        # memmap=False: a file cut short behind a memory map ends the whole process (SIGBUS).
        return fits.open(path if content is None else io.BytesIO(content), memmap=False, lazy_load_hdus=True)
    except Exception as err:  # a damaged header makes astropy raise almost anything
        raise UnreadableImage(f"{path} cannot be read as FITS: {sentence(err)}") from err


def _cast(hdus: fits.HDUList, wanted: HduName | None, path: Path) -> Roles:
    """Find out which HDU is the image, and which are its mask and variance."""
    image = _choose(hdus, path) if wanted is None else _named(hdus, wanted, path)
    shape = _plane_shape(image)
    masks, variance = [], None
    for hdu in _images(hdus, after=image):
        if _plane_shape(hdu) != shape:
            continue
        role = _role(hdu)
        if role == "MASK":
            masks.append(hdu)
        elif role in ("VARIANCE", "VAR") and variance is None:
            variance = hdu
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


def _plane_shape(hdu: Any) -> tuple[int, int]:
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


def _section(hdu: Any, where: tuple[slice, slice]) -> NDArray[Any]:
    """Read a part of an HDU, skipping leading axes of one element."""
    part: NDArray[Any] = hdu.section[(0,) * (len(hdu.shape) - 2) + where]
    return part


def _blank_to_nan(hdu: Any, values: NDArray[Any]) -> NDArray[Any]:
    """Put NaN where unsigned integers (BZERO 32768) are BLANK, which astropy leaves as numbers."""
    blank = hdu.header.get("BLANK")
    if blank is None or values.dtype.kind not in "iu":
        return values
    stored = hdu.header.get("BZERO", 0)
    return np.where(values == int(blank) + int(stored), np.nan, values)
