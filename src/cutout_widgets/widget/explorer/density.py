"""The contents of a scatter plot: its axis ranges, and a density image of many rows."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ALL_COLOUR",
    "PASSING_COLOUR",
    "AxisRange",
    "Layer",
    "density_png",
    "ends_of",
    "is_long_tailed",
    "written",
]

BINS = (220, 160)
"""Columns and rows of a density image: about two screen pixels each."""

OUTSIDE_PERCENT = 0.5
"""Number of rows at each end of an axis that may be cut off if they would squeeze the others."""

FAR = 3.0
"""Outliers are cut off beyond this many times the width of nearly all rows."""

TAIL = 10.0
"""A distribution is long-tailed if its largest values exceed this many times the median."""

MARGIN = 0.03
"""Fraction of an axis added beyond its first and last value."""

ALL_COLOUR, PASSING_COLOUR = (128, 136, 144), (31, 119, 220)
"""RGB of rows that fail the filter and of those that pass; visible in light and dark themes."""

FAINTEST = 0.25
"""Opacity of one row."""


@dataclass(frozen=True)
class AxisRange:
    """The range of an axis."""

    low: float
    high: float
    is_log: bool = False
    """Whether the axis is logarithmic."""

    def place(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return positions along the axis: 0 at the low end, 1 at the high one; NaN where undefined."""
        if not self.is_log:
            return np.asarray((values - self.low) / (self.high - self.low))
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log10(np.where(values > 0, values, np.nan))
        return np.asarray((logs - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low)))

    def ticks(self, n: int = 5) -> list[float]:
        """Return about `n` round numbers of the axis: powers of ten where it is logarithmic."""
        if self.is_log and self.high / self.low >= 100:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            return [10.0**power for power in powers[:: math.ceil(len(powers) / n)]]
        least = (self.high - self.low) / n
        power = 10 ** math.floor(math.log10(least))
        step = next(one for one in (power, 2 * power, 5 * power, 10 * power) if one >= 0.999 * least)
        return [
            float(f"{one * step:.12g}")
            for one in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)
        ]


@dataclass(frozen=True, eq=False)
class Layer:
    """A set of rows drawn in one colour."""

    x: NDArray[np.float64]
    """Shape (n,); NaN is not drawn."""
    y: NDArray[np.float64]
    """Shape (n,)."""
    colour: tuple[int, int, int]
    """RGB."""

    @property
    def hex(self) -> str:
        """The colour as ``#rrggbb``."""
        return "#{:02x}{:02x}{:02x}".format(*self.colour)


def ends_of(values: NDArray[np.float64], *, is_log: bool = False) -> AxisRange | None:
    """Choose the range of an axis.

    Parameters
    ----------
    values
        All values, shape (n,); NaN and infinities are ignored, and on a logarithmic axis so are values
        that are not positive.
    is_log
        Whether the axis is logarithmic.

    Returns
    -------
    AxisRange or None
        The range of all values, or of 99 % of them if the rest are outliers; None without usable values.
    """
    known = values[np.isfinite(values)]
    if is_log:
        known = np.log10(known[known > 0])
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    inner = np.percentile(known, [OUTSIDE_PERCENT, 100 - OUTSIDE_PERCENT])
    if high - low > FAR * (inner[1] - inner[0]) > 0:
        low, high = float(inner[0]), float(inner[1])
    # A single value needs a finite range; far from zero the range must still be resolved by floats.
    margin = MARGIN * (high - low) or max(0.5 if not is_log else 0.1, abs(low) * 1e-6)
    low, high = low - margin, high + margin
    return AxisRange(10**low, 10**high, True) if is_log else AxisRange(low, high)


def density_png(layers: Sequence[Layer], across: AxisRange, up: AxisRange) -> bytes:
    """Return a PNG of the density of rows, transparent where there are none.

    Parameters
    ----------
    layers
        Rows and their colours; later layers are drawn on top.
    across, up
        The axes.

    Notes
    -----
    Opacity is proportional to the logarithm of the number of rows.
    """
    from PIL import Image

    columns, rows = BINS
    picture = np.zeros((rows * columns, 4), dtype=np.uint8)
    for layer in layers:
        x, y = np.floor(across.place(layer.x) * columns), np.floor(up.place(layer.y) * rows)
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
        cells = (rows - 1 - y[inside].astype(np.intp)) * columns + x[inside].astype(np.intp)
        counts = np.bincount(cells, minlength=rows * columns)
        there = counts > 0
        depth = np.log1p(counts[there]) / np.log1p(max(2, int(counts.max(initial=0))))
        picture[there, :3] = layer.colour
        picture[there, 3] = np.rint(255 * (FAINTEST + (1 - FAINTEST) * depth))
    stream = io.BytesIO()
    Image.fromarray(picture.reshape(rows, columns, 4)).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def is_long_tailed(values: NDArray[np.float64]) -> bool:
    """Return whether a logarithmic axis suits values: positive, with the largest far from most."""
    known = values[np.isfinite(values)]
    if not len(known) or known.min() <= 0:
        return False
    middle, far = np.percentile(known, [50, 100 - OUTSIDE_PERCENT])
    return bool(far > TAIL * middle)


def written(value: float, ends: AxisRange) -> str:
    """Return a value on an axis as text for a filter, with no more digits than the axis resolves."""
    if ends.is_log:
        return f"{value:.4g}"
    digits = 3 - math.floor(math.log10(ends.high - ends.low))
    if not -12 < digits < 15:
        return f"{value:.6g}"
    text = f"{round(value, digits) + 0.0:.{max(0, digits)}f}"  # -0.0 is 0.0
    return text.rstrip("0").rstrip(".") if "." in text else text
