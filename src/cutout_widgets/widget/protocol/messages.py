"""All messages between kernel and browser.

The types below are converted to ``js/src/protocol/`` by ``widget.protocol.typescript``; a test fails
if these files are out of date.

The view asks and the kernel answers. A request carries a number and the view's ``client`` name. The
answer repeats both; it consists of any number of ``part`` and exactly one ``done`` or ``failed``, each
with at most one buffer: little-endian, contiguous, described by shapes and byte offsets. A view repeats
an unanswered request under the same number; the kernel ignores the repetition while it is working on the
request, and otherwise answers again. Ids are decimal strings, because JavaScript numbers are exact only
up to 2**53. Numbers that are not finite are sent as null.
"""

from __future__ import annotations

from typing import Literal, TypedDict

# Written as `x as x`, the names belong to this module too: importers need only this one.
from cutout_widgets.widget.protocol.epochs import Epoch as Epoch
from cutout_widgets.widget.protocol.epochs import EpochAnswer as EpochAnswer
from cutout_widgets.widget.protocol.epochs import EpochRequest as EpochRequest
from cutout_widgets.widget.protocol.epochs import EpochsAnswer as EpochsAnswer
from cutout_widgets.widget.protocol.epochs import EpochsRequest as EpochsRequest
from cutout_widgets.widget.protocol.epochs import EpochTilesAnswer as EpochTilesAnswer
from cutout_widgets.widget.protocol.epochs import EpochTilesRequest as EpochTilesRequest
from cutout_widgets.widget.protocol.facets import CountAnswer as CountAnswer
from cutout_widgets.widget.protocol.facets import FacetsAnswer as FacetsAnswer
from cutout_widgets.widget.protocol.facets import FilterAnswer as FilterAnswer
from cutout_widgets.widget.protocol.facets import FilterRequest as FilterRequest
from cutout_widgets.widget.protocol.facets import FindAnswer as FindAnswer
from cutout_widgets.widget.protocol.facets import FlagChip as FlagChip
from cutout_widgets.widget.protocol.facets import FlagState as FlagState
from cutout_widgets.widget.protocol.facets import Histogram as Histogram
from cutout_widgets.widget.protocol.facets import NamedFilter as NamedFilter
from cutout_widgets.widget.protocol.facets import WordChips as WordChips
from cutout_widgets.widget.protocol.facets import WordCount as WordCount
from cutout_widgets.widget.protocol.inspection import Array as Array
from cutout_widgets.widget.protocol.inspection import Cell as Cell
from cutout_widgets.widget.protocol.inspection import Curve as Curve
from cutout_widgets.widget.protocol.inspection import DeepPanels as DeepPanels
from cutout_widgets.widget.protocol.inspection import DeepPixels as DeepPixels
from cutout_widgets.widget.protocol.inspection import InspectAnswer as InspectAnswer
from cutout_widgets.widget.protocol.inspection import InspectRequest as InspectRequest
from cutout_widgets.widget.protocol.inspection import Lattice as Lattice
from cutout_widgets.widget.protocol.inspection import LightCurveAnswer as LightCurveAnswer
from cutout_widgets.widget.protocol.inspection import LightCurvePoint as LightCurvePoint
from cutout_widgets.widget.protocol.inspection import LightCurveRequest as LightCurveRequest
from cutout_widgets.widget.protocol.inspection import Link as Link
from cutout_widgets.widget.protocol.inspection import Neighbour as Neighbour
from cutout_widgets.widget.protocol.inspection import PsfFit as PsfFit
from cutout_widgets.widget.protocol.inspection import SkyLevel as SkyLevel
from cutout_widgets.widget.protocol.labels import JournalState as JournalState
from cutout_widgets.widget.protocol.labels import LabelAnswer as LabelAnswer
from cutout_widgets.widget.protocol.labels import LabelChoice as LabelChoice
from cutout_widgets.widget.protocol.labels import LabelColumns as LabelColumns
from cutout_widgets.widget.protocol.labels import LabellingRequest as LabellingRequest
from cutout_widgets.widget.protocol.labels import Progress as Progress
from cutout_widgets.widget.protocol.parts import Badge as Badge
from cutout_widgets.widget.protocol.parts import Compass as Compass
from cutout_widgets.widget.protocol.parts import Fact as Fact
from cutout_widgets.widget.protocol.parts import Missing as Missing
from cutout_widgets.widget.protocol.parts import PackedMask as PackedMask
from cutout_widgets.widget.protocol.parts import PanelName as PanelName
from cutout_widgets.widget.protocol.parts import Plane as Plane
from cutout_widgets.widget.protocol.selection import GridAnswer as GridAnswer
from cutout_widgets.widget.protocol.selection import IdsAnswer as IdsAnswer
from cutout_widgets.widget.protocol.selection import SaveAnswer as SaveAnswer
from cutout_widgets.widget.protocol.selection import SelectAnswer as SelectAnswer
from cutout_widgets.widget.protocol.selection import Selected as Selected
from cutout_widgets.widget.protocol.selection import SelectedRule as SelectedRule
from cutout_widgets.widget.protocol.selection import SelectionAnswer as SelectionAnswer
from cutout_widgets.widget.protocol.selection import SelectionRequest as SelectionRequest
from cutout_widgets.widget.protocol.tiles import Panels as Panels
from cutout_widgets.widget.protocol.tiles import Pixels as Pixels
from cutout_widgets.widget.protocol.tiles import Tile as Tile

