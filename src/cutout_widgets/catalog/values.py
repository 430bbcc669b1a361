"""Columns with missing values, and three-valued logic: true, false, missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Values",
    "any_missing",
    "both",
    "either",
    "is_bool",
    "is_missing",
    "is_text",
    "is_unset",
    "missing_of",
    "negated",
    "number_of",
    "picked",
    "truth_of",
]


@dataclass(frozen=True)
class Values:
    """A column or an intermediate result: values and where they are missing."""

    values: Any
    """Array of shape (n,) - numbers, booleans, times, or integer codes of `words` - or a scalar."""
    missing: NDArray[np.bool_] | None = None
    """Where values are missing; None if there are none."""
    words: NDArray[np.object_] | None = None
    """For text: the words that the codes refer to."""


def is_text(one: Values) -> bool:
    """Return whether a value is a single text, not a column of text."""
    return isinstance(one.values, str)


def truth_of(one: Values) -> Values | None:
    """Return a value as true, false or missing; None if it has another type."""
    if one.words is not None:
        return None
    return one if is_bool(one.values) else None


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, NaT, pandas.NA or numpy's masked."""
    if value is None or value is np.ma.masked:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def is_unset(value: Any) -> bool:
    """Return whether a value is missing, or text without a letter, which is how many files write NULL."""
    return is_missing(value) or (isinstance(value, (str, bytes)) and not value.strip())


def number_of(value: Any) -> float | None:
    """Return a number, or text with one, as float; None for anything else including NaN.

    True and False are not numbers. Infinity is one.
    """
    if isinstance(value, float):
        return None if value != value else float(value)
    if value is None or value is np.ma.masked or isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, (bytes, complex, np.complexfloating)) or (isinstance(value, str) and "_" in value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if number != number else number


def is_bool(values: Any) -> bool:
    """Return whether something is a boolean, or an array of them."""
    return isinstance(values, bool) or getattr(getattr(values, "dtype", None), "kind", "") == "b"


def missing_of(one: Values) -> NDArray[np.bool_]:
    """Return where values are missing: null, NaN or NaT."""
    values = np.asarray(one.values)
    missing = np.zeros(values.shape, dtype=bool) if one.missing is None else one.missing
    if one.words is None and values.dtype.kind == "f":
        missing = missing | np.isnan(values)
    elif one.words is None and values.dtype.kind in "mM":
        missing = missing | np.isnat(values)
    return missing


def any_missing(*several: Values) -> NDArray[np.bool_] | None:
    """Return where any of several values is missing; None if none is missing anywhere."""
    found: NDArray[np.bool_] | None = None
    for one in several:
        if one.missing is not None:
            found = one.missing if found is None else found | one.missing
    return found


def negated(one: Values) -> Values:
    """Logical not: missing stays missing."""
    return Values(np.logical_not(one.values), one.missing)


def both(one: Values, two: Values) -> Values:
    """Three-valued and: false takes precedence over missing."""
    values = np.logical_and(one.values, two.values)
    if one.missing is None and two.missing is None:
        return Values(values)
    no1 = np.logical_not(one.values) if one.missing is None else ~one.values & ~one.missing
    no2 = np.logical_not(two.values) if two.missing is None else ~two.values & ~two.missing
    return Values(values, any_missing(one, two) & ~np.logical_or(no1, no2))


def either(one: Values, two: Values) -> Values:
    """Three-valued or: true takes precedence over missing."""
    if one.missing is None and two.missing is None:
        return Values(np.logical_or(one.values, two.values))
    return negated(both(negated(one), negated(two)))


def picked(answers: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any]:
    """Return the result for each row's word; a missing word has code 0 and its result is ignored."""
    found: NDArray[Any] = answers[codes] if len(answers) else np.zeros(len(codes), dtype=answers.dtype)
    return found
