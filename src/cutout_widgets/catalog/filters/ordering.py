"""Stable sorting of ten million rows by one column, using packed integer keys."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["first_candidates", "stable_order"]

_BLOCK = 1 << 18
"""Keys packed at once, so that temporary arrays are short."""

_SAMPLE, _MARGIN, _WORTH = 4096, 8, 16
"""Size of the sample that sets a limit; sampled values added as a margin; minimum rows per wanted one."""

_LOW = 0 if sys.byteorder == "little" else 1
"""Index of the lower half of a 64-bit integer in memory."""


def stable_order(
    values: NDArray[Any], missing: NDArray[np.bool_] | None, *, descending: bool
) -> NDArray[np.uint32]:
    """Return the positions that sort a column.

    Parameters
    ----------
    values
        Numbers, booleans or times, shape (n,), n < 2**32.
    missing
        Where values are missing; None if there are none. NaN and NaT count as missing too.
    descending
        Largest first. Equal values keep their order in both cases.

    Returns
    -------
    ndarray
        Positions, shape (n,); missing values are last, in their original order.
    """
    if values.dtype.kind in "mM":
        missing = np.isnat(values) if missing is None else missing | np.isnat(values)
        values = values.view(np.int64)
    elif values.dtype.kind == "f" and np.isnan(values.min(initial=np.inf)):  # NaN if any value is NaN
        missing = np.isnan(values) if missing is None else missing | np.isnan(values)
    if missing is not None and missing.any():
        good = np.flatnonzero(~missing).astype(np.uint32)
        order = _order(values[good], descending=descending)
        return np.concatenate([good[order], np.flatnonzero(missing).astype(np.uint32)])
    return _order(values, descending=descending)


def first_candidates(
    values: NDArray[Any], missing: NDArray[np.bool_] | None, *, descending: bool, count: int
) -> NDArray[np.uint32] | None:
    """Return positions that include the first ones of a sorted column.

    Parameters
    ----------
    values, missing, descending
        As for `stable_order`.
    count
        How many of the order are wanted.

    Returns
    -------
    ndarray or None
        Positions, ascending: all values up to a limit, so that ties are complete. None if the whole column
        has to be sorted: it is short, or no limit excludes much of it.
    """
    if len(values) < _WORTH * count or len(values) < _SAMPLE:
        return None
    if values.dtype.kind in "mM":
        missing = np.isnat(values) if missing is None else missing | np.isnat(values)
        values = values.view(np.int64)
    step = len(values) // _SAMPLE
    sample = values[::step]
    known = np.ones(len(sample), dtype=bool) if missing is None else ~missing[::step]
    if values.dtype.kind == "f":
        known &= ~np.isnan(sample)
    sample = np.sort(sample[known])
    place = 2 * count // step + _MARGIN  # about so many of the sample are within twice as many of all
    if place >= len(sample):
        return None
    limit = sample[-1 - place] if descending else sample[place]
    within = values >= limit if descending else values <= limit  # False for NaN
    if missing is not None:
        within &= ~missing
    found = np.flatnonzero(within).astype(np.uint32)
    return found if count <= len(found) <= len(values) // 2 else None


def _order(values: NDArray[Any], *, descending: bool) -> NDArray[np.uint32]:
    """Return the stable order of values without missing ones: one sort for each 32 bits of their keys."""
    key_of, bits = _keys(values)
    order: NDArray[np.uint32] | None = None
    for shift in range(0, bits, 32):
        pairs = np.empty(len(values), dtype=np.uint64)
        for start in range(0, len(values), _BLOCK):
            block = slice(start, start + _BLOCK)
            key = key_of(values[block] if order is None else values[order[block]])
            if descending:
                np.invert(key, out=key)
            key >>= np.uint64(shift)
            key <<= np.uint64(32)
            key |= np.arange(start, start + len(key), dtype=np.uint64)
            pairs[block] = key
        pairs.sort()
        places = _low_halves(pairs)  # the positions
        order = places if order is None else order[places]
    return np.zeros(0, dtype=np.uint32) if order is None else order


def _low_halves(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the lower 32 bits of each integer, in place; the other half of the memory is freed."""
    n = len(pairs)
    halves = pairs.view(np.uint32)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        halves[start:stop] = halves[2 * start + _LOW : 2 * stop : 2]
    del halves  # no array may refer to memory that is resized
    pairs.resize((n + 1) // 2, refcheck=False)
    return pairs.view(np.uint32)[:n]


def _keys(values: NDArray[Any]) -> tuple[Callable[[NDArray[Any]], NDArray[np.uint64]], int]:
    """Return a function from values to unsigned integers with the same order, and their size in bits."""
    if values.dtype.kind == "f":
        wide = np.dtype(np.float32 if values.dtype.itemsize <= 4 else np.float64)

        def of_floats(part: NDArray[Any]) -> NDArray[np.uint64]:
            bits = (part.astype(wide, copy=False) + wide.type(0)).view(f"i{wide.itemsize}")  # -0.0 is 0.0
            # For negative numbers all bits are inverted, for others only the sign bit.
            flip = bits >> (8 * wide.itemsize - 1)
            flip |= np.iinfo(bits.dtype).min
            bits ^= flip
            key: NDArray[np.uint64] = bits.view(f"u{wide.itemsize}").astype(np.uint64)
            return key

        return of_floats, 8 * wide.itemsize
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)

    def of_integers(part: NDArray[Any]) -> NDArray[np.uint64]:
        # Differences modulo 2**64 are correct even if the range exceeds 2**63.
        key: NDArray[np.uint64] = part.astype(np.uint64)
        key -= np.uint64(low % 2**64)
        return key

    return of_integers, 32 if high - low < 2**32 else 64
