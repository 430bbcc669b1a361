"""Convert a view to other libraries' tables, keeping identifiers exact and missing values missing."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.buffers import arrow_of
from cutout_widgets.errors import BadTable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from astropy.table import Table

    from cutout_widgets.catalog.view import View

__all__ = ["as_arrow", "as_astropy", "as_html", "as_pandas", "frame_of"]


def as_arrow(view: View) -> pa.Table:
    """Return the rows of a view as an Arrow table, with units and descriptions of its fields."""
    import pyarrow as pa

    data = view.data
    table = pa.table(dict(data.frame.arrow))
    if not view.is_whole:
        table = table.take(arrow_of(view.rows))
    fields = []
    for entry in table.schema:
        metadata = {
            "unit": data.units.get(entry.name),
            "description": data.descriptions.get(entry.name),
        }
        fields.append(entry.with_metadata({key: value for key, value in metadata.items() if value}))
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def as_pandas(view: View) -> pd.DataFrame:
    """Return the rows of a view as a DataFrame in which integers and flags never become floats."""
    frame = frame_of(as_arrow(view))
    frame.attrs["units"] = dict(view.data.units)
    return frame


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a DataFrame in which integers and flags never become floats."""
    import pandas as pd
    import pyarrow as pa

    nullable = {
        pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.bool_(): pd.BooleanDtype(),
    }  # fmt: skip
    return pd.DataFrame(
        {
            name: column.to_pandas(types_mapper=nullable.get if column.null_count else None)
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )


def as_astropy(view: View) -> Table:
    """Return the rows of a view as an astropy Table, masked where values are missing."""
    import astropy.units as u
    from astropy.table import Column, MaskedColumn, Table

    data = view.data
    rows: Any = slice(None) if view.is_whole else view.rows
    table = Table()
    for name in data.frame.names:
        try:
            found = data.frame.values(name)
        except BadTable:  # lists, structs and the like
            objects = np.empty(len(view), dtype=object)
            objects[:] = data.frame.arrow[name].take(arrow_of(view.rows)).to_pylist()
            table[name] = Column(objects)
            continue
        values = found.values[rows]
        missing = np.zeros(len(values), dtype=bool) if found.missing is None else found.missing[rows]
        if found.words is not None:
            words = found.words.astype(str)
            values = words[values] if len(words) else np.full(len(values), "")
        unit = data.units.get(name)
        described = {
            "unit": None if unit is None else u.Unit(unit, parse_strict="silent"),
            "description": data.descriptions.get(name),
        }
        if missing.any():
            table[name] = MaskedColumn(values, mask=missing, **described)
        else:
            table[name] = Column(values, **described)
    return table


_SHOWN_ROWS = 5
_SHOWN = ("id", "ra", "dec", "visit", "detector", "band", "time", "flux", "flux_err", "snr", "score")
"""Meanings of the columns shown in notebooks; a click opens the list of all columns."""


def as_html(view: View, title: str) -> str:
    """Return the first rows of a view and a list of its columns as HTML."""
    data = view.data
    meanings = {column: meaning for meaning, column in data.names.items()}
    shown = list(dict.fromkeys(data.names[one] for one in _SHOWN if one in data.names))
    head = data.frame.take(view.rows[:_SHOWN_ROWS])
    cells = [[_cell(value) for value in head.python(name)] for name in shown]
    header = "".join(
        f'<th title="{escape(data.descriptions.get(name, ""))}">{escape(name)}'
        f"<br><small>{escape(data.units.get(name, ''))}</small></th>"
        for name in shown
    )
    body = "".join(
        f"<tr>{''.join(f'<td>{one}</td>' for one in row)}</tr>" for row in zip(*cells, strict=True)
    )
    columns = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(data.units.get(name, ''))}</td>"
        f"<td>{escape(meanings.get(name, ''))}</td><td>{escape(data.descriptions.get(name, ''))}</td></tr>"
        for name in data.frame.names
    )
    return (
        f"<div><p>{escape(title)}</p><table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"
        f"<details><summary>{len(data.frame.names)} columns</summary><table><thead><tr><th>column</th>"
        f"<th>unit</th><th>meaning</th><th>description</th></tr></thead><tbody>{columns}</tbody></table>"
        "</details></div>"
    )


def _cell(value: Any) -> str:
    """Return one value as HTML for a table."""
    if value is None:
        return "n/a"
    text = f"{value:.8g}" if isinstance(value, float) else str(value)
    return escape(text if len(text) <= 40 else f"{text[:37]}...")
