"""Read Parquet files and folders of them, with limits on what they decompress to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.reading.bombs import most_unpacked, refuse_wide
from cutout_widgets.catalog.reading.conversion import Intake, from_arrow, from_schema, range_indexes
from cutout_widgets.catalog.reading.nested import SOURCES, nested_columns
from cutout_widgets.catalog.reading.parts import joined
from cutout_widgets.unpacking import too_large

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["limited_table", "read_parquet"]


def read_parquet(path: Path) -> Intake:
    """Read a Parquet file, or a folder of them.

    Raises
    ------
    UnreadableImage
        If it decompresses to more than is allowed.
    """
    import pyarrow.parquet as pq

    if path.is_dir():
        return _read_folder(path)
    with pq.ParquetFile(path) as file:
        schema, known = file.schema_arrow, file.metadata
        refuse_wide([(known, schema)], path.stat().st_size, path.name)
        if SOURCES in nested_columns(schema):
            return from_arrow(file.read())
        return from_schema(
            schema,
            lambda name: (
                limited_table(path, [name], schema, known).column(name)
                if _is_text(schema.field(name).type)
                else file.read(columns=[name]).column(name)
            ),
        )


def _read_folder(path: Path) -> Intake:
    """Read a folder of Parquet files; if their columns differ, use all columns of all files."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    files = list(ds.dataset(path, format="parquet", partitioning="hive").get_fragments())
    schemas = [one.physical_schema for one in files]
    size = sum(Path(one.path).stat().st_size for one in files)
    refuse_wide([(one.metadata, one.physical_schema) for one in files], size, path.name)
    alike = all(one.equals(schemas[0]) for one in schemas[1:])
    if schemas and alike and not any(range_indexes(one) for one in schemas):
        return from_arrow(limited_table(path, None, schemas[0]))
    parts = []
    for one in files:
        table = limited_table(Path(one.path), None, one.physical_schema)
        for name, value in ds.get_partition_keys(one.partition_expression).items():
            if name not in table.column_names:
                table = table.append_column(name, pa.repeat(pa.scalar(value), len(table)))
        parts.append(from_arrow(table))
    return joined(parts, [Path(one.path).name for one in files])


def limited_table(
    path: Path, columns: Sequence[str] | None, schema: pa.Schema, metadata: pq.FileMetaData | None = None
) -> pa.Table:
    """Read columns of a file or folder, without decoding texts that would take too much memory.

    Parameters
    ----------
    path
        A Parquet file, or a folder of files of one schema.
    columns
        Columns to read; None = all, for a folder also those from its paths.
    schema
        Its Arrow schema.
    metadata
        Metadata of a file, if already read.

    Raises
    ------
    UnreadableImage
        If the texts are too long: a text is stored once, but may be repeated in millions of rows.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    texts = [
        entry.name for entry in schema if (columns is None or entry.name in columns) and _is_text(entry.type)
    ]
    options: dict[str, Any] = {} if columns is None else {"columns": list(columns)}
    if path.is_file():
        with pq.ParquetFile(path, read_dictionary=texts, metadata=metadata) as file:
            table = file.read(**options)
    else:
        table = pq.read_table(path, read_dictionary=texts, **options)
    total = 0
    for name in texts:
        for chunk in table.column(name).chunks:
            if pa.types.is_dictionary(chunk.type):
                lengths = pc.take(pc.binary_length(chunk.dictionary), chunk.indices)
                total += pc.sum(pc.cast(lengths, pa.int64())).as_py() or 0
    if total > max(most_unpacked(0), table.nbytes):
        raise too_large(path.name)
    for name in texts:
        kind = schema.field(name).type
        place = table.column_names.index(name)
        if table.column(name).type != kind:
            table = table.set_column(place, schema.field(name), table.column(name).cast(kind))
    return table


def _is_text(kind: pa.DataType) -> bool:
    """Return whether a column holds text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
