"""Rows of a database as Arrow columns, converted in small batches: Python objects need much memory."""

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
"""Rows that are Python objects at a time. With 100 columns more would leave the processor's cache
before they are packed, and fewer would cost calls."""


class Packer:
    """Packs the rows of a query, page after page.

    Parameters
    ----------
    columns
        The columns wanted.
    name
        What to call the database in sentences.
    stores_doubles
        Whether the database keeps 64 bits of a number that was declared single, as SQLite does.
        Such a column is single precision until a value comes that needs more, and double from
        that page on: no digit that the database holds is lost.
    """

    def __init__(self, columns: Sequence[sa.Column[Any]], name: str, *, stores_doubles: bool) -> None:
        import pyarrow as pa

        self.schema = pa.schema([(column.name, arrow_type(column)) for column in columns])
        """Names, and the types that the database declares."""
        flags = [column for column in columns if arrow_type(column) == pa.bool_()]
        others = [column for column in columns if arrow_type(column) != pa.bool_()]
        self._words = [flags[start : start + FLAGS_A_WORD] for start in range(0, len(flags), FLAGS_A_WORD)]
        self.selected = [*map(as_stored, others), *map(word_of, self._words)]
        """What to select."""
        self._name = name
        single = [entry.name for entry in self.schema if entry.type == pa.float32()]
        self._narrowed = single if stores_doubles else []
        wide = [pa.float64() if one.name in self._narrowed else arrow_type(one) for one in others]
        self._packed = [
            *map(pa.field, (one.name for one in others), wide),
            *(pa.field(f"flags {number}", pa.int64()) for number in range(len(self._words))),
        ]

    def page(self, batches: Iterable[Sequence[Sequence[Any]]]) -> pa.Table:
        """Return rows as one table, its columns contiguous.

        Parameters
        ----------
        batches
            Rows as the driver of the database gives them, some at a time.

        Raises
        ------
        BadTable
            If a value is not of its column's type.
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
        """Return flags by their names."""
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
        """Return a few rows with the types they are packed in."""
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
    """Return values as an Arrow array; doubles may come as decimals."""
    import pyarrow as pa

    try:
        return pa.array(values, type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(values).cast(kind)


def _exactly_single(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return doubles in single precision; None if one of them would change."""
    import pyarrow as pa
    import pyarrow.compute as pc

    single = column.cast(pa.float32())
    same = pc.all(pc.equal(single.cast(pa.float64()), column)).as_py()
    return None if same is False else single
