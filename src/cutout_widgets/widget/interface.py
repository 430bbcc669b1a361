"""The interface that parts of the widget need from a grid; `CutoutGrid` implements it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.display.look import Look
    from cutout_widgets.outputs.report import Report
    from cutout_widgets.pixels.image import Panel
    from cutout_widgets.stores.base import HasHistory, ImageStore
    from cutout_widgets.widget.inspection.links import Links
    from cutout_widgets.widget.labelling.labelling import Labelling, Told
    from cutout_widgets.widget.pages.pages import Pages
    from cutout_widgets.widget.protocol import messages as protocol

__all__ = ["Grid"]


class Grid(Protocol):
    """A grid of cutouts, as its request handlers, light curve and export see it."""

    _pages: Pages
    """Rows and cutouts, page by page."""
    _journal: Labelling
    """Id -> what is said about it, and the ways to say more."""
    selected: Sequence[int]
    """Ids, in the order they were picked, or a rule that is read as they are."""
    labelling_problem: str
    """Why labels cannot be read or written now."""
    inspected: int | None
    """The source in the inspector."""
    facets: list[str]
    """Columns that have a histogram beside score and signal to noise."""
    _words: tuple[str, ...]
    """Labels that keys give."""
    panels: Sequence[Panel]
    """Which panels tiles show, from left to right."""
    colormap: str | None
    """One for all panels; None: the look's own."""
    _history: HasHistory | None
    """What was said to know light curves."""
    _links: Links
    """Pages elsewhere that the inspector offers."""

    @property
    def sources(self) -> SourceTable:
        """All rows."""

    @property
    def images(self) -> ImageStore:
        """Where the pixels come from."""

    @property
    def _target(self) -> protocol.Target:
        """The page that is shown."""

    @property
    def _wire_state(self) -> dict[str, Any]:
        """The traits that the front end reads, as it gets them."""

    def _look_named(self, name: str) -> Look:
        """Return a preset, or the user's own look of that name."""

    def _adopt(self, target: protocol.Target) -> None:
        """Make what a view asked for the state of the grid."""

    def _greeted(self) -> None:
        """A view exists."""

    def _keep_snapshot(self, page: protocol.PageAnswer | None, pixels: bytes) -> None:
        """Keep a page in the saved notebook."""

    def _renew_snapshot(self) -> None:
        """Let the page that is shown now ride in the notebook."""

    @property
    def shown(self) -> SourceTable:
        """The rows that pass the filter."""

    def _select(
        self, what: str, where: str | None, sort: str | None, first: int | str = 0, last: int | str = 0
    ) -> None:
        """Select all rows of a filter, a range, or the others."""

    def _selected_from(self, given: Any) -> Any:
        """Return what a view says is selected: `SelectedRows`, or a list of ids."""

    def _table_of(self, chosen: int | str | Iterable[int | str]) -> SourceTable:
        """Return the rows of selected sources."""

    def _keep_selected(self, rows: SourceTable, where: str | None, sort: str | None) -> None:
        """Keep what is still selected after filter, order or rows have changed."""

    def selection_grid(self, ids: Iterable[int | str] | None = None) -> Any:
        """Return a grid of the selected sources."""

    def _show_below(self, grid: Any) -> None:
        """Show a grid below this one."""

    def save(self, output: str | Path, *, ids: Any = None, **options: Any) -> Report:
        """Save sources."""

    def _tell(self, told: Told) -> protocol.LabelAnswer:
        """Send all views what happened to labels, and return the message."""

    def _follow_journal(self) -> None:
        """Tell all views what others wrote to the journal."""

    def inspect(self, id: int | str | None) -> None:
        """Open a source in the inspector of all views; None closes it."""

    def observe(self, handler: Callable[[Any], None], names: Iterable[str]) -> None:
        """Call a handler when a trait changes."""

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send one message to all views."""

    def release(self) -> None:
        """Forget the cutouts that were read; they are read again when needed."""
