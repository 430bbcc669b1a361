"""Extra and hidden columns for filters and sort orders; the table itself does not change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.frame import Frame
from cutout_widgets.catalog.table_data import TableData
from cutout_widgets.catalog.values import Values
from cutout_widgets.catalog.view import View

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["ById", "hiding", "narrowed"]

_MANY = 1000
"""From this many identifiers on, they are looked up at once."""


class ById:
    """Looks up rows by identifier, for all views of a table.

    Parameters
    ----------
    table
        Any of the views.
    """

    def __init__(self, table: SourceTable) -> None:
        self._data = table._view.data

    def __len__(self) -> int:
        return self._data.frame.length

    @property
    def ids(self) -> NDArray[np.int64]:
        """Identifiers, shape (n,), in the order of the source; 0 for missing ones."""
        found: NDArray[np.int64] = self._data.frame.values(self._data.names["id"]).values
        return found

    def check(self, ids: NDArray[np.int64]) -> None:
        """Raise if an identifier is not in the table.

        Raises
        ------
        BadTable
            If one is missing.
        """
        if len(ids) > _MANY:
            among = self._data.sorted_identifiers()
            places = among.searchsorted(ids)
            places[places == len(among)] = 0
            ids = ids[among[places] != ids] if len(among) else ids
        for id in ids.tolist():
            self._data.row_of(id)

    def rows_of(self, id: int) -> NDArray[np.uint32]:
        """Return the rows of an identifier: none, one, or several."""
        return self._data.rows_of(id)

    def rows_in(self, view: SourceTable) -> NDArray[np.uint32] | slice:
        """Return the rows that a view of the same table has."""
        return slice(None) if view._view.is_whole else view._view.rows


class _WiderFrame(Frame):
    """The columns of a frame, and extra ones that are computed when needed."""

    def __init__(self, frame: Frame, extra: Mapping[str, Callable[[], Values]]) -> None:
        super().__init__(frame.arrow, frame.hidden, frame.why_hidden)
        self._frame, self._extra = frame, dict(extra)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.arrow, *self._extra)

    def values(self, name: str) -> Values:
        return self._extra[name]() if name in self._extra else self._frame.values(name)


def narrowed(
    table: SourceTable, where: str | None, sort: str | None, extra: Mapping[str, Callable[[], Values]]
) -> SourceTable:
    """Filter and sort a table, with extra columns available.

    Parameters
    ----------
    table
        The rows.
    where, sort
        As for `SourceTable.where` and `SourceTable.sort`; None or empty: all rows, in the table's order.
    extra
        Name -> function that returns the column, one value for each row in `ById`.

    Returns
    -------
    SourceTable
        A table of the selected rows; it does not change when the extra columns do.

    Raises
    ------
    BadTable
        If `where` or `sort` is wrong.
    """
    data = table._view.data
    wider = TableData(_WiderFrame(data.frame, extra), data.names, data.units, data.descriptions, data.origin)
    view = View(wider, None if table._view.is_whole else table._view.rows)
    view = view.filtered(where) if where else view
    view = view.sorted([sort]) if sort else view
    rows: Any = view.rows
    return table._like(View(data, rows))


def hiding(table: SourceTable, columns: Collection[str], why: str) -> SourceTable:
    """Return a table by some columns of which the user cannot filter or sort.

    Parameters
    ----------
    table
        The rows.
    columns
        Names; their values can still be read.
    why
        What follows "there is no column 'x'" in messages about these and about those that are not there.
    """
    data = table._view.data
    frame = Frame(data.frame.arrow, columns, why)
    hidden = TableData(frame, data.names, data.units, data.descriptions, data.origin)
    return table._like(View(hidden, None if table._view.is_whole else table._view.rows))
