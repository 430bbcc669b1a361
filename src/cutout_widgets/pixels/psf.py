"""A point-spread function given as a small image: its width, and its values between pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.position import pixels_in

__all__ = ["FWHM_PER_SIGMA", "PsfModel"]

FWHM_PER_SIGMA = 2.3548200450309493
"""2 sqrt(2 ln 2): ratio of full width at half maximum to sigma of a Gaussian."""


@dataclass(frozen=True, eq=False)
class PsfModel:
    """A normalised PSF image with odd sides, with the source at its centre.

    Examples
    --------
    >>> round(PsfModel.gaussian(4.0).fwhm, 2)
    4.0
    """

    kernel: NDArray[np.float64]
    """Shape (n, n), sum 1: flux per pixel."""

    @classmethod
    def of(cls, image: Image, psf: PsfModel | NDArray[Any] | float | None = None) -> PsfModel:
        """Return the PSF given by a user.

        Parameters
        ----------
        image
            Its own `psf` is used if `psf` is None.
        psf
            A kernel image (odd sides; it is normalised), or the FWHM of a Gaussian: pixels, or an angle.

        Raises
        ------
        BadOption
            If there is none, or it is invalid.
        """
        if isinstance(psf, PsfModel):
            return psf
        given = image.psf if psf is None else pixels_in(psf, image, "the FWHM of a PSF")
        if given is None:
            raise BadOption(
                "the image has no PSF: give psf=, its kernel image or the FWHM of a Gaussian in pixels"
            )
        kernel = cls.gaussian(float(given)).kernel if np.ndim(given) == 0 else np.asarray(given, dtype=float)
        if kernel.ndim != 2 or kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:
            raise BadOption(f"a PSF image needs odd sides, to have a central pixel; got shape {kernel.shape}")
        total = kernel.sum()
        if not (np.isfinite(kernel).all() and total > 0):
            raise BadOption("a PSF image is finite and has a positive sum")
        half = max(kernel.shape) // 2
        square = np.zeros((2 * half + 1, 2 * half + 1))
        y0, x0 = half - kernel.shape[0] // 2, half - kernel.shape[1] // 2
        square[y0 : y0 + kernel.shape[0], x0 : x0 + kernel.shape[1]] = kernel / total
        return cls(square)

    @classmethod
    def gaussian(cls, fwhm_px: float) -> PsfModel:
        """Return a round Gaussian, truncated at 5 sigma."""
        if not (np.isfinite(fwhm_px) and 0.5 <= fwhm_px < 1000):
            raise BadOption(f"the FWHM of a PSF is a number of pixels from 0.5 up; got {fwhm_px}")
        sigma = fwhm_px / FWHM_PER_SIGMA
        half = max(3, int(np.ceil(5 * sigma)))
        y, x = np.mgrid[-half : half + 1, -half : half + 1]
        kernel = np.exp(-(x**2 + y**2) / (2 * sigma**2))
        return cls(kernel / kernel.sum())

    @property
    def half(self) -> int:
        """Pixels from the centre to the border."""
        return int(self.kernel.shape[0]) // 2

    @cached_property
    def noise_area(self) -> float:
        """Noise-equivalent area in pixels."""
        return float(1 / (self.kernel**2).sum())

    @cached_property
    def sigma(self) -> float:
        """Sigma in pixels of the Gaussian with the same noise-equivalent area."""
        return float(np.sqrt(self.noise_area / (4 * np.pi)))

    @property
    def fwhm(self) -> float:
        """FWHM in pixels of that Gaussian."""
        return self.sigma * FWHM_PER_SIGMA

    @cached_property
    def _spline(self) -> NDArray[np.float64]:
        """Coefficients of a cubic spline through the kernel, with a margin of zeros."""
        try:
            from scipy import ndimage
        except ImportError as err:
            raise MissingDependency("scipy", "detect", "measuring sources") from err
        coefficients: NDArray[np.float64] = ndimage.spline_filter(np.pad(self.kernel, 3), order=3)
        return coefficients

    def at(self, dx: NDArray[Any], dy: NDArray[Any]) -> NDArray[np.float64]:
        """Return the PSF at offsets from the source (pixels), by cubic interpolation, 0 far away."""
        from scipy import ndimage

        middle = self.half + 3
        values: NDArray[np.float64] = ndimage.map_coordinates(
            self._spline, [np.asarray(dy) + middle, np.asarray(dx) + middle], order=3, prefilter=False
        )
        return values

    def stamps(
        self, x0: NDArray[Any], y0: NDArray[Any], size: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the PSF on square stamps, and its derivatives with the source's position along x and y.

        Parameters
        ----------
        x0, y0
            Offset of each stamp's first pixel from its source, shape (n,).
        size
            Side of the stamps.

        Returns
        -------
        value, along_x, along_y
            Each of shape (n, size, size), by cubic interpolation as in `at`. All pixels of a stamp have the
            same fraction of a pixel, so that each axis needs only four products.
        """
        around = size + 3  # a stamp and the samples around it
        coefficients = np.pad(self._spline, around)
        last = coefficients.shape[0] - around
        bases, weights, changes = [], [], []
        for start in (x0, y0):
            place = np.asarray(start, dtype=float) + self.half + 3 + around
            whole = np.floor(place)
            part = (place - whole)[:, None]
            bases.append(np.clip(whole.astype(np.int64) - 1, 0, last))
            weights.append(_cubic(part)[:, :, None, None])
            changes.append(_cubic_slope(part)[:, :, None, None])
        patches = sliding_window_view(coefficients, (around, around))[bases[1], bases[0]]
        lines = np.zeros((2, len(patches), size, around))
        for k in range(4):
            rows = patches[:, k : k + size]
            lines[0] += weights[1][:, k] * rows
            lines[1] += changes[1][:, k] * rows
        found = np.zeros((3, len(patches), size, size))
        for k in range(4):
            value = lines[0][:, :, k : k + size]
            found[0] += weights[0][:, k] * value
            found[1] -= changes[0][:, k] * value
            found[2] -= weights[0][:, k] * lines[1][:, :, k : k + size]
        return found[0], found[1], found[2]


def _cubic(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of the four neighbouring samples, shape (n, 4), of a cubic B-spline."""
    t = part
    return (
        np.concatenate(
            [(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1
        )
        / 6
    )


def _cubic_slope(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the derivatives of these weights."""
    t = part
    return np.concatenate([-((1 - t) ** 2), 3 * t**2 - 4 * t, -3 * t**2 + 2 * t + 1, t**2], axis=1) / 2
