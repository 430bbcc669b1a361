"""Stamp files as Parquet: rows as columns, pixels as fixed-size lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.reading.bombs import refuse_wide
from cutout_widgets.catalog.reading.conversion import STAMP_FILE
from cutout_widgets.catalog.reading.parquet import limited_table
from cutout_widgets.errors import UnreadableImage
from cutout_widgets.stores.stamps.contents import (
    LAYERS,
    Block,
    Contents,
    StampHeader,
    layer_column,
    own_columns,
)
from cutout_widgets.stores.stamps.raw_pages import raw_values

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["ParquetShard", "parquet_bytes"]


def parquet_bytes(contents: Contents) -> memoryview:
    """Return a stamp file as Parquet: pixels and variances uncompressed, masks and rows compressed (zstd)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields, columns = list(contents.rows.schema), list(contents.rows.columns)
    floats: list[str] = []
    masks: list[str] = []
    for name, array in contents.arrays.items():
        kind = pa.from_numpy_dtype(array.dtype)
        size = array.shape[1] * array.shape[2]
        unit = next((form.unit for panel, form in contents.header.panels.items() if panel == name), None)
        metadata = {"shape": f"[{array.shape[1]}, {array.shape[2]}]", **({"unit": unit} if unit else {})}
        entry = pa.field(name, pa.list_(pa.field("element", kind, nullable=False), size), nullable=False)
        flat = pa.array(np.ascontiguousarray(array).reshape(-1))
        fields.append(entry.with_metadata(metadata))
        columns.append(pa.FixedSizeListArray.from_arrays(flat, type=entry.type))
        (masks if array.dtype == np.uint32 else floats).append(name)
    schema = pa.schema(fields, metadata={STAMP_FILE: contents.header.to_json().encode()})
    table = pa.Table.from_arrays(columns, schema=schema)
    stream = pa.BufferOutputStream()
    paths = {f"{name}.list.element" for name in floats}
    with pq.ParquetWriter(
        stream,
        schema,
        compression={path: "NONE" for path in paths} | {path: "ZSTD" for path in _other_paths(schema, paths)},
        use_dictionary=[path for path in _other_paths(schema, paths) if path.partition(".")[0] not in masks],
        write_statistics=[contents.header.id_column],
        data_page_size=1 << 30,  # one page per block
    ) as writer:
        writer.write_table(table, row_group_size=contents.at_once)
    return memoryview(stream.getvalue())


def _other_paths(schema: pa.Schema, paths: set[str]) -> list[str]:
    """Return the paths of a schema's leaves in Parquet notation, except some."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = pa.BufferOutputStream()
    with pq.ParquetWriter(stream, schema):
        pass
    written = pq.ParquetFile(pa.BufferReader(stream.getvalue())).schema
    return [path for path in (written.column(k).path for k in range(len(written))) if path not in paths]


class ParquetShard:
    """A stamp file in Parquet.

    Raises
    ------
    UnreadableImage
        If it is not one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as file:
            self._metadata, self._schema = file.metadata, file.schema_arrow
            header = (self._schema.metadata or {}).get(STAMP_FILE)
            if header is None:
                raise UnreadableImage(f"{path} is not a stamp file: it is another kind of Parquet")
            paths = [self._metadata.schema.column(k).path for k in range(self._metadata.num_columns)]
            self._leaves = {path: place for place, path in enumerate(paths)}
            refuse_wide([(self._metadata, self._schema)], path.stat().st_size, str(path))
            lengths = [self._metadata.row_group(k).num_rows for k in range(self._metadata.num_row_groups)]
        self.header = StampHeader.from_json(header, f"{path}")
        self.starts: NDArray[np.int64] = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def ids(self) -> NDArray[np.int64]:
        """Return the identifiers."""
        with self._opened() as file:
            column = file.read(columns=[self.header.id_column]).column(0)
            return np.asarray(column.to_numpy(), dtype=np.int64)

    def rows(self) -> pa.Table:
        """Return the rows' own columns."""
        taken = own_columns()
        with self._opened():
            names = [name for name in self._schema.names if name not in taken]
            return limited_table(self.path, names, self._schema, self._metadata)

    def block(self, number: int, arrays: Iterable[str], columns: Iterable[str]) -> Block:
        """Return some arrays and columns of a row group, as far as the file has them."""
        arrays = tuple(arrays)
        names = [name for name in (*arrays, *columns) if name in self._schema.names]
        made = self._raw(number, [name for name in arrays if name in self._schema.names])
        others: dict[str, pa.Array] = {}
        decoded = [name for name in names if name not in made]
        with self._opened() as file:
            table = file.read_row_group(number, columns=decoded, use_threads=False)
        for name in decoded:
            column = table.column(name).combine_chunks()
            form = self.header.panels.get(_panel_with(name, self.header))
            if name in arrays and form is not None:
                values = column.flatten().to_numpy(zero_copy_only=False)
                if values.size != len(table) * form.shape[0] * form.shape[1]:
                    raise UnreadableImage(f"{self.path} is damaged: {name} has not the shape {form.shape}")
                made[name] = values.reshape(len(table), *form.shape)
            else:
                others[name] = column
        return Block(made, others)

    def _raw(self, number: int, names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Return the arrays of a row group that can be read without decoding."""
        rows = int(self.starts[number + 1] - self.starts[number])
        group = self._metadata.row_group(number)
        made: dict[str, NDArray[Any]] = {}
        with self.path.open("rb") as file:
            for name in names:
                place = self._leaves.get(f"{name}.list.element")
                form = self.header.panels.get(_panel_with(name, self.header))
                if place is None or form is None:
                    continue
                values = raw_values(file, group.column(place), rows * form.shape[0] * form.shape[1])
                if values is not None:
                    made[name] = values.reshape(rows, *form.shape)
        return made

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        """Open the file, converting Arrow's errors."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path, metadata=getattr(self, "_metadata", None)) as file:
                yield file
        except (pa.ArrowException, OSError) as err:
            why = getattr(err, "strerror", None) or str(err).partition("\n")[0]
            raise UnreadableImage(f"{self.path} cannot be read as a stamp file: {why}") from err


def _panel_with(name: str, header: StampHeader) -> Any:
    """Return the panel of an array column."""
    for panel in header.panels:
        if name in {layer_column(panel, layer) for layer in ("", *LAYERS)}:
            return panel
    return None
