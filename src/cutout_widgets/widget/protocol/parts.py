"""What several messages between kernel and browser are made of."""

from __future__ import annotations

from typing import Literal, TypedDict

PanelName = Literal["template", "science", "difference"]


class Compass(TypedDict):
    """Where the sky's directions lie on a panel."""

    north: tuple[float, float]
    """Unit vector, x right and y up."""
    east: tuple[float, float]
    arcsec_per_px: float


class Plane(TypedDict):
    """One mask plane that is set somewhere on a panel."""

    name: str
    bit: int
    colour: str
    count: int
    """Pixels."""


class PackedMask(TypedDict):
    """The mask of a panel in the message's buffer: its planes numbered anew, so that words are small."""

    offset: int
    """First byte of (ny, nx) unsigned integers, lowest row first; on no particular multiple."""
    bytes_a_pixel: int
    """1, 2 or 4."""
    planes: list[Plane]
    """Those that are set somewhere; their bits are those of the packed words."""


class Missing(TypedDict):
    """A panel that cannot be shown."""

    reason: str
    """One sentence; empty while it is still being read."""


class Badge(TypedDict):
    """A flag in words."""

    name: str
    text: str
    colour: str
    kind: str
    title: str
    """Which columns raised it."""


class Fact(TypedDict):
    """A few characters about a source, with what they mean."""

    text: str
    title: str
