"""Second moments of a source under a Gaussian weight of its own shape."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shape", "adaptive_moments"]

ROUNDS = 30
"""Most iterations; bright sources converge within ten."""

SETTLED = 1e-4
"""Stop when the moments change by less than this fraction."""


class Shape(NamedTuple):
    """Second moments in px**2 about a fixed centre."""

    xx: float
    yy: float
    xy: float
    failed: bool
    """True if no ellipse fits; the moments are then NaN."""


def adaptive_moments(pixels: NDArray[Any], x: float, y: float, sigma: float) -> Shape:
    """Measure the shape of a source.

    Parameters
    ----------
    pixels
        Background-subtracted stamp, shape (ny, nx), with the sign that makes the source positive; NaN
        where unknown.
    x, y
        Its centre in pixels of the stamp.
    sigma
        First guess in pixels: that of the PSF.

    Returns
    -------
    Shape
        Moments of the elliptical Gaussian that is its own best weight: for a Gaussian source exactly
        its covariance.

    Notes
    -----
    Source: the adaptive moments of Bernstein & Jarvis (2002): with a weight of covariance W, a
    Gaussian source of covariance W has weighted moments W / 2.
    """
    rows, columns = np.indices(pixels.shape)
    dx, dy = columns - x, rows - y
    known = np.isfinite(pixels)
    values = np.where(known, pixels, 0.0)
    xx, yy, xy = sigma**2, sigma**2, 0.0
    largest = float(max(pixels.shape)) ** 2
    for _ in range(ROUNDS):
        det = xx * yy - xy * xy
        if not (det > 1e-3 and 0 < xx < largest and 0 < yy < largest):
            return Shape(np.nan, np.nan, np.nan, failed=True)
        weight = np.exp(-0.5 * (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / det) * values
        total = weight.sum()
        if total <= 0:
            return Shape(np.nan, np.nan, np.nan, failed=True)
        new = [2 * float((weight * term).sum() / total) for term in (dx * dx, dy * dy, dx * dy)]
        settled = max(abs(new[0] - xx) / xx, abs(new[1] - yy) / yy, abs(new[2] - xy) / np.sqrt(xx * yy))
        xx, yy, xy = new
        if settled < SETTLED:
            break
    if not xx * yy - xy * xy > 0:
        return Shape(np.nan, np.nan, np.nan, failed=True)
    return Shape(xx, yy, xy, failed=False)
