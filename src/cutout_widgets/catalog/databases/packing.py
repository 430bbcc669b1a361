"""Convert rows of a database to Arrow columns, in small batches because Python objects need much memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.databases.database import arrow_type, as_stored
from cutout_widgets.catalog.databases.flag_words import FLAGS_A_WORD, flag_of, word_of
from cutout_widgets.errors import BadTable, sentence

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import sqlalchemy as sa
    from numpy.typing import NDArray

__all__ = ["BATCH", "Packer"]

BATCH = 1000
"""Rows that exist as Python objects at once: with 100 columns, more would exceed the processor's cache,
and fewer would need more calls."""


class Packer:
    """Converts the rows of a query, page by page.

    Parameters
    ----------
    columns
        The columns to read.
    name
        Name of the database for messages.
    stores_doubles
        Whether the database stores columns declared single precision in 64 bits, as SQLite does.
        Such a column is single precision until a value needs more, and double from
        that page on, so that no stored digit is lost.
    """

    def __init__(self, columns: Sequence[sa.Column[Any]], name: str, *, stores_doubles: bool) -> None:
        import pyarrow as pa

        self.schema = pa.schema([(column.name, arrow_type(column)) for column in columns])
        """Names and declared types."""
        flags = [column for column in columns if arrow_type(column) == pa.bool_()]
        others = [column for column in columns if arrow_type(column) != pa.bool_()]
        self._words = [flags[start : start + FLAGS_A_WORD] for start in range(0, len(flags), FLAGS_A_WORD)]
        self.selected = [*map(as_stored, others), *map(word_of, self._words)]
        """The columns of the query."""
        self._name = name
        single = [entry.name for entry in self.schema if entry.type == pa.float32()]
        self._narrowed = single if stores_doubles else []
        wide = [pa.float64() if one.name in self._narrowed else arrow_type(one) for one in others]
        self._packed = [
            *map(pa.field, (one.name for one in others), wide),
            *(pa.field(f"flags {number}", pa.int64()) for number in range(len(self._words))),
        ]

    def page(self, batches: Iterable[Sequence[Sequence[Any]]]) -> pa.Table:
        """Return rows as one table with contiguous columns.

        Parameters
        ----------
        batches
            Rows in batches, as the database driver returns them.

        Raises
        ------
        BadTable
            If a value does not have the type of its column.
        """
        import pyarrow as pa

        packed = [self._batch(rows) for rows in batches]
        if not packed:
            return self.schema.empty_table()
        page = pa.Table.from_batches(packed, schema=pa.schema(self._packed))
        columns = {name: page[name] for name in page.column_names if name in self.schema.names}
        for name in tuple(self._narrowed):
            narrow = _exactly_single(columns[name])
            if narrow is None:
                self._narrowed.remove(name)
            else:
                columns[name] = narrow
        for flags, words in zip(self._words, page.columns[len(columns) :], strict=True):
            columns |= self._flags(flags, words.to_numpy())
        return pa.table({name: columns[name] for name in self.schema.names}).combine_chunks()

    def _flags(self, flags: Sequence[sa.Column[Any]], words: NDArray[np.int64]) -> dict[str, pa.ChunkedArray]:
        """Return the flags by name."""
        import pyarrow as pa

        found = {}
        for place, flag in enumerate(flags):
            try:
                values, missing = flag_of(words, place)
            except ValueError as err:
                raise self._wrong(flag.name, err) from err
            found[flag.name] = pa.chunked_array([pa.array(values, mask=missing)])
        return found

    def _batch(self, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
        """Return a batch of rows in packed form."""
        import pyarrow as pa

        columns = []
        for entry, values in zip(self._packed, zip(*rows, strict=True), strict=True):
            try:
                columns.append(_column(values, entry.type))
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as err:
                raise self._wrong(entry.name, err) from err
        return pa.RecordBatch.from_arrays(columns, schema=pa.schema(self._packed))

    def _wrong(self, column: str, err: Exception) -> BadTable:
        return BadTable(f"column {column!r} of {self._name} has an invalid value ({sentence(err)})")


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return values as an Arrow array; doubles may be given as decimals."""
    import pyarrow as pa

    try:
        return pa.array(values, type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(values).cast(kind)


def _exactly_single(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return doubles as single precision, or None if that would change a value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    single = column.cast(pa.float32())
    same = pc.all(pc.equal(single.cast(pa.float64()), column)).as_py()
    return None if same is False else single
