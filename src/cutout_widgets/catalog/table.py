"""The public table: DiaSources in Arrow columns, with cheap filtered and sorted views."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import ID_COLUMNS
from cutout_widgets.catalog.forms import TableForms
from cutout_widgets.catalog.origins import TableOrigins
from cutout_widgets.catalog.reading.reading import view_of
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.view import View
from cutout_widgets.errors import BadTable, NotInTable, counted

__all__ = ["SourceTable"]

_STREAMED = 2048  # rows converted to Python objects at once when a table is iterated


class SourceTable(TableForms, TableOrigins):
    """Rows of DiaSources, of any survey.

    Columns are stored once, in Arrow; `where`, `sort`, `take` and brackets return views that share them
    and contain only row numbers, so a page of ten million rows is as fast as one of a hundred.

    Parameters
    ----------
    source
        pandas DataFrame, astropy Table, Arrow table, mapping of arrays, sequence of mappings or
        of `DiaSource` (a page), positions, path (parquet, csv, ecsv, fits, votable, feather, reg; ``.gz``
        too), APDB URL, ``"tap:URL"``, ``"butler:REPO#dataset"``, or anything with a method ``table()``, such
        as alert packets opened with `open_images`; another `SourceTable`.
    id, ra, dec
        Names of these columns, if they are not recognised automatically.
    instrument
        The instrument of all rows, added as the column ``instrument``.
    options
        For APDB URLs and Butler datasets: options of `read_apdb` and the Butler's reader.

    Raises
    ------
    BadTable
        If the source cannot be read, or lacks a required column: an
        identifier, ra or dec.
    UnknownOption
        If the source does not have such an option.

    Warns
    -----
    CutoutWarning
        If rows are skipped because their identifier is NULL, or identifiers repeat.

    Notes
    -----
    Columns of stamps and histories in Parquet alert packets are read by the image store.

    Examples
    --------
    >>> import cutout_widgets as cw
    >>> table = cw.SourceTable({"id": [7, 8, 9], "ra": [1.0, 1.1, 1.2], "dec": [0.0] * 3, "snr": [3, 9, 6]})
    >>> table["snr"]
    array([3, 9, 6])
    >>> table[0].id, len(table[table["snr"] > 5]), table.sort("-snr").ids.tolist()
    (7, 2, [8, 9, 7])
    """

    def __init__(
        self,
        source: Any,
        *,
        id: str | None = None,
        ra: str | None = None,
        dec: str | None = None,
        instrument: str | None = None,
        **options: Any,
    ) -> None:
        chosen = {"id": id, "ra": ra, "dec": dec}
        self._view = view_of(source, chosen=chosen, instrument=instrument, options=options)
        self._shared = self._view.data

    @classmethod
    def read(cls, source: Any, **options: Any) -> Self:
        """Make a table from any source of rows, like calling the class.

        A `SourceTable` is returned unchanged if no options are given.
        """
        return source if isinstance(source, cls) and not options else cls(source, **options)

    def _like(self, view: View) -> Self:
        """Return another view of this table."""
        other = object.__new__(type(self))
        other._view, other._shared = view, view.data
        return other

    # --- columns ----------------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the source."""
        return self._shared.frame.names

    @property
    def units(self) -> dict[str, str]:
        """Column -> unit: from the source of the rows, else the default of known surveys."""
        return dict(self._shared.units)

    @property
    def descriptions(self) -> dict[str, str]:
        """Column -> description, if given by the source."""
        return dict(self._shared.descriptions)

    @property
    def names(self) -> dict[str, str]:
        """Meaning -> column: ``{"id": "diaSourceId", "flux": "psfFlux", ...}``; see ``docs/tables.md``."""
        return dict(self._shared.names)

    @property
    def flag_columns(self) -> tuple[str, ...]:
        """Names of the boolean columns."""
        return tuple(self._shared.flags)

    @property
    def query(self) -> str | None:
        """The filter of this view, or None."""
        filters = self._view.filters
        if len(filters) < 2:
            return filters[0] if filters else None
        return " and ".join(f"({one})" for one in filters)

    @property
    def order(self) -> str | None:
        """The columns this view is sorted by, with a minus for descending order, or None."""
        return ", ".join(self._view.order) or None

    @property
    def ids(self) -> NDArray[np.int64]:
        """Identifiers in the order of this view, int64, shape (n,)."""
        return self.values(self._shared.names["id"])

    def values(self, name: str) -> NDArray[Any]:
        """Return a column as a numpy array in the order of this view.

        Parameters
        ----------
        name
            A column, or a meaning such as ``"snr"`` or ``"flux"``.

        Returns
        -------
        ndarray
            Shape (n,), read-only. Missing values are NaN in numeric columns (integers with missing
            values become float); None in text, flags and identifiers, which then are objects.

        Raises
        ------
        BadTable
            If there is no such column.
        """
        found = self._shared.values(name)
        name = self._shared.column_of(name)
        rows: Any = slice(None) if self._view.is_whole else self._view.rows
        values: NDArray[Any] = found.values[rows]
        missing = None if found.missing is None else found.missing[rows]
        if found.words is not None:
            values = found.words[values] if len(found.words) else np.full(len(values), None, dtype=object)
        if missing is not None and missing.any():
            is_exact = values.dtype.kind in "bO" or name in ID_COLUMNS
            values = values.astype(object if is_exact else float)
            values[missing] = None if values.dtype == object else np.nan
        return values

    def __len__(self) -> int:
        return len(self._view)

    def __repr__(self) -> str:
        origin = f" of {self._shared.origin}" if self._shared.origin else ""
        view = f" where {self.query}" if self.query else ""
        view += f" by {self.order}" if self.order else ""
        n, total = len(self), self._shared.frame.length
        some = "" if n == total else f"{n:,} of "
        columns, flags = counted(len(self.columns), "column"), counted(len(self.flag_columns), "flag")
        return f"<SourceTable{origin}: {some}{counted(total, 'row')}, {columns} ({flags}){view}>"

    # --- views ------------------------------------------------------------------------------------

    @overload
    def __getitem__(self, key: str) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, key: int) -> DiaSource: ...
    @overload
    def __getitem__(self, key: Any) -> Self: ...
    def __getitem__(self, key: Any) -> Any:
        """Return a column (by name or meaning), a row (by number), or a view (slice, mask, numbers).

        Raises
        ------
        NotInTable
            If there is no such column or row.
        BadTable
            If `key` cannot select rows.
        """
        if isinstance(key, str):
            return self.values(key)
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            if not -len(self) <= key < len(self):
                raise NotInTable(
                    f"there is no row number {key}; the table has {len(self)} rows, counted from 0: "
                    "to find a row by its identifier use row(id)"
                )
            return self._sources(self._view.rows[np.array([key])])[0]
        return self.take(key)

    def head(self, n: int = 5) -> Self:
        """Return the first rows of this view."""
        return self.take(slice(max(0, n)))

    def tail(self, n: int = 5) -> Self:
        """Return the last rows of this view."""
        return self.take(slice(max(0, len(self) - n), None))

    def where(self, query: str | None) -> Self:
        """Return the rows that satisfy a filter, in the order of this view.

        Parameters
        ----------
        query
            As in ``pandas.DataFrame.query``: ``"snr > 5 and band in ['r', 'i'] and not isDipole"``.
            It is applied in addition to this view's filter. None or an empty text removes all filters.

        Raises
        ------
        BadTable
            In one sentence, if the text does not parse, names an unknown column (with suggestions),
            compares incompatible types, or uses something that is not allowed in filters.

        Notes
        -----
        Only the columns named in the text are read. ``@variables``, attributes, indexing,
        lambdas and calls except a few functions and methods are refused: the text
        is never executed as Python. A row for which the result is unknown, because a flag or integer is
        missing, is selected neither by ``isDipole`` nor by ``not isDipole``; use
        ``isDipole.isna()`` for those. NaN compares as in numpy.
        """
        return self._like(
            self._view.filtered(None if query is None or query == "" or str(query).isspace() else query)
        )

    def sort(self, *by: str | Sequence[str] | None) -> Self:
        """Return the rows sorted by one or several columns, the first one being the primary key.

        Parameters
        ----------
        by
            Columns (or meanings, such as ``"snr"``), each with a leading minus for descending order:
            ``sort("band", "-snr")``, ``sort(["band", "-snr"])`` or ``sort("band, -snr")``.
            Nothing, None or an empty text restores the table's own order.

        Raises
        ------
        BadTable
            If there is no such column, or it cannot be sorted by.

        Notes
        -----
        Missing values and NaN are always last; equal values keep the table's order.
        """
        keys: list[Any] = []
        for one in by:
            keys.extend(
                [one] if one is None or isinstance(one, str) or not isinstance(one, Iterable) else one
            )
        return self._like(self._view.sorted(keys))

    def take(self, row_numbers: Iterable[int] | NDArray[Any] | slice) -> Self:
        """Return some rows of this view, in the given order, as a separate table.

        Parameters
        ----------
        row_numbers
            Positions in this view, 0-based (negative: from the end), a slice, or one boolean per
            row; an unknown one (None) selects nothing.

        Raises
        ------
        BadTable
            If one is out of range.
        """
        return self._like(View(self._shared, self._view.taken(row_numbers)))

    # --- rows -------------------------------------------------------------------------------------

    def page(self, k: int, size: int) -> list[DiaSource]:
        """Return the rows of one page; the last page may be shorter, and a page beyond it is empty.

        Parameters
        ----------
        k
            Page number, from 0.
        size
            Rows per page.

        Raises
        ------
        BadTable
            If `k` is negative or `size` is not positive.
        """
        if k < 0 or size < 1:
            raise BadTable(f"pages count from 0 and hold at least one row; got page {k} of {size} rows")
        return self._sources(self._view.between(k * size, (k + 1) * size))

    def row(self, id: int | str) -> DiaSource:
        """Return the row of an identifier, whether or not this view's filter selects it.

        Raises
        ------
        BadTable
            If the table has no such row.
        """
        return self._sources(np.array([self._shared.row_of(id)], dtype=np.uint32))[0]

    def place_of(self, id: int | str) -> int | None:
        """Return the position of an identifier in this view, or None."""
        found = np.flatnonzero(self._view.rows == self._shared.row_of(id))
        return int(found[0]) if found.size else None

    def __contains__(self, id: object) -> bool:
        """Return whether this view has a row with an identifier, or the table a column with a name."""
        if isinstance(id, str):
            return id in self._shared.frame.arrow
        with contextlib.suppress(BadTable):
            return isinstance(id, (int, np.integer)) and self.place_of(int(id)) is not None
        return False

    def __iter__(self) -> Iterator[DiaSource]:
        rows = self._view.rows
        for start in range(0, len(rows), _STREAMED):
            yield from self._sources(rows[start : start + _STREAMED])

    # --- inside -----------------------------------------------------------------------------------

    def _sources(self, rows: NDArray[np.uint32]) -> list[DiaSource]:
        return self._shared.sources(self._shared.frame.take(rows))
