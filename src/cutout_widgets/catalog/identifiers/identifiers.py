"""64-bit identifiers, accepted only if exact: never rounded by a float."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.buffers import arrow_of, missing_in, numpy_of
from cutout_widgets.errors import BadTable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EXACT_BELOW", "exact_identifiers", "is_words", "rounded_before"]

EXACT_BELOW = 2**53
"""float64 represents all whole numbers below this, and not all of those above."""

_LOOKED_AT = 1000
_LONGEST = 30
"""Digits that no identifier has; Python refuses to parse thousands of them."""
_WHOLE = re.compile(r"[+-]?(\d+|\d{1,15}\.0*)", re.ASCII)
"""An identifier as text: exact, even if pandas wrote it as a float because others are missing."""

_FLOAT = re.compile(r"[+-]?\d+(\.0*|(\.\d*)?[eE][+-]?\d+)", re.ASCII)
_BY_CHANCE = 1e-4


def exact_identifiers(column: pa.Array, name: str) -> pa.Array:
    """Return a column of identifiers as int64, nulls kept.

    Parameters
    ----------
    column
        Integers, text of digits, decimals, or floats that are all whole and below 2**53.
    name
        Name of the column, for messages.

    Returns
    -------
    pyarrow.Array
        Type int64; null where the input is null, NaN or an empty string.

    Raises
    ------
    BadTable
        If a value is not a 64-bit whole number, or may have been rounded already.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.int64())
    if pa.types.is_floating(kind):
        return _from_floats(column, name)
    if is_words(kind):
        _refuse_names(column[:_LOOKED_AT].to_pylist(), name)
        text = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
        column = pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)
        whole = pc.match_substring_regex(column, r"^[+-]?(\d+|\d{1,15}\.0*)$")
        wrong = column.filter(pc.invert(pc.fill_null(whole, True)))
        _refuse_names(wrong[:1].to_pylist(), name)
        column = pc.replace_substring_regex(column, r"^\+|\.0*$", "")
    elif not (pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise BadTable(f"column {name!r} holds identifiers, which are whole numbers; it is of type {kind}")
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid as err:
        wrong = next((one for one in column.to_pylist() if one is not None and not _fits(one)), None)
        raise BadTable(
            f"column {name!r} holds a value that is not a signed 64-bit integer"
            + ("" if wrong is None else f": {wrong!s:.60}")
        ) from err


def _fits(value: Any) -> bool:
    """Return whether a whole number, or text with one, has at most 64 bits."""
    return len(str(value).lstrip("+-0")) < _LONGEST and -(2**63) <= int(value) < 2**63


def _refuse_names(words: Iterable[str | None], name: str) -> None:
    """Refuse the first text that is not a whole number; ids that are names show in the first rows."""
    for word in words:
        if word is not None and (bare := word.strip()) and _WHOLE.fullmatch(bare) is None:
            why = (
                "is written as a floating-point number, which may have lost digits"
                if _FLOAT.fullmatch(bare)
                else "is not a whole number"
            )
            raise BadTable(f"column {name!r} holds identifiers, but {bare!r} {why}")


def rounded_before(column: pa.Array, name: str) -> str | None:
    """Return a sentence if all large identifiers of a column look like rounded floats, else None.

    Parameters
    ----------
    column
        Identifiers, int64.
    name
        Name of the column, for messages.

    Returns
    -------
    str or None
        A column of exact identifiers is reported with a probability below one in ten
        thousand.

    Notes
    -----
    A float64 near 1.7e17 is a multiple of 32; JavaScript writes it with as few digits as identify it,
    C with 17, and then zeros. An exact identifier of this size looks like one of these with a probability
    below one in ten, so four are sufficient. A thousand are checked.
    """
    import pyarrow as pa

    if not pa.types.is_int64(column.type) or not len(column):
        return None
    places = np.unique(np.linspace(0, len(column) - 1, _LOOKED_AT).astype(np.int64))
    missing = missing_in(column)
    some = numpy_of(column)[places if missing is None else places[~missing[places]]]
    large = np.unique(some[(some >= EXACT_BELOW) | (some <= -EXACT_BELOW)])
    by_chance = 1.0
    for one in large.tolist():
        near = float(one)
        if one not in (int(near), int(Decimal(repr(near))), int(Decimal(f"{near:.17g}"))):
            return None
        by_chance *= min(1.0, 3 / math.ulp(near))
    if by_chance > _BY_CHANCE:
        return None
    return (
        f"all identifiers in column {name!r} have been through a float or JavaScript "
        f"({large[0]}, for instance): they were rounded and may be those of other sources; "
        "read them again from the original, as integers or text"
    )


def is_words(kind: Any) -> bool:
    """Return whether an Arrow type is text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _from_floats(column: pa.Array, name: str) -> pa.Array:
    """Accept floats that cannot have been rounded, refuse the others."""
    import pyarrow as pa

    values: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    missing = np.isnan(values)
    good = values[~missing]
    rounded = good[~(np.abs(good) < (EXACT_BELOW if column.type == pa.float64() else 2**24))]
    if rounded.size:
        raise BadTable(
            f"the identifiers in column {name!r} came as {column.type}, which rounds numbers of this size "
            f"({rounded[0]:.0f} may have been another); read the column as integers - in pandas "
            f"dtype={{{name!r}: 'Int64'}} - or as text"
        )
    broken = good[good != np.floor(good)]
    if broken.size:
        raise BadTable(f"column {name!r} holds identifiers, but {broken[0]} is not a whole number")
    return arrow_of(np.where(missing, 0, values).astype(np.int64), missing)
