"""Convert masked arrays, Quantities and bit fields to the plain arrays of an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption

__all__ = ["BITS", "bit_field", "plain_pixels", "written_slice"]

BITS = 32
"""Bits of an `Image` mask."""


def plain_pixels(values: Any) -> tuple[NDArray[Any], str | None]:
    """Return values as a plain array, and their unit if they have one.

    Parameters
    ----------
    values
        An array; in a masked one (numpy's or astropy's) masked values become NaN, so that they
        are never shown; a Quantity has a unit. A plain array is returned unchanged.
    """
    unit = getattr(values, "unit", None) if hasattr(values, "to_value") else None
    if unit is not None:
        name = unit.to_string() or None
        values = values.value
    else:
        name = None
    hidden = getattr(values, "mask", None)
    if hidden is None or isinstance(hidden, np.ma.MaskedArray):
        return np.asarray(values), name
    array = np.asarray(values.data if isinstance(values, np.ma.MaskedArray) else values.unmasked)
    if not np.any(hidden):
        return array, name
    kind = array.dtype if array.dtype.kind == "f" else np.dtype(float)
    return np.where(hidden, np.nan, array).astype(kind, copy=False), name


def bit_field(mask: Any, planes: Mapping[str, int]) -> NDArray[np.uint32]:
    """Return a mask of integers or booleans as a 32-bit field.

    Raises
    ------
    BadOption
        If it has another type, or a bit or a plane does not fit.
    """
    array = np.asarray(mask)
    if beyond := {name: bit for name, bit in planes.items() if not 0 <= bit < BITS}:
        names = ", ".join(f"{name} (bit {bit})" for name, bit in beyond.items())
        raise BadOption(f"the mask of an image has bits 0 to {BITS - 1}; move the planes {names} there")
    if array.dtype == np.uint32:
        return array
    if array.dtype.kind not in "iub":
        raise BadOption(f"a mask holds integers (bit fields) or booleans; got {array.dtype}")
    if array.dtype.itemsize > 4 and array.size:
        used = int(np.bitwise_or.reduce(array, axis=None))
        if used >> BITS not in (0, -1):
            raise BadOption(
                f"the mask of an image has bits 0 to {BITS - 1}, and bit {used.bit_length() - 1} of this one "
                "is set; move the planes that are needed there"
            )
    return array.astype(np.int64).astype(np.uint32)


def written_slice(one: slice) -> str:
    """Return a slice as written in brackets."""
    ends = (one.start, one.stop) if one.step is None else (one.start, one.stop, one.step)
    return ":".join("" if end is None else str(end) for end in ends)
