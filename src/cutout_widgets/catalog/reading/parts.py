"""Join the parts of a table: all columns of all parts, with exact identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cutout_widgets.catalog.columns import ID_COLUMNS
from cutout_widgets.catalog.reading.arrays import contiguous
from cutout_widgets.catalog.reading.conversion import Intake
from cutout_widgets.errors import BadTable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["joined"]


def joined(parts: Sequence[Intake], names: Sequence[str]) -> Intake:
    """Return tables concatenated.

    Parameters
    ----------
    parts
        At least one. A column that a part lacks is null in its rows.
    names
        Names of the parts, for messages.

    Raises
    ------
    BadTable
        If a column has different units in two parts.

    Notes
    -----
    Numbers of different types are converted to one that represents all of them; a column that is numeric in
    one part and text in another becomes text.
    """
    import pyarrow as pa

    whole = Intake({})
    unit_from: dict[str, str] = {}
    for part, called in zip(parts, names, strict=True):
        for name, unit in part.units.items():
            if whole.units.setdefault(name, unit) != unit:
                raise BadTable(
                    f"column {name!r} is in {whole.units[name]!r} in {unit_from[name]} and in "
                    f"{unit!r} in {called}; convert both to one unit"
                )
            unit_from.setdefault(name, called)
        whole.descriptions = {**part.descriptions, **whole.descriptions}
        whole.rounded = {**part.rounded, **whole.rounded}
    lengths = [len(next(iter(part.columns.values()), ())) for part in parts]
    for name in dict.fromkeys(name for part in parts for name in part.columns):
        columns = [part.columns.get(name) for part in parts]
        kind = _common_type(name, {column.type for column in columns if column is not None})
        whole.columns[name] = contiguous(
            pa.chunked_array(
                [
                    pa.nulls(length, kind) if column is None else _cast(column, kind)
                    for column, length in zip(columns, lengths, strict=True)
                ],
                type=kind,
            )
        )
    return whole


def _common_type(name: str, kinds: set[pa.DataType]) -> pa.DataType:
    """Return the type that can represent the values of all parts of a column."""
    import pyarrow as pa

    kinds = {kind.value_type if pa.types.is_dictionary(kind) else kind for kind in kinds}
    kinds = {kind for kind in kinds if not pa.types.is_null(kind)} or {pa.null()}
    if len(kinds) == 1:
        return next(iter(kinds))
    if name in ID_COLUMNS and all(pa.types.is_integer(one) or pa.types.is_floating(one) for one in kinds):
        return pa.int64()  # floats were reported; the other parts must not be rounded too
    schemas = [pa.schema([pa.field(name, kind)]) for kind in kinds]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.large_string()


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return a column cast to a type; values that Arrow cannot cast are converted to text."""
    import pyarrow as pa

    if column.type == kind:
        return column
    try:
        return column.cast(kind, safe=False)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([None if one is None else str(one) for one in column.to_pylist()], kind)
