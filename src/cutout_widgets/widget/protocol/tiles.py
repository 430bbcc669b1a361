"""Messages about tiles: cutouts as levels, and the text around them."""

from __future__ import annotations

from typing import TypedDict

from cutout_widgets.widget.protocol.labels import JournalState
from cutout_widgets.widget.protocol.parts import Badge, Compass, Fact, Missing, PackedMask


class Pixels(TypedDict):
    """One panel in the message's buffer."""

    shape: tuple[int, int]
    """Height and width."""
    offset: int
    """Byte offset in the buffer. Rows go up: the first row is the lowest."""
    compass: Compass | None
    """None without a WCS."""
    outlines: list[list[float]]
    """Outlines of the source's footprint, each ``[x, y, x, y, ...]`` in pixels of this panel, where 0 is
    the centre of the first one; empty if the store has no footprint."""
    mask: PackedMask | None
    """Null if no plane is set, and on pages requested without masks."""


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
    journal: JournalState
    """The journal's state: label, who, note, seen."""
