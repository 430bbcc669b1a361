"""Models fitted to one detection: dipole, trail, and a score of how point-like it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.demo.exposure import Exposure
from cutout_widgets.demo.footprints import Footprint
from cutout_widgets.demo.gaussians import Psf
from cutout_widgets.demo.instrument import PIXEL_ARCSEC
from cutout_widgets.demo.measure import Fit, Moments, Stamp, fit_models

__all__ = ["Row", "extendedness", "fit_dipole", "fit_trail", "reliability"]

Row = dict[str, Any]
"""Column name -> value; None for NULL in the APDB."""

WIDEST_DIPOLE_SIGMA = 5.0
"""Maximum separation of a dipole's peaks, in sigmas of the PSF; beyond, they are two sources."""


def bearing(exposure: Exposure, pixel_angle: float) -> float:
    """Return the position angle, degrees north through east, of an angle from +x to +y in radians."""
    return (math.degrees(pixel_angle) - 90 + exposure.visit.rotation_deg) % 360


def fit_dipole(exposure: Exposure, stamp: Stamp, footprint: Footprint) -> Row:
    """Fit a positive and a negative point source, if both signs were detected.

    The separation is varied along the line between the two peaks; the fluxes are linear parameters.
    It is a dipole if both lobes are significant, neither has more than 65 % of the light, and
    the pair fits better than one point source.
    """
    row: Row = dict.fromkeys(
        ("dipoleMeanFlux", "dipoleMeanFluxErr", "dipoleFluxDiff", "dipoleFluxDiffErr", "dipoleLength",
         "dipoleAngle", "dipoleChi2")
    )  # fmt: skip
    row |= {"dipoleNdata": 0, "isDipole": False, "dipoleFitAttempted": False}
    row["middle"] = (0.0, 0.0)
    if footprint.opposite is None:
        return row
    psf = exposure.visit.psf
    ox, oy = footprint.opposite[0] - footprint.peak[0], footprint.opposite[1] - footprint.peak[1]
    apart = math.hypot(ox, oy)
    if apart > WIDEST_DIPOLE_SIGMA * psf.sigma:
        return row
    row["dipoleFitAttempted"] = True
    if footprint.significance < 0:  # the direction is from the negative to the positive lobe
        ux, uy = ox / apart, oy / apart
    else:
        ux, uy = -ox / apart, -oy / apart
    best: tuple[Fit, float] | None = None
    for share in (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0):
        half = 0.5 * share * apart
        pair = [psf.image(ox / 2 + s * half * ux, oy / 2 + s * half * uy) for s in (1, -1)]
        fit = fit_models(stamp, pair)
        if math.isfinite(fit.chi2) and (best is None or fit.chi2 < best[0].chi2):
            best = fit, 2 * half
    if best is None:
        return row
    fit, length = best
    positive, negative = fit.flux[0], -fit.flux[1]
    error = math.hypot(*fit.error)
    alone = fit_models(stamp, [psf.image()])
    row |= {
        "dipoleMeanFlux": (abs(positive) + abs(negative)) / 2,
        "dipoleMeanFluxErr": error / 2,
        "dipoleFluxDiff": positive - negative,
        "dipoleFluxDiffErr": error,
        "dipoleLength": length * PIXEL_ARCSEC,
        "dipoleAngle": bearing(exposure, math.atan2(uy, ux)),
        "dipoleChi2": fit.chi2,
        "dipoleNdata": fit.count,
        "middle": (ox / 2, oy / 2),
    }
    both = (
        positive > 0
        and negative > 0
        and min(positive / fit.error[0], negative / fit.error[1]) > 5 / math.sqrt(2)
    )
    row["isDipole"] = bool(
        both and max(positive, negative) < 0.65 * (positive + negative) and fit.chi2 < alone.chi2
    )
    return row


