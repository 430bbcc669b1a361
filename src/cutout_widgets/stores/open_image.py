"""Images of which parts can be read, and cutting a group of sources out of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutError, sentence
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import EXTRAS, PANELS, Extra, Image, Panel, Triplet
from cutout_widgets.pixels.projection import same_grid
from cutout_widgets.pixels.region import Region
from cutout_widgets.pixels.resampling import resampled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from astropy.wcs.wcsapi import BaseHighLevelWCS

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.pixels.geometry import XY

__all__ = [
    "ClosableImage",
    "ImageInMemory",
    "OpenImage",
    "Stamp",
    "as_float32",
    "boxes_or_reasons",
    "cut_from",
    "cut_open_group",
    "frame_of",
    "one_grid",
    "worth_reading_whole",
]

COST_OF_A_CALL_PX = 16384
"""Cost of one sub-image read beyond its tiles, in pixels decompressed: measured on 4096x4096 images."""


class OpenImage(Protocol):
    """An image of which parts can be read: a FITS file, an archive, an array."""

    @property
    def frame(self) -> Image:
        """All that is known without reading pixels: box, wcs, unit (`frame_of` makes one)."""

    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read the pixels of a box that lies inside the frame, float32, with the mask and variance it has.

        Those that are not among the `extras` may be left out; `Image.unread` says then which.
        One that is damaged there is left out too, with a `CutoutWarning`, and is none of those.

        Raises
        ------
        CutoutError, OSError
            If they cannot be read: the problem of this panel of this source.
        """

    def expect(self, boxes: Sequence[Box]) -> None:
        """Hear which parts will be asked for, to choose between parts and one full read."""

    @property
    def may_have_psf(self) -> bool:
        """False if `psf_at` can only answer None, which is known without reading anything."""

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the kernel image of the point-spread function at a parent position, or None."""


class ClosableImage(OpenImage, Protocol):
    """An `OpenImage` on a file, to be kept open in a pool."""

    @property
    def held_bytes(self) -> int:
        """Memory that stays taken while it lies idle."""

    def forget(self) -> None:
        """Let go of what was read whole; the file stays open."""

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
        """Copy a box as native float32; what is outside floats becomes NaN or infinite there."""
        small = cut(self._image, box, mode="strict")
        return small.replaced(
            {
                "pixels": as_float32(small.pixels),
                "variance": None if small.variance is None else as_float32(small.variance),
            }
        )

    def expect(self, boxes: Sequence[Box]) -> None:
        """Nothing to choose: all is in memory."""

    @property
    def may_have_psf(self) -> bool:
        """Whether the image has one."""
        return self._image.psf is not None

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the image's one kernel, wherever it is asked for."""
        return self._image.psf


class Stamp:
    """An `OpenImage` made for one source, which lies in its middle: there is no WCS to tell better."""

    def __init__(self, image: OpenImage) -> None:
        self._image = image
        self._anchor = image.frame.box.centre

    @property
    def frame(self) -> Image:
        """The image's, with the place of the source."""
        return self._image.frame.replaced({"anchor": self._anchor})

    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read a box."""
        return self._image.part(box, extras).replaced({"anchor": self._anchor})

    def expect(self, boxes: Sequence[Box]) -> None:
        """Hear which parts will be asked for."""
        self._image.expect(boxes)

    @property
    def may_have_psf(self) -> bool:
        """Whether the image may have one."""
        return self._image.may_have_psf

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the kernel image at a parent position."""
        return self._image.psf_at(at)


def as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    """Return values as native, contiguous float32: what stores give.

    Values beyond its range become infinite. The array itself is returned if it is all that.
    """
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def frame_of(
    box: Box, *, wcs: BaseHighLevelWCS | None = None, unit: str | None = None, origin: str = ""
) -> Image:
    """Return an image that says where and what, and takes no memory for its (NaN) pixels."""
    nothing = np.broadcast_to(np.float32(np.nan), box.shape)
    return Image(nothing, box=box, wcs=wcs, unit=unit, origin=origin)


