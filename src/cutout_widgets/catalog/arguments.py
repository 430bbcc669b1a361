"""Check the arguments that select rows: numbers, names, ranges."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from cutout_widgets.catalog.identifiers.identifiers import EXACT_BELOW
from cutout_widgets.errors import BadTable

__all__ = ["bounds_of", "names_in", "whole_number", "whole_numbers"]

_DIGITS = re.compile(r"\s*[+-]?[0-9]{1,19}\s*")


def whole_number(value: Any, name: str) -> int:
    """Return an argument as an integer of 64 bits.

    Parameters
    ----------
    value
        An integer, text of digits, or a float that is whole and cannot have been rounded.
    name
        The argument's name, for error messages.

    Raises
    ------
    BadTable
        If it is not such a number, or a float that may have been rounded from a different number.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) >= EXACT_BELOW:
        raise BadTable(
            f"{name} came as the float {value:.0f}, and floats of this size are rounded, so it may be "
            f"wrong; read the table with integers - in pandas dtype={{{name!r}: 'Int64'}} - or as text"
        )
    is_whole = (
        (isinstance(value, (int, np.integer)) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
        or (isinstance(value, str) and _DIGITS.fullmatch(value) is not None)
    )
    if not is_whole or not -(2**63) <= int(value) < 2**63:
        raise BadTable(f"{name} takes whole numbers of 64 bits; got {_shown(value)}")
    return int(value)


def whole_numbers(value: Any, name: str) -> tuple[int, ...]:
    """Return one or several whole numbers as a tuple; raises as `whole_number`."""
    several = value if isinstance(value, Iterable) and not isinstance(value, (str, bytes)) else (value,)
    return tuple(whole_number(one, name) for one in several)


def names_in(value: Any, name: str) -> tuple[str, ...]:
    """Return one or several names as a tuple; a string is one name.

    Raises
    ------
    BadTable
        If one is not a string.
    """
    several = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    for one in several:
        if not isinstance(one, str):
            raise BadTable(f"{name} takes a name or several; got {_shown(one)}")
    return several


def bounds_of(value: Any, name: str) -> tuple[float | None, float | None]:
    """Return the lower and upper bound of a range, None for an open end.

    Raises
    ------
    BadTable
        If it is not a pair of numbers, or the larger one comes first; NaN is invalid.
    """
    pair = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else ()
    try:
        low, high = (None if one is None else _number(one) for one in pair)
    except (TypeError, ValueError):
        raise BadTable(
            f"{name} takes the lowest and the highest number, None for no end - {name}=(0.5, None) - "
            f"got {_shown(value)}"
        ) from None
    if low is not None and high is not None and low > high:
        raise BadTable(f"{name} takes the lower number first; got {_shown(value)}, which no row can meet")
    return low, high


def _number(value: Any) -> float:
    """Return a float; raise ValueError or TypeError for text, NaN or anything else."""
    number = float(value)
    if isinstance(value, str) or number != number:
        raise ValueError
    return number


def _shown(value: Any) -> str:
    """Return a value as short text for a message."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
