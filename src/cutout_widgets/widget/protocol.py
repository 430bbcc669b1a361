"""What crosses between kernel and browser: the only definition.

The types below are turned into ``js/src/protocol.ts`` (``python -m cutout_widgets.widget.typescript``
writes it; a test fails when it is stale).

The view asks and the kernel answers. A request carries a number and the view's ``client`` name; the
answer repeats both, comes as any number of ``part`` and exactly one ``done`` or ``failed``, and
brings at most one buffer: little-endian, contiguous, described by shapes and byte offsets. A request
that stays unanswered is sent again under the same number; a kernel that is still at work ignores the
repetition, one that has finished answers again. Ids are decimal strings, for JavaScript numbers end
at 2**53. A number that is not finite crosses as null.
"""

from __future__ import annotations

from typing import Literal, TypedDict

VERSION = 1
"""Raised when an old view could misread a new kernel, or the reverse."""

SNAPSHOT_BYTES = 512_000
"""The first page rides in the saved notebook up to this size."""

LEVELS = 255
"""Levels of a stretched pixel: bytes 1 to 255; byte 0 means no data."""

PanelName = Literal["template", "science", "difference"]
Field = Literal["page", "page_size", "sort", "where", "look", "id"]


class Target(TypedDict):
    """Which page, of which rows, in which dress."""

    page: int
    """0-based."""
    page_size: int
    sort: str | None
    """A column; a leading minus means descending. None: the table's own order."""
    where: str | None
    """A pandas query; None: all rows."""
    look: str


class Compass(TypedDict):
    """Where the sky's directions lie on a panel."""

    north: tuple[float, float]
    """Unit vector, x right and y up."""
    east: tuple[float, float]
    arcsec_per_px: float


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


class Missing(TypedDict):
    """A panel that cannot be shown."""

    reason: str
    """One sentence; empty while it is still being read."""


class Panels(TypedDict):
    """The three images of a source."""

    template: Pixels | Missing
    science: Pixels | Missing
    difference: Pixels | Missing


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


class PageRequest(TypedDict):
    """Show a page, read one ahead that may be wanted next, or note that the view shows one it kept."""

    kind: Literal["page"]
    target: Target
    purpose: Literal["show", "ahead", "kept"]


class InspectRequest(TypedDict):
    """Tell everything about one source."""

    kind: Literal["inspect"]
    id: str
    look: str


class LabelRequest(TypedDict):
    """Label sources; null takes the label away."""

    kind: Literal["label"]
    ids: list[str]
    label: str | None


class UndoRequest(TypedDict):
    """Take the last labelling back."""

    kind: Literal["undo"]


class CancelRequest(TypedDict):
    """Stop the work on an earlier request of the same client."""

    kind: Literal["cancel"]
    cancels: int


class Envelope(TypedDict):
    """What every message carries."""

    version: int
    client: str
    request: int


class PageAnswer(TypedDict):
    """Tiles of a page, each with its panels in the buffer; ``part`` brings some, ``done`` the rest."""

    kind: Literal["part", "done"]
    of: Literal["page"]
    target: Target
    """As it was understood: the page is within bounds."""
    n_rows: int
    """Rows that pass `where`."""
    n_tiles: int
    tiles: list[Tile]


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


class LabelAnswer(TypedDict):
    """What is now on disk."""

    kind: Literal["done"]
    of: Literal["label"]
    labels: dict[str, str | None]
    """Id -> label, for every id that changed."""


class Kept(TypedDict):
    """The kernel took note."""

    kind: Literal["done"]
    of: Literal["kept"]


class Failed(TypedDict):
    """The request has no answer, and why."""

    kind: Literal["failed"]
    reason: str
    """One sentence for a person."""
    field: Field | None
    """What to correct, if it is something the view can correct."""
    cancelled: bool
    """True when it was the view's own wish."""


class LookChoice(TypedDict):
    """A look, with the colormap of each panel."""

    name: str
    title: str
    template: str
    science: str
    difference: str


class ColumnChoice(TypedDict):
    """A column one can sort by."""

    name: str
    unit: str
    description: str
    often: bool
    """True for those people sort by: time, flux, signal to noise, score."""


class Choices(TypedDict):
    """What the controls offer."""

    looks: list[LookChoice]
    colormaps: list[str]
    """In the order of the tables in `palettes`."""
    columns: list[ColumnChoice]
    page_sizes: list[int]
    labels: list[str]


class State(TypedDict):
    """The synced traits: small, restorable."""

    version: int
    grid_id: str
    page: int
    page_size: int
    sort: str | None
    where: str | None
    look: str
    colormap: str | None
    """One for all panels; null: the look's own."""
    selected: list[str]
    inspected: str | None
    n_rows: int
    n_total: int
    choices: Choices
    palettes: bytes
    """(colormaps, 255, 3) bytes: the colour of levels 1 to 255."""
    snapshot: PageAnswer | None
    """The first page, so that something is there without a kernel."""
    snapshot_pixels: bytes
    labelling: bool
    """True when labels have a journal to go to."""


Request = PageRequest | InspectRequest | LabelRequest | UndoRequest | CancelRequest
Answer = PageAnswer | InspectAnswer | LabelAnswer | Kept | Failed
