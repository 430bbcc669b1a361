"""A view in the forms of other libraries, identifiers and gaps intact."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from cutout_widgets.catalog.view import View

__all__ = ["as_arrow", "as_pandas"]


def as_arrow(view: View) -> pa.Table:
    """Return the rows of a view as an Arrow table; its fields know their units and descriptions."""
    import pyarrow as pa

    data = view.data
    table = pa.table(dict(data.frame.arrow))
    if not view.is_whole:
        table = table.take(pa.array(view.rows))
    fields = []
    for entry in table.schema:
        said = {
            "unit": data.units.get(entry.name),
            "description": data.descriptions.get(entry.name),
        }
        fields.append(entry.with_metadata({key: value for key, value in said.items() if value}))
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def as_pandas(view: View) -> pd.DataFrame:
    """Return the rows of a view as a DataFrame whose integers and flags never become floats."""
    import pandas as pd
    import pyarrow as pa

    nullable = {
        pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.bool_(): pd.BooleanDtype(),
    }  # fmt: skip
    table = as_arrow(view)
    frame = pd.DataFrame(
        {
            name: column.to_pandas(types_mapper=nullable.get if column.null_count else None)
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )
    frame.attrs["units"] = dict(view.data.units)
    return frame
