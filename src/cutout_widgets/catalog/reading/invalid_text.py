"""Text in Arrow columns that is not UTF-8, though Arrow requires it: writers in C do not check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["readable_text", "rows_of"]


def readable_text(column: pa.Array) -> pa.Array:
    r"""Return a column whose text can be shown: bytes that are not UTF-8 become U+FFFD.

    Parameters
    ----------
    column
        Any column; one without such text is returned itself.

    Examples
    --------
    >>> import pyarrow as pa
    >>> written_by_c = pa.array([b"caf\xe9", b"g"]).view(pa.string())
    >>> readable_text(written_by_c).to_pylist()
    ['caf\ufffd', 'g']
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        words = readable_text(column.dictionary)
        return column if words is column.dictionary else words.take(column.indices)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return pa.array([_value_of(one) for one in column], kind)
    return column


def rows_of(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Return rows as Python values, with U+FFFD for bytes of text that are not UTF-8."""
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except UnicodeDecodeError:
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        rows = [
            {name: _value_of(column[number]) for name, column in columns.items()}
            for number in range(batch.num_rows)
        ]
    return rows


def _value_of(scalar: Any) -> Any:
    """Return an Arrow scalar as a Python value, as above."""
    import pyarrow as pa

    if not scalar.is_valid:
        return None
    kind = scalar.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return scalar.as_buffer().to_pybytes().decode("utf-8", "replace")
    if pa.types.is_struct(kind):
        return {field.name: _value_of(scalar[field.name]) for field in kind}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_value_of(one) for one in scalar.values]
    return scalar.as_py()
