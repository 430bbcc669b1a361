"""Messages of the inspector, about one source; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict

from cutout_widgets.widget.protocol.labels import JournalState
from cutout_widgets.widget.protocol.parts import Badge, Compass, Fact, Missing, Plane


class InspectRequest(TypedDict):
    """Return everything about one source."""

    kind: Literal["inspect"]
    id: str
    look: str
    size: int | None
    """Side of the cutouts in pixels; 0: as large as possible; null: the grid's own."""


class Lattice(TypedDict):
    """Sky directions at the nodes of a coarse lattice, between which the view interpolates."""

    offset: int
    """Byte offset of (ny, nx, 3) float64 unit vectors in the buffer."""
    shape: tuple[int, int]
    x: tuple[float, float]
    """Parent pixel of the first and the last node along x."""
    y: tuple[float, float]


class Array(TypedDict):
    """A small image in the buffer."""

    shape: tuple[int, int]
    offset: int
    """Byte offset of (ny, nx) float32 values, lowest row first."""


class SkyLevel(TypedDict):
    """Level and noise of a panel's empty pixels."""

    level: float
    """Centre of a Gaussian fitted to their histogram at the bin centres; the median if that fails."""
    sigma: float
    """Its width; 1.4826 times the median absolute deviation if the fit failed."""
    n_pixels: int
    fitted: bool
    """True if the Gaussian was fitted."""


class PsfFit(TypedDict):
    """A point source fitted to a panel, and the residual."""

    residual: int
    """Byte offset of (ny, nx) float32: the image minus the fitted point source."""
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
    """Number of these pixels."""


class DeepPixels(TypedDict):
    """One panel of the inspector, with its pixel values."""

    shape: tuple[int, int]
    offset: int
    """Byte offset of (ny, nx) float32 values, lowest row first."""
    thresholds: int
    """Byte offset of 254 float32: level = 1 + the number of them that do not exceed the value."""
    limits: tuple[float, float] | None
    """Darkest and brightest value in the look; null without valid pixels."""
    curve: str
    """Name of the look's curve for this panel."""
    variance: int | None
    """Byte offset of (ny, nx) float32 variances, in the unit squared, or null."""
    mask: int | None
    """Byte offset of (ny, nx) uint32, or null."""
    planes: list[Plane]
    x0: int
    """Parent pixel of the first column, 0-based."""
    y0: int
    unit: str | None
    nJy: float | None
    """Value of the unit in nJy; null if it is not a flux density."""
    source: tuple[float, float] | None
    """Position of the source, in parent pixels."""
    sky: SkyLevel | None
    psf: Array | None
    """Image of the point-spread function at the source."""
    fit: PsfFit | None
    """Null without a point-spread function, and if no point source can be fitted."""
    compass: Compass | None
    lattice: Lattice | None
    outlines: list[list[float]]
    """Outlines of the source's footprint, each ``[x, y, x, y, ...]`` in parent pixels, with the first corner
    repeated at the end; empty if the store has no footprint."""
    origin: str


class DeepPanels(TypedDict):
    """The three images of a source, with pixel values."""

    template: DeepPixels | Missing
    science: DeepPixels | Missing
    difference: DeepPixels | Missing


class Curve(TypedDict):
    """A curve that distributes levels between two limits."""

    name: str
    offset: int
    """Byte offset of 254 float64: the start of each level above 1, as a fraction between the limits."""


class Neighbour(TypedDict):
    """Another row of the table whose position is on a panel."""

    id: str
    same_exposure: bool
    """True if it was found on the exposure that is shown."""
    template: tuple[float, float] | None
    """Its position, in parent pixels of the panel."""
    science: tuple[float, float] | None
    difference: tuple[float, float] | None


class Cell(TypedDict):
    """One column of the inspected row, as text."""

    name: str
    value: str
    unit: str
    description: str
    group: Literal["ids", "position", "fluxes", "shape", "flags", "time", "other"]
    null: bool
    """True if the row has no value."""
    flag: bool
    """True for a flag: set, not set, or null."""
    badge: str | None
    """Name of the badge that this column raises."""
    python: str | None
    """The value as a Python expression; null if it is too large to copy."""


class Link(TypedDict):
    """A link to another site about the position or the object."""

    name: str
    url: str


class LightCurveRequest(TypedDict):
    """Return the light curve of a source's object."""

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
    """Flux on the difference image, nJy; for a limit, the limit."""
    flux_err: float | None
    science: float | None
    """Flux on the science image, nJy."""
    science_err: float | None
    visit: str | None
    detector: str | None


class LightCurveAnswer(TypedDict):
    """A light curve, in time order."""

    kind: Literal["done"]
    of: Literal["curve"]
    id: str
    origin: Literal["history", "table"]
    """Whether it comes from a store or database, or from the rows of the table."""
    points: list[LightCurvePoint]
    reason: str
    """One sentence on why there are no points; empty if there are."""


class InspectAnswer(TypedDict):
    """Everything about one source."""

    kind: Literal["done"]
    of: Literal["inspect"]
    id: str
    look: str
    size: int | None
    stamp_side: int | None
    """Side of the source's stamp in pixels, beyond which there is nothing; null if its images are larger."""
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
    journal: JournalState
