"""Making tiles: levels, badges, compasses, and reasons for missing panels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.flags import badges_of
from cutout_widgets.catalog.photometry.fluxes import signal_to_noise
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.projection import share_pixels
from cutout_widgets.stores.base import HasFootprints
from cutout_widgets.widget.pages.compass import compasses_of
from cutout_widgets.widget.pages.masks import packed_mask
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.protocol.labels import NO_ENTRY

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.display.look import Look
    from cutout_widgets.footprints.footprint import Footprint

__all__ = [
    "Head",
    "badges_in_words",
    "facts_of",
    "heads_of",
    "minus",
    "outlined",
    "paint",
    "reason_of",
    "waiting_tile",
]

USUAL_CAPTIONS = ("band", "snr")

LARGEST_SIDE_PX = 1024
"""Largest side of a tile's panel: larger images would fill the browser's memory."""

Placed = tuple[int, "DiaSource", Triplet]
"""Position on the page, the row, its cutouts."""


@dataclass(frozen=True)
class Head:
    """The data of a tile that do not depend on the look."""

    badges: list[protocol.Badge]
    compasses: Mapping[Panel, protocol.Compass | None]
    outlines: Mapping[Panel, list[list[float]]]
    """Outlines of the footprint on each panel, in the panel's pixels."""

    def covers(self, triplet: Triplet) -> bool:
        """Return whether it includes every panel that the triplet has."""
        for panel, image in zip(PANELS, triplet, strict=True):
            if image is not None and panel not in self.outlines:
                return False
        return True


def heads_of(placed: Sequence[Placed], images: object = None) -> list[Head]:
    """Return the badges, compasses and, if the store has them, footprints of several sources."""
    each = compasses_of([triplet for _, _, triplet in placed])
    known = images if isinstance(images, HasFootprints) else None
    return [
        Head(
            badges_in_words(source), compasses, _outlines(triplet, known.footprint(source) if known else None)
        )
        for (_, source, triplet), compasses in zip(placed, each, strict=True)
    ]


def outlined(triplet: Triplet, panel: Panel, footprint: Footprint | None) -> list[NDArray[np.float64]]:
    """Return the outlines of a footprint on a panel that shares the pixels of the best one.

    A template may have a different pixel grid. If its WCS is unknown, an equal box counts as the same pixels.

    Returns
    -------
    list of ndarray
        Each of shape (n, 2): x, y in parent pixels, with the first corner repeated at the end.
    """
    image: Image | None = getattr(triplet, panel)
    best = triplet.best
    if footprint is None or image is None or best is None or not share_pixels(image, best):
        return []
    # One pixel more than is shown: where a footprint goes on beyond the edge, no border is drawn.
    return list(footprint.clipped(image.box.grown(1)).outline())


def _outlines(triplet: Triplet, footprint: Footprint | None) -> dict[Panel, list[list[float]]]:
    """Return the outlines of a footprint on every panel, in the panel's own pixels."""
    if footprint is None:
        return {panel: [] for panel, image in zip(PANELS, triplet, strict=True) if image is not None}
    return {
        panel: [
            (line - (image.box.x0, image.box.y0)).ravel().tolist()
            for line in outlined(triplet, panel, footprint)
        ]
        for panel, image in zip(PANELS, triplet, strict=True)
        if image is not None
    }


def paint(
    placed: Sequence[Placed],
    look: Look,
    labels: Mapping[int, protocol.JournalState],
    sort: str | None = None,
    heads: Sequence[Head] | None = None,
    captions: Sequence[str] = USUAL_CAPTIONS,
    *,
    masks: bool = False,
) -> tuple[list[protocol.Tile], bytes]:
    """Stretch the cutouts of several sources, all images of a panel at once.

    Parameters
    ----------
    placed
        Position, row and cutouts of each source.
    look
        Stretches of the three panels.
    labels
        Id -> its state in the journal.
    sort
        The page's sort order; its column is shown.
    heads
        The result of `heads_of`, if it is known.
    captions
        Captions besides the id.
    masks
        Whether to include the masks of the cutouts.

    Returns
    -------
    tiles, pixels
        Descriptions, and the bytes that their offsets refer to.
    """
    heads = heads_of(placed) if heads is None else heads
    chunks: list[bytes | memoryview] = []
    size = 0
    panels: list[dict[str, Any]] = [{} for _ in placed]
    for panel in PANELS:
        levels = _stretched([triplet for _, _, triplet in placed], panel, look)
        for place, ((_, _, triplet), head) in enumerate(zip(placed, heads, strict=True)):
            if (bytes_of_panel := levels.get(place)) is None:
                panels[place][panel] = protocol.Missing(reason=reason_of(triplet, panel))
                continue
            panels[place][panel] = protocol.Pixels(
                shape=bytes_of_panel.shape,
                offset=size,
                compass=head.compasses.get(panel),
                outlines=head.outlines[panel],
                mask=None,
            )
            chunks.append(bytes_of_panel.data)
            size += bytes_of_panel.nbytes
            packed = packed_mask(getattr(triplet, panel), size) if masks else None
            if packed is not None:
                panels[place][panel]["mask"], words = packed
                chunks.append(words)
                size += len(words)
    tiles = [
        _tile(
            position,
            source,
            labels,
            sort,
            captions,
            panels=panels[place],
            head=head,
            problems=list(triplet.problems),
        )
        for place, ((position, source, triplet), head) in enumerate(zip(placed, heads, strict=True))
    ]
    return tiles, b"".join(chunks)


