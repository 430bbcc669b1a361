"""A filtered and sorted view of a table, as row numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.filters.ordering import first_candidates, stable_order
from cutout_widgets.catalog.filters.query import Query
from cutout_widgets.catalog.indexing import positions
from cutout_widgets.catalog.table_data import TableData
from cutout_widgets.catalog.values import Values
from cutout_widgets.errors import BadTable

__all__ = ["View"]

_BLOCK = 1 << 18
"""Rows filtered at once, so that temporary arrays fit in the processor's cache."""


class View:
    """Row numbers of a table, filtered and sorted.

    Parameters
    ----------
    data
        The columns.
    scope
        All rows without a filter, in their order without sorting; None for the whole table.
    filters
        Queries that must all hold.
    order
        Columns to sort by, the primary key first, each with a leading minus for descending order.

    Notes
    -----
    Row numbers are computed when needed and not pickled. Two threads may both
    compute them at once, with the same result.
    """

    def __init__(
        self,
        data: TableData,
        scope: NDArray[np.uint32] | None,
        filters: tuple[str, ...] = (),
        order: tuple[str, ...] = (),
    ) -> None:
        self.data = data
        self.scope = scope
        self.filters = filters
        self.order = order
        self._kept: NDArray[np.uint32] | None = None
        self._rows: NDArray[np.uint32] | None = None
        self._beginning: NDArray[np.uint32] = np.zeros(0, np.uint32)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.data, self.scope, self.filters, self.order)

    def __len__(self) -> int:
        kept = self.kept
        return self.data.frame.length if kept is None else len(kept)

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole table in its own order."""
        return self.scope is None and not self.filters and not self.order

    @property
    def kept(self) -> NDArray[np.uint32] | None:
        """Row numbers of the scope that pass the filters, in the scope's order; None for all rows."""
        if not self.filters:
            return self.scope
        if self._kept is None:
            bare = type(self)(self.data, self.scope)
            for one in self.filters:
                bare = bare.filtered(one)
            self._kept = bare._kept
        return self._kept

    @property
    def rows(self) -> NDArray[np.uint32]:
        """Row numbers, filtered and sorted."""
        if self._rows is None:
            self._rows = self._sorted(self.kept)
        return self._rows

    def between(self, start: int, stop: int) -> NDArray[np.uint32]:
        """Return part of `rows`; for the first ones the others need not be sorted.

        Parameters
        ----------
        start, stop
            As of a slice, from 0.
        """
        if self._rows is None and self.order and len(self._beginning) < min(stop, len(self)):
            rows = self._candidates(stop)
            if rows is not None:
                self._beginning = self._sorted(rows)
        beginning = self._beginning
        return beginning[start:stop] if stop <= len(beginning) else self.rows[start:stop]

    def taken(self, row_numbers: Any) -> NDArray[np.uint32]:
        """Return the rows at some positions; see `SourceTable.take`."""
        if isinstance(row_numbers, slice) and row_numbers.step in (None, 1):
            return self.between(*row_numbers.indices(len(self))[:2])
        return self.rows[positions(row_numbers, len(self))]

    def _candidates(self, count: int) -> NDArray[np.uint32] | None:
        """Return unsorted rows that include the first ones; None if all have to be sorted."""
        key, kept = self.order[0], self.kept
        found = self.data.values(key.removeprefix("-"))
        if found.words is not None:
            return None
        values = found.values if kept is None else found.values[kept]
        missing = found.missing if found.missing is None or kept is None else found.missing[kept]
        places = first_candidates(values, missing, descending=key.startswith("-"), count=count)
        return places if places is None or kept is None else kept[places]

    def filtered(self, query: str | None) -> Self:
        """Return the view with an additional filter; None or a blank text removes all filters.

        Raises
        ------
        BadTable
            As `Query`.
        """
        if query is None or (isinstance(query, str) and not query.strip()):
            return type(self)(self.data, self.scope, order=self.order)
        if not isinstance(query, str):
            raise BadTable(f"a filter is text, such as 'snr > 5'; got {query!r}")
        data = self.data
        names = dict.fromkeys((*data.frame.names, *data.names))
        allowed = tuple(one for one in names if data.column_of(one) not in data.frame.hidden)
        parsed = Query(query, allowed, instead_of=data.frame.instead_of if data.frame.hidden else None)
        view = type(self)(data, self.scope, (*self.filters, query), self.order)
        view._kept = self._passing(parsed)
        return view

    def sorted(self, by: Sequence[str | None]) -> Self:
        """Return the view in another order; no columns restore the scope's own.

        Parameters
        ----------
        by
            Columns or meanings, with a leading minus for descending order; a text may contain several,
            separated by commas.

        Raises
        ------
        BadTable
            If there is no such column, or it cannot be sorted by.
        """
        order: list[str] = []
        for text in by:
            if text is not None and not isinstance(text, str):
                raise BadTable(f"rows are sorted by the name of a column, such as '-snr'; got {text!r}")
            order.extend(self._columns_in(text.strip()) if text else ())
        for one in order:
            name = one.removeprefix("-")
            if self.data.column_of(name) in self.data.frame.hidden:
                raise self.data.frame.lacking(name)
            self.data.values(name)
        view = type(self)(self.data, self.scope, self.filters, tuple(order))
        view._kept = self._kept
        return view

    def _columns_in(self, text: str) -> list[str]:
        """Split a text at its commas, unless it is the name of a column."""
        if self.data.column_of(text.removeprefix("-")) in self.data.frame.arrow:
            return [text]
        return [part for one in text.split(",") if (part := one.strip())]

    def _sorted(self, kept: NDArray[np.uint32] | None) -> NDArray[np.uint32]:
        """Return some rows, or all, in order."""
        rows = np.arange(self.data.frame.length, dtype=np.uint32) if kept is None else kept
        for place, key in enumerate(reversed(self.order)):  # sorts are stable, so the primary key is last
            found = self.data.values(key.removeprefix("-"))
            values, missing = found.values, found.missing
            is_plain = kept is None and place == 0
            if not is_plain:
                values = values[rows]
                missing = None if missing is None else missing[rows]
            if found.words is not None:
                rank = np.zeros(max(len(found.words), 1), dtype=np.int64)
                rank[np.argsort(found.words.astype(str), kind="stable")] = np.arange(len(found.words))
                values = rank[values]
            order = stable_order(values, missing, descending=key.startswith("-"))
            rows = order if is_plain else rows[order]
        return rows

    def _passing(self, query: Query) -> NDArray[np.uint32]:
        """Return the rows of this view, unsorted, that pass an additional filter."""
        kept = self.kept
        n = self.data.frame.length if kept is None else len(kept)
        columns = {name: self.data.values(name) for name in query.names}
        passed = []
        for start in range(0, max(n, 1), _BLOCK):
            block: Any = slice(start, min(start + _BLOCK, n))
            size = block.stop - block.start
            if kept is not None:
                block = kept[block]

            def column(name: str, block: Any = block) -> Values:
                whole = columns[name]
                missing = None if whole.missing is None else whole.missing[block]
                return Values(whole.values[block], missing, whole.words)

            mask = query(column, size)
            passed.append((np.flatnonzero(mask) + start).astype(np.uint32) if kept is None else block[mask])
        return np.concatenate(passed)
