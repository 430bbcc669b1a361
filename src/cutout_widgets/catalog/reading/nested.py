"""Nested tables: objects that contain their sources, unnested into rows of sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.columns import names_of
from cutout_widgets.errors import BadTable, close_names, sentence

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SOURCES", "computed", "nested_columns", "table_of_nested_frame", "unnested"]

SOURCES = "diaSource"
"""The nested column to unnest, unless another one is given."""

_OF_OBJECTS = ("diaObjectId", "objectId")
"""Columns of the object to copy to its sources."""


def nested_columns(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Return the columns that contain tables, with the columns of these.

    They are structs of lists of equal length, as nested-pandas writes them, or lists of structs.
    """
    import pyarrow as pa

    found = {}
    for entry in schema:
        kind = entry.type
        if _is_list(kind) and pa.types.is_struct(kind.value_type):
            found[entry.name] = tuple(one.name for one in kind.value_type)
        elif pa.types.is_struct(kind) and kind.num_fields and all(_is_list(one.type) for one in kind):
            found[entry.name] = tuple(one.name for one in kind)
    return found


def unnested(table: pa.Table, name: str | None = None) -> pa.Table:
    """Return the rows of a nested table.

    Parameters
    ----------
    table
        One row per object.
    name
        The nested column; None for `SOURCES` if it exists, else the table is returned unchanged. An
        empty text: the objects themselves.

    Returns
    -------
    pyarrow.Table
        The nested columns; identifier of the object, and its position if the sources have none.

    Raises
    ------
    BadTable
        If there is no such nested column, or its lists have different lengths.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    have = nested_columns(table.schema)
    if name is None:
        if SOURCES not in have:
            return table
        name = SOURCES
    elif name == "":
        return table.drop_columns(list(have))
    elif name not in have:
        what = close_names(name, list(have)) if have else "; it has none"
        raise BadTable(f"the table has no nested column {name!r}{what}")
    whole = table[name].combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # without rows
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    if pa.types.is_struct(whole.type):
        lists = {field.name: column for field, column in zip(whole.type, whole.flatten(), strict=True)}
        columns, lengths = _of_lists(lists, name)
    else:
        rows = pc.list_flatten(whole)
        names = [one.name for one in whole.type.value_type]
        columns, lengths = dict(zip(names, rows.flatten(), strict=True)), _lengths(whole)
    parents = pa.array(np.repeat(np.arange(len(table)), lengths.to_numpy()))
    for one in _kept_of_objects(table.schema.names, columns):
        columns[one] = table[one].take(parents)
    return pa.table(columns)


def table_of_nested_frame(frame: Any) -> pa.Table:
    """Return a nested-pandas frame as an Arrow table, including the named levels of its index."""
    import pyarrow as pa

    named = [one for one in frame.index.names if one is not None and one not in frame.columns]
    plain = frame.reset_index(level=named) if named else frame
    columns = {}
    for place, name in enumerate(plain.columns):
        made = pa.array(plain.iloc[:, place], from_pandas=True)
        columns[str(name)] = made
    return pa.table(columns)


def computed(catalogue: Any) -> Any:
    """Return all rows of an LSDB catalogue, computed without a progress bar."""
    from inspect import signature

    quiet = {"progress_bar": False} if "progress_bar" in signature(catalogue.compute).parameters else {}
    try:
        return catalogue.compute(**quiet)
    except Exception as err:  # from dask, and whatever the catalogue is made of
        raise BadTable(f"the catalogue of LSDB could not be computed ({sentence(err)})") from err


def _lengths(lists: pa.Array) -> pa.Array:
    """Return the lengths of lists; 0 for null."""
    import pyarrow.compute as pc

    return pc.fill_null(pc.list_value_length(lists), 0)


def _of_lists(lists: Mapping[str, pa.Array], name: str) -> tuple[dict[str, pa.Array], pa.Array]:
    """Return the values of lists of equal length, and these lengths."""
    import pyarrow.compute as pc

    lengths = None
    columns = {}
    for field, column in lists.items():
        these = _lengths(column)
        if lengths is not None and not these.equals(lengths):
            raise BadTable(
                f"the lists of the nested column {name!r} differ in length: {field!r} is not as the others"
            )
        lengths = these
        columns[field] = pc.list_flatten(column)
    return columns, lengths


def _kept_of_objects(names: Iterable[str], columns: Mapping[str, Any]) -> list[str]:
    """Return the columns of the objects to copy to their sources."""
    have = [one for one in names if one not in columns]
    kept = [one for one in _OF_OBJECTS if one in have]
    for meaning in ("ra", "dec"):
        known = names_of(meaning)
        if not any(one in columns for one in known):
            kept += [one for one in known if one in have][:1]
    return kept


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
