"""Stable order of ten million rows by one column: packed integer keys, sorted as integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["stable_order"]


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
        values = values + values.dtype.type(0)  # -0.0 becomes 0.0: they are equal
        width = np.dtype(f"u{values.dtype.itemsize}")
        sign = width.type(1 << (8 * width.itemsize - 1))
        bits = values.view(width)
        key = np.where(bits & sign, ~bits, bits | sign)
    elif len(values) == 0:
        return np.zeros(0, dtype=np.uint32)
    else:
        # Differences modulo 2**64 are right even where the range passes 2**63.
        low = values.min()
        key = values.astype(np.uint64, copy=False) - np.asarray(low).astype(np.uint64)
        if int(values.max()) - int(low) < 2**32:
            key = key.astype(np.uint32)
    return ~key if descending else key


def _order(key: NDArray[Any]) -> NDArray[np.uint32]:
    """Return the stable order of unsigned keys: one pass of (key, position) pairs for each 32 bits."""
    position = np.arange(len(key), dtype=np.uint64)
    low = (key.astype(np.uint64) << np.uint64(32)) | position
    if key.dtype.itemsize <= 4:
        low.sort()
        return low.astype(np.uint32)  # the cast keeps the low half: the position
    low.sort()
    first = low.astype(np.uint32)
    high = (key[first] & np.uint64(0xFFFFFFFF00000000)) | position
    high.sort()
    return first[high.astype(np.uint32)]
