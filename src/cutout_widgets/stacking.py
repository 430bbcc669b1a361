"""The cutouts of many rows as arrays, for example to train a classifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import batched, islice
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.cutout_arrays import CutoutArrays
from cutout_widgets.errors import BadOption, CutoutError, NoOverlap, sentence
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import PANELS, Extra, Image, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import Group, plan, read_group
from cutout_widgets.stores.base import ImageStore, OpensPanels
from cutout_widgets.stores.group_cutting import boxes_or_reasons, cut_from, one_grid, whole_stamps
from cutout_widgets.stores.open_image import ImageInMemory, OpenImage, worth_reading_whole
from cutout_widgets.stores.registry import open_images

__all__ = ["CutoutStack", "stack"]

STAMPS_AT_ONCE = 256
"""Stamps held as images at once: few, to save memory, and enough to be fast."""

TILE = (128, 128)
"""Assumed tile sizes of images, to choose between one read of a part and many of cutouts."""

OpenPanels = Mapping[Panel, Callable[[], AbstractContextManager[OpenImage]]]


@dataclass(frozen=True, eq=False)
class CutoutStack:
    """Template, science and difference of N rows as arrays, panels in this order.

    Examples
    --------
    >>> import numpy as np
    >>> images = cw.ArrayImages.from_stamps([7], *np.ones((3, 1, 9, 9)))
    >>> made = cw.stack([cw.DiaSource(7, 0.0, 0.0)], images, 5)
    >>> made.difference.shape
    (1, 5, 5)
    """

    ids: NDArray[np.int64]
    """Identifiers, shape (N,), in the order of the rows."""
    pixels: NDArray[np.float32]
    """Shape (N, 3, ny, nx); NaN where there is no value."""
    mask: NDArray[np.uint32] | None
    """Bit fields of that shape, numbered alike for all rows; None if no image has a mask."""
    planes: Mapping[str, int]
    """Mask plane name -> bit number; ``NO_DATA`` is set if there is no image."""
    variance: NDArray[np.float32] | None
    """The same shape, infinite where unknown; None if no image has a variance."""
    unit: str | None
    """Unit of the pixels; None if it is unknown or differs."""
    problems: Mapping[int, tuple[str, ...]]
    """Identifier -> what is missing and why, for rows with something missing."""

    @property
    def template(self) -> NDArray[np.float32]:
        """Pixels of the templates, shape (N, ny, nx)."""
        return self.pixels[:, 0]

    @property
    def science(self) -> NDArray[np.float32]:
        """Pixels of the science images, shape (N, ny, nx)."""
        return self.pixels[:, 1]

    @property
    def difference(self) -> NDArray[np.float32]:
        """Pixels of the difference images, shape (N, ny, nx)."""
        return self.pixels[:, 2]

    def has_plane(self, name: str) -> NDArray[np.bool_]:
        """Return where a mask plane is set, shape (N, 3, ny, nx); nowhere if there is no such plane."""
        if self.mask is None or name not in self.planes:
            return np.zeros(self.pixels.shape, dtype=bool)
        found: NDArray[np.bool_] = (self.mask & np.uint32(1 << self.planes[name])) != 0
        return found

    def __len__(self) -> int:
        return len(self.ids)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the pixels."""
        if copy is None:
            return np.asarray(self.pixels, dtype=dtype)
        return self.pixels.astype(dtype or self.pixels.dtype, copy=copy)

    def __repr__(self) -> str:
        beside = [name for name in ("mask", "variance") if getattr(self, name) is not None]
        unit = f" {self.unit}" if self.unit else ""
        lacking = f", {len(self.problems)} with something missing" if self.problems else ""
        return (
            f"<CutoutStack {'x'.join(map(str, self.pixels.shape))} {self.pixels.dtype}{unit}"
            f"{' with ' + ' and '.join(beside) if beside else ''}{lacking}>"
        )


