"""Limits: the values displayed as black and white, computed for a whole stack at once.

Each rule takes a stack (n, ny, nx) of floats and returns (n, 2): lower and upper limit of each
image. Only finite pixels count; the limits of an image without any are NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.display.stacks import small_buffers

__all__ = ["minmax", "percentile", "symmetric", "zscale"]

_SAMPLES = 1000
"""Number of pixels that zscale samples, as in astropy's ``ZScaleInterval``."""
_REJECTION_SIGMA = 2.5
"""zscale rejects samples further than this from the line, as in IRAF."""
_REJECTION_ROUNDS = 5
"""Maximum iterations of zscale's fit, as in IRAF."""
_FEWEST_SAMPLES = 5
"""Minimum samples for zscale's fit, as in IRAF."""
_MAD_TO_SIGMA = 1.482602218505602
"""Ratio of sigma to median absolute deviation of a Gaussian: 1 / Phi^-1(3/4)."""


def minmax(stack: NDArray[Any]) -> NDArray[np.float64]:
    """Return the smallest and the largest finite value of each image.

    Parameters
    ----------
    stack
        Shape (n, ny, nx), floats.

    Returns
    -------
    ndarray
        Shape (n, 2); NaN for an image without finite pixels.

    Examples
    --------
    >>> import numpy as np
    >>> minmax(np.array([[[1.0, 2.0], [np.nan, 5.0]]]))
    array([[1., 5.]])
    """
    flat = _flat(stack)
    limits = np.full((len(flat), 2), np.nan)
    if flat.size == 0:
        return limits
    # min and max propagate NaN, so two fast passes find the images that need special treatment.
    limits[:, 0], limits[:, 1] = flat.min(axis=1), flat.max(axis=1)
    for row in np.flatnonzero(~np.isfinite(limits).all(axis=1)):
        finite = flat[row][np.isfinite(flat[row])]
        limits[row] = (finite.min(), finite.max()) if finite.size else np.nan
    return limits


def percentile(stack: NDArray[Any], lower: float, upper: float) -> NDArray[np.float64]:
    """Return two percentiles of the finite pixels of each image.

    Parameters
    ----------
    stack
        Shape (n, ny, nx), floats.
    lower, upper
        Percentages from 0 to 100.

    Returns
    -------
    ndarray
        Shape (n, 2); NaN for an image without finite pixels.

    Notes
    -----
    Linear interpolation, as in ``numpy.percentile`` and astropy's ``AsymmetricPercentileInterval``.

    Examples
    --------
    >>> import numpy as np
    >>> percentile(np.arange(101.0).reshape(1, 1, 101), 1, 99)
    array([[ 1., 99.]])
    """
    ordered, counts = _ordered(_flat(stack))
    limits = np.full((len(ordered), 2), np.nan)
    rows = np.flatnonzero(counts)
    for column, percent in enumerate((lower, upper)):
        limits[rows, column] = _quantile(ordered, rows, counts[rows], percent / 100)
    return limits


def symmetric(stack: NDArray[Any], k: float, variance: NDArray[Any] | None = None) -> NDArray[np.float64]:
    """Return limits at -k and +k sigma about zero.

    Parameters
    ----------
    stack
        Shape (n, ny, nx), floats.
    k
        Number of sigma.
    variance
        Same shape; sigma is the square root of the median of its positive finite pixels. Without
        any, sigma is 1.4826 times the median absolute deviation of the image.

    Returns
    -------
    ndarray
        Shape (n, 2); NaN for an image without finite pixels. If sigma is zero,
        the largest absolute value is used as k sigma, or 1 if that is zero too: zero stays in the middle.

    Examples
    --------
    >>> import numpy as np
    >>> symmetric(np.zeros((1, 2, 2)), 5.0, np.full((1, 2, 2), 4.0))
    array([[-10.,  10.]])
    """
    flat = _flat(stack)
    sigma = np.full(len(flat), np.nan)
    if variance is not None:
        noise = _flat(variance)
        sigma = np.sqrt(_medians(np.where(noise > 0, noise, np.nan)))
    rows = np.flatnonzero(np.isnan(sigma))
    with np.errstate(over="ignore"):
        if rows.size:
            sigma[rows] = _MAD_TO_SIGMA * _median_absolute_deviation(flat[rows])
        radius = k * sigma
    for row in np.flatnonzero(radius == 0):
        finite = flat[row][np.isfinite(flat[row])]
        radius[row] = float(np.abs(finite).max()) if finite.size else np.nan
    radius[radius == 0] = 1.0
    radius[~np.isfinite(flat).any(axis=1)] = np.nan
    return np.column_stack([-radius, radius])


