"""Detection: significant pixels of a difference image, and their connected regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.demo.exposure import convolve
from cutout_widgets.demo.gaussians import Psf
from cutout_widgets.footprints import footprint as shapes
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image

__all__ = ["Footprint", "find_footprints", "significance"]

THRESHOLD = 5.0
"""Minimum significance of a pixel in the PSF-convolved difference."""

GROW_SIGMA = 2.4
"""Growth of footprints beyond significant pixels, in sigmas of the PSF, as in LSST."""


@dataclass(frozen=True, eq=False)
class Footprint:
    """The pixels of one detection."""

    box: Box
    """Bounding box, array pixels."""
    pixels: NDArray[np.bool_]
    """Which pixels of the box belong to it, shape of the box."""
    peak: tuple[int, int]
    """The most significant pixel: x, y."""
    significance: float
    """Its significance; negative for a negative peak."""
    opposite: tuple[int, int] | None
    """The most significant pixel of the other sign, if above the threshold: x, y."""


def significance(image: Image, psf: Psf) -> NDArray[np.float32]:
    """Return the flux of a fitted PSF at each pixel divided by its error; 0 where there is no data."""
    if image.variance is None:
        raise ValueError("an image without variance has no significance")
    lost = ~np.isfinite(image.pixels) | ~np.isfinite(image.variance)
    kernel = psf.image(half=12)
    flux = convolve(np.where(lost, 0, image.pixels), kernel)
    variance = convolve(np.where(lost, 0, image.variance), kernel**2)
    out = (flux / np.sqrt(variance.clip(1e-6))).astype(np.float32, copy=False)
    out[lost] = 0
    return out


def _disc_grown(where: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Return the pixels within a distance of the given ones."""
    out = np.zeros_like(where)
    reach = int(radius)
    ys, xs = np.nonzero(where)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx * dx + dy * dy <= radius * radius:
                y, x = ys + dy, xs + dx
                inside = (y >= 0) & (y < where.shape[0]) & (x >= 0) & (x < where.shape[1])
                out[y[inside], x[inside]] = True
    return out


def find_footprints(significant: NDArray[np.float32], psf: Psf) -> list[Footprint]:
    """Find regions of significant pixels of either sign, merging those that touch when grown.

    Parameters
    ----------
    significant
        The result of `significance`.
    psf
        Determines how far footprints grow.
    """
    grown = _disc_grown(np.abs(significant) > THRESHOLD, GROW_SIGMA * psf.sigma)
    out = []
    for island in shapes.Footprint.from_array(grown).split():
        ys, xs = island.pixels()
        values = significant[ys, xs]
        high, low = int(np.argmax(values)), int(np.argmin(values))
        main, other = (high, low) if values[high] >= -values[low] else (low, high)
        passes = abs(values[other]) > THRESHOLD and values[other] * values[main] < 0
        out.append(
            Footprint(
                island.box,
                island.to_array(),
                (int(xs[main]), int(ys[main])),
                float(values[main]),
                (int(xs[other]), int(ys[other])) if passes else None,
            )
        )
    return out
