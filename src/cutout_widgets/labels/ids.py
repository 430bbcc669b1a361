"""User-supplied ids: integers, or text of their digits, never floats."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption

__all__ = ["identifier", "identifier_array", "identifiers"]

_DIGITS = re.compile(r"\s*-?\d{1,40}\s*")
"""Matches the text of an integer; longer ones exceed 64 bits, and Python refuses to parse very long ones."""


def identifiers(ids: int | str | Iterable[int | str]) -> list[int]:
    """Return one or several ids as a list of Python ints; a text is one id.

    Raises
    ------
    BadOption
        If one is not a 64-bit integer; floats are never accepted, as they may have been rounded.
    """
    if isinstance(ids, np.ndarray) and ids.dtype.kind == "i":
        return [int(one) for one in ids.ravel()]
    if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
        return [identifier(ids)]
    return [identifier(one) for one in ids]


def identifier_array(ids: int | str | Iterable[int | str]) -> NDArray[np.int64]:
    """Return one or several ids as an array, shape (n,); like `identifiers`, but fast for a million.

    Raises
    ------
    BadOption
        As `identifiers`.
    """
    if isinstance(ids, np.ndarray) and ids.dtype.kind == "i":
        return ids.ravel().astype(np.int64)
    if isinstance(ids, list) and _are_plain(ids):
        with suppress(ValueError, OverflowError):  # empty or too long: the error is raised below
            return np.fromiter(map(int, ids), dtype=np.int64, count=len(ids))
    return np.array(identifiers(ids), dtype=np.int64)


def _are_plain(ids: list[Any]) -> bool:
    """Return whether all ids are texts of digits only, or there are none."""
    try:
        digits = "".join(ids)
    except TypeError:
        return False
    return digits.isascii() and digits.isdecimal()


def identifier(value: Any) -> int:
    """Return an id as int: an integer or text of digits, never a float.

    Raises
    ------
    BadOption
        If it is not a 64-bit integer.
    """
    if type(value) is str and len(value) < 19 and value.isascii() and value.isdecimal():
        return int(value)  # a fast path for journals of a million lines
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:40]}... of {len(shown)} characters"
        raise BadOption(f"an id is a 64-bit integer, or text of its digits; got {shown}")
    number = int(value)
    if not -(2**63) <= number < 2**63:
        shown = str(number) if number.bit_length() < 200 else f"one of {number.bit_length()} bits"
        raise BadOption(f"an id has 64 bits; got {shown}")
    return number
