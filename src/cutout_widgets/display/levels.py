"""Grey levels: conversion of a value between two limits to a byte, and the inverse as thresholds.

A value is assigned to one of 65 536 steps between its limits, and a table gives the level of each
step. The assignment is monotone despite rounding, so the levels are too, and the first value of
each level is well defined.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.display.stacks import small_buffers

__all__ = ["CURVES", "SOFTENING", "Curve", "first_values", "level_starts", "level_table", "levels_of"]

Curve = Literal["linear", "sqrt", "log", "asinh", "squared"]
"""How values between the limits are distributed over the grey levels."""
CURVES: tuple[Curve, ...] = get_args(Curve)

SOFTENING: dict[Curve, tuple[float, float, float]] = {
    "asinh": (0.1, 1e-3, 1e6),
    "log": (1000.0, 1e-6, 3000.0),
}
"""Curve -> default `a` (astropy's), minimum and maximum, beyond which a step would exceed a level."""

_LEVELS = 254
"""Grey levels run from 1 to 1 + 254; byte 0 means no data."""
_STEPS = 1 << 16
"""Steps of the table: half a step changes any curve by less than a level."""
_BLOCK_PX = 1 << 16
"""Pixels processed at once, so that temporary arrays fit in the processor's cache."""
_FLOAT32_RANGE = (1e-30, 1e37)
"""Ranges of values that single precision can divide into steps without under- or overflow."""


def levels_of(
    images: NDArray[Any], limits: NDArray[np.float64], table: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Convert a stack of floats to bytes.

    Parameters
    ----------
    images
        Shape (n, ny, nx), float32 or float64.
    limits
        Shape (n, 2), from `display.limits`; NaN for an image without limits.
    table
        From `level_table`.

    Returns
    -------
    ndarray
        Shape (n, ny, nx); 0 where the image is NaN, else 1 to 255.
    """
    flat = images.reshape(len(images), images.shape[1] * images.shape[2])
    levels = np.empty(flat.shape, dtype=np.uint8)
    if flat.size:
        low, scale, wide = _placement(limits)
        with small_buffers(), _quiet():
            for rows in _blocks(wide, max(1, _BLOCK_PX // flat.shape[1])):
                dtype = np.float64 if wide[rows.start] else flat.dtype
                values = flat[rows].astype(dtype, copy=False)
                steps = _steps(values, low[rows].astype(dtype), scale[rows].astype(dtype))
                _look_up(steps, table, out=levels[rows])
    return levels.reshape(images.shape)


def first_values(
    limits: NDArray[np.float64], table: NDArray[np.uint8], dtype: np.dtype[Any]
) -> NDArray[np.float32]:
    """Return the smallest float32 of each level above 1, for one image.

    Parameters
    ----------
    limits
        Shape (1, 2), of one image.
    table
        From `level_table`.
    dtype
        Of the image: the computation of `levels_of` is repeated in it.

    Returns
    -------
    ndarray
        Shape (254,), ascending.
    """
    low, scale, wide = _placement(limits)
    if wide[0]:
        dtype = np.dtype(np.float64)
    low, scale = low[0].astype(dtype), scale[0].astype(dtype)
    first_step = np.searchsorted(table, np.arange(2, _LEVELS + 2), side="left")
    # Bisection over all float32 values finds the first one that reaches each step.
    below = np.full(_LEVELS, _ordinal(np.float32(-np.inf)))
    above = np.full(_LEVELS, _ordinal(np.float32(np.inf)))
    with small_buffers(), _quiet():
        while (above - below > 1).any():
            middle = (below + above) // 2
            reached = _steps(_from_ordinal(middle).astype(dtype), low, scale) >= first_step
            above = np.where(reached, middle, above)
            below = np.where(reached, below, middle)
    return _from_ordinal(above)


def level_starts(curve: Curve) -> NDArray[np.float64]:
    """Return where each level above 1 begins, as fractions between the limits.

    Parameters
    ----------
    curve
        Its name; the softening is astropy's.

    Returns
    -------
    ndarray
        Shape (254,), ascending, 0 for the lower and 1 for the upper limit: the level of a value is 1 + the
        number of ``low + starts * (high - low)`` that do not exceed it, within the rounding of float32.
    """
    first_step = np.searchsorted(level_table(curve, None, False), np.arange(2, _LEVELS + 2), side="left")
    return np.asarray(first_step / (_STEPS - 1))


@lru_cache(maxsize=64)
def level_table(curve: Curve, a: float | None, both_sides: bool) -> NDArray[np.uint8]:
    """Tabulate a curve: the level of the middle of each step, exact at both ends.

    Parameters
    ----------
    curve
        Its name.
    a
        Its softening; None = astropy's.
    both_sides
        Whether the curve is symmetric about the middle, instead of rising from the lower end.

    Returns
    -------
    ndarray
        Shape (65536,), levels from 1 to 255; read-only, because it is shared.
    """
    place = np.minimum((np.arange(_STEPS) + 0.5) / (_STEPS - 1), 1.0)
    place[0] = 0.0
    if both_sides:
        distance = 2 * place - 1
        bent = 0.5 + 0.5 * np.sign(distance) * _bend(np.abs(distance), curve, a)
    else:
        bent = _bend(place, curve, a)
    table: NDArray[np.uint8] = (1 + np.rint(_LEVELS * bent)).astype(np.uint8)
    table.setflags(write=False)
    return table


def _bend(place: NDArray[np.float64], curve: Curve, a: float | None) -> NDArray[Any]:
    """Apply a curve to fractions from 0 to 1, by the formulae of astropy.visualization."""
    if curve == "sqrt":
        return np.sqrt(place)
    if curve == "squared":
        return place**2
    if curve == "linear":
        return place
    softening = SOFTENING[curve][0] if a is None else a
    if curve == "asinh":
        return np.asarray(np.arcsinh(place / softening) / np.arcsinh(1 / softening))
    return np.asarray(np.log1p(softening * place) / np.log1p(softening))


def _placement(
    limits: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return offset and scale factor of each image, and whether float64 is required.

    The first two have shape (n, 1), the last (n,).
    """
    low = limits[:, :1]
    with np.errstate(over="ignore"):
        width = limits[:, 1:] - low
    smallest, largest = _FLOAT32_RANGE
    usual = (width > smallest) & (width < largest)
    if usual.all():
        return low, (_STEPS - 1) / width, ~usual[:, 0]
    known = np.isfinite(width)
    # A width of zero or less (-0.0 or a rounding error) has no scale: values above get the last step.
    with np.errstate(over="ignore"):
        scale = np.where(width > 0, (_STEPS - 1) / np.where(width > 0, width, 1.0), np.inf)
    scale = np.where(known, np.minimum(scale, np.finfo(np.float64).max), 1.0)
    return np.where(known, low, 0.0), scale, (known & ~usual)[:, 0]


def _blocks(wide: NDArray[np.bool_], rows_at_once: int) -> list[slice]:
    """Split the rows into runs that need the same precision, with a maximum length."""
    changes = np.flatnonzero(wide[1:] != wide[:-1]) + 1
    blocks: list[slice] = []
    for start, end in pairwise([0, *changes.tolist(), len(wide)]):
        blocks += [slice(one, min(one + rows_at_once, end)) for one in range(start, end, rows_at_once)]
    return blocks


def _steps(values: NDArray[Any], low: NDArray[Any], scale: NDArray[Any]) -> NDArray[Any]:
    """Return the steps of values: 0 at the lower limit, the last at the upper; not clipped.

    Both operations are monotone under rounding, so a larger value never gets a lower step.
    """
    steps: NDArray[Any] = values - low
    steps *= scale
    return steps


def _look_up(steps: NDArray[Any], table: NDArray[np.uint8], *, out: NDArray[np.uint8]) -> None:
    """Write the level of each step to `out`; `steps` is overwritten."""
    lowest, highest = steps.min(), steps.max()
    if lowest < 0 or highest >= _STEPS or np.isnan(lowest):
        np.clip(steps, 0, _STEPS - 1, out=steps)
    unknown = np.isnan(steps) if np.isnan(lowest) else None
    if unknown is not None:
        steps[unknown] = 0
    # Conversion via int32 is vectorised. All steps are in the table; numpy's look-up is fastest
    # in the mode that wraps invalid indices.
    table.take(steps.astype(np.int32).astype(np.intp), out=out, mode="wrap")
    if unknown is not None:
        out[unknown] = 0


def _quiet() -> np.errstate:
    """Return a context in which infinities give no warnings."""
    return np.errstate(over="ignore", under="ignore", invalid="ignore")


def _ordinal(value: np.float32) -> int:
    """Return the rank of a float32 among all float32."""
    bits = int(value.view(np.int32))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFF)


def _from_ordinal(ordinals: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the float32 with each rank."""
    bits = np.where(ordinals >= 0, ordinals, -ordinals | 0x80000000)
    return bits.astype(np.uint32).view(np.float32)
