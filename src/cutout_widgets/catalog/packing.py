"""Rows of a database as Arrow columns, a few rows at a time: Python objects are dear, and soon cold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.database import arrow_type
from cutout_widgets.errors import BadTable, sentence

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa

__all__ = ["BATCH", "Packer"]

BATCH = 1000
"""Rows that are Python objects at a time. With 100 columns more would leave the processor's cache
before they are packed, and fewer would cost calls."""


class Packer:
    """Packs the rows of a query, page after page.

    Parameters
    ----------
    columns
        What the query selects, in its order.
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
        self._name = name
        single = [entry.name for entry in self.schema if entry.type == pa.float32()]
        self._narrowed = single if stores_doubles else []
        self._packed = [
            pa.field(entry.name, pa.float64()) if entry.name in self._narrowed else entry
            for entry in self.schema
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
        page = pa.Table.from_batches(packed, schema=pa.schema(self._packed)) if packed else None
        if page is None:
            return self.schema.empty_table()
        for name in tuple(self._narrowed):
            narrow = _exactly_single(page[name])
            if narrow is None:
                self._narrowed.remove(name)
            else:
                page = page.set_column(page.column_names.index(name), name, narrow)
        return page.combine_chunks()

    def _batch(self, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
        """Return a few rows with the types they are packed in."""
        import pyarrow as pa

        columns = []
        for entry, values in zip(self._packed, zip(*rows, strict=True), strict=True):
            try:
                columns.append(_column(values, entry.type))
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as err:
                raise BadTable(
                    f"column {entry.name!r} of {self._name} holds what it should not ({sentence(err)})"
                ) from err
        return pa.RecordBatch.from_arrays(columns, schema=pa.schema(self._packed))


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return values as an Arrow array; truth values may come as 0 and 1, doubles as decimals."""
    import pyarrow as pa

    try:
        return pa.array(values, type=pa.int8() if pa.types.is_boolean(kind) else kind).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(values).cast(kind)


def _exactly_single(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return doubles in single precision; None if one of them would change."""
    import pyarrow as pa
    import pyarrow.compute as pc

    single = column.cast(pa.float32())
    same = pc.all(pc.equal(single.cast(pa.float64()), column)).as_py()
    return None if same is False else single