def fit_trail(exposure: Exposure, stamp: Stamp, shape: Moments, own: Moments, dx: float, dy: float) -> Row:
    """Fit a line of point sources, with direction and maximum length from the second moments.

    A uniform line of length L has the variance L**2 / 12 along itself.
    """
    row: Row = dict.fromkeys(
        ("trailFlux", "trailFluxErr", "trailRa", "trailRaErr", "trailDec", "trailDecErr", "trailLength",
         "trailLengthErr", "trailAngle", "trailAngleErr", "trailChi2")
    )  # fmt: skip
    row |= {"trailNdata": 0, "trailAlgorithm": 1, "trail_flag": shape.failed, "trail_flag_edge": False}
    if shape.failed:
        return row
    major, _, angle = shape.axes
    psf = exposure.visit.psf
    longest = math.sqrt(max(0.0, 12 * (major - own.axes[0])))
    # The correction for the window assumes a Gaussian source, which makes long trails too long.
    trials = longest * np.linspace(0.4, 1.0, 13) if longest > 3 * psf.sigma else [longest]
    fits = [(fit_models(stamp, [_line(stamp, psf, dx, dy, trial, angle)]), float(trial)) for trial in trials]
    fit, length = min(fits, key=lambda pair: math.inf if math.isnan(pair[0].chi2) else pair[0].chi2)
    cx, cy = stamp.x + dx, stamp.y + dy
    reach = length / 2 * abs(math.cos(angle)), length / 2 * abs(math.sin(angle))
    ny, nx = exposure.difference.shape
    ra, dec = (float(value) for value in exposure.array_wcs.all_pix2world(cx, cy, 0))
    snr = abs(fit.flux[0]) / fit.error[0] if math.isfinite(fit.flux[0]) else math.nan
    error_px = math.sqrt(2 * major) / snr if snr else math.nan
    return row | {
        "trailFlux": fit.flux[0],
        "trailFluxErr": fit.error[0],
        "trailRa": ra,
        "trailRaErr": error_px * PIXEL_ARCSEC / 3600,
        "trailDec": dec,
        "trailDecErr": error_px * PIXEL_ARCSEC / 3600,
        "trailLength": length * PIXEL_ARCSEC,
        "trailLengthErr": 2 * error_px * PIXEL_ARCSEC,
        "trailAngle": bearing(exposure, angle) % 180,
        "trailAngleErr": math.degrees(2 * error_px / length) if length > 2 * error_px else None,
        "trailChi2": fit.chi2,
        "trailNdata": fit.count,
        "trail_flag": not math.isfinite(fit.flux[0]),
        "trail_flag_edge": not (
            reach[0] + 6 <= cx < nx - 6 - reach[0] and reach[1] + 6 <= cy < ny - 6 - reach[1]
        ),
    }


def _line(stamp: Stamp, psf: Psf, dx: float, dy: float, length: float, angle: float) -> NDArray[np.float64]:
    """Return the image of a uniform line with unit flux: point sources one pixel apart."""
    x, y = stamp.offsets
    steps = max(1, math.ceil(length))
    places = length * ((np.arange(steps) + 0.5) / steps - 0.5)
    points = [psf.at(x - dx - s * math.cos(angle), y - dy - s * math.sin(angle)) for s in places]
    total: NDArray[np.float64] = np.mean(points, axis=0)
    return total


def extendedness(shape: Moments, own: Moments) -> float:
    """Return 0 for a source as narrow as the PSF, up to 1 for one at least 50 % wider."""
    return float(np.clip((shape.trace_radius / own.trace_radius - 1) / 0.5, 0, 1))


def reliability(stamp: Stamp, psf: Psf, fit: Fit, dx: float, dy: float, unsure: float) -> float | None:
    """Score how much of the light near the source is a point source, 0 to 1.

    Within 3 sigma of the PSF: the power of the fitted point source divided by the power above noise, times
    the fraction of footprint pixels that are neither interpolated, saturated nor bad. A cosmic ray
    is sharper than the PSF and a dipole cancels, so both score low. The score is a simple measurement,
    not a trained model.
    """
    if not math.isfinite(fit.flux[0]):
        return None
    x, y = stamp.offsets
    near = (np.hypot(x - dx, y - dy) < 3 * psf.sigma) & stamp.usable
    model = psf.image(dx, dy)
    explained = (fit.flux[0] ** 2 - fit.error[0] ** 2) * float((model[near] ** 2).sum())
    power = float((stamp.pixels[near] ** 2 - stamp.variance[near]).sum())
    if explained <= 0 or power <= 0:
        return 0.0
    return float(np.clip(explained / max(power, explained), 0, 1) * (1 - unsure))
