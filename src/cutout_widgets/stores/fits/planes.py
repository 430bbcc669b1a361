"""A FITS file as an image with mask and variance that can be read in parts."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutError, UnreadableImage, sentence
from cutout_widgets.paths import shown_place
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import EXTRAS, Extra, Image, Panel
from cutout_widgets.pixels.image_file import wrote_it
from cutout_widgets.remarks import records_remarks
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.stores.fits.byte_ranges import byte_ranges
from cutout_widgets.stores.fits.cards import cards_of
from cutout_widgets.stores.fits.masks import MaskLayout, mask_layout
from cutout_widgets.stores.fits.opening import data_end, end_of_last, open_file
from cutout_widgets.stores.fits.roles import HduName, Roles, panels_in, plane_shape, roles_in
from cutout_widgets.stores.fits.tiles import Part, Tiles
from cutout_widgets.stores.fits.wcs import corner_of, parent_sky
from cutout_widgets.stores.mask_and_variance import ExtraReader
from cutout_widgets.stores.open_image import as_float32, frame_of
from cutout_widgets.unpacking import largest_unpacked, too_large

__all__ = ["FitsKey", "OpenFits", "holds_panels", "open_fits"]

_log = logging.getLogger(__name__)

BYTES_A_PIXEL = 8
"""Maximum size of a pixel in memory: double precision, also while it is scaled."""


class OpenFits:
    """An open FITS file: an `OpenImage` for use by one thread at a time.

    Parameters
    ----------
    path
        The file, or its URL; gzip is recognised by its first bytes.
    hdu
        The HDU of the image; None = the one with EXTTYPE, else EXTNAME ``IMAGE`` (or
        ``SCI``), else the first two-dimensional one.
    planes
        Mask planes to keep; None = all that fit into 32 bits.
    panel, shared
        The panel to read, and whether others are read from the same file; see `roles_in`.
    remote
        How to read a URL.
    content
        The bytes of the file, if already in memory, or the open file; `path` is then its name in messages.

    Raises
    ------
    ImageNotFound
        If there is no such file or HDU.
    UnreadableImage
        If it is not a FITS file, is truncated, or has no two-dimensional image.
    """

    @records_remarks(lambda self, path, **_: shown_place(path))
    def __init__(
        self,
        path: Path | str,
        *,
        hdu: HduName | None = None,
        planes: Sequence[str] | None = None,
        panel: Panel | None = None,
        shared: bool = False,
        remote: RemoteOptions | None = None,
        content: bytes | RemoteFile | None = None,
    ) -> None:
        opened = open_file(path, remote, content)
        self.path = path = opened.name
        self._hdus, self._opened = opened.hdus, opened
        try:
            roles = roles_in(self._hdus, hdu, path, panel, shared)
            self._check_length(roles)
            self._image, self._variance = roles.image, roles.variance
            self._masks: MaskLayout | None = mask_layout(roles.masks, planes, str(path))
            header = self._image.header
            y0, x0 = corner_of(header)
            box = Box.from_shape(plane_shape(self._image), (y0, x0))
            unit = str(header.get("BUNIT", "")).strip() or None
            sky = parent_sky(header, self._hdus, (y0, x0))
            self._frame = replace(
                frame_of(box, wcs=sky.wcs, unit=unit, origin=str(path)), sky_problem=sky.problem
            )
        except CutoutError:
            self._hdus.close()
            raise
        except Exception as err:
            self._hdus.close()
            raise UnreadableImage(f"{path} cannot be read as FITS: {sentence(err)}") from err
        there: dict[Extra, Any] = {"mask": self._masks, "variance": self._variance}
        self._unfetched: Sequence[Box] = ()
        self._has = frozenset(name for name, plane in there.items() if plane is not None)
        self._extras = ExtraReader(str(path))
        self._tiles = {id(hdu): Tiles.of(hdu, opened.stream) for hdu in self._planes()}

    @property
    def frame(self) -> Image:
        """Box, WCS and unit."""
        return self._frame

    @property
    @records_remarks(lambda self: self.path)
    def metadata(self) -> dict[str, Any]:
        """The cards of the primary and the image header by keyword, except those of the file format."""
        return cards_of(self._hdus[0].header) | cards_of(self._image.header)

    @property
    @records_remarks(lambda self: self.path)
    def kind(self) -> Literal["afw", "lsst.images", "ours", "plain"]:
        """The writer of the file, recognised by its layout."""
        primary = self._hdus[0].header
        if str(self._image.header.get("EXTTYPE", "")).strip() and "AR_HDU" in primary:
            return "afw"
        if isinstance(self._image, fits.CompImageHDU) and "JSON" in self._hdus:
            return "lsst.images"
        return "ours" if wrote_it(self._hdus) else "plain"

    @property
    def held_bytes(self) -> int:
        """Memory in use while the file is open."""
        return self._opened.held_bytes

    def forget(self) -> None:
        """Release decompressed tiles, and close the file until the next read."""
        self._release()
        self._opened.rest()

    def _release(self) -> None:
        """Release decompressed tiles."""
        self._unfetched = ()
        for tiles in self._tiles.values():
            if tiles is not None:
                tiles.forget()

    def close(self) -> None:
        """Close the file."""
        self._release()
        self._hdus.close()

    @records_remarks(lambda self, _: self.path)
    def expect(self, boxes: Sequence[Box]) -> None:
        """Prepare to decompress tiles once for all boxes, and to fetch those of a remote file together."""
        self._release()
        self._unfetched = boxes if self._opened.remote is not None else ()
        if BYTES_A_PIXEL * self._frame.box.area > largest_unpacked():
            return
        parts = [box.slices_in(self._frame.box) for box in boxes if box.area]
        for tiles in self._tiles.values():
            if tiles is not None:
                tiles.expect(parts)

    def _fetch_expected(self, extras: Set[Extra]) -> None:
        """Fetch the bytes of all expected boxes in one request, of the planes that the first one needs."""
        if self._opened.remote is not None and self._unfetched:
            boxes, self._unfetched = self._unfetched, ()
            self._opened.remote.prefetch(byte_ranges(self._planes(extras), boxes, self._frame.box))

    def _planes(self, extras: Set[Extra] = EXTRAS) -> list[Any]:
        """Return the HDUs that are read."""
        masks = () if self._masks is None or "mask" not in extras else self._masks.hdus
        variance = self._variance if "variance" in extras else None
        return [hdu for hdu in (self._image, *masks, variance) if hdu is not None]

    def _tile_shape(self) -> tuple[int, int] | None:
        """Return the shape (height, width) of compressed tiles; None if the image is not compressed."""
        try:
            shape = getattr(self._image, "tile_shape", None)
        except Exception as err:  # malformed cards make astropy raise various errors
            raise UnreadableImage(f"the tiles of {self.path} cannot be read: {sentence(err)}") from err
        return None if shape is None else (int(shape[-2]), int(shape[-1]))

    @records_remarks(lambda self, *_: self.path)
    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read a box inside the frame, with mask and variance if they are among the extras.

        Warns
        -----
        CutoutWarning
            Once each for a mask and a variance that cannot be read there; it is then None.
        """
        where = box.slices_in(self._frame.box)
        if BYTES_A_PIXEL * max(box.area, math.prod(self._tile_shape() or (1, 1))) > largest_unpacked():
            raise too_large(f"a part of {box.height}x{box.width} pixels of {self.path}")
        self._fetch_expected(extras)
        unread = self._has - extras
        variance_hdu = None if "variance" in unread else self._variance
        masks = None if "mask" in unread else self._masks
        try:
            pixels = as_float32(_blank_to_nan(self._image, self._plane(self._image, where)))
        except Exception as err:
            # Damaged tiles make astropy and its decompressors raise various errors.
            raise UnreadableImage(f"the pixels of {self.path} cannot be read: {sentence(err)}") from err
        variance = mask = None
        if variance_hdu is not None:
            variance = self._extras.read("variance", lambda: as_float32(self._plane(variance_hdu, where)))
        if masks is not None:
            mask = self._extras.read(
                "mask", lambda: masks.combine([self._plane(hdu, where) for hdu in masks.hdus])
            )
        return replace(
            self._frame,
            pixels=pixels,
            box=box,
            mask=mask,
            planes={} if masks is None or mask is None else masks.planes,
            variance=variance,
            unread=unread,
        )

    @property
    def may_have_psf(self) -> bool:
        """Always False: a plain FITS file has no point-spread function."""
        return False

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return None: a plain FITS file has no point-spread function."""
        return None

    def _plane(self, hdu: Any, where: Part) -> NDArray[Any]:
        """Read part of one HDU, scaled, with BLANK as NaN."""
        tiles = self._tiles[id(hdu)]
        if tiles is not None:
            return tiles.read(where)
        if isinstance(hdu, fits.CompImageHDU):
            return _section(hdu, where)
        # Whole rows need one read; astropy would read parts of rows one by one.
        rows = _section(hdu, (where[0], slice(None)))
        return rows[:, where[1]]

    def _check_length(self, roles: Roles) -> None:
        """Raise for a file that ends before its pixels do, or within an HDU; astropy would only warn."""
        wanted = max(
            *(data_end(hdu) for hdu in (roles.image, *roles.masks, roles.variance) if hdu is not None),
            0 if roles.last is None else end_of_last(roles.last),
        )
        where = roles.image.fileinfo()
        if where and (size := where["file"].size) < wanted:
            raise UnreadableImage(
                f"{self.path} is truncated: it has {size} bytes of at least {wanted}; fetch it again"
            )


class FitsKey(NamedTuple):
    """The key of an open file in a pool."""

    path: str
    """The file."""
    hdu: HduName | None
    """The HDU of the image, if given."""
    panel: Panel
    """The panel to read."""
    shared: bool
    """Whether other panels are read from the same file."""
    version: tuple[int, int, int]
    """Changes when the file is rewritten."""


def open_fits(
    key: FitsKey, *, planes: tuple[str, ...] | None, remote: RemoteOptions | None = None
) -> OpenFits:
    """Open the file of a key."""
    return OpenFits(key.path, hdu=key.hdu, planes=planes, panel=key.panel, shared=key.shared, remote=remote)


@records_remarks(shown_place)
def holds_panels(path: Path | str) -> bool:
    """Return whether a file has images of two or more panels, judging by the names of its HDUs."""
    try:
        opened = open_file(path)
    except CutoutError:
        return False
    with opened.hdus:
        return len(panels_in(opened.hdus)) > 1


def _section(hdu: Any, where: tuple[slice, slice]) -> NDArray[Any]:
    """Read part of an HDU, dropping leading axes of length one."""
    part: NDArray[Any] = hdu.section[(0,) * (len(hdu.shape) - 2) + where]
    return part


def _blank_to_nan(hdu: Any, values: NDArray[Any]) -> NDArray[Any]:
    """Set BLANK pixels of unsigned integers (BZERO 32768), which astropy does not handle, to NaN."""
    blank = hdu.header.get("BLANK")
    if blank is None or values.dtype.kind not in "iu":
        return values
    stored = hdu.header.get("BZERO", 0)
    return np.where(values == int(blank) + int(stored), np.nan, values)
