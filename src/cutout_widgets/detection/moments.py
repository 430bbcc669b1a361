"""Second moments of a source under a Gaussian weight of its own shape."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shape", "adaptive_moments", "moments_of_stamps"]

ROUNDS = 30
"""Maximum iterations; bright sources converge within ten."""

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
        Moments of the elliptical Gaussian that is its own optimal weight: for a Gaussian source exactly
        its covariance.

    Notes
    -----
    Source: the adaptive moments of Bernstein & Jarvis (2002): with a weight of covariance W, a
    Gaussian source of covariance W has weighted moments W / 2.
    """
    found = moments_of_stamps(np.asarray(pixels)[None], np.array([x]), np.array([y]), sigma)
    xx, yy, xy = (float(one) for one in found[0])
    return Shape(xx, yy, xy, failed=not np.isfinite(xx))


def moments_of_stamps(
    pixels: NDArray[Any], x: NDArray[Any], y: NDArray[Any], sigma: float
) -> NDArray[np.float64]:
    """Measure the shapes of sources on stamps of one size, as `adaptive_moments` does one.

    Parameters
    ----------
    pixels
        Shape (n, ny, nx).
    x, y
        Centres in pixels of the stamps, shape (n,).
    sigma
        Initial guess, px.

    Returns
    -------
    ndarray
        Moments xx, yy, xy, shape (n, 3); NaN where no ellipse fits.
    """
    count, ny, nx = pixels.shape
    out = np.full((count, 3), np.nan)
    dx = (np.arange(nx) - np.asarray(x, dtype=float)[:, None])[:, None, :]
    dy = (np.arange(ny) - np.asarray(y, dtype=float)[:, None])[:, :, None]
    values = np.nan_to_num(np.asarray(pixels, dtype=float), nan=0.0, posinf=0.0, neginf=0.0)
    going = np.arange(count)
    now = np.tile([sigma**2, sigma**2, 0.0], (count, 1))
    largest = float(max(ny, nx)) ** 2
    for turn in range(ROUNDS):
        det = now[:, 0] * now[:, 1] - now[:, 2] ** 2
        good = (det > 1e-3) & (now[:, :2] > 0).all(axis=1) & (now[:, :2] < largest).all(axis=1)
        going, now, det = going[good], now[good], det[good]
        if not len(going):
            break
        xx, yy, xy = (now[:, k, None, None] / det[:, None, None] for k in range(3))
        along, up = dx[going], dy[going]
        bent = -0.5 * yy * along**2 - 0.5 * xx * up**2 + (xy * up) * along
        weight = np.exp(bent, out=bent)
        weight *= values[going]
        across, down = weight.sum(axis=1), weight.sum(axis=2)
        along, up = along[:, 0, :], up[:, :, 0]
        total = across.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = 2 * np.stack(
                [
                    (across * along**2).sum(axis=1),
                    (down * up**2).sum(axis=1),
                    ((weight @ along[:, :, None])[:, :, 0] * up).sum(axis=1),
                ],
                axis=1,
            )
            new /= total[:, None]
            scale = np.stack([now[:, 0], now[:, 1], np.sqrt(now[:, 0] * now[:, 1])], axis=1)
            settled = (np.abs(new - now) / scale).max(axis=1) < SETTLED
        positive = total > 0
        done = positive & (settled | (turn == ROUNDS - 1))
        out[going[done]] = new[done]
        going, now = going[positive & ~done], new[positive & ~done]
    out[~(out[:, 0] * out[:, 1] - out[:, 2] ** 2 > 0)] = np.nan
    return out
