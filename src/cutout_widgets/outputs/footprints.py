"""Cutting by footprint: each cutout has the size of its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.footprints.segmentation import footprints_of_labels
from cutout_widgets.pixels.cutting import cut_each
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.pixels.region import LARGEST_SIDE_PX, Region, locate
from cutout_widgets.reader import read_group
from cutout_widgets.stores.base import HasFootprints

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.base import ImageStore

__all__ = ["FootprintRule", "Found", "footprint_around", "read_by_footprint"]

DETECTED = ("DETECTED", "DETECTED_NEGATIVE")
"""Mask planes of detected pixels."""

_FIRST_SIDE_PX = 64
"""Initial width; if a footprint reaches the border, it is read again four times as wide."""
_NEAR_PX = 3
"""Maximum distance of a source from the nearest pixel of its footprint."""


@dataclass(frozen=True)
class FootprintRule:
    """The source of footprints."""

    source: Literal["auto", "bboxSize", "mask", "given"] = "auto"
    """``bboxSize``: that column; ``mask``: the detected pixels around the source; ``auto``: from the
    store if it has them, else the column if the row has it, else the mask; ``given``: from `given`."""
    given: Mapping[int, Footprint] = field(default_factory=dict)
    """Footprints by source id (with ``auto``: the store's), or by label if there are `labels`."""
    labels: NDArray[np.integer[Any]] | None = None
    """A segmentation image in the parent pixels of the images, shape (ny, nx)."""
    fallback_px: int = 30
    """Width for a source without a footprint."""

    @classmethod
    def of(cls, wanted: Any, fallback_px: int = 30) -> FootprintRule | None:
        """Return the rule for a user's value of `use_footprint`.

        Parameters
        ----------
        wanted
            False or None: no footprints. True, ``"bboxSize"`` or ``"mask"``: see `source`. A mapping
            id -> `Footprint`. A segmentation image: whole numbers, shape (ny, nx), 0 for background.
        fallback_px
            See the attribute.

        Raises
        ------
        BadOption
            If it is none of these.
        """
        if wanted is None or wanted is False:
            return None
        if wanted is True:
            return cls("auto", fallback_px=fallback_px)
        if isinstance(wanted, str) and wanted in ("auto", "bboxSize", "mask"):
            return cls(wanted, fallback_px=fallback_px)  # type: ignore[arg-type]  # one of the three
        if isinstance(wanted, Mapping) and all(isinstance(one, Footprint) for one in wanted.values()):
            return cls("given", {int(key): one for key, one in wanted.items()}, fallback_px=fallback_px)
        if isinstance(wanted, np.ndarray):
            return cls("given", footprints_of_labels(wanted), wanted, fallback_px)
        raise BadOption(
            "use_footprint is True, False, 'bboxSize', 'mask', a mapping of ids to footprints, or a "
            f"segmentation image; got {wanted!r:.60}"
        )

    def side_of(self, source: DiaSource) -> int | None:
        """Return the width given by the row, px, or None."""
        if self.source not in ("auto", "bboxSize"):
            return None
        if source.id in self.given:
            return None
        value = source.row.get("bboxSize")
        if not isinstance(value, (int, float)) or not 1 <= value <= LARGEST_SIDE_PX:
            return None
        return int(value)

    def find(self, source: DiaSource, image: Image) -> Footprint | None:
        """Return the footprint of a source in the parent pixels of an image, or None."""
        if self.source == "bboxSize":
            return None
        if self.source == "auto" and source.id in self.given:
            return self.given[source.id]
        if self.source != "given":
            return footprint_around(source, image)
        if self.labels is None:
            return self.given.get(source.id)
        x, y = locate(image, [source])[0]
        if not (np.isfinite(x) and np.isfinite(y)):
            return None
        row, column = round(float(y)), round(float(x))
        ny, nx = self.labels.shape
        return self.given.get(int(self.labels[row, column])) if 0 <= row < ny and 0 <= column < nx else None


class Found(NamedTuple):
    """A source's cutouts and its footprint."""

    triplet: Triplet
    footprint: Footprint | None
    """In parent pixels; None if only its size is known, or nothing."""


def footprint_around(source: DiaSource, image: Image) -> Footprint | None:
    """Return the connected detected pixels of an image around a source, or None."""
    if image.mask is None:
        return None
    detected = np.zeros(image.shape, dtype=bool)
    for plane in DETECTED:
        detected |= image.has_plane(plane)
    x, y = locate(image, [source])[0]
    if not detected.any() or not (np.isfinite(x) and np.isfinite(y)):
        return None
    best, nearest = None, float(_NEAR_PX**2)
    for piece in Footprint.from_array(detected, (image.box.y0, image.box.x0)).split():
        ys, xs = piece.pixels()
        distance = float(((ys - y) ** 2 + (xs - x) ** 2).min())
        if distance <= nearest:
            best, nearest = piece, distance
    return best


def read_by_footprint(
    sources: Sequence[DiaSource], images: ImageStore, rule: FootprintRule, region: Region
) -> list[Found]:
    """Read the cutouts of a group's rows, each in a square around its footprint.

    Parameters
    ----------
    sources
        Rows of one group.
    images
        The store.
    rule
        The source of footprints.
    region
        How panels are aligned; its sizes are ignored.

    Returns
    -------
    list of Found
        One for each source, in order. One without a footprint is cut `rule.fallback_px` wide and
        has a problem that gives the reason.
    """
    if rule.source == "auto" and isinstance(images, HasFootprints):
        known = {source.id: images.footprint(source) for source in sources}
        rule = replace(rule, given={key: one for key, one in known.items() if one is not None})
    found: dict[int, Found] = {}
    pending: dict[int, list[int]] = {}
    exact: set[int] = set()
    for place, source in enumerate(sources):
        side = rule.side_of(source)
        if side is not None or rule.source == "bboxSize":
            exact.add(place)
        pending.setdefault(side or (rule.fallback_px if place in exact else _FIRST_SIDE_PX), []).append(place)
    while pending:
        side = min(pending)
        places = pending.pop(side)
        rows = [sources[place] for place in places]
        for place, triplet in zip(places, read_group(rows, images, _sized(region, side)), strict=True):
            if place in exact:
                in_column = rule.side_of(sources[place]) is not None
                found[place] = Found(triplet if in_column else _noted(triplet, rule, side), None)
                continue
            answer = _cut_out(sources[place], triplet, rule, region, side)
            if isinstance(answer, int):
                exact.update([place] if answer == rule.fallback_px else [])
                pending.setdefault(answer, []).append(place)
            else:
                found[place] = answer
    return [found[place] for place in range(len(sources))]


def _cut_out(
    source: DiaSource, triplet: Triplet, rule: FootprintRule, region: Region, side: int
) -> Found | int:
    """Cut the footprint's square from what was read, or return the width to read instead."""
    for image in _by_worth(triplet):
        footprint = rule.find(source, image)
        if footprint is None or not footprint.area:
            continue
        square = _square(footprint.box)
        if not image.box.grown(-1).covers(square) and side < LARGEST_SIDE_PX:
            reach = _reach(image.box.centre, square) if rule.source == "given" else 4 * side
            return min(LARGEST_SIDE_PX, max(reach, side + 1))
        return Found(_recut(triplet, image, square, region), footprint)
    if triplet.best is None:
        return Found(triplet, None)
    return rule.fallback_px if side != rule.fallback_px else Found(_noted(triplet, rule, side), None)


def _by_worth(triplet: Triplet) -> Iterator[Image]:
    """Yield the images to search for a footprint, starting with the one it was detected on."""
    for image in (triplet.difference, triplet.science, triplet.template):
        if image is not None:
            yield image


def _recut(triplet: Triplet, found_on: Image, box: Box, region: Region) -> Triplet:
    """Cut the box of one panel from all panels."""
    return cut_each(triplet, lambda image: region.aligned_box(found_on, box, image))


def _square(box: Box) -> Box:
    """Return the square around a box's centre, as wide as its larger side."""
    side = max(box.shape)
    return Box.centred(XY(*box.centre), (side, side))


def _reach(centre: XY, box: Box) -> int:
    """Return the width around a centre that covers a box and a margin of one pixel."""
    return 2 * int(
        max(abs(box.x0 - centre.x), abs(box.x1 - centre.x), abs(box.y0 - centre.y), abs(box.y1 - centre.y))
        + 2
    )


def _sized(region: Region, side: int) -> Region:
    """Return a region with one width and otherwise the same."""
    return replace(region, sizes=(float(side),), unit="px")


def _noted(triplet: Triplet, rule: FootprintRule, side: int) -> Triplet:
    """Add the problem that a source has no footprint."""
    lacking = {
        "auto": "the store has none, the row has no bboxSize, and the mask has no detected pixels there",
        "bboxSize": f"the row has no bboxSize of 1 to {LARGEST_SIDE_PX}",
        "mask": "the mask has no detected pixels there",
        "given": "none was given for it",
    }[rule.source]
    note = f"no footprint, so the cutout is {side} pixels wide: {lacking}"
    return replace(triplet, problems=(*triplet.problems, note))
