"""Stable order of ten million rows by one column: packed integer keys, sorted as integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["stable_order"]

_BLOCK = 1 << 18
"""Keys packed at a time, so that no temporary is as long as the column."""


def stable_order(
    values: NDArray[Any], missing: NDArray[np.bool_] | None, *, descending: bool
) -> NDArray[np.uint32]:
    """Return the positions that sort a column.

    Parameters
    ----------
    values
        Numbers, booleans or times, shape (n,), n < 2**32.
    missing
        Where there is no value; None if there is one everywhere. NaN and NaT are missing too.
    descending
        Largest first. Equal values keep their order either way.

    Returns
    -------
    ndarray
        Positions, shape (n,); those of missing values come last, in their order.
    """
    if values.dtype.kind in "mM":
        missing = np.isnat(values) if missing is None else missing | np.isnat(values)
        values = values.view(np.int64)
    elif values.dtype.kind == "f":
        isnan = np.isnan(values)
        if isnan.any():
            missing = isnan if missing is None else missing | isnan
    if missing is not None and missing.any():
        good = np.flatnonzero(~missing).astype(np.uint32)
        order = _order(_key(values[good], descending=descending))
        return np.concatenate([good[order], np.flatnonzero(missing).astype(np.uint32)])
    return _order(_key(values, descending=descending))


def _key(values: NDArray[Any], *, descending: bool) -> NDArray[Any]:
    """Return unsigned integers that sort as the values do: 32 bits where that is enough."""
    if values.dtype.kind == "f":
        if values.dtype.itemsize < 4:
            values = values.astype(np.float32)
        bits = (values + values.dtype.type(0)).view(f"i{values.dtype.itemsize}")  # -0.0 becomes 0.0
        # Of a negative number all bits are turned over, of any other the sign alone.
        flip = bits >> (8 * bits.itemsize - 1)
        flip |= np.iinfo(bits.dtype).min
        bits ^= flip
        key: NDArray[Any] = bits.view(f"u{bits.itemsize}")
    elif len(values) == 0:
        return np.zeros(0, dtype=np.uint32)
    else:
        # Differences modulo 2**64 are right even where the range passes 2**63.
        low = values.min()
        key = values.astype(np.uint64, copy=False) - np.asarray(low).astype(np.uint64)
        if int(values.max()) - int(low) < 2**32:
            key = key.astype(np.uint32)
    if descending:
        np.invert(key, out=key)
    return key


def _order(key: NDArray[Any]) -> NDArray[np.uint32]:
    """Return the stable order of unsigned keys: one sort of (key, position) pairs for each 32 bits."""
    first = _sorted_positions(key, None)
    return first if key.dtype.itemsize <= 4 else _sorted_positions(key >> np.uint64(32), first)


def _sorted_positions(key: NDArray[Any], before: NDArray[np.uint32] | None) -> NDArray[np.uint32]:
    """Sort by the low 32 bits of a key; equal ones stay in the order `before` (by default their own)."""
    packed = np.empty(len(key), dtype=np.uint64)
    for start in range(0, len(key), _BLOCK):
        block = slice(start, start + _BLOCK)
        packed[block] = key[block] if before is None else key[before[block]]
        packed[block] <<= np.uint64(32)
        packed[block] |= np.arange(start, start + len(packed[block]), dtype=np.uint64)
    packed.sort()
    places = packed.astype(np.uint32)  # the low half: the position
    return places if before is None else before[places]
