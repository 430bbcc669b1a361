"""Convert columns to Arrow: native byte order, nulls where masked, integers never through floats."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.buffers import arrow_of, arrow_of_objects
from cutout_widgets.catalog.columns import ID_COLUMNS
from cutout_widgets.catalog.values import is_missing, number_of
from cutout_widgets.errors import CutoutWarning

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "as_flag",
    "as_numbers",
    "as_text",
    "contiguous",
    "of_objects",
    "of_series",
    "of_values",
    "without_views",
]

LONGEST_TEXT = 256
"""Maximum length of bytes that may be text; longer values are images or files."""


def contiguous(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, without copying if it is one already."""
    import pyarrow as pa

    column = without_views(column)
    if column.num_chunks == 1:
        return column.chunk(0)
    if column.num_chunks == 0:
        return pa.array([], type=column.type)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    elif column.nbytes > 2**31 - 1:
        wide = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary()}.get(column.type)
        column = column if wide is None else column.cast(wide)
    return pa.concat_arrays(column.chunks)


def without_views(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return string views (from polars) and run-length encoded columns as types that support `take`."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_run_end_encoded(kind):
        import pyarrow.compute as pc

        return without_views(pc.run_end_decode(column))
    if pa.types.is_string_view(kind):
        return _cast_of_view(column, pa.large_string())
    if pa.types.is_binary_view(kind):
        return _cast_of_view(column, pa.large_binary())
    if pa.types.is_dictionary(kind) and pa.types.is_string_view(kind.value_type):
        if isinstance(column, pa.ChunkedArray):
            plain = pa.dictionary(kind.index_type, pa.large_string())
            return pa.chunked_array([without_views(chunk) for chunk in column.chunks], type=plain)
        return pa.DictionaryArray.from_arrays(column.indices, without_views(column.dictionary))
    return column


def _cast_of_view(column: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Cast views; pyarrow 16 and 17 cannot, so they convert via Python objects."""
    import pyarrow as pa

    try:
        return column.cast(kind)
    except pa.ArrowNotImplementedError:
        plain = pa.array(column.to_pylist(), kind)
        return pa.chunked_array([plain]) if isinstance(column, pa.ChunkedArray) else plain


def of_series(series: pd.Series, name: str) -> pa.Array:
    """Convert a pandas Series to an Arrow array; NaN in a float column stays NaN."""
    import pyarrow as pa

    if series.dtype.kind in "biuf" and isinstance(series.dtype, np.dtype):
        return arrow_of(series.to_numpy())  # a NaN stays a NaN
    if series.dtype == object or series.dtype.kind == "c" or type(series.dtype).__name__ == "SparseDtype":
        return of_values(series.to_numpy(), name, None)
    made = pa.array(series, from_pandas=True)
    return contiguous(made) if isinstance(made, pa.ChunkedArray) else made


def of_values(values: NDArray[Any], name: str, mask: NDArray[Any] | None) -> pa.Array:
    """Convert a numpy array to an Arrow array: native byte order, nulls where masked."""
    import pyarrow as pa

    if values.dtype.kind == "S":
        values = np.char.rstrip(np.char.decode(values, "utf-8", "replace"))
    if values.dtype.kind in "OU":
        if mask is not None and mask.any() and values.ndim == 1:
            values = values.astype(object)
            values[mask] = None
        return of_objects(values, name)
    if values.dtype.byteorder not in "=|":
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind not in "biufmM":
        return of_objects(values, name)
    if values.ndim > 1:
        return pa.array(list(values.reshape(len(values), -1)))
    if values.dtype == np.longdouble and values.dtype.itemsize > 8:
        values = values.astype(np.float64)
    return arrow_of(np.ascontiguousarray(values), mask if mask is not None and mask.any() else None)


def of_objects(values: Sequence[Any] | NDArray[Any], name: str) -> pa.Array:
    """Convert Python objects to an Arrow array; if they have no common type, to text with a warning."""
    import pyarrow as pa

    listed = [None if type(one) is float and one != one else one for one in values]
    if (column := arrow_of_objects(listed)) is not None:
        return column
    try:
        return pa.array(listed, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        pass
    plain = [None if is_missing(one) else one for one in listed]
    if all(one is None or isinstance(one, (int, np.integer)) for one in plain):
        try:
            return pa.array([None if one is None else int(one) for one in plain], type=pa.uint64())
        except (pa.ArrowInvalid, OverflowError):
            pass
    elif (
        all(one is None or isinstance(one, (int, float, np.integer, np.floating)) for one in plain)
        and name not in ID_COLUMNS
    ):
        return pa.array([None if one is None else float(one) for one in plain])
    if name not in ID_COLUMNS:
        warnings.warn(f"column {name!r} mixes types; it is kept as text", CutoutWarning, stacklevel=2)
    return pa.array([None if one is None else str(one) for one in plain], type=pa.string())


def as_flag(column: pa.Array) -> pa.Array:
    """Return 0/1, t/f, yes/no and similar values as booleans with nulls; anything else unchanged."""
    import pyarrow as pa

    given, kind = column, column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.bool_())
    known: dict[Any, bool] = {0: False, 1: True}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        known = {word: False for word in ("false", "f", "no", "n", "0")}
        known |= {word: True for word in ("true", "t", "yes", "y", "1")}
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return given
    seen = [one for one in column.unique().to_pylist() if not is_missing(one) and one != ""]
    if not {one.lower() if isinstance(one, str) else one for one in seen} <= set(known):
        return given
    table = {one: known[one.lower() if isinstance(one, str) else one] for one in seen}
    flags = [table.get(one) for one in column.to_pylist()]
    missing = np.fromiter((flag is None for flag in flags), bool, len(flags))
    return arrow_of(np.array(flags, dtype=bool), missing)


def as_numbers(column: pa.Array) -> tuple[pa.Array, str | None]:
    """Return text with numbers as numbers, and the first text that is not a number.

    Such text becomes null. A column of another type, or without any number, is returned
    unchanged.
    """
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column, None
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    words = coded.dictionary.to_pylist()
    numbers = [None if word is None else number_of(word) for word in words]
    wrong = [
        word
        for word, number in zip(words, numbers, strict=True)
        if number is None and word and word.strip().lower() not in ("", "nan", "null", "none")
    ]
    if all(number is None for number in numbers):
        return column, None
    return pa.array(numbers, pa.float64()).take(coded.indices), wrong[0] if wrong else None


def as_text(column: pa.Array) -> pa.Array:
    """Convert short bytes to text, as found in pandas tables from FITS; leave other columns unchanged."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        words = column.dictionary
        texts = as_text(words)
        return column if texts is words else pa.DictionaryArray.from_arrays(column.indices, texts)
    if pa.types.is_fixed_size_binary(column.type):
        column = column.cast(pa.binary())
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        return column
    if (pc.max(pc.binary_length(column)).as_py() or 0) > LONGEST_TEXT:
        return column  # images or other files in a column
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:  # not UTF-8
        return column