def worth_reading_whole(boxes: Sequence[Box], whole: Box, tile: tuple[int, int]) -> bool:
    """Tell whether one full read of a compressed image is quicker than reading parts.

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


def cut_open_group(
    open_panel: Mapping[Panel, Callable[[], AbstractContextManager[OpenImage]]],
    sources: Sequence[DiaSource],
    region: Region,
) -> Iterator[Triplet]:
    """Cut all sources of one group out of images of which only the needed parts are read.

    Parameters
    ----------
    open_panel
        For each panel the group has, a function that gives a context manager; entering it opens
        the image, leaving it lets go. As in `cut_group`, what it raises is that panel's problem.
    sources
        Rows of the group.
    region
        How much to cut.

    Yields
    ------
    Triplet
        One for each source, in order. The images stay open until the iteration ends or is closed.
    """
    with ExitStack() as stack:
        cutters: dict[Panel, _PanelCutter] = {}
        reasons: dict[Panel, str] = {}
        for panel in sorted(open_panel, key=_SCIENCE_FIRST.index):
            try:
                image = stack.enter_context(open_panel[panel]())
                cutters[panel] = _PanelCutter(image, sources, region, cutters.get("science"))
            except (CutoutError, OSError) as err:
                reasons[panel] = sentence(err)
        for place in range(len(sources)):
            cuts: dict[Panel, Image] = {}
            problems = dict(reasons)
            for panel, cutter in cutters.items():
                try:
                    cuts[panel] = cutter.cut(place)
                except (CutoutError, OSError) as err:
                    problems[panel] = sentence(err)
            ordered = tuple(f"{panel}: {problems[panel]}" for panel in PANELS if panel in problems)
            yield Triplet(cuts.get("template"), cuts.get("science"), cuts.get("difference"), ordered)


_SCIENCE_FIRST: tuple[Panel, Panel, Panel] = ("science", "difference", "template")
"""Panels in the order in which they are opened: the others may be aligned to the science image."""


def one_grid(a: Image, b: Image) -> bool:
    """Tell whether a source has the same box on two images because nothing that decides it differs.

    Panels of one stamp share all of it, and finding the place of a source takes longer than cutting it.
    """
    return a.wcs is b.wcs and a.anchor == b.anchor and a.box == b.box


class _PanelCutter:
    """One opened panel and the boxes the group's sources have on it."""

    def __init__(
        self,
        image: OpenImage,
        sources: Sequence[DiaSource],
        region: Region,
        science: _PanelCutter | None = None,
    ) -> None:
        self._image = image
        self._region = region
        self._science = None if region.align == "own" else science
        self._boxes: Sequence[Box | CutoutError]
        if self._science is None and science is not None and one_grid(science._image.frame, image.frame):
            self._boxes = science._boxes
        elif self._science is None:
            self._boxes = boxes_or_reasons(image.frame, sources, region)
        else:
            self._boxes = [
                _aligned_or_reason(region, self._science._image.frame, box, image.frame)
                for box in self._science._boxes
            ]
        whole = image.frame.box
        image.expect(
            [box.intersection(whole) for box in self._boxes if isinstance(box, Box) and box.overlaps(whole)]
        )

    def cut(self, place: int) -> Image:
        """Cut the box of one source, or raise why there is none."""
        box = self._boxes[place]
        if not isinstance(box, Box):
            raise box
        if self._science is not None and self._region.resample:
            return self._on_the_science_grid(place, box)
        return self._part(box)

    def _on_the_science_grid(self, place: int, box: Box) -> Image:
        """Cut a little more than the box and show it on the pixels of the science cutout."""
        wanted = self._science and self._science._boxes[place]
        grid = self._science and self._science._image.frame.wcs
        own, how = self._image.frame.wcs, self._region.resample
        if not isinstance(wanted, Box) or not how or own is None or grid is None:
            return self._part(box)
        if same_grid(grid, own, wanted):
            return self._part(wanted)
        return resampled(self._part(box.grown(2)), grid, wanted, how)

    def _part(self, box: Box) -> Image:
        """Cut a box of the panel's own pixels."""
        return cut_from(self._image, box, self._region.extras)


def _aligned_or_reason(
    region: Region, science: Image, box: Box | CutoutError, other: Image
) -> Box | CutoutError:
    """Map a box of the science image onto another panel."""
    if not isinstance(box, Box):
        return box
    try:
        return region.aligned_box(science, box, other)
    except CutoutError as err:
        return err


def boxes_or_reasons(
    frame: Image, sources: Sequence[DiaSource], region: Region
) -> Sequence[Box | CutoutError]:
    """Project all positions in one call; one by one only where some source has none."""
    try:
        return region.boxes_on(frame, sources)
    except CutoutError:
        boxes: list[Box | CutoutError] = []
        for source in sources:
            try:
                boxes.append(region.box_on(frame, source))
            except CutoutError as err:
                boxes.append(err)
        return boxes


def cut_from(image: OpenImage, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
    """Read the part of a box that lies on the image, with the extras that are wanted, and pad the rest.

    Raises
    ------
    NoOverlap
        If no pixel of the box lies on it.
    CutoutError, OSError
        Whatever reading raises.
    """
    whole = image.frame.box
    if not whole.overlaps(box):
        return cut(image.frame, box)  # raises the NoOverlap that names both boxes
    part = image.part(box.intersection(whole), extras)
    if "psf" not in extras:
        part = part.replaced({"unread": part.unread | ({"psf"} if image.may_have_psf else set())})
    elif (psf := image.psf_at(part.anchor or box.centre)) is not None:
        part = part.replaced({"psf": psf})
    return part if whole.covers(box) else cut(part, box)
