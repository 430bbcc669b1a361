"""Images that can be read in parts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import EXTRAS, Extra, Image

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

    from cutout_widgets.pixels.geometry import XY

__all__ = [
    "ClosableImage",
    "ImageInMemory",
    "OpenImage",
    "Stamp",
    "as_float32",
    "frame_of",
    "worth_reading_whole",
]

COST_OF_A_CALL_PX = 16384
"""Overhead of a sub-image read, in decompressed pixels: measured on 4096x4096 images."""


class OpenImage(Protocol):
    """An image that can be read in parts: a FITS file, an archive, an array.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> store = cw.ArrayImages.from_images({(1, 0): (None, make_image((100, 100)), None)})
    >>> panels = store.open_panels([cw.DiaSource(7, 53.0, -28.0, visit=1, detector=0)])
    >>> with panels["science"]() as image:
    ...     image.frame.box, image.part(cw.Box(10, 40, 20, 50)).shape
    (Box(y0=0, y1=100, x0=0, x1=100), (30, 30))
    """

    @property
    def frame(self) -> Image:
        """Everything known without reading pixels: box, wcs, unit (`frame_of` creates one)."""

    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read the pixels of a box inside the frame as float32, with mask and variance if there are any.

        Those not among the `extras` may be omitted; `Image.unread` then lists them.
        A damaged one is omitted with a `CutoutWarning`, and is not listed.

        Raises
        ------
        CutoutError, OSError
            If the pixels cannot be read, which is reported for this panel of this source.
        """

    def expect(self, boxes: Sequence[Box]) -> None:
        """Announce the boxes to be read, so that the image can choose between parts and one full read."""

    @property
    def may_have_psf(self) -> bool:
        """False if `psf_at` always returns None, which is known without reading anything."""

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the PSF kernel at a parent position, or None."""


class ClosableImage(OpenImage, Protocol):
    """An `OpenImage` in a file, to be kept open in a pool.

    Examples
    --------
    >>> import numpy as np
    >>> class Constant:
    ...     frame = cw.stores.frame_of(cw.Box(0, 100, 0, 100), unit="nJy")
    ...     may_have_psf, held_bytes = False, 0
    ...
    ...     def part(self, box, extras=frozenset()):
    ...         return cw.Image(np.ones(box.shape, "f4"), box=box, unit="nJy")
    ...
    ...     def expect(self, boxes): ...
    ...     def psf_at(self, at): ...
    ...     def forget(self): ...
    ...     def close(self): ...
    >>> pool = cw.stores.Handles(lambda key: Constant())
    >>> row = cw.DiaSource(id=7, ra=53.0, dec=-28.0, row={"x": 40.0, "y": 60.0})
    >>> panels = {"science": lambda: pool.borrow("a.raw")}
    >>> next(cw.stores.cut_open_group(panels, [row], cw.Region.of(30))).science.shape
    (30, 30)
    """

    @property
    def held_bytes(self) -> int:
        """Memory used while it is idle."""

    def forget(self) -> None:
        """Release planes that were read completely; the file stays open."""

    def close(self) -> None:
        """Close the file."""


class ImageInMemory:
    """An `Image` in memory as an `OpenImage`."""

    def __init__(self, image: Image) -> None:
        self._image = image

    @property
    def frame(self) -> Image:
        """The image itself."""
        return self._image

    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Copy a box as native float32; values beyond its range become infinite."""
        small = cut(self._image, box, mode="strict")
        return small.replaced(
            {
                "pixels": as_float32(small.pixels),
                "variance": None if small.variance is None else as_float32(small.variance),
            }
        )

    def expect(self, boxes: Sequence[Box]) -> None:
        """Do nothing: all pixels are in memory."""

    @property
    def may_have_psf(self) -> bool:
        """Whether the image has a PSF."""
        return self._image.psf is not None

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the image's only kernel, for any position."""
        return self._image.psf


class Stamp:
    """An `OpenImage` of a single source, assumed to be at its centre if there is no WCS."""

    def __init__(self, image: OpenImage) -> None:
        self._image = image
        self._anchor = image.frame.box.centre

    @property
    def frame(self) -> Image:
        """The image's frame, with the position of the source."""
        return self._image.frame.replaced({"anchor": self._anchor})

    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read a box."""
        return self._image.part(box, extras).replaced({"anchor": self._anchor})

    def expect(self, boxes: Sequence[Box]) -> None:
        """Announce the boxes that will be read."""
        self._image.expect(boxes)

    @property
    def may_have_psf(self) -> bool:
        """Whether the image may have one."""
        return self._image.may_have_psf

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the PSF kernel at a parent position."""
        return self._image.psf_at(at)


def as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    """Return values as native, contiguous float32, the dtype of stores.

    Values beyond its range become infinite. An array that already has this form is returned unchanged.
    """
    if array.dtype == np.float32 and array.flags.c_contiguous and array.dtype.isnative:
        return array
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def frame_of(
    box: Box, *, wcs: BaseHighLevelWCS | None = None, unit: str | None = None, origin: str = ""
) -> Image:
    """Return an image with metadata only, whose (NaN) pixels take no memory.

    Examples
    --------
    >>> frame = frame_of(cw.Box(0, 4000, 0, 4072), unit="nJy")
    >>> frame, frame.pixels.strides
    (<Image float32 nJy [y 0:4000, x 0:4072]>, (0, 0))
    """
    nothing = np.broadcast_to(np.float32(np.nan), box.shape)
    return Image(nothing, box=box, wcs=wcs, unit=unit, origin=origin)


def worth_reading_whole(boxes: Sequence[Box], whole: Box, tile: tuple[int, int]) -> bool:
    """Return whether one full read of a compressed image is faster than reading parts.

    Parameters
    ----------
    boxes
        The parts, each inside `whole`.
    whole
        The image.
    tile
        Height and width of its compression tiles.
    """
    tile_y, tile_x = (max(1, min(size, limit)) for size, limit in zip(tile, whole.shape, strict=True))
    work = 0
    for box in boxes:
        rows, columns = box.slices_in(whole)
        across = (columns.stop - 1) // tile_x - columns.start // tile_x + 1
        up = (rows.stop - 1) // tile_y - rows.start // tile_y + 1
        work += across * tile_x * up * tile_y + COST_OF_A_CALL_PX
    return work > whole.area + COST_OF_A_CALL_PX
