"""The columns shared by all views of a table: stored in Arrow, converted to numpy for arithmetic."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, KeysView, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.buffers import arrow_of, missing_in, numpy_of
from cutout_widgets.catalog.columns import close_names
from cutout_widgets.catalog.values import Values
from cutout_widgets.errors import BadTable, NotInTable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Frame", "Page", "Row"]


class Frame:
    """Columns of equal length; numpy forms are created on first use and cached.

    Parameters
    ----------
    columns
        Name -> contiguous Arrow array.
    hidden
        Columns by which the user cannot filter or sort.
    why_hidden
        What follows "there is no column 'x'" in the message about one that is hidden or not there; empty:
        the message lists those that are there.
    """

    def __init__(
        self, columns: Mapping[str, pa.Array], hidden: Collection[str] = (), why_hidden: str = ""
    ) -> None:
        self.arrow = dict(columns)
        self.hidden, self.why_hidden = frozenset(hidden), why_hidden
        self._ready: dict[str, Values] = {}
        self._lock = threading.Lock()
        self.length = len(next(iter(self.arrow.values()))) if self.arrow else 0

    def __reduce__(self) -> tuple[Any, ...]:
        return Frame, (self.arrow, self.hidden, self.why_hidden)  # without the lock and the cache

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.arrow)

    def column(self, name: str) -> pa.Array:
        """Return one Arrow column.

        Raises
        ------
        NotInTable
            If there is no such column; the error suggests the closest names.
        """
        found = self.arrow.get(name)
        if found is None:
            raise self.lacking(name)
        return found

    def lacking(self, name: str) -> NotInTable:
        """Return the error about a column that is not there or hidden."""
        return NotInTable(f"there is no column {name!r}{self.instead_of(name)}")

    def instead_of(self, name: str) -> str:
        """Return the end of a message about a column that is not there or hidden: the way out."""
        return f" {self.why_hidden}" if self.why_hidden else close_names(name, self.names)

    def values(self, name: str) -> Values:
        """Return one column in numpy form, cached.

        Raises
        ------
        BadTable
            If there is no such column, or it contains lists, structs or bytes.
        """
        ready = self._ready.get(name)
        if ready is None:
            with self._lock:
                ready = self._ready.get(name)
                if ready is None:
                    ready = self._ready[name] = _numpy_form(self.column(name), name)
        return ready

    def take(self, rows: NDArray[np.uint32]) -> Page:
        """Return some rows with all columns."""
        return Page(self.arrow, rows)


class Page:
    """A few rows with all columns, taken and converted to Python values column by column when needed.

    A catalogue has a hundred columns, of which a page of cutouts shows ten.
    """

    def __init__(self, columns: Mapping[str, pa.Array], rows: NDArray[np.uint32]) -> None:
        self.rows = rows
        """Row numbers in the frame."""
        self._columns = columns
        self._indices = arrow_of(rows)
        self._python: dict[str, list[Any]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self._columns)

    def python(self, name: str) -> list[Any]:
        """Return one column as Python values, None where null."""
        ready = self._python.get(name)
        if ready is None:
            ready = self._python[name] = self._columns[name].take(self._indices).to_pylist()
        return ready


class Row(Mapping[str, Any]):
    """Some columns of one row, as a mapping; a pickled row is a plain dict."""

    __slots__ = ("_names", "_page", "_place")

    def __init__(self, page: Page, place: int, names: Mapping[str, Any]) -> None:
        self._page, self._place, self._names = page, place, names

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return self._page.python(name)[self._place]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or `default`; faster than Mapping's own method, which raises internally."""
        return self._page.python(name)[self._place] if name in self._names else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def keys(self) -> KeysView[str]:
        """Return the names; those of a dict are faster than Mapping's own."""
        return self._names.keys()

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)

    def __repr__(self) -> str:
        return repr(dict(self))


def _numpy_form(column: pa.Array, name: str) -> Values:
    """Return an Arrow column as numpy values, null mask and words."""
    import pyarrow as pa

    kind, missing = column.type, missing_in(column)
    if pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        coded = column if pa.types.is_dictionary(kind) else column.dictionary_encode()
        codes = _filled(numpy_of(coded.indices), missing_in(coded.indices), 0)
        words = np.array(coded.dictionary.to_pylist(), dtype=object)
        if all(isinstance(word, str) for word in words):
            return Values(codes.astype(np.min_scalar_type(max(len(words), 1))), missing, words)
        return Values(words[codes] if len(words) else np.zeros(len(column)), missing)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return Values(_filled(numpy_of(column), missing, 0), missing)
    if pa.types.is_floating(kind):
        if kind == pa.float16():
            column = column.cast(pa.float32())
        return Values(_filled(numpy_of(column), missing, np.nan))
    if pa.types.is_decimal(kind):
        return Values(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_duration(kind):
        return Values(column.to_numpy(zero_copy_only=False))
    if pa.types.is_null(kind):
        return Values(np.full(len(column), np.nan))
    raise BadTable(
        f"column {name!r} holds {kind}; rows can be filtered and sorted by numbers, text and times"
    )


def _filled(values: NDArray[Any], missing: NDArray[np.bool_] | None, value: float) -> NDArray[Any]:
    """Return values with nulls replaced; without nulls the values themselves, not copied."""
    return values if missing is None else np.where(missing, values.dtype.type(value), values)
