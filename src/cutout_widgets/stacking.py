"""The cutouts of many rows as arrays, for example to train a classifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, CutoutError, NoOverlap, sentence
from cutout_widgets.pixels.cutting import padded
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import NO_DATA, PANELS, Extra, Image, Panel
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import Group, plan, read_group
from cutout_widgets.stores.base import ImageStore, OpensPanels
from cutout_widgets.stores.group_cutting import boxes_or_reasons, cut_from, one_grid
from cutout_widgets.stores.open_image import ImageInMemory, OpenImage, worth_reading_whole
from cutout_widgets.stores.registry import open_images

__all__ = ["CutoutStack", "stack"]

TILE = (128, 128)
"""Assumed tile sizes of images, to choose between one read of a part and many of cutouts."""

OpenPanels = Mapping[Panel, Callable[[], AbstractContextManager[OpenImage]]]

BITS = 32
"""Maximum number of mask planes."""


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
    arrays = _Arrays(len(table), region.extras)
    for group in plan(table, store):
        opened = store.open_panels(group.sources) if isinstance(store, OpensPanels) else None
        if opened is None or region.align != "own" or not region.sizes:
            _read_group(arrays, store, group, region)
        else:
            _cut_group(arrays, opened, group, region)
    return arrays.stack(table.ids)


def _read_group(arrays: _Arrays, store: ImageStore, group: Group, region: Region) -> None:
    """Fill in the rows that a store reads one by one."""
    for place, triplet in zip(group.places, read_group(group.sources, store, region), strict=True):
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None:
                arrays.put(place, panel, image)
        arrays.tell(place, triplet.problems)


def _cut_group(arrays: _Arrays, opened: OpenPanels, group: Group, region: Region) -> None:
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
                arrays.tell(place, (f"{panel}: {sentence(err)}",))


def _cut_panel(
    arrays: _Arrays,
    panel: Panel,
    image: OpenImage,
    places: Sequence[int],
    boxes: Sequence[Box | CutoutError],
) -> None:
    """Cut boxes from an opened image: from one read of the part that contains them, if that is faster."""
    whole = image.frame.box
    there: list[tuple[int, Box]] = []
    for place, box in zip(places, boxes, strict=True):
        reason = box
        if isinstance(box, Box):
            if box.overlaps(whole):
                there.append((place, box))
                continue
            reason = NoOverlap(f"{box} is entirely outside the image, which covers {whole}")
        assert isinstance(reason, CutoutError)
        arrays.tell(place, (f"{panel}: {sentence(reason)}",))
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
            arrays.tell(place, (f"{panel}: {sentence(err)}",))


class _Arrays:
    """Arrays that are filled with one cutout, or many, at a time."""

    def __init__(self, n: int, extras: Set[Extra]) -> None:
        self.n, self.extras = n, extras
        self._arrays: dict[str, NDArray[Any]] = {}
        self._filled: dict[str, NDArray[np.bool_]] = {}
        self._planes: dict[str, int] = {}
        self._units: set[str | None] = set()
        self._problems: dict[int, list[str]] = {}

    def tell(self, place: int, problems: Sequence[str]) -> None:
        """Record what is missing in a row."""
        if problems:
            self._problems.setdefault(place, []).extend(problems)

    def put(self, place: int, panel: Panel, image: Image) -> None:
        """Fill in one cutout."""
        where, shape = (place, PANELS.index(panel)), image.pixels.shape
        self._units.add(image.unit)
        for name, source, _ in self._layers_of(image):
            self._array(name, shape)[where] = source
            self._filled[name][where] = True

    def put_many(self, there: Sequence[tuple[int, Box]], panel: Panel, image: Image) -> None:
        """Fill in cutouts of one image, some partly outside, given their positions and boxes."""
        layer, have, shape = PANELS.index(panel), image.box, there[0][1].shape
        self._units.add(image.unit)
        inside: list[tuple[int, slice, slice]] = []
        beyond: list[tuple[int, Box]] = []
        for place, box in there:
            if box.shape != shape:
                raise _other_shape(shape, box.shape)
            if have.covers(box):
                inside.append((place, *box.slices_in(have)))
            else:
                beyond.append((place, box))
        for name, source, fill in self._layers_of(image):
            target = self._array(name, shape)[:, layer]
            with np.errstate(over="ignore"):  # values beyond float32 become infinite, as in stores
                for place, y, x in inside:
                    target[place] = source[y, x]
            for place, box in beyond:
                target[place] = padded(source, have, box, fill=fill)
            self._filled[name][[place for place, _ in there], layer] = True

    def _layers_of(self, image: Image) -> Iterator[tuple[str, NDArray[Any], float]]:
        """Yield name, values and fill value of the arrays of an image."""
        yield "pixels", image.pixels, np.nan
        if image.variance is not None and "variance" in self.extras:
            yield "variance", image.variance, np.inf
        if image.mask is not None and "mask" in self.extras:
            numbered = self._renumbered(image.mask, image.planes)
            yield "mask", numbered, 1 << self._planes[NO_DATA]

    def _array(self, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
        """Return the array for cutouts of a shape, created when first needed."""
        array = self._arrays.get(name)
        if array is None:
            dtype = np.uint32 if name == "mask" else np.float32
            array = self._arrays[name] = np.empty((self.n, len(PANELS), *shape), dtype)
            self._filled[name] = np.zeros((self.n, len(PANELS)), dtype=bool)
        if array.shape[2:] != shape:
            raise _other_shape(array.shape[2:], shape)
        return array

    def _renumbered(self, mask: NDArray[np.uint32], planes: Mapping[str, int]) -> NDArray[np.uint32]:
        """Return a mask with the bit numbers of the stack."""
        for name, bit in sorted(planes.items(), key=lambda one: one[1]):
            if name not in self._planes:
                self._planes[name] = self._free(bit)
        if NO_DATA not in self._planes:
            self._planes[NO_DATA] = self._free(BITS - 1)
        named = sum(1 << bit for bit in planes.values())
        if all(self._planes[name] == bit for name, bit in planes.items()):
            used = int(np.bitwise_or.reduce(mask, axis=None))
            return mask if used & ~named == 0 else mask & np.uint32(named)
        out = np.zeros_like(mask)
        for name, bit in planes.items():
            out |= ((mask >> np.uint32(bit)) & np.uint32(1)) << np.uint32(self._planes[name])
        return out

    def _free(self, wanted: int) -> int:
        """Return an unused bit, the wanted one if possible."""
        bits = (wanted, *range(BITS))
        free: int | None = next((bit for bit in bits if bit not in self._planes.values()), None)
        if free is None:
            raise BadOption(f"the masks have more than {BITS} planes together; stack them with mask=False")
        return free

    def stack(self, ids: NDArray[np.int64]) -> CutoutStack:
        """Return the result; without any cutout, arrays without pixels."""
        pixels = self._array("pixels", self._arrays["pixels"].shape[2:] if self._arrays else (0, 0))
        fills = {"pixels": np.nan, "variance": np.inf, "mask": 1 << self._planes.get(NO_DATA, 0)}
        for name, array in self._arrays.items():
            array[~self._filled[name]] = fills[name]
        return CutoutStack(
            ids,
            pixels,
            self._arrays.get("mask"),
            MappingProxyType(self._planes),
            self._arrays.get("variance"),
            next(iter(self._units)) if len(self._units) == 1 else None,
            {int(ids[place]): tuple(said) for place, said in sorted(self._problems.items())},
        )


def _other_shape(one: tuple[int, ...], other: tuple[int, ...]) -> BadOption:
    """Return the error for cutouts of different shapes."""
    return BadOption(f"a stack has cutouts of one shape; got {one} and {other}: give a size in pixels")
