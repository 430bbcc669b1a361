"""Arithmetic of columns without overflow: integers in 64 bits, floating point beyond."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ARITHMETIC", "absolute", "negative", "widened"]

_LARGEST = 2.0**63
"""From here on a whole number does not fit into int64."""


def widened(values: Any) -> Any:
    """Return whole numbers in 64 bits with a sign, truth values as 0 and 1; floats as they are.

    Unsigned numbers beyond int64 become float64.
    """
    if isinstance(values, (bool, int)):
        return int(values) if -_LARGEST <= values < _LARGEST else float(values)
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if kind == "u" and values.dtype.itemsize == 8 and np.any(values > np.iinfo(np.int64).max):
        return values.astype(np.float64)
    return values.astype(np.int64) if kind in ("b", "i", "u") and values.dtype != np.int64 else values


def negative(values: Any) -> Any:
    """Return numbers with the other sign; that of the lowest int64 is a float."""
    values = widened(values)
    return -values if _fits(values) else -np.asarray(values, dtype=np.float64)


def absolute(values: Any) -> Any:
    """Return numbers without sign; that of the lowest int64 is a float."""
    values = widened(values)
    return np.abs(values if _fits(values) else np.asarray(values, dtype=np.float64))


def _fits(values: Any) -> bool:
    """Return whether all numbers have a negative of the same type."""
    return not _is_whole(values) or not np.any(np.asarray(values) == np.iinfo(np.int64).min)


def _is_whole(values: Any) -> bool:
    """Tell whole numbers."""
    return isinstance(values, int) or getattr(getattr(values, "dtype", None), "kind", "") == "i"


def _exact(operation: np.ufunc) -> Callable[[Any, Any], Any]:
    """Return a sum, difference or product that goes to floating point where 64 bits do not hold it."""

    def calculated(one: Any, two: Any) -> Any:
        one, two = widened(one), widened(two)
        if _is_whole(one) and _is_whole(two):
            rough = operation(np.asarray(one, dtype=np.float64), np.asarray(two, dtype=np.float64))
            if np.any(np.abs(rough) >= _LARGEST * (1 - 1e-12)):  # less what rounding may take
                return rough
        return operation(one, two)

    return calculated


def _parted(operation: np.ufunc) -> Callable[[Any, Any], Any]:
    """Return a whole part or a rest that is infinite or NaN, not 0, for a divisor of 0."""

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
"""Operator of a filter -> what it does to two columns or numbers."""
