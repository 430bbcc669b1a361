"""Conversion of numbers between numpy and Arrow through their memory, without pandas.

``pyarrow.array`` and ``Array.to_numpy`` import pandas if it is installed, which takes longer than showing
the first page. These functions do not, and do not copy columns without missing values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_of", "arrow_of_objects", "missing_in", "numpy_of"]

_PLAIN = {bool: np.bool_, int: np.int64, float: np.float64}
"""Python type -> numpy type of a column of such values."""

_NUMPY = {
    **{f"{sign}int{bits}": np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "halffloat": np.dtype(np.float16),
    "float": np.dtype(np.float32),
    "double": np.dtype(np.float64),
}
"""Arrow's number types -> numpy's."""

_ARROW = {**{dtype: name for name, dtype in _NUMPY.items()}, np.dtype(bool): "bool"}
"""numpy's types -> Arrow's, with booleans; types of the other byte order are not among them."""


def numpy_of(column: pa.Array) -> NDArray[Any]:
    """Return the values of a column; do not write to them.

    Parameters
    ----------
    column
        Integers, floats, booleans; anything else is converted by pyarrow.

    Returns
    -------
    ndarray
        Shape (n,); a view of the column, except of booleans, which Arrow packs. Where the column is null,
        the value is meaningless; see `missing_in`.
    """
    import pyarrow as pa

    start, n = column.offset, len(column)
    if column.type == pa.bool_():
        return _bits(column.buffers()[1], start, n)
    if (dtype := _NUMPY.get(str(column.type))) is not None:
        if not n:
            return np.zeros(0, dtype)
        return np.frombuffer(column.buffers()[1], dtype, n, start * dtype.itemsize)
    found: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return found


def missing_in(column: pa.Array) -> NDArray[np.bool_] | None:
    """Return where a column is null, shape (n,); None if it has no nulls."""
    if not column.null_count:
        return None
    known = column.buffers()[0]
    if known is None:  # a column that is of no type, or a union
        return np.asarray(column.is_null().to_numpy(zero_copy_only=False), dtype=bool)
    return ~_bits(known, column.offset, len(column))


def arrow_of(values: NDArray[Any], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return a column of numpy values, null where they are missing.

    Parameters
    ----------
    values
        Shape (n,). Integers and floats of this machine's byte order share their memory with the column;
        booleans are packed, and anything else is converted by pyarrow.
    missing
        Where there is no value, shape (n,).
    """
    import pyarrow as pa

    kind = _ARROW.get(values.dtype)
    if values.ndim != 1 or kind is None:
        return pa.array(values, mask=missing)
    gone = 0 if missing is None else int(np.count_nonzero(missing))
    known = pa.py_buffer(_packed(~missing)) if missing is not None and gone else None
    memory = _packed(values) if kind == "bool" else np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.type_for_alias(kind), len(values), [known, pa.py_buffer(memory)], gone)


def arrow_of_objects(values: Sequence[Any]) -> pa.Array | None:
    """Return a column of Python values of one type and None, as ``pyarrow.array`` would.

    Returns
    -------
    pyarrow.Array or None
        Of booleans, int64, float64 or text; None if it would be something else.
    """
    import pyarrow as pa

    kinds = set(map(type, values)) - {type(None)}
    if len(kinds) != 1:
        return pa.nulls(len(values)) if not kinds else None
    kind = kinds.pop()
    missing = np.fromiter((value is None for value in values), bool, len(values))
    if kind in _PLAIN:
        try:
            filled = [0 if value is None else value for value in values]
            plain: NDArray[Any] = np.fromiter(filled, _PLAIN[kind], len(values))
        except OverflowError:
            return None
        return arrow_of(plain, missing)
    if kind is not str:
        return None
    try:
        words = [b"" if value is None else value.encode() for value in values]
    except UnicodeEncodeError:
        return None
    ends = np.cumsum([0, *map(len, words)])
    if ends[-1] >= 2**31:
        return None
    known = pa.py_buffer(_packed(~missing)) if missing.any() else None
    memory = [known, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(b"".join(words))]
    return pa.Array.from_buffers(pa.string(), len(words), memory)


def _bits(memory: Any, start: int, n: int) -> NDArray[np.bool_]:
    """Return `n` bits from bit `start` on."""
    if not n:
        return np.zeros(0, np.bool_)
    first = start // 8
    packed = np.frombuffer(memory, np.uint8, (start + n + 7) // 8 - first, first)
    return np.unpackbits(packed, count=start % 8 + n, bitorder="little")[start % 8 :].view(np.bool_)


def _packed(values: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return booleans packed as in Arrow."""
    return np.packbits(values, bitorder="little")
