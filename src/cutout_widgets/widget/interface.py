"""The interface of a grid for the other parts of the widget; `CutoutGrid` implements it."""

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
    from cutout_widgets.widget.labelling.labelling import LabelAction, Labelling
    from cutout_widgets.widget.pages.pages import Pages
    from cutout_widgets.widget.protocol import messages as protocol

__all__ = ["Grid"]


class Grid(Protocol):
    """A grid of cutouts, as request handlers, light curve and export use it."""

    _pages: Pages
    """Rows and cutouts, page by page."""
    _journal: Labelling
    """Id -> its state in the journal, and the methods that label sources."""
    selected: Sequence[int]
    """Ids in the order they were selected, or a rule that is read as such a list."""
    labelling_problem: str
    """Why labels cannot be read or written now."""
    inspected: int | None
    """The id of the source in the inspector."""
    facets: list[str]
    """Columns with a histogram besides score and signal to noise."""
    _words: tuple[str, ...]
    """Labels with keys and buttons."""
    grid_id: str
    """The id of its widget."""
    panels: Sequence[Panel]
    """Which panels tiles show, from left to right."""
    colormap: str | None
    """Colormap of all panels; None: that of the look."""
    _history: HasHistory | None
    """The source of light curves that the user gave."""
    _links: Links
    """Links to other sites for the inspector."""

    @property
    def sources(self) -> SourceTable:
        """All rows."""

    @property
    def images(self) -> ImageStore:
        """The image store."""

    @property
    def _target(self) -> protocol.Target:
        """The current page."""

    @property
    def _wire_state(self) -> dict[str, Any]:
        """The traits that the front end reads, in wire form."""

    def _look_named(self, name: str) -> Look:
        """Return a preset, or the user's own look of that name."""

    def _adopt(self, target: protocol.Target) -> None:
        """Set the grid to the page that a view requested."""

    def _greeted(self) -> None:
        """Note that a view has opened."""

    def _keep_snapshot(self, page: protocol.PageAnswer | None, pixels: bytes) -> None:
        """Keep a page in the saved notebook."""

    def _renew_snapshot(self) -> None:
        """Store the current page in the notebook."""

    @property
    def shown(self) -> SourceTable:
        """The rows that pass the filter."""

    def _select(
        self, what: str, where: str | None, sort: str | None, first: int | str = 0, last: int | str = 0
    ) -> None:
        """Select all rows of a filter, a range, or the others."""

    def _selected_from(self, given: Any) -> Any:
        """Return the selection that a view sent: `SelectedRows`, or a list of ids."""

    def _table_of(self, chosen: int | str | Iterable[int | str]) -> SourceTable:
        """Return the rows of selected sources."""

    def _keep_selected(self, rows: SourceTable, where: str | None, sort: str | None) -> None:
        """Update the selection after filter, order or rows have changed."""

    def selection_grid(self, ids: Iterable[int | str] | None = None) -> Any:
        """Return a grid of the selected sources."""

    def _show_below(self, grid: Any) -> None:
        """Show a grid below this one."""

    def save(self, output: str | Path, *, ids: Any = None, **options: Any) -> Report:
        """Save sources."""

    def _publish(self, action: LabelAction) -> protocol.LabelAnswer:
        """Send all views a change of labels, and return the message."""

    def _follow_journal(self) -> None:
        """Send all views the labels that others added to the journal."""

    def inspect(self, id: int | str | None) -> None:
        """Show a source in the inspector of all views; None closes it."""

    def observe(self, handler: Callable[[Any], None], names: Iterable[str]) -> None:
        """Call a handler when a trait changes."""

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send one message to all views."""

    def release(self) -> None:
        """Drop the cached cutouts; they are read again when needed."""