VERSION = 1
"""Changed whenever an old view could misread a new kernel, or the reverse."""

SNAPSHOT_BYTES = 600_000
"""Maximum size of the page kept in the saved notebook: its tiles as JSON, its pixels as base64."""

LEVELS = 255
"""Levels of a stretched pixel: bytes 1 to 255; byte 0 means no data."""

Field = Literal["page", "page_size", "sort", "where", "look", "id"]


class Target(TypedDict):
    """A page: its number, its rows and its look."""

    page: int
    """0-based."""
    page_size: int
    sort: str | None
    """A column; a leading minus means descending. None: the table's own order."""
    where: str | None
    """A pandas query; None: all rows."""
    look: str


class PageRequest(TypedDict):
    """Show a page, read one ahead, or note that the view shows one that it had cached.

    Rows filtered by label stay while pages are turned, even if labels change meanwhile; the filter is
    applied again when `where` or `sort` changes, or for the purpose "anew".
    """

    kind: Literal["page"]
    target: Target
    purpose: Literal["show", "ahead", "kept", "anew"]
    masks: bool
    """Whether tiles include their masks."""


class HelloRequest(TypedDict):
    """Tell the kernel that a view exists, so that it knows that a front end draws it. It has no answer."""

    kind: Literal["hello"]


class CancelRequest(TypedDict):
    """Stop the work on an earlier request of the same client."""

    kind: Literal["cancel"]
    cancels: int


class Envelope(TypedDict):
    """The fields of every message."""

    version: int
    client: str
    request: int


class PageAnswer(TypedDict):
    """Tiles of a page, each with its panels in the buffer; ``part`` brings some, ``done`` the rest."""

    kind: Literal["part", "done"]
    of: Literal["page"]
    target: Target
    """As the kernel understood it: the page is within bounds."""
    n_rows: int
    """Rows that pass `where`."""
    n_tiles: int
    tiles: list[Tile]


class Noted(TypedDict):
    """Confirmation that the kernel has noted the request."""

    kind: Literal["done"]
    of: Literal["kept"]


class Failed(TypedDict):
    """The request failed, with the reason."""

    kind: Literal["failed"]
    reason: str
    """One sentence for the user."""
    field: Field | None
    """The control to correct, if there is one."""
    cancelled: bool
    """True if the view cancelled the request."""


class Working(TypedDict):
    """A repeated request that is still being processed: the kernel is there."""

    kind: Literal["working"]


class LookChoice(TypedDict):
    """A look, with the colormap of each panel."""

    name: str
    title: str
    template: str
    science: str
    difference: str


class ColumnChoice(TypedDict):
    """A column to sort by."""

    name: str
    unit: str
    description: str
    often: bool
    """True for common sort columns: time, flux, signal to noise, score."""


class Choices(TypedDict):
    """What the controls offer."""

    looks: list[LookChoice]
    colormaps: list[str]
    """In the order of the colour tables in `palettes`."""
    columns: list[ColumnChoice]
    page_sizes: list[int]
    label_choices: list[LabelChoice]
    """The same, with keys and colours."""
    label_columns: LabelColumns


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
    """Colormap of all panels; null: that of the look."""
    selected: Selected
    below: list[str]
    """The `grid_id` of the grids shown below this one."""
    inspected: str | None
    n_rows: int
    n_total: int
    choices: Choices
    palettes: bytes
    """(colormaps, 255, 3) bytes: the colours of levels 1 to 255."""
    snapshot: PageAnswer | None
    """The first page, which is shown when there is no kernel."""
    snapshot_pixels: bytes
    labelling: bool
    """True if there is a journal for labels."""
    advance: bool
    """Whether the focus moves to the next unlabelled source after labelling."""
    label_after_ms: int
    """Minimum time on the screen before a source can be labelled."""
    seen_after_s: float
    """Time in view after which a source is marked as seen; 0: never automatically."""
    keymap: dict[str, list[str]]
    """Changes of `KEYS`: action -> its keys."""
    tile_size: int
    """Side of a panel of a tile in CSS pixels."""
    panels: list[PanelName]
    """Panels of tiles, from left to right."""
    compact: bool
    """Whether titles and captions are hidden."""
    captions: list[str]
    """Captions of tiles besides the id."""
    facets: list[str]
    """Columns with a histogram besides score and signal to noise."""
    labelling_problem: str
    """Why labels cannot be read or written now; empty when they can."""
    who: str
    """The name under which labels are given."""
    blind: bool
    """Whether sources are shown under meaningless numbers."""
    progress: Progress
    """Labels of the rows that pass `where`."""
    progress_of_all: Progress


Request = (
    PageRequest
    | InspectRequest
    | LightCurveRequest
    | EpochRequest
    | LabellingRequest
    | FilterRequest
    | SelectionRequest
    | HelloRequest
    | CancelRequest
)
Answer = (
    PageAnswer
    | InspectAnswer
    | LightCurveAnswer
    | EpochAnswer
    | LabelAnswer
    | FilterAnswer
    | SelectionAnswer
    | Noted
    | Working
    | Failed
)
