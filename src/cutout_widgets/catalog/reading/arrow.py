"""Tables of any library that supports Arrow: polars, duckdb, ibis, nanoarrow, pyarrow and others."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadTable, sentence

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_of", "speaks_arrow"]


def speaks_arrow(source: Any) -> bool:
    """Return whether an object exports its rows through the Arrow C interface."""
    return hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__")


def arrow_of(source: Any) -> pa.Table | None:
    """Return an object as an Arrow table that shares its memory, if it supports Arrow.

    Parameters
    ----------
    source
        An Arrow table, batch, reader, dataset or scanner, a sequence of batches; anything with the Arrow
        C stream or array interface; a duckdb connection after a query.

    Returns
    -------
    pyarrow.Table or None
        None for anything else.

    Raises
    ------
    BadTable
        If it has a type unknown to Arrow, or no result.
    """
    import pyarrow as pa

    if isinstance(source, pa.Table):
        return source
    library = type(source).__module__.partition(".")[0].lstrip("_")
    try:
        if speaks_arrow(source):
            return pa.table(source)
        if library == "pyarrow" and callable(getattr(source, "to_table", None)):  # a dataset or a scanner
            return source.to_table()
        if library == "duckdb":
            return _of_duckdb(source)
        if isinstance(source, Sequence) and source and all(isinstance(one, pa.RecordBatch) for one in source):
            return pa.Table.from_batches(source)
    except BadTable:
        raise
    except Exception as err:  # each library has its own errors
        raise BadTable(f"the rows of a {type(source).__name__} cannot be had ({sentence(err)})") from err
    return None


def _of_duckdb(connection: Any) -> pa.Table | None:
    """Return a connection's pending result; the method's name depends on the version."""
    for name in ("to_arrow_table", "fetch_arrow_table", "arrow"):
        take = getattr(connection, name, None)
        if callable(take):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a copy, which is unavoidable for a result
                table: pa.Table = take()
            return table
    return None
