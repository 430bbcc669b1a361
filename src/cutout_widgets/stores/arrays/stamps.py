"""Stacks of stamps in memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import ImageNotFound
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.photometry import in_unit
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.input import Stack
from cutout_widgets.stores.base import in_memory
from cutout_widgets.stores.group_cutting import KnownBoxes, boxes_or_reasons, cut_open_group

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

    from cutout_widgets.catalog.source import DiaSource

__all__ = ["Stamps"]

STAMPS_AT_ONCE = 256
"""Stamps whose boxes are found at once: few, so that a cancelled page stops soon, and enough to be fast."""


class Stamps:
    """Stacks of stamps."""

    def __init__(
        self,
        places: dict[int, int],
        stacks: dict[Panel, Stack],
        *,
        masks: dict[Panel, Any],
        variances: dict[Panel, Any],
        wcs: list[BaseHighLevelWCS | None],
        planes: dict[str, int],
        unit: str | None,
    ) -> None:
        self.places, self.stacks, self.masks, self.variances = places, stacks, masks, variances
        self.wcs, self.planes, self.unit = wcs, planes, unit
        self._checked: dict[Panel, Image] = {}
        self._is_any_list = any(isinstance(stack, list) for stack in stacks.values())
        self._arrays: dict[Panel, dict[str, Any]] = {
            panel: {
                name: given[panel]
                for name, given in (("pixels", stacks), ("mask", masks), ("variance", variances))
                if panel in given
            }
            for panel in stacks
        }

    def what(self) -> str:
        """Return the number and shapes of the stamps as text."""
        shapes = ", ".join(
            f"{panel} of several shapes" if isinstance(s, list) else f"{panel} {s.shape[1]}x{s.shape[2]}"
            for panel, s in self.stacks.items()
        )
        return f"{len(self.places)} stamps: {shapes}"

    def narrowed(self, sources: Sequence[DiaSource]) -> Stamps:
        """Return the stamps of some rows."""
        ids = [source.id for source in sources if source.id in self.places]
        places = [self.places[one] for one in ids]
        return Stamps(
            {one: place for place, one in enumerate(ids)},
            {panel: _some(stack, places) for panel, stack in self.stacks.items()},
            masks={panel: _some(stack, places) for panel, stack in self.masks.items()},
            variances={panel: _some(stack, places) for panel, stack in self.variances.items()},
            wcs=[self.wcs[place] for place in places],
            planes=self.planes,
            unit=self.unit,
        )

    def group(self, source: DiaSource) -> Hashable:
        """Return the same for all: stamps in any order are read together."""
        return "stamps"

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Cut each source from its own stamp."""
        cutters: dict[Hashable, _SameBoxes] = {}
        for some in batched(sources, STAMPS_AT_ONCE):
            yield from self._read(some, region, cutters)

    def _read(
        self, sources: Sequence[DiaSource], region: Region, cutters: dict[Hashable, _SameBoxes]
    ) -> Iterator[Triplet]:
        """Cut sources with the cutters that are known, and add new ones."""
        places = [self.places.get(source.id) for source in sources]
        for source, place, known in zip(sources, places, self._boxes(sources, places, region), strict=True):
            kind = self._kind(place, known)
            if place is not None and (cutter := cutters.get(kind)) is not None:
                yield cutter.cut(place, f"stamp of {source.id}")
                continue
            for triplet in cut_open_group(in_memory(self.openers(source)), [source], region, known):
                if kind is not None and not triplet.problems:
                    cutters[kind] = _SameBoxes(triplet, self._arrays)
                yield triplet

    def _kind(self, place: int | None, known: Sequence[KnownBoxes]) -> Hashable | None:
        """Return what the same kind of triplets have in common, which differ only in their arrays.

        None if more may differ.
        """
        if place is None or len(known) != 1 or self._is_any_list:
            return None
        frame, (box,) = known[0]
        return (box, id(self.wcs[place])) if isinstance(box, Box) and frame.box.holds_all_of(box) else None

    def openers(self, source: DiaSource) -> dict[Panel, Callable[[], Image]]:
        """Return for each panel a function that returns the stamp of a source, or raises."""
        return {panel: partial(self._stamp, panel, source) for panel in self.stacks}

    def _boxes(
        self, sources: Sequence[DiaSource], places: Sequence[int | None], region: Region
    ) -> list[list[KnownBoxes]]:
        """Find the boxes of sources whose stamps share a pixel grid: one call of the WCS is faster."""
        known: list[list[KnownBoxes]] = [[] for _ in sources]
        first_of: dict[tuple[int, ...], Panel] = {}
        for panel, stack in self.stacks.items():
            if not isinstance(stack, list):
                first_of.setdefault(stack.shape[1:], panel)
        alike: dict[int, list[int]] = {}
        for order, place in enumerate(places):
            if place is not None:
                alike.setdefault(id(self.wcs[place]), []).append(order)
        for orders in alike.values():
            if len(orders) > 1:
                some = [sources[order] for order in orders]
                for panel in first_of.values():
                    frame = self._stamp(panel, some[0])
                    for order, box in zip(orders, boxes_or_reasons(frame, some, region), strict=True):
                        known[order].append((frame, [box]))
        return known

    def _stamp(self, panel: Panel, source: DiaSource) -> Image:
        """Return one stamp as an image."""
        place = self.places.get(source.id)
        if place is None:
            raise ImageNotFound(
                f"there is no stamp of DiaSource {source.id} among the {len(self.places)} given"
            )
        given = self.stacks[panel][place]
        if given is None:
            raise ImageNotFound(f"no {panel} stamp is given for DiaSource {source.id}")
        fields: dict[str, Any] = {"origin": f"stamp of {source.id}"}
        if panel in self.masks:
            fields |= {"mask": self.masks[panel][place], "planes": self.planes}
        if panel in self.variances:
            fields["variance"] = self.variances[panel][place]
        if self.wcs[place] is not None:
            fields["wcs"] = self.wcs[place]
        if not isinstance(given, Image):
            if "wcs" not in fields:
                fields["anchor"] = Box.from_shape(given.shape).centre
            return self._like_checked(panel, given, fields)
        image = replace(given, **fields)
        if image.unit is None:
            image = replace(image, unit=self.unit)
        elif self.unit is not None:
            image = in_unit(image, self.unit)
        return image if image.wcs is not None else replace(image, anchor=image.box.centre)

    def _like_checked(self, panel: Panel, given: NDArray[Any], fields: dict[str, Any]) -> Image:
        """Return a stamp of an array; those of one stack are alike, so the first alone is checked."""
        if not isinstance(self.stacks[panel], np.ndarray):
            return Image(given, unit=self.unit, **fields)
        if panel not in self._checked:
            arrays = {name: fields[name] for name in ("mask", "planes", "variance") if name in fields}
            self._checked[panel] = Image(given, unit=self.unit, **arrays)
        first = self._checked[panel]
        return first.replaced({**fields, "pixels": np.asarray(given), "planes": first.planes})


