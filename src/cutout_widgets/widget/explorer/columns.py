"""Columns of a table as plain numbers, for plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import ID_COLUMNS, close_names
from cutout_widgets.errors import BadOption

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["column_for", "named", "number_columns", "numbers"]


def number_columns(sources: SourceTable, *, flags: bool = False) -> list[str]:
    """Return the columns that hold quantities, without identifiers; with flags if wanted."""
    import pyarrow as pa

    schema = sources.head(0).to_arrow().schema
    found = []
    for field in schema:
        kinds = (pa.types.is_floating, pa.types.is_integer, pa.types.is_null)
        is_amount = any(is_of_kind(field.type) for is_of_kind in kinds)
        is_flag = flags and pa.types.is_boolean(field.type)
        is_id = field.name in ID_COLUMNS or field.name == sources.names["id"]
        # A filter cannot name a column that contains a backtick, so it could not be brushed.
        if (is_amount or is_flag) and not is_id and "`" not in field.name:
            found.append(field.name)
    return found


def column_for(sources: SourceTable, name: str, allowed: list[str], what: str) -> str:
    """Return the column with this name or meaning.

    Raises
    ------
    BadOption
        If it is not an allowed column.
    """
    column = sources.names.get(name, name) if name not in sources.columns else name
    if column in allowed:
        return column
    if column in sources.columns:
        raise BadOption(f"{what} is a column of numbers; {column!r} has none, or has identifiers")
    raise BadOption(
        f"{what} is a column of the table; there is no {name!r}{close_names(name, sources.columns)}"
    )


def numbers(view: SourceTable, name: str) -> NDArray[np.float64]:
    """Return a column in the order of a view as float64, flags as 0 and 1; NaN where there is no value."""
    values = view.values(name)
    if values.dtype.kind in "biuf":
        return np.asarray(values, dtype=np.float64)
    import pandas as pd

    return pd.array(values, dtype="boolean").to_numpy(dtype=np.float64, na_value=np.nan)


def named(sources: SourceTable, name: str) -> str:
    """Return a column's name and unit, as an axis label."""
    unit = sources.units.get(name)
    return f"{name} ({unit})" if unit else name
