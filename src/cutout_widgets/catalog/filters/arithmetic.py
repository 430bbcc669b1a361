"""Arithmetic on columns without overflow: 64-bit integers, or floats if they do not suffice."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ARITHMETIC", "absolute", "negative", "widened"]

_LARGEST = 2.0**63
"""The smallest whole number too large for int64."""


def widened(values: Any) -> Any:
    """Return integers as int64, booleans as 0 and 1, and floats unchanged.

    Unsigned numbers too large for int64 become float64.
    """
    if isinstance(values, (bool, int)):
        return int(values) if -_LARGEST <= values < _LARGEST else float(values)
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if kind == "u" and values.dtype.itemsize == 8 and np.any(values > np.iinfo(np.int64).max):
        return values.astype(np.float64)
    return values.astype(np.int64) if kind in ("b", "i", "u") and values.dtype != np.int64 else values


def negative(values: Any) -> Any:
    """Return the negative of numbers; that of the lowest int64 is a float."""
    values = widened(values)
    return -values if _fits(values) else -np.asarray(values, dtype=np.float64)


def absolute(values: Any) -> Any:
    """Return absolute values; that of the lowest int64 is a float."""
    values = widened(values)
    return np.abs(values if _fits(values) else np.asarray(values, dtype=np.float64))


def _fits(values: Any) -> bool:
    """Return whether the negatives of all numbers have the same type."""
    return not _is_whole(values) or not np.any(np.asarray(values) == np.iinfo(np.int64).min)


def _is_whole(values: Any) -> bool:
    """Return whether numbers are integers."""
    return isinstance(values, int) or getattr(getattr(values, "dtype", None), "kind", "") == "i"


def _exact(operation: np.ufunc) -> Callable[[Any, Any], Any]:
    """Return a sum, difference or product that becomes floating point on integer overflow."""

    def calculated(one: Any, two: Any) -> Any:
        one, two = widened(one), widened(two)
        if _is_whole(one) and _is_whole(two):
            rough = operation(np.asarray(one, dtype=np.float64), np.asarray(two, dtype=np.float64))
            if np.any(np.abs(rough) >= _LARGEST * (1 - 1e-12)):  # with a margin for rounding
                return rough
        return operation(one, two)

    return calculated


def _parted(operation: np.ufunc) -> Callable[[Any, Any], Any]:
    """Return a floor division or remainder that gives infinity or NaN, not 0, for a divisor of 0."""

    def calculated(one: Any, two: Any) -> Any:
        one, two = widened(one), widened(two)
        if np.any(np.asarray(two) == 0):
            one = np.asarray(one, dtype=np.float64)
        return operation(one, two)

    return calculated


def _powered(one: Any, two: Any) -> Any:
    return np.power(np.asarray(one, dtype=float), two)


ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: _exact(np.add),
    ast.Sub: _exact(np.subtract),
    ast.Mult: _exact(np.multiply),
    ast.Div: np.true_divide,
    ast.FloorDiv: _parted(np.floor_divide),
    ast.Mod: _parted(np.mod),
    ast.Pow: _powered,
}
"""Operator of a filter -> its function of two columns or numbers."""
