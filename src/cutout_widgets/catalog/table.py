"""The public table: DiaSources in Arrow columns, with cheap views for filters and orders."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.arrays import contiguous
from cutout_widgets.catalog.columns import ID_COLUMNS
from cutout_widgets.catalog.databases.addresses import is_address, read_address
from cutout_widgets.catalog.export import as_arrow, as_pandas
from cutout_widgets.catalog.intake import Intake, take_in
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table_data import TableData
from cutout_widgets.catalog.view import View
from cutout_widgets.errors import BadTable, CutoutWarning

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["SourceTable"]

_STREAMED = 2048
"""Rows turned into Python objects at a time when a table is iterated."""


class SourceTable:
    """Rows of DiaSources, of any survey.

    Make one with `read`. Columns live once, in Arrow; `where`, `sort` and `take` return views
    that share them and hold row numbers only, so a page of ten million rows costs what a page of
    a hundred does.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._shared = view.data

    @classmethod
    def read(
        cls,
        source: Any,
        *,
        id: str | None = None,
        ra: str | None = None,
        dec: str | None = None,
        instrument: str | None = None,
        **options: Any,
    ) -> Self:
        """Make a table of whatever holds the rows.

        Parameters
        ----------
        source
            pandas DataFrame, astropy Table, Arrow table, mapping of arrays, sequence of mappings or
            of `DiaSource` (a page), structured array, path (parquet, csv, ecsv, fits, votable, feather;
            ``.gz`` too), APDB URL, ``"butler:REPO#dataset"``, or anything with a method ``table()``, such as
            alert packets opened with `open_images`. A `SourceTable` is returned as it is.
        id, ra, dec
            Names of these columns, where they have none that we know.
        instrument
            The instrument all rows belong to; becomes the column ``instrument``.
        options
            For APDB URLs and Butler datasets: what `read_apdb` and the Butler's reader take.

        Raises
        ------
        BadTable
            If the source cannot be read, or lacks a column that is needed to show a source: an
            identifier, ra and dec.

        Warns
        -----
        CutoutWarning
            If rows were left out because their identifier is NULL, or identifiers repeat.

        Notes
        -----
        Columns of pictures and histories in Parquet alert packets are left to the image store.
        """
        if isinstance(source, cls) and not (id or ra or dec or instrument or options):
            return source
        if isinstance(source, (str, Path)) and is_address(source):
            found = read_address(source, **options)
            return cls.read(found, id=id, ra=ra, dec=dec, instrument=instrument)
        if options:
            raise BadTable(
                f"SourceTable.read does not know {', '.join(map(repr, options))} for this kind of source"
            )
        if not isinstance(source, cls) and callable(getattr(source, "table", None)):
            return cls.read(source.table(), id=id, ra=ra, dec=dec, instrument=instrument)
        intake = source._intake() if isinstance(source, cls) else take_in(source)
        where = Path(source).name if isinstance(source, (str, Path)) else ""
        shared = TableData.of(
            intake, chosen={"id": id, "ra": ra, "dec": dec}, instrument=instrument, origin=where
        )
        for rounded in intake.rounded.values():
            warnings.warn(rounded, CutoutWarning, stacklevel=2)
        scope = shared.identified()
        if scope is not None:
            left_out = shared.frame.length - len(scope)
            warnings.warn(
                f"{left_out} of {shared.frame.length} rows have no {shared.names['id']} (NULL) "
                "and are left out",
                CutoutWarning,
                stacklevel=2,
            )
        return cls(View(shared, scope))

    # --- what it has ------------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the source."""
        return self._shared.frame.names

    @property
    def units(self) -> dict[str, str]:
        """Column -> unit: what the source says, else what the surveys we know use."""
        return dict(self._shared.units)

    @property
    def descriptions(self) -> dict[str, str]:
        """Column -> description, where the source has one."""
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
        """The column this view is sorted by, with a minus if descending, or None."""
        return self._view.order

    @property
    def ids(self) -> NDArray[np.int64]:
        """Identifiers in the order of this view, int64, shape (n,)."""
        return self.values(self._shared.names["id"])

    def values(self, name: str) -> NDArray[Any]:
        """Return a column as numpy in the order of this view.

        Parameters
        ----------
        name
            A column, or a meaning such as ``"snr"`` or ``"flux"`` that the table has a column for.

        Returns
        -------
        ndarray
            Shape (n,), not to be written to. Missing values: NaN for numbers, so that counts with
            gaps become float; None for text, flags and identifiers, which are objects then.

        Raises
        ------
        BadTable
            If there is no such column.
        """
        name = self._shared.column_of(name)
        found = self._shared.frame.values(name)
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
        n = len(self)
        total = "" if n == self._shared.frame.length else f" of {self._shared.frame.length:,}"
        return (
            f"<SourceTable{origin}: {n:,}{total} rows, {len(self.columns)} columns "
            f"({len(self.flag_columns)} flags){view}>"
        )

    # --- views ------------------------------------------------------------------------------------

    def where(self, query: str | None) -> Self:
        """Return the rows that fulfil a filter, in the order of this view.

        Parameters
        ----------
        query
            As in ``pandas.DataFrame.query``: ``"snr > 5 and band in ['r', 'i'] and not isDipole"``.
            Applied on top of the filter this view has. None or an empty text removes all filters.

        Raises
        ------
        BadTable
            In one sentence, if the text does not parse, names an unknown column (the nearest are
            named), compares what cannot be compared, or asks for what a filter may not do.

        Notes
        -----
        Only the columns that the text names are looked at. ``@variables``, attributes, indexing,
        lambdas and calls of anything but a few functions and methods are refused: nothing typed
        here is run as Python. A row whose answer is unknown, because a flag or integer is
        missing, is not selected, neither by ``isDipole`` nor by ``not isDipole``; ask
        ``isDipole.isna()`` for those. NaN compares as in numpy.
        """
        return type(self)(
            self._view.filtered(None if query is None or query == "" or str(query).isspace() else query)
        )

    def sort(self, by: str | None) -> Self:
        """Return the rows sorted by a column.

        Parameters
        ----------
        by
            A column (or a meaning, such as ``"snr"``), with a minus in front for descending.
            None or an empty text restores the table's own order.

        Raises
        ------
        BadTable
            If there is no such column, or it cannot be sorted by.

        Notes
        -----
        Missing values and NaN come last either way; equal values keep the table's order.
        """
        return type(self)(self._view.sorted(by))

    def take(self, row_numbers: Iterable[int] | NDArray[Any]) -> Self:
        """Return some rows of this view, in the order given: a table of its own.

        Parameters
        ----------
        row_numbers
            Positions in this view, 0-based (negative: from the end), or one truth value a row.

        Raises
        ------
        BadTable
            If one lies beyond the end.
        """
        numbers = np.asarray(row_numbers if isinstance(row_numbers, np.ndarray) else list(row_numbers))
        if numbers.ndim != 1 or (numbers.dtype != bool and numbers.size and numbers.dtype.kind not in "iu"):
            raise BadTable(f"row numbers are a list of whole numbers; got {numbers.ndim}-d {numbers.dtype}")
        try:
            rows = self._view.rows[numbers if numbers.size or numbers.dtype == bool else []]
        except IndexError as err:
            raise BadTable(f"the table has {len(self)} rows; a row number lies beyond that ({err})") from err
        return type(self)(View(self._shared, rows))

    # --- rows -------------------------------------------------------------------------------------

    def page(self, k: int, size: int) -> list[DiaSource]:
        """Return the rows of one page; the last page may be short, a page beyond it is empty.

        Parameters
        ----------
        k
            Page number, from 0.
        size
            Rows a page.

        Raises
        ------
        BadTable
            If `k` is negative or `size` is not positive.
        """
        if k < 0 or size < 1:
            raise BadTable(f"pages count from 0 and hold at least one row; got page {k} of {size} rows")
        return self._sources(self._view.rows[k * size : (k + 1) * size])

    def row(self, id: int | str) -> DiaSource:
        """Return the row of an identifier, whether or not this view's filter shows it.

        Raises
        ------
        BadTable
            If the table has no such row.
        """
        return self._sources(np.array([self._shared.row_of(id)], dtype=np.uint32))[0]

    def place_of(self, id: int | str) -> int | None:
        """Return the position of an identifier in this view, or None if it is not in it."""
        found = np.flatnonzero(self._view.rows == self._shared.row_of(id))
        return int(found[0]) if found.size else None

    def __contains__(self, id: object) -> bool:
        with contextlib.suppress(BadTable):
            return isinstance(id, (int, np.integer)) and self.place_of(int(id)) is not None
        return False

    def __iter__(self) -> Iterator[DiaSource]:
        rows = self._view.rows
        for start in range(0, len(rows), _STREAMED):
            yield from self._sources(rows[start : start + _STREAMED])

    # --- other forms ------------------------------------------------------------------------------

    def to_arrow(self) -> pa.Table:
        """Return this view as an Arrow table, units and descriptions in the fields' metadata."""
        return as_arrow(self._view)

    def to_pandas(self) -> pd.DataFrame:
        """Return this view as a DataFrame; integers stay integers.

        They are ``int64``, or ``Int64`` where some are missing, never float. Flags with gaps are
        ``boolean``; ``attrs["units"]`` holds the units.
        """
        return as_pandas(self._view)

    # --- inside -----------------------------------------------------------------------------------

    def _sources(self, rows: NDArray[np.uint32]) -> list[DiaSource]:
        return self._shared.sources(self._shared.frame.take(rows))

    def _intake(self) -> Intake:
        """Return this view as columns, to be read anew under other names."""
        table = self.to_arrow()
        columns = {
            name: contiguous(column) for name, column in zip(table.column_names, table.columns, strict=True)
        }
        return Intake(columns, dict(self._shared.units), dict(self._shared.descriptions))
