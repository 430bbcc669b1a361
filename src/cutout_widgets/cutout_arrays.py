"""Arrays of many cutouts, filled in one by one or many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.cutting import padded
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import NO_DATA, PANELS, Extra, Image, Panel

__all__ = ["CutoutArrays"]

BITS = 32
"""Maximum number of mask planes."""


class CutoutArrays:
    """Arrays that are filled with one cutout, or many, at a time."""

    def __init__(self, n: int, extras: Set[Extra]) -> None:
        self.n, self.extras = n, extras
        self._arrays: dict[str, NDArray[Any]] = {}
        self._filled: dict[str, NDArray[np.bool_]] = {}
        self.planes: dict[str, int] = {}
        """Mask plane name -> bit in the arrays."""
        self._units: set[str | None] = set()
        self.problems: dict[int, list[str]] = {}
        """Row -> what is missing and why."""

    def add_problems(self, place: int, problems: Sequence[str]) -> None:
        """Record what is missing in a row."""
        if problems:
            self.problems.setdefault(place, []).extend(problems)

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

    def put_stamps(self, there: Sequence[tuple[int, Box, Image]], panel: Panel) -> None:
        """Fill in cutouts of stamps, given their positions, boxes and stamps; boxes overlap their stamps."""
        layer = PANELS.index(panel)
        inside: list[tuple[int, tuple[slice, slice], Image]] = []
        for place, box, image in there:
            if image.box.covers(box):
                inside.append((place, box.slices_in(image.box), image))
                self._array("pixels", box.shape)
            else:
                self.put_many([(place, box)], panel, image)
        self._units |= {image.unit for _, _, image in inside}
        numbering: dict[int, tuple[int, bool]] = {}
        for name in ("pixels", *sorted(self.extras & {"variance", "mask"})):
            some = [one for one in inside if getattr(one[2], name) is not None]
            if not some:
                continue
            place, part, image = some[0]
            target = self._array(name, getattr(image, name)[part].shape)[:, layer]
            with np.errstate(over="ignore"):  # values beyond float32 become infinite, as in stores
                for place, part, image in some:
                    values = getattr(image, name)[part]
                    if name == "mask":
                        if id(image.planes) not in numbering:
                            numbering[id(image.planes)] = self._numbering(image.planes)
                        named, is_same = numbering[id(image.planes)]
                        if is_same:
                            np.bitwise_and(values, np.uint32(named), out=target[place])
                            continue
                        values = self._renumbered(values, image.planes, named, is_same)
                    target[place] = values
            self._filled[name][[place for place, _, _ in some], layer] = True

    def _layers_of(self, image: Image) -> Iterator[tuple[str, NDArray[Any], float]]:
        """Yield name, values and fill value of the arrays of an image."""
        yield "pixels", image.pixels, np.nan
        if image.variance is not None and "variance" in self.extras:
            yield "variance", image.variance, np.inf
        if image.mask is not None and "mask" in self.extras:
            numbered = self._renumbered(image.mask, image.planes, *self._numbering(image.planes))
            yield "mask", numbered, 1 << self.planes[NO_DATA]

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

    def _numbering(self, planes: Mapping[str, int]) -> tuple[int, bool]:
        """Give planes a bit in the stack; return their bits in the image, and whether these are the same."""
        for name, bit in sorted(planes.items(), key=lambda one: one[1]):
            if name not in self.planes:
                self.planes[name] = self._free(bit)
        if NO_DATA not in self.planes:
            self.planes[NO_DATA] = self._free(BITS - 1)
        named = sum(1 << bit for bit in planes.values())
        return named, all(self.planes[name] == bit for name, bit in planes.items())

    def _renumbered(
        self, mask: NDArray[np.uint32], planes: Mapping[str, int], named: int, is_same: bool
    ) -> NDArray[np.uint32]:
        """Return a mask with the bit numbers of the stack; `named` and `is_same` are from `_numbering`."""
        if is_same:
            used = int(np.bitwise_or.reduce(mask, axis=None))
            return mask if used & ~named == 0 else mask & np.uint32(named)
        out = np.zeros_like(mask)
        for name, bit in planes.items():
            out |= ((mask >> np.uint32(bit)) & np.uint32(1)) << np.uint32(self.planes[name])
        return out

    def _free(self, wanted: int) -> int:
        """Return an unused bit, the wanted one if possible."""
        bits = (wanted, *range(BITS))
        free: int | None = next((bit for bit in bits if bit not in self.planes.values()), None)
        if free is None:
            raise BadOption(f"the masks have more than {BITS} planes together; stack them with mask=False")
        return free

    def finished(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, with fill values where nothing was put."""
        self._array("pixels", self._arrays["pixels"].shape[2:] if self._arrays else (0, 0))
        fills = {"pixels": np.nan, "variance": np.inf, "mask": 1 << self.planes.get(NO_DATA, 0)}
        for name, array in self._arrays.items():
            array[~self._filled[name]] = fills[name]
        return self._arrays

    @property
    def unit(self) -> str | None:
        """The common unit of the images; None if it is unknown or differs."""
        return next(iter(self._units)) if len(self._units) == 1 else None


def _other_shape(one: tuple[int, ...], other: tuple[int, ...]) -> BadOption:
    """Return the error for cutouts of different shapes."""
    return BadOption(f"a stack has cutouts of one shape; got {one} and {other}: give a size in pixels")