def zscale(stack: NDArray[Any], contrast: float = 0.25) -> NDArray[np.float64]:
    """Return IRAF's zscale limits of each image.

    Parameters
    ----------
    stack
        Shape (n, ny, nx), floats.
    contrast
        Divides the slope of the fitted line: smaller values give a wider range. Zero has no effect.

    Returns
    -------
    ndarray
        Shape (n, 2); NaN for an image without finite pixels.

    Notes
    -----
    Samples, fit and rejection are those of astropy's ``ZScaleInterval``, computed for all
    images with the same number of samples at once.

    Examples
    --------
    >>> import numpy as np
    >>> zscale(np.arange(100.0).reshape(1, 10, 10)).shape
    (1, 2)
    """
    flat = _flat(stack)
    limits = np.full((len(flat), 2), np.nan)
    for rows, samples in _equal_samples(flat):
        samples.sort(axis=1)
        limits[rows] = _zscale_of_sorted(samples, contrast)
    return limits


def _flat(stack: NDArray[Any]) -> NDArray[Any]:
    """Return each image as one row."""
    return stack.reshape(len(stack), stack.shape[1] * stack.shape[2])


def _ordered(flat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the rows sorted, with values that are not finite last, and the number of finite ones."""
    finite = np.isfinite(flat)
    counts = finite.sum(axis=1)
    if counts.size and counts.min() < flat.shape[1]:
        flat = np.where(finite, flat, np.nan)
    return np.sort(flat, axis=1), counts


def _quantile(
    ordered: NDArray[Any], rows: NDArray[np.intp], counts: NDArray[np.intp], fraction: float
) -> NDArray[np.float64]:
    """Return a quantile of the first `counts` values of sorted rows, by linear interpolation."""
    place = fraction * (counts - 1)
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, counts - 1)
    low, high = ordered[rows, below].astype(np.float64), ordered[rows, above].astype(np.float64)
    share = place - below
    # low + share * (high - low) could overflow for huge values.
    return np.where(share == 0, low, low * (1 - share) + high * share)


def _medians(flat: NDArray[Any]) -> NDArray[np.float64]:
    """Return the median of each row's finite values; NaN without any."""
    medians = np.full(len(flat), np.nan)
    middle, is_odd = divmod(flat.shape[1], 2)
    complete = np.isfinite(flat).all(axis=1) & (middle > 0)
    if complete.any():
        halves = np.partition(flat[complete], middle, axis=1)  # faster than sorting
        high = halves[:, middle].astype(np.float64)
        low = high if is_odd else halves[:, :middle].max(axis=1).astype(np.float64)
        medians[complete] = np.where(low == high, high, 0.5 * low + 0.5 * high)
    others = np.flatnonzero(~complete)
    ordered, counts = _ordered(flat[others])
    known = np.flatnonzero(counts)
    medians[others[known]] = _quantile(ordered, known, counts[known], 0.5)
    return medians


def _median_absolute_deviation(flat: NDArray[Any]) -> NDArray[np.float64]:
    """Return the median absolute deviation of each row's finite values; NaN without any."""
    return _medians(np.abs(flat - _medians(flat)[:, np.newaxis]))


def _equal_samples(flat: NDArray[Any]) -> list[tuple[NDArray[np.intp], NDArray[Any]]]:
    """Return astropy's samples of each row's finite values, grouping rows with equally many."""
    if flat.shape[1] == 0:
        return []
    finite = np.isfinite(flat)
    complete = finite.all(axis=1)
    grouped: dict[int, tuple[list[int], list[NDArray[Any]]]] = {}
    for row in np.flatnonzero(~complete).tolist():
        samples = _every_nth(flat[row][finite[row]])
        rows, parts = grouped.setdefault(samples.size, ([], []))
        rows.append(row)
        parts.append(samples)
    grouped.pop(0, None)  # rows without finite values have no limits
    groups = [(np.array(rows), np.stack(parts)) for rows, parts in grouped.values()]
    if complete.any():
        groups.append((np.flatnonzero(complete), _every_nth(flat)[complete]))
    return groups


def _every_nth(values: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of at most 1000 values along the last axis, with astropy's stride."""
    stride = int(max(1.0, values.shape[-1] / _SAMPLES))
    return values[..., ::stride][..., :_SAMPLES].copy()


def _zscale_of_sorted(samples: NDArray[Any], contrast: float) -> NDArray[np.float64]:
    """Return the zscale limits of rows of sorted samples, shape (n, m)."""
    n, m = samples.shape
    # Each row is scaled to about 1 by a power of two, which is exact, so that squares do not overflow.
    _, power = np.frexp(np.abs(samples[:, [0, -1]].astype(np.float64)).max(axis=1))
    unit = np.ldexp(1.0, np.clip(power, -1000, 1000))
    values = samples / unit[:, np.newaxis]
    low, high = values[:, 0].copy(), values[:, -1].copy()
    middle = (m - 1) // 2
    median = 0.5 * values[:, middle] + 0.5 * values[:, m // 2]
    # The line is fitted about the middle of both axes: the same result without loss of precision.
    values -= median[:, np.newaxis]
    x = np.arange(m) - (m - 1) / 2
    fewest = max(_FEWEST_SAMPLES, int(m * 0.5))
    grow = max(1, int(m * 0.01))

    slope = np.zeros(n)
    kept = np.full(n, m)
    at_work = np.arange(n) if m >= fewest else np.empty(0, np.intp)
    bad = np.zeros((n, m), dtype=bool)
    good = np.ones((n, m))  # 1 or 0, so that a sum over good samples is a product
    powers = np.column_stack([np.ones(m), x, x * x])
    sums = good @ powers  # exact in any order: the terms are quarters of integers
    with small_buffers():
        for turn in range(_REJECTION_ROUNDS):
            if at_work.size == 0:
                break
            slope[at_work], residuals = _residuals(x, values, values * good if turn else values, sums)
            beyond = np.abs(residuals) > _REJECTION_SIGMA * _deviation(residuals, good, sums[:, 0])
            bad = _grown(beyond | bad, grow)
            good = (~bad).astype(np.float64)
            sums = good @ powers
            unsettled = (sums[:, 0] < kept[at_work]) & (sums[:, 0] >= fewest)
            kept[at_work] = sums[:, 0]
            at_work = at_work[unsettled]
            if not unsettled.all():
                values, bad, good, sums = (one[unsettled] for one in (values, bad, good, sums))

    fitted = kept >= fewest
    step = slope / contrast if contrast > 0 else slope
    low[fitted] = np.maximum(low, median - (middle - 1) * step)[fitted]
    high[fitted] = np.minimum(high, median + (m - middle) * step)[fitted]
    return np.column_stack([low * unit, high * unit])


def _residuals(
    x: NDArray[np.float64], values: NDArray[np.float64], good: NDArray[np.float64], sums: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a line to the good samples of each row; return its slope and the residuals of all samples.

    `good` has the values of good samples, and zeros; `sums` the number, x and x**2 of good samples.
    """
    count, sum_x, sum_xx = sums.T
    mean_x, mean_y = sum_x / count, good.sum(axis=1) / count
    slope = (good @ x - count * mean_x * mean_y) / (sum_xx - count * mean_x**2)
    level = mean_y - slope * mean_x
    residuals = slope[:, np.newaxis] * x
    residuals += level[:, np.newaxis]
    np.subtract(values, residuals, out=residuals)
    return slope, residuals


def _deviation(
    residuals: NDArray[np.float64], good: NDArray[np.float64], count: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the standard deviation of the good residuals of each row, shape (n, 1)."""
    # The residuals of the fitted samples have a mean of zero.
    fitted = residuals * good
    squares = np.einsum("ij,ij->i", fitted, fitted)
    deviation: NDArray[np.float64] = np.sqrt(squares / count)
    return deviation[:, np.newaxis]


def _grown(bad: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Return a mask grown along its rows, as ``numpy.convolve(..., mode="same")`` with `width` ones."""
    n, m = bad.shape
    grown = np.zeros((n, m + width), dtype=bool)  # room behind the rows, so that all are grown as one
    grown[:, :m] = bad
    flat, have = grown.ravel(), 1
    while have < width:
        step = min(have, width - have)
        flat[step:] |= flat[:-step]
        have += step
    left = (width - 1) // 2
    return grown[:, left : left + m]
