"""What crosses between kernel and browser about one source: the inspector's messages."""

from __future__ import annotations

from typing import Literal, TypedDict

from cutout_widgets.widget.protocol_labels import Said
from cutout_widgets.widget.protocol_parts import Badge, Compass, Fact, Missing


class InspectRequest(TypedDict):
    """Tell everything about one source."""

    kind: Literal["inspect"]
    id: str
    look: str


class Plane(TypedDict):
    """One mask plane that is set somewhere on a panel."""

    name: str
    bit: int
    colour: str
    count: int
    """Pixels."""


class Lattice(TypedDict):
    """Sky directions at nodes of a coarse lattice: the view interpolates, the formulae stay here."""

    offset: int
    """First byte of (ny, nx, 3) float64 unit vectors in the buffer."""
    shape: tuple[int, int]
    x: tuple[float, float]
    """Parent pixel of the first and the last node along x."""
    y: tuple[float, float]


class DeepPixels(TypedDict):
    """One panel of the inspector: its numbers, not only its levels."""

    shape: tuple[int, int]
    offset: int
    """First byte of (ny, nx) float32 values, lowest row first."""
    thresholds: int
    """First byte of 254 float32: level = 1 + how many of them do not exceed the value."""
    mask: int | None
    """First byte of (ny, nx) uint32, or null."""
    planes: list[Plane]
    x0: int
    """Parent pixel of the first column, 0-based."""
    y0: int
    unit: str | None
    compass: Compass | None
    lattice: Lattice | None
    outlines: list[list[float]]
    """Borders of the source's footprint, each ``[x, y, x, y, ...]`` in parent pixels, the first corner
    repeated at the end; none if the store does not know it."""
    origin: str


class DeepPanels(TypedDict):
    """The three images of a source, with all numbers."""

    template: DeepPixels | Missing
    science: DeepPixels | Missing
    difference: DeepPixels | Missing


class Cell(TypedDict):
    """One column of the inspected row, in words."""

    name: str
    value: str
    unit: str
    description: str


class InspectAnswer(TypedDict):
    """Everything about one source."""

    kind: Literal["done"]
    of: Literal["inspect"]
    id: str
    look: str
    panels: DeepPanels
    badges: list[Badge]
    facts: list[Fact]
    band: str | None
    cells: list[Cell]
    problems: list[str]
    label: str | None
    said: Said