def stack(
    sources: Any, images: Any, size: Any = 30, *, mask: bool = True, variance: bool = True
) -> CutoutStack:
    """Read the cutouts of rows as arrays.

    Parameters
    ----------
    sources
        Rows: anything that `SourceTable` accepts, or a page of a table.
    images
        Their images: a store, or anything that `open_images` accepts.
    size
        Width of the cutouts in pixels; or anything that `Region.of` accepts that gives all cutouts one
        shape. None: whole stamps.
    mask, variance
        Whether to read these too; a store may be faster without.

    Returns
    -------
    CutoutStack
        In row order. Missing values are NaN, and described in `problems`.

    Raises
    ------
    BadOption
        If several sizes are given, cutouts have different shapes, or their masks have more than 32
        planes in total.

    Notes
    -----
    Rows of the same images are cut from one read of each image, if that is faster.

    Examples
    --------
    >>> import numpy as np
    >>> import cutout_widgets as cw
    >>> images = cw.ArrayImages.from_stamps([7, 8], *np.ones((3, 2, 40, 40)), unit="nJy")
    >>> made = cw.stack({"id": [7, 8], "ra": [10.0, 10.1], "dec": [0.0, 0.1]}, images, 30)
    >>> made
    <CutoutStack 2x3x30x30 float32 nJy>
    >>> made.difference.shape
    (2, 30, 30)
    """
    table = SourceTable.read(sources)
    store = open_images(images)
    region = Region.of(size)
    if len(region.sizes) > 1:
        raise BadOption(f"a stack has one size; got {', '.join(f'{one:g}' for one in region.sizes)}")
    wanted: dict[Extra, bool] = {"mask": mask, "variance": variance}
    region = replace(region, extras=frozenset(extra for extra, is_wanted in wanted.items() if is_wanted))
    arrays = CutoutArrays(len(table), region.extras)
    for group in plan(table, store):
        if region.align != "own":
            _read_group(arrays, store, group, region)
            continue
        opened = store.open_panels(group.sources) if isinstance(store, OpensPanels) else None
        if opened is not None and region.sizes:
            _cut_group(arrays, opened, group, region)
            continue
        stamps = whole_stamps(store, group.sources, region.extras)
        if stamps is None:
            _read_group(arrays, store, group, region)
            continue
        for rows in batched(zip(group.places, group.sources, strict=True), STAMPS_AT_ONCE):
            _cut_stamps(arrays, list(islice(stamps, len(rows))), rows, region)
    made, ids = arrays.finished(), table.ids
    return CutoutStack(
        ids,
        made["pixels"],
        made.get("mask"),
        MappingProxyType(arrays.planes),
        made.get("variance"),
        arrays.unit,
        {int(ids[place]): tuple(reasons) for place, reasons in sorted(arrays.problems.items())},
    )


def _read_group(arrays: CutoutArrays, store: ImageStore, group: Group, region: Region) -> None:
    """Fill in the rows that a store reads one by one."""
    for place, triplet in zip(group.places, read_group(group.sources, store, region), strict=True):
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None:
                arrays.put(place, panel, image)
        arrays.add_problems(place, triplet.problems)


def _cut_group(arrays: CutoutArrays, opened: OpenPanels, group: Group, region: Region) -> None:
    """Cut all sources of a group from its images, one image after the other."""
    before: tuple[Image, Sequence[Box | CutoutError]] | None = None
    for panel, open_panel in opened.items():
        try:
            with open_panel() as image:
                if before is None or not one_grid(before[0], image.frame):
                    before = image.frame, boxes_or_reasons(image.frame, group.sources, region)
                _cut_panel(arrays, panel, image, group.places, before[1])
        except (CutoutError, OSError) as err:
            for place in group.places:
                arrays.add_problems(place, (f"{panel}: {sentence(err)}",))


