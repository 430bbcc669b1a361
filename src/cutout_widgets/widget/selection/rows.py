"""Many selected sources as a rule: positions of rows in a filtered and sorted table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.protocol.labels import NAMED

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["SelectedRows", "spans_at", "spans_of"]

Spans = tuple[tuple[int, int], ...]


class SelectedRows(Sequence[int]):
    """Ids of selected rows, a sequence of `int` like a list of ids; `numpy.asarray` gives an array.

    Parameters
    ----------
    rows
        The rows that pass `where`, in the order of `sort`.
    where, sort
        Filter and sort order.
    spans
        First position of each run of selected rows and the one after its last; ascending, disjoint.
    """

    def __init__(self, rows: SourceTable, where: str | None, sort: str | None, spans: Spans) -> None:
        self._rows = rows
        self.where, self.sort, self.spans = where, sort, spans
        self._ids: NDArray[np.int64] | None = None

    @classmethod
    def all_of(cls, rows: SourceTable, where: str | None, sort: str | None) -> SelectedRows:
        """Select all rows."""
        return cls(rows, where, sort, ((0, len(rows)),) if len(rows) else ())

    @property
    def table(self) -> SourceTable:
        """The selected rows."""
        return self._rows if self.is_all else self._rows.take(self.places)

    @property
    def places(self) -> NDArray[np.intp]:
        """Positions of the selected rows, shape (n,)."""
        return np.concatenate([np.arange(0), *(np.arange(first, end) for first, end in self.spans)])

    @property
    def ids(self) -> NDArray[np.int64]:
        """The ids in row order, shape (n,); read-only."""
        if self._ids is None:
            all_ids = self._rows.ids
            self._ids = all_ids if self.is_all else all_ids[self.places]
        return self._ids

    @property
    def is_all(self) -> bool:
        """True if all rows that pass the filter are selected."""
        return len(self) == len(self._rows)

    @property
    def rule(self) -> protocol.SelectedRule:
        """The selection in wire form."""
        spans: Any = [list(one) for one in self.spans]  # lists, as in JSON: equal to what a view sent
        return protocol.SelectedRule(where=self.where, sort=self.sort, spans=spans)

    def moved_to(self, rows: SourceTable, where: str | None, sort: str | None) -> SelectedRows | list[int]:
        """Return what stays selected when filter, sort order or rows change.

        A selection of all rows stays one; of others, the same sources stay if they are few, else none. With
        a different filter the selection is cleared.
        """
        if where != self.where:
            return []
        if self.is_all:
            return self if rows is self._rows else SelectedRows.all_of(rows, where, sort)
        if sort == self.sort and (rows is self._rows or np.array_equal(rows.ids, self._rows.ids)):
            return self
        return self.ids.tolist() if len(self) <= NAMED else []

    def __len__(self) -> int:
        return sum(end - first for first, end in self.spans)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        found: int | list[int] = self.ids[place].tolist()
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids.tolist())

    def __reversed__(self) -> Iterator[int]:
        return iter(self.ids[::-1].tolist())

    def __contains__(self, id: object) -> bool:
        return isinstance(id, (int, np.integer)) and bool((self.ids == id).any())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        del copy
        return np.array(self.ids, dtype=dtype)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SelectedRows):
            return self._rows is other._rows and self.rule == other.rule
        return isinstance(other, (list, tuple)) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # like a list

    def __repr__(self) -> str:
        where = f" where {self.where}" if self.where else ""
        return f"<SelectedRows: {len(self):,} of {len(self._rows):,} rows{where}>"


def spans_at(places: NDArray[np.intp]) -> Spans:
    """Return the runs in ascending positions, shape (n,)."""
    if not len(places):
        return ()
    breaks = np.flatnonzero(np.diff(places) > 1) + 1
    edges = [0, *breaks.tolist(), len(places)]
    return tuple((int(places[first]), int(places[end - 1]) + 1) for first, end in pairwise(edges))


def spans_of(given: Any, n: int) -> Spans:
    """Validate spans from the wire.

    Parameters
    ----------
    given
        The value received.
    n
        Number of rows.

    Raises
    ------
    BadOption
        If they are not ascending runs of rows.
    """
    if not isinstance(given, list) or not all(_is_pair(one) for one in given):
        raise BadOption(f"selected rows are pairs of whole numbers; got {given!r:.60}")
    edges = [edge for one in given for edge in one]
    if edges and not (edges[0] >= 0 and edges[-1] <= n and all(a < b for a, b in pairwise(edges))):
        raise BadOption(
            f"selected rows are separate ranges in ascending order among {n:,} rows; got {given!r:.60}"
        )
    return tuple((first, end) for first, end in given)


def _is_pair(one: Any) -> bool:
    numbers: Iterable[Any] = one if isinstance(one, list) and len(one) == 2 else (None,)
    return all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
