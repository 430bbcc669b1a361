"""The pixels of one blend, and how well point sources explain them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.detection.psf_fit import PsfFluxes, fit_point_sources

if TYPE_CHECKING:
    from cutout_widgets.detection.detection import Detection
    from cutout_widgets.pixels.geometry import Box
    from cutout_widgets.pixels.image import Image
    from cutout_widgets.pixels.psf import PsfModel

__all__ = ["BlendStamp", "Top"]

Top = tuple[int, int, float]
"""A peak: x, y in parent pixels, and its significance."""

NEAREST_FWHM = 1.0
"""Minimum separation of two sources: an elongated galaxy looks like a closer pair."""

FAINTEST_SHARE = 0.05
"""Minimum fraction of a neighbour's flux; fainter sources may be errors of the PSF."""

SUSPICION, BELIEF = 2.5, 5.0
"""Sigma by which chi2 may exceed its mean: before searching for another source, and after finding it."""

WORTHWHILE = 0.7
"""Maximum fraction of the worst chi2 that may remain after adding a source."""

MOST_HIDDEN = 6
"""A blend with more peaks is a galaxy with structure."""


@dataclass(frozen=True, eq=False)
class BlendStamp:
    """The pixels around one detection, with the sign flipped if needed so that sources are positive."""

    pixels: NDArray[np.float64]
    """Shape (ny, nx), 0 where unknown."""
    variance: NDArray[np.float64]
    """Same shape."""
    usable: NDArray[np.bool_]
    """False where unknown."""
    inside: NDArray[np.bool_]
    """The detection's footprint."""
    box: Box
    """Position of the stamp in the parent."""
    psf: PsfModel
    """The PSF."""

    @classmethod
    def of(cls, one: Detection, image: Image, lost: NDArray[np.bool_], psf: PsfModel) -> BlendStamp:
        """Cut out a detection with a margin for its wings."""
        box = one.footprint.box.grown(int(2 * psf.fwhm) + 2).intersection(image.box)
        part = box.slices_in(image.box)
        usable = ~lost[part]
        pixels = np.where(usable, one.polarity * image.pixels[part], 0.0)
        variance = np.where(usable, np.asarray(image.variance)[part], 1.0)
        return cls(pixels, variance, usable, one.footprint.to_array(box), box, psf)

    def fit(self, tops: list[Top], *, free: bool) -> PsfFluxes:
        """Fit point sources on all peaks together."""
        x, y = (np.array([top[k] for top in tops]) - (self.box.x0, self.box.y0)[k] for k in (0, 1))
        return fit_point_sources(
            self.pixels,
            self.variance,
            self.usable,
            x,
            y,
            self.psf,
            free=free,
            radius_px=1.5 * self.psf.fwhm,
        )

    def real(self, tops: list[Top], least: float) -> list[Top]:
        """Drop, the faintest first, peaks that have no significant flux of their own."""
        while len(tops) > 1:
            fit = self.fit(tops, free=False)
            ratio = np.nan_to_num(fit.flux / fit.flux_error, nan=-np.inf)
            failing = np.flatnonzero(ratio < least)
            if not len(failing):
                return [(x, y, float(value)) for (x, y, _), value in zip(tops, ratio, strict=True)]
            # The faintest third at once: the others may gain flux.
            gone = set(failing[np.argsort(ratio[failing])][: max(1, len(failing) // 3)].tolist())
            gone = gone if len(gone) < len(tops) else gone - {int(np.argmax(ratio))}
            tops = [top for k, top in enumerate(tops) if k not in gone]
        return tops

    def revealed(self, tops: list[Top], least: float) -> list[Top]:
        """Add sources that become visible after subtracting the others.

        One is accepted if point sources then explain the pixels, which is never true for a
        galaxy, and if it is neither too close to its neighbours nor too faint.
        """
        trial, before = tops, np.inf
        for _ in range(MOST_HIDDEN if len(tops) <= MOST_HIDDEN else 0):
            fit = self.fit(trial, free=True)
            if self._explained(fit, SUSPICION if trial is tops else BELIEF):
                return tops if trial is tops else self._checked(trial, fit, least) or tops
            top = self._brightest_left(fit, least)
            worst = float((fit.chi2 / np.maximum(fit.n_pixels, 1)).max())
            if top is None or worst > WORTHWHILE * before:
                return tops
            trial, before = [*trial, top], worst
        return tops

    def _explained(self, fit: PsfFluxes, sigma: float) -> bool:
        """Return whether the residuals around each source are noise."""
        n = np.maximum(fit.n_pixels - 3, 1)
        return bool((fit.chi2 / n < 1 + sigma * np.sqrt(2 / n)).all())

    def _brightest_left(self, fit: PsfFluxes, least: float) -> Top | None:
        """Return the most significant point source in the residuals."""
        from scipy.signal import oaconvolve

        left = np.where(self.usable, self.pixels - self._model(fit), 0.0)
        kernel = self.psf.kernel[::-1, ::-1]
        signal = oaconvolve(left, kernel, mode="same")
        spread = oaconvolve(np.where(self.usable, self.variance, 0.0), kernel**2, mode="same")
        ratio = np.where(self.inside & self.usable, signal / np.sqrt(np.maximum(spread, 1e-30)), -np.inf)
        y, x = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
        if ratio[y, x] < least:
            return None
        return int(x) + self.box.x0, int(y) + self.box.y0, float(ratio[y, x])

    def _model(self, fit: PsfFluxes) -> NDArray[np.float64]:
        """Return the fitted sources as an image."""
        total = np.zeros(self.pixels.shape)
        y, x = np.mgrid[: total.shape[0], : total.shape[1]]
        for at_x, at_y, flux in zip(fit.x, fit.y, np.nan_to_num(fit.flux), strict=True):
            near = (np.abs(x - at_x) <= self.psf.half) & (np.abs(y - at_y) <= self.psf.half)
            total[near] += flux * self.psf.at(x[near] - at_x, y[near] - at_y)
        return total

    def _checked(self, trial: list[Top], fit: PsfFluxes, least: float) -> list[Top] | None:
        """Return the sources of a good fit, if all of them are significant."""
        ratio = np.nan_to_num(fit.flux / fit.flux_error, nan=-np.inf)
        apart = np.hypot(fit.x[:, None] - fit.x, fit.y[:, None] - fit.y)
        np.fill_diagonal(apart, np.inf)
        share = fit.flux / fit.flux[np.argmin(apart, axis=1)]
        good = (ratio >= least).all() and (apart >= NEAREST_FWHM * self.psf.fwhm).all()
        whole = [(round(x), round(y)) for x, y in zip(fit.x, fit.y, strict=True)]
        within = all(
            0 <= x < self.box.width and 0 <= y < self.box.height and self.inside[y, x] for x, y in whole
        )
        if not (good and within and (share >= FAINTEST_SHARE).all() and len(set(whole)) == len(trial)):
            return None
        made: list[Top] = [
            (x + self.box.x0, y + self.box.y0, float(value))
            for (x, y), value in zip(whole, ratio, strict=True)
        ]
        return sorted(made, key=lambda top: -top[2])
