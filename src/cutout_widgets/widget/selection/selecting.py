"""The part of a grid that holds the selection, and shows grids of selected sources below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from cutout_widgets.errors import BadOption
from cutout_widgets.labels import identifiers
from cutout_widgets.widget.labelling.state import LABELLING_OPTIONS
from cutout_widgets.widget.protocol.labels import NAMED
from cutout_widgets.widget.selection.rows import SelectedRows, spans_at, spans_of
from cutout_widgets.widget.shape import SHAPE_OPTIONS
from cutout_widgets.widget.traits import Identifiers, refusing

if TYPE_CHECKING:
    from threading import RLock

    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.stores.base import HasHistory
    from cutout_widgets.widget.labelling.labelling import Labelling
    from cutout_widgets.widget.pages.pages import Pages
    from cutout_widgets.widget.protocol import messages as protocol

__all__ = ["Selecting"]

MOST_SPANS = 20_000
"""Maximum runs of rows in a rule, as the rule is sent with every click."""


class _Selected(Identifiers):
    """Ids, or a rule for many of them."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Return a rule unchanged, and anything else as a list of Python ints."""
        return value if isinstance(value, SelectedRows) else super().validate(obj, value)


class Selecting(t.HasTraits):
    """Synced state about selected sources, and the methods that select many at once."""

    selected: t.TraitType[Any, Any] = _Selected(
        help="ids, in the order they were picked; or a rule, which reads as a list of ids"
    ).tag(
        sync=True,
        to_json=lambda ids, _: ids.rule if isinstance(ids, SelectedRows) else [str(one) for one in ids],
        from_json=lambda given, grid: grid._selected_from(given),
    )
    below: t.List[Any] = t.List(help="grids that are shown below this one").tag(
        sync=True,
        to_json=lambda grids, _: [one.grid_id for one in grids],
        from_json=lambda ids, grid: [one for one in grid.below if one.grid_id in ids],
    )

    _pages: Pages
    _state_lock: RLock
    _made_below: tuple[Any, ...] = ()
    _journal: Labelling
    _label_choices: tuple[protocol.LabelChoice, ...]
    _history: HasHistory | None
    images: Any
    look: Any
    colormap: Any
    page_size: Any
    facets: Any
    where: str | None
    sort: str | None

    def select_all(self) -> None:
        """Select all sources that pass the filter, as a rule that stays valid in another sort order.

        A different filter clears it.
        """
        self._select("all", self.where, self.sort)

    def select_range(self, first: int | str, last: int | str) -> None:
        """Add all sources from one to another, in the displayed order, to the selection.

        Raises
        ------
        BadOption
            If one of the two does not pass the filter.
        BadTable
            If the table has no such row.
        """
        self._select("range", self.where, self.sort, first, last)

    def select_others(self) -> None:
        """Invert the selection among the sources that pass the filter."""
        self._select("others", self.where, self.sort)

    def selection_grid(self, ids: Iterable[int | str] | None = None) -> Any:
        """Return a grid of the selected sources, in the same look and with the same labels.

        Parameters
        ----------
        ids
            Which sources; None = those in `selected`.

        Returns
        -------
        CutoutGrid
            If the selection is a rule, its rows are in the order of this grid, else in the order they
            were selected. Both grids share their labels.

        Raises
        ------
        BadOption
            If nothing is selected.
        BadTable
            If the table has no such row.
        """
        rows = self._table_of(self.selected if ids is None else ids)
        if not len(rows):
            raise BadOption("nothing is selected; select the sources for the new grid first")
        make: Any = type(self)
        return make(
            rows,
            self.images,
            self._pages.region,
            labels=self._journal.journal,
            choices=self._label_choices,
            look=self.look,
            colormap=self.colormap,
            page_size=self.page_size,
            facets=self.facets,
            history=self._history,
            snapshot=False,
            **{name: getattr(self, name) for name in (*LABELLING_OPTIONS, *SHAPE_OPTIONS)},
        )

    def _select(
        self, what: str, where: str | None, sort: str | None, first: int | str = 0, last: int | str = 0
    ) -> None:
        """Select rows of a filter in a sort order."""
        rows = self._pages.rows(where, sort)
        with self._state_lock:
            if what == "all":
                self.selected = SelectedRows.all_of(rows, where, sort)
                return
            before = self.selected
            chosen = np.zeros(len(rows), dtype=bool)
            if isinstance(before, SelectedRows) and before.moved_to(rows, where, sort) is before:
                chosen[before.places] = True
            else:
                chosen |= np.isin(rows.ids, np.asarray(before, dtype=np.int64))
            if what == "range":
                ends = sorted(_place_of(rows, one) for one in (first, last))
                chosen[ends[0] : ends[1] + 1] = True
                kept = [] if isinstance(before, SelectedRows) else list(before)
            else:
                chosen, kept = ~chosen, []
            places = np.flatnonzero(chosen)
            if len(places) <= NAMED:
                self.selected = list(dict.fromkeys([*kept, *rows.ids[places].tolist()]))
            else:
                self.selected = SelectedRows(rows, where, sort, spans_at(places))

    @refusing
    def _selected_from(self, given: Any) -> Any:
        """Validate a selection that a view sent."""
        if not isinstance(given, dict):
            if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
                raise BadOption(f"selected sources are a list of ids as text, or a rule; got {given!r:.60}")
            return identifiers(given)
        where, sort = given.get("where"), given.get("sort")
        if not all(value is None or isinstance(value, str) for value in (where, sort)):
            raise BadOption("filter and order of selected rows are texts or null")
        rows = self._pages.rows(where or None, sort or None)
        spans = spans_of(given.get("spans"), len(rows))
        if len(spans) > MOST_SPANS:
            raise BadOption(f"a rule has at most {MOST_SPANS:,} runs of rows; got {len(spans):,}")
        return SelectedRows(rows, where or None, sort or None, spans)

    def _table_of(self, chosen: int | str | Iterable[int | str]) -> SourceTable:
        """Return the rows of selected sources, in the order of the rule or of the ids.

        Raises
        ------
        BadTable
            If the table has no row of an id.
        """
        if isinstance(chosen, SelectedRows):
            return chosen.table
        sources = self._pages.sources
        places = [sources.place_of(one) for one in identifiers(chosen)]
        return sources.take([place for place in places if place is not None])

    def _keep_selected(self, rows: SourceTable, where: str | None, sort: str | None) -> None:
        """Update the selection after a change of filter, sort order or rows."""
        chosen = self.selected
        if isinstance(chosen, SelectedRows):
            self.selected = chosen.moved_to(rows, where, sort)

    def _show_below(self, grid: Any) -> None:
        """Show a grid below this one until a view removes it, which closes it."""
        with self._state_lock:
            self._made_below = (*self._made_below, grid)
            self.below = [*self.below, grid]

    @t.validate("below")
    def _check_below(self, proposal: Any) -> list[Any]:
        for one in proposal["value"]:
            if not isinstance(one, Selecting):
                raise BadOption(f"only grids can be shown below a grid; got {type(one).__name__}")
            if one is self:
                raise BadOption("a grid cannot be shown below itself")
        return list(proposal["value"])

    @t.observe("below")
    def _close_made(self, change: Any) -> None:
        gone = [one for one in self._made_below if not any(one is other for other in change["new"])]
        self._made_below = tuple(one for one in self._made_below if one not in gone)
        for one in gone:
            one.close()


def _place_of(rows: SourceTable, id: int | str) -> int:
    place = rows.place_of(id)
    if place is None:
        raise BadOption(
            f"source {id} does not pass the filter; choose both ends of a range from those that do"
        )
    return place
