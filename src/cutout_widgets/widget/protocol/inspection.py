"""What crosses between kernel and browser about one source: the inspector's messages."""

from __future__ import annotations

from typing import Literal, TypedDict

from cutout_widgets.widget.protocol.labels import Said
from cutout_widgets.widget.protocol.parts import Badge, Compass, Fact, Missing, Plane


class InspectRequest(TypedDict):
    """Tell everything about one source."""

    kind: Literal["inspect"]
    id: str
    look: str
    size: int | None
    """Side of the cutouts in pixels; 0: all there is; null: the grid's own."""


class Lattice(TypedDict):
    """Sky directions at nodes of a coarse lattice: the view interpolates, the formulae stay here."""

    offset: int
    """First byte of (ny, nx, 3) float64 unit vectors in the buffer."""
    shape: tuple[int, int]
    x: tuple[float, float]
    """Parent pixel of the first and the last node along x."""
    y: tuple[float, float]


class Array(TypedDict):
    """A small image in the buffer."""

    shape: tuple[int, int]
    offset: int
    """First byte of (ny, nx) float32 values, lowest row first."""


class SkyLevel(TypedDict):
    """The empty pixels of a panel."""

    level: float
    """Centre of the Gaussian that fits their histogram on the bin centres; the median where none does."""
    sigma: float
    """Its width; 1.4826 times the median absolute deviation where none does."""
    n_pixels: int
    fitted: bool
    """True if it is the Gaussian's."""


class PsfFit(TypedDict):
    """A point source fitted to a panel, and what is left without it."""

    residual: int
    """First byte of (ny, nx) float32: the image less the fitted point source."""
    x: float
    """Position, in parent pixels."""
    y: float
    flux: float
    """In the unit of the image."""
    flux_err: float | None
    """1 sigma; null without variance."""
    chi2: float | None
    """Sum of squared residuals over variance near the source; null without variance."""
    n_pixels: int
    """How many pixels that is."""


class DeepPixels(TypedDict):
    """One panel of the inspector: its numbers, not only its levels."""

    shape: tuple[int, int]
    offset: int
    """First byte of (ny, nx) float32 values, lowest row first."""
    thresholds: int
    """First byte of 254 float32: level = 1 + how many of them do not exceed the value."""
    limits: tuple[float, float] | None
    """Darkest and brightest value in the look; null where no pixel has a value."""
    curve: str
    """Name of the look's curve for this panel."""
    variance: int | None
    """First byte of (ny, nx) float32 variances, in the unit squared, or null."""
    mask: int | None
    """First byte of (ny, nx) uint32, or null."""
    planes: list[Plane]
    x0: int
    """Parent pixel of the first column, 0-based."""
    y0: int
    unit: str | None
    nJy: float | None
    """What one unit is in nJy; null if it is no flux density."""
    source: tuple[float, float] | None
    """Where the source lies, in parent pixels."""
    sky: SkyLevel | None
    psf: Array | None
    """Kernel image of the point-spread function at the source."""
    fit: PsfFit | None
    """Null without a point-spread function, and where no point source can be fitted."""
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


class Curve(TypedDict):
    """How levels are spread between two limits."""

    name: str
    offset: int
    """First byte of 254 float64: where each level above 1 begins, 0 the lower and 1 the upper limit."""


class Neighbour(TypedDict):
    """Another row of the table whose position lies on a panel."""

    id: str
    same_exposure: bool
    """True if it was found on the exposure that is shown."""
    template: tuple[float, float] | None
    """Where, in parent pixels of the panel."""
    science: tuple[float, float] | None
    difference: tuple[float, float] | None


class Cell(TypedDict):
    """One column of the inspected row, in words."""

    name: str
    value: str
    unit: str
    description: str
    group: Literal["ids", "position", "fluxes", "shape", "flags", "time", "other"]
    null: bool
    """True if the row has no value."""
    flag: bool
    """True for a column that is set, not set, or null."""
    badge: str | None
    """Name of the badge that this column raises."""
    python: str | None
    """The value as Python writes it; null for what is too large to copy."""


class Link(TypedDict):
    """A page elsewhere about the place or the object."""

    name: str
    url: str


class LightCurveRequest(TypedDict):
    """Tell how a source's object varied."""

    kind: Literal["curve"]
    id: str


class LightCurvePoint(TypedDict):
    """One epoch of a light curve."""

    time: float
    """MJD."""
    band: str | None
    kind: Literal["detection", "forced", "limit"]
    source: str | None
    """Id of the DiaSource or forced source, if it has one."""
    in_table: bool
    """True if it is a row of the grid's table."""
    flux: float | None
    """On the difference image, nJy; of a limit, the limit."""
    flux_err: float | None
    science: float | None
    """On the science image, nJy."""
    science_err: float | None
    visit: str | None
    detector: str | None


class LightCurveAnswer(TypedDict):
    """A light curve, ordered by time."""

    kind: Literal["done"]
    of: Literal["curve"]
    id: str
    origin: Literal["history", "table"]
    """Whether a store or database tells it, or it is made of the rows of the table."""
    points: list[LightCurvePoint]
    reason: str
    """One sentence about why there are no points; empty if there are."""


class InspectAnswer(TypedDict):
    """Everything about one source."""

    kind: Literal["done"]
    of: Literal["inspect"]
    id: str
    look: str
    size: int | None
    panels: DeepPanels
    curves: list[Curve]
    neighbours: list[Neighbour]
    badges: list[Badge]
    facts: list[Fact]
    band: str | None
    cells: list[Cell]
    links: list[Link]
    problems: list[str]
    label: str | None
    said: Said
