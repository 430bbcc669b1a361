"""Indexing of a table: rows by number, by a mask, by a slice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadTable

__all__ = ["positions"]


def positions(key: Any, length: int) -> NDArray[Any] | slice:
    """Return the selected rows of a view, following numpy's rules for an array of that length.

    Parameters
    ----------
    key
        A slice; whole numbers, 0-based (negative: from the end); or one boolean per row: a
        boolean array, list or Series. An unknown value (None, NA, masked) selects nothing.
    length
        Number of rows of the view.

    Raises
    ------
    BadTable
        If it is none of these, a mask has the wrong length, or a number is out of range.
    """
    if isinstance(key, slice):
        return key
    if isinstance(key, np.ma.MaskedArray):
        key = key.filled(False)
    if not hasattr(key, "__array__"):
        if not isinstance(key, Iterable):
            raise BadTable(f"rows are picked by number, slice or mask, columns by name; got {key!r:.60}")
        key = list(key)
    found = np.asarray(key)
    if found.ndim == 1 and not found.size:
        return np.zeros(0, dtype=np.intp)
    if found.dtype == object and found.ndim == 1:
        found = _truths(found)
    if found.dtype.kind in "UO":
        raise BadTable("select one column at a time, table['ra']; for several use to_pandas() or to_table()")
    if found.ndim != 1 or found.dtype.kind not in "biu":
        raise BadTable(f"row numbers are a list of whole numbers; got {found.ndim}-d {found.dtype}")
    if found.dtype == bool and len(found) != length:
        raise BadTable(f"the table has {length} rows and the mask {len(found)}; give one truth value per row")
    if found.dtype != bool and not -length <= found.min() <= found.max() < length:
        beyond = found[(found < -length) | (found >= length)][0]
        raise BadTable(f"the table has {length} rows; row number {beyond} is out of range")
    return found


def _truths(values: NDArray[Any]) -> NDArray[Any]:
    """Return a mask with missing values as booleans, with missing as False; anything else unchanged."""
    known = np.array([isinstance(one, (bool, np.bool_)) for one in values])
    gaps = np.array([one is None or type(one).__name__ == "NAType" for one in values])
    return np.where(gaps, False, values).astype(bool) if (known | gaps).all() else values
