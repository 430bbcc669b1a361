"""Types used in several messages between kernel and browser."""

from __future__ import annotations

from typing import Literal, TypedDict

PanelName = Literal["template", "science", "difference"]


class Compass(TypedDict):
    """The directions of the sky on a panel."""

    north: tuple[float, float]
    """Unit vector, x right and y up."""
    east: tuple[float, float]
    arcsec_per_px: float


class Plane(TypedDict):
    """One mask plane that is set on a panel."""

    name: str
    bit: int
    colour: str
    count: int
    """Number of pixels."""


class PackedMask(TypedDict):
    """The mask of a panel in the message's buffer, with its planes renumbered to need few bits."""

    offset: int
    """Byte offset of (ny, nx) unsigned integers, lowest row first; not aligned."""
    bytes_a_pixel: int
    """1, 2 or 4."""
    planes: list[Plane]
    """The planes that are set; their bits are those of the packed mask."""


class Missing(TypedDict):
    """A panel that cannot be shown."""

    reason: str
    """One sentence; empty while it is still being read."""


class Badge(TypedDict):
    """A flag as text."""

    name: str
    text: str
    colour: str
    kind: str
    title: str
    """The columns that raised it."""


class Fact(TypedDict):
    """A short value of a source, with its meaning."""

    text: str
    title: str