def _stretched(triplets: Sequence[Triplet], panel: Panel, look: Look) -> dict[int, NDArray[np.uint8]]:
    """Return the levels of a panel of each triplet, by place; without those that cannot be shown."""
    images: dict[int, Image] = {
        place: image
        for place, triplet in enumerate(triplets)
        if (image := getattr(triplet, panel)) is not None and max(image.shape) <= LARGEST_SIDE_PX
    }
    levels = look.stretch(panel).to_bytes_each(
        [image.pixels for image in images.values()],
        variances=[image.variance for image in images.values()],
        units=[image.unit for image in images.values()],
    )
    return dict(zip(images, levels, strict=True))


def reason_of(triplet: Triplet, panel: Panel) -> str:
    """Return a sentence on why a panel is not shown."""
    image: Image | None = getattr(triplet, panel)
    if image is not None:
        ny, nx = image.shape
        return f"the image is {nx} x {ny} pixels, too many for a tile; set the grid's size"
    return triplet.problem_of(panel) or f"there is no {panel} image"


def waiting_tile(
    position: int,
    source: DiaSource,
    labels: Mapping[int, protocol.JournalState],
    sort: str | None,
    captions: Sequence[str] = USUAL_CAPTIONS,
) -> protocol.Tile:
    """Return the tile of a source whose images are not read yet."""
    return _tile(position, source, labels, sort, captions, waiting=True)


def _tile(
    position: int,
    source: DiaSource,
    labels: Mapping[int, protocol.JournalState],
    sort: str | None,
    captions: Sequence[str],
    *,
    waiting: bool = False,
    panels: Any = None,
    head: Head | None = None,
    problems: Sequence[str] = (),
) -> protocol.Tile:
    """Return a tile with its data from the row and from the images."""
    missing, journal = protocol.Missing(reason=""), labels.get(source.id, NO_ENTRY)
    return protocol.Tile(
        place=position,
        id=str(source.id),
        waiting=waiting,
        band=source.band if "band" in captions else None,
        facts=facts_of(source, sort, captions),
        badges=badges_in_words(source) if head is None else head.badges,
        panels=panels or protocol.Panels(template=missing, science=missing, difference=missing),
        problems=list(problems),
        label=journal["label"],
        journal=journal,
    )


def badges_in_words(source: DiaSource) -> list[protocol.Badge]:
    """Return the badges of a row for the view."""
    return [
        protocol.Badge(
            name=badge.name,
            text=badge.text,
            colour=badge.colour,
            kind=badge.kind,
            title=badge.title,
        )
        for badge in badges_of(source)
    ]


def facts_of(
    source: DiaSource, sort: str | None, captions: Sequence[str] = USUAL_CAPTIONS
) -> list[protocol.Fact]:
    """Return the values shown on a tile: the captions except the band, and the sort column."""
    column = (sort or "").removeprefix("-")
    known = {*captions, "snr", "reliability", "diaSourceId", "band"}
    facts = [_fact(source, name, "") for name in captions if name != "band"]
    if column and column not in known:
        facts.append(_fact(source, column, "the column that this page is sorted by"))
    return [one for one in facts if one is not None]


def _fact(source: DiaSource, name: str, title: str) -> protocol.Fact | None:
    if name == "snr":
        snr = signal_to_noise(source)
        if snr is None:
            return None
        digits = minus(f"{snr:.{1 if abs(snr) < 1000 else 0}f}")
        return protocol.Fact(text=f"S/N {digits}", title="signal to noise of the detection")
    value = in_words(source.row.get(name))
    unit = source.units.get(name, "") if value != "n/a" else ""
    return protocol.Fact(text=f"{name} {value} {unit}".rstrip(), title=title or f"column {name}")


def in_words(value: Any) -> str:
    """Return a value of a row as text: short floats, exact integers, n/a for null."""
    if value is None:
        return "n/a"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return minus(f"{value:.6g}") if math.isfinite(value) else ("n/a" if math.isnan(value) else str(value))
    return str(value)


def minus(number: str) -> str:
    """Replace a minus sign by a real minus, which is as wide as a plus."""
    return number.replace("-", "\N{MINUS SIGN}", 1) if number.startswith("-") else number
