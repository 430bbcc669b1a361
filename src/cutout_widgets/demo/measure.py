"""Measurement of one detection on stamps of difference, science and template.

Everything is measured on the pixels, without using the truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.demo.gaussians import Psf
from cutout_widgets.pixels.image import Image

__all__ = ["HALF", "Fit", "Moments", "Stamp", "aperture_flux", "centroid", "fit_models", "moments"]

HALF = 20
"""Half size of stamps: 41 pixels a side, like the LSST PSF model's."""

_UNUSABLE = ("SAT", "NO_DATA")


@dataclass(frozen=True, eq=False)
class Stamp:
    """Pixels around a detection; always of shape (41, 41), also at the image's edge."""

    pixels: NDArray[np.float64]
    """Values, 0 where missing."""
    variance: NDArray[np.float64]
    """Variance, 1 where missing."""
    usable: NDArray[np.bool_]
    """Pixels to fit: on the image, finite, not saturated."""
    x: int
    """Array pixel of the centre."""
    y: int
    """The same, along y."""
    complete: bool
    """Whether the whole stamp is on the image."""

    @classmethod
    def of(cls, image: Image, x: int, y: int) -> Stamp:
        """Cut the stamp around an array pixel."""
        side = 2 * HALF + 1
        ny, nx = image.shape
        y0, x0 = y - HALF, x - HALF
        inner = slice(max(0, y0), min(ny, y0 + side)), slice(max(0, x0), min(nx, x0 + side))
        place = (
            slice(inner[0].start - y0, inner[0].stop - y0),
            slice(inner[1].start - x0, inner[1].stop - x0),
        )
        pixels, variance = np.zeros((side, side)), np.ones((side, side))
        usable = np.zeros((side, side), bool)
        if image.variance is None or image.mask is None:
            raise ValueError("a measured image has variance and mask")
        cut = image.pixels[inner].astype(np.float64)
        noise = image.variance[inner].astype(np.float64)
        good = np.isfinite(cut) & np.isfinite(noise) & (noise > 0)
        bits = sum(1 << image.planes[name] for name in _UNUSABLE if name in image.planes)
        pixels[place] = np.where(good, cut, 0.0)
        variance[place] = np.where(good, noise, 1.0)
        usable[place] = good & ((image.mask[inner] & np.uint32(bits)) == 0)
        return cls(pixels, variance, usable, x, y, cut.shape == (side, side))

    @property
    def offsets(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixel offsets from the centre: x (1, 41) and y (41, 1)."""
        line = np.arange(-HALF, HALF + 1, dtype=np.float64)
        return line[None, :], line[:, None]


@dataclass(frozen=True)
class Fit:
    """Amplitudes of one or more models fitted together."""

    flux: tuple[float, ...]
    """Of each model, nJy; NaN if the fit failed."""
    error: tuple[float, ...]
    """Of each model, nJy."""
    chi2: float
    """Over the usable pixels."""
    count: int
    """Number of usable pixels."""


def fit_models(stamp: Stamp, models: list[NDArray[np.float64]]) -> Fit:
    """Fit the fluxes of fixed profiles by least squares with equal weights; errors are from the variance.

    Equal weights, as in the LSST pipelines, so that flux does not depend on brightness.
    """
    use = stamp.usable
    nothing = Fit((math.nan,) * len(models), (math.nan,) * len(models), math.nan, int(use.sum()))
    design = np.stack([model[use] for model in models])
    seen = (design**2).sum(axis=1)
    whole = np.array([(model**2).sum() for model in models])
    # With less than a tenth of the light in usable pixels a flux would be unreliable.
    if (seen < 0.1 * whole).any():
        return nothing
    normal = design @ design.T
    if np.linalg.cond(normal) > 1e8:
        return nothing
    inverse = np.linalg.inv(normal)
    data, variance = stamp.pixels[use], stamp.variance[use]
    flux = inverse @ (design @ data)
    covariance = inverse @ ((design * variance) @ design.T) @ inverse
    chi2 = float(((data - flux @ design) ** 2 / variance).sum())
    return Fit(
        tuple(float(f) for f in flux), tuple(float(e) for e in np.sqrt(np.diag(covariance))), chi2, len(data)
    )


def aperture_flux(stamp: Stamp, dx: float, dy: float, radius: float = 12.0) -> tuple[float, float, bool]:
    """Sum the pixels within a radius; those at the edge count in part.

    Returns
    -------
    flux, error, truncated
        nJy, nJy, and whether the aperture extends beyond the image.
    """
    x, y = stamp.offsets
    weight = (radius + 0.5 - np.hypot(x - dx, y - dy)).clip(0, 1)
    good = stamp.variance != 1.0
    truncated = bool((weight > 0)[~good].any())
    return (
        float((weight * stamp.pixels).sum()),
        float(np.sqrt((weight**2 * stamp.variance * good).sum())),
        truncated,
    )


def centroid(stamp: Stamp, sign: float, sigma: float) -> tuple[float, float, bool]:
    """Find the centre of a peak with a Gaussian window that follows it.

    Parameters
    ----------
    stamp
        A stamp around the peak.
    sign
        Sign of the peak, +1 or -1.
    sigma
        Sigma of the window: that of the PSF.

    Returns
    -------
    dx, dy, failed
        Offset from the central pixel; (0, 0) and True if the window moved away or contained no light.
    """
    x, y = stamp.offsets
    data = sign * np.where(stamp.usable, stamp.pixels, 0.0)
    dx = dy = 0.0
    for _ in range(12):
        window = np.exp(-0.5 * ((x - dx) ** 2 + (y - dy) ** 2) / sigma**2) * data
        total = window.sum()
        if total <= 0:
            return 0.0, 0.0, True
        # A window as wide as the source measures half of every offset.
        step_x = 2 * float((window * (x - dx)).sum() / total)
        step_y = 2 * float((window * (y - dy)).sum() / total)
        dx, dy = dx + step_x, dy + step_y
        if math.hypot(dx, dy) > 3.0:
            return 0.0, 0.0, True
        if math.hypot(step_x, step_y) < 1e-3:
            break
    return dx, dy, False


@dataclass(frozen=True)
class Moments:
    """Second moments of a source, corrected for the window."""

    xx: float
    """Pixels squared; NaN if not measurable."""
    yy: float
    """The same, along y."""
    xy: float
    """The same, mixed."""

    @property
    def failed(self) -> bool:
        """Whether the moments are invalid."""
        return not math.isfinite(self.xx)

    @property
    def trace_radius(self) -> float:
        """Square root of the mean of xx and yy."""
        return math.sqrt((self.xx + self.yy) / 2)

    @property
    def axes(self) -> tuple[float, float, float]:
        """Variance along the major and minor axis, and the major axis' angle from +x to +y, radians."""
        middle, half = (self.xx + self.yy) / 2, math.hypot((self.xx - self.yy) / 2, self.xy)
        return middle + half, middle - half, 0.5 * math.atan2(2 * self.xy, self.xx - self.yy)


NO_SHAPE = Moments(math.nan, math.nan, math.nan)
"""Moments of a source without positive light in its window."""


def moments(
    pixels: NDArray[np.float64], usable: NDArray[np.bool_], dx: float, dy: float, window_sigma: float
) -> Moments:
    """Measure second moments with a round Gaussian window, then correct for the window.

    For a Gaussian source the product with the window is a Gaussian whose inverse covariance is the
    sum of those of the two; hence ``C = (M**-1 - W**-1)**-1``.
    """
    line = np.arange(-HALF, HALF + 1, dtype=np.float64)
    x, y = line[None, :] - dx, line[:, None] - dy
    weighted = np.exp(-0.5 * (x * x + y * y) / window_sigma**2) * np.where(usable, pixels, 0.0)
    total = weighted.sum()
    if total <= 0:
        return NO_SHAPE
    measured = (
        np.array(
            [
                [(weighted * x * x).sum(), (weighted * x * y).sum()],
                [(weighted * x * y).sum(), (weighted * y * y).sum()],
            ]
        )
        / total
    )
    if np.linalg.det(measured) <= 0 or measured[0, 0] <= 0:
        return NO_SHAPE
    inverse = np.linalg.inv(measured) - np.eye(2) / window_sigma**2
    if inverse[0, 0] <= 0 or np.linalg.det(inverse) <= 0:
        return NO_SHAPE
    own = np.linalg.inv(inverse)
    if own[0, 0] > 4 * HALF or own[1, 1] > 4 * HALF:
        return NO_SHAPE
    return Moments(float(own[0, 0]), float(own[1, 1]), float(own[0, 1]))


def psf_moments(psf: Psf, window_sigma: float) -> Moments:
    """Return the moments of the PSF, measured like those of a source."""
    image = psf.image(half=HALF)
    return moments(image, np.ones(image.shape, bool), 0.0, 0.0, window_sigma)
