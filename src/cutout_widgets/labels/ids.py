"""Ids as people give them: integers, or text of their digits, never floats."""

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
"""Text of an integer; longer ones have no 64 bits, and Python refuses to read thousands of digits."""


def identifiers(ids: int | str | Iterable[int | str]) -> list[int]:
    """Return one id or several as a list of Python ints; text is one id, not its letters.

    Raises
    ------
    BadOption
        If one is no 64-bit integer; floats never are, for they may have been rounded.
    """
    if isinstance(ids, np.ndarray) and ids.dtype.kind == "i":
        return [int(one) for one in ids.ravel()]
    if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
        return [identifier(ids)]
    return [identifier(one) for one in ids]


def identifier_array(ids: int | str | Iterable[int | str]) -> NDArray[np.int64]:
    """Return one id or several as an array, shape (n,); as `identifiers`, and quick for a million.

    Raises
    ------
    BadOption
        As `identifiers`.
    """
    if isinstance(ids, np.ndarray) and ids.dtype.kind == "i":
        return ids.ravel().astype(np.int64)
    if isinstance(ids, list) and _are_plain(ids):
        with suppress(ValueError, OverflowError):  # empty, or too long: said below
            return np.fromiter(map(int, ids), dtype=np.int64, count=len(ids))
    return np.array(identifiers(ids), dtype=np.int64)


def _are_plain(ids: list[Any]) -> bool:
    """Return whether ids are texts of digits alone, or empty."""
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
        If it is no 64-bit integer.
    """
    if type(value) is str and len(value) < 19 and value.isascii() and value.isdecimal():
        return int(value)  # a journal of a million lines is read by this way
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