def _cut_stamps(
    arrays: CutoutArrays, stamps: Sequence[Triplet], rows: Sequence[tuple[int, DiaSource]], region: Region
) -> None:
    """Cut sources, given with their places, from their stamps, one panel after the other."""
    places, sources = zip(*rows, strict=True)
    for place, triplet in zip(places, stamps, strict=True):
        arrays.add_problems(place, triplet.problems)
    known: dict[tuple[int, int], Box | CutoutError] = {}
    for panel in PANELS:
        orders = [order for order, triplet in enumerate(stamps) if getattr(triplet, panel) is not None]
        images: list[Image] = [getattr(stamps[order], panel) for order in orders]
        there: list[tuple[int, Box, Image]] = []
        boxes = _boxes_on_stamps(images, orders, sources, region, known)
        for order, image, box in zip(orders, images, boxes, strict=True):
            if (on_image := _on_image(arrays, panel, places[order], box, image.box)) is not None:
                there.append((places[order], on_image, image))
        arrays.put_stamps(there, panel)


def _boxes_on_stamps(
    images: Sequence[Image],
    orders: Sequence[int],
    sources: Sequence[DiaSource],
    region: Region,
    known: dict[tuple[int, int], Box | CutoutError],
) -> list[Box | CutoutError]:
    """Return the box of each source on its stamp; sources of stamps with the same WCS are projected at once.

    `known` has the boxes on other panels, by WCS and source.
    """
    boxes: list[Box | CutoutError] = [image.box for image in images]
    if not region.sizes:
        return boxes
    alike: dict[int, list[int]] = {}
    for at, (image, order) in enumerate(zip(images, orders, strict=True)):
        if image.anchor is not None or image.projection is None or region.unit != "px":
            (boxes[at],) = boxes_or_reasons(image, [sources[order]], region)
        elif (box := known.get((id(image.projection), order))) is not None:
            boxes[at] = box
        else:
            alike.setdefault(id(image.projection), []).append(at)
    for wcs, some in alike.items():
        found = boxes_or_reasons(images[some[0]], [sources[orders[at]] for at in some], region)
        for at, box in zip(some, found, strict=True):
            boxes[at] = known[wcs, orders[at]] = box
    return boxes


def _on_image(
    arrays: CutoutArrays, panel: Panel, place: int, box: Box | CutoutError, whole: Box
) -> Box | None:
    """Return the box of a row if it overlaps the image; else record why there is no cutout."""
    if isinstance(box, Box):
        if box.overlaps(whole):
            return box
        box = NoOverlap(f"{box} is entirely outside the image, which covers {whole}")
    arrays.add_problems(place, (f"{panel}: {sentence(box)}",))
    return None


def _cut_panel(
    arrays: CutoutArrays,
    panel: Panel,
    image: OpenImage,
    places: Sequence[int],
    boxes: Sequence[Box | CutoutError],
) -> None:
    """Cut boxes from an opened image: from one read of the part that contains them, if that is faster."""
    whole = image.frame.box
    there: list[tuple[int, Box]] = []
    for place, box in zip(places, boxes, strict=True):
        if (on_image := _on_image(arrays, panel, place, box, whole)) is not None:
            there.append((place, on_image))
    inside = [box.intersection(whole) for _, box in there]
    image.expect(inside)
    if len(there) > 1:
        around = Box(
            min(box.y0 for box in inside),
            max(box.y1 for box in inside),
            min(box.x0 for box in inside),
            max(box.x1 for box in inside),
        )
        if worth_reading_whole(inside, around, TILE):
            is_here = isinstance(image, ImageInMemory)
            part = image.frame[around.slices_in(whole)] if is_here else image.part(around, arrays.extras)
            arrays.put_many(there, panel, part)
            return
    for place, box in there:
        try:
            arrays.put(place, panel, cut_from(image, box, arrays.extras))
        except (CutoutError, OSError) as err:
            arrays.add_problems(place, (f"{panel}: {sentence(err)}",))