class _SameBoxes:
    """Cuts stamps with the boxes of a first triplet, four times faster than one by one.

    Parameters
    ----------
    first
        The cutouts of a stamp with the same WCS, inside it.
    arrays
        For each panel the stacks of its pixels and, if it has them, masks and variances.
    """

    def __init__(self, first: Triplet, arrays: Mapping[Panel, Mapping[str, NDArray[Any]]]) -> None:
        self._panels: list[tuple[Panel, Image, list[tuple[str, NDArray[Any], Any]]]] = []
        for panel, image in zip(PANELS, first, strict=True):
            if image is not None:
                y, x = image.box.slices_in(Box.from_shape(arrays[panel]["pixels"].shape[1:]))
                layers = [
                    (name, stack[:, y, x], np.uint32 if name == "mask" else np.float32)
                    for name, stack in arrays[panel].items()
                ]
                self._panels.append((panel, image, layers))

    def cut(self, place: int, origin: str) -> Triplet:
        """Cut the stamp at an index of the stacks."""
        cuts: dict[Panel, Image] = {}
        with np.errstate(over="ignore"):  # values beyond float32 become infinite, as in other stores
            for panel, image, layers in self._panels:
                fields: dict[str, Any] = {"origin": origin}
                for name, window, dtype in layers:
                    fields[name] = window[place].astype(dtype, order="C")
                cuts[panel] = image.replaced(fields)
        return Triplet(cuts.get("template"), cuts.get("science"), cuts.get("difference"))


def _some(stamps: Any, places: Sequence[int]) -> Any:
    """Return the elements at some indices, of an array or a list."""
    return [stamps[place] for place in places] if isinstance(stamps, list) else stamps[places]
