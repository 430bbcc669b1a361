"""What crosses between kernel and browser as tiles: cutouts in levels, with what stands beside them."""

from __future__ import annotations

from typing import TypedDict

from cutout_widgets.widget.protocol.labels import Said
from cutout_widgets.widget.protocol.parts import Badge, Compass, Fact, Missing, PackedMask


class Pixels(TypedDict):
    """One panel in the message's buffer."""

    shape: tuple[int, int]
    """Height and width."""
    offset: int
    """First byte in the buffer. Rows go up: the first row is the lowest."""
    compass: Compass | None
    """None where no WCS tells it."""
    outlines: list[list[float]]
    """Borders of the source's footprint, each ``[x, y, x, y, ...]`` in pixels of this panel, where 0 is
    the centre of the first one; none if the store does not know it."""
    mask: PackedMask | None
    """Null where no plane is set, and on pages that were asked for without masks."""


class Panels(TypedDict):
    """The three images of a source."""

    template: Pixels | Missing
    science: Pixels | Missing
    difference: Pixels | Missing


class Tile(TypedDict):
    """One source of a page."""

    place: int
    """Position on the page, 0-based."""
    id: str
    waiting: bool
    """True while its images are being read."""
    band: str | None
    facts: list[Fact]
    badges: list[Badge]
    panels: Panels
    problems: list[str]
    """Sentences, each beginning with the panel it is about."""
    label: str | None
    said: Said
    """All that the journal says: label, who, note, seen."""
