"""Rows from footprints: all columns of a DiaSource that can be measured on one exposure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.demo.exposure import Exposure
from cutout_widgets.demo.footprints import Footprint
from cutout_widgets.demo.gaussians import Psf
from cutout_widgets.demo.instrument import PIXEL_ARCSEC
from cutout_widgets.demo.measure import (
    HALF,
    Fit,
    Stamp,
    aperture_flux,
    centroid,
    fit_models,
    moments,
    psf_moments,
)
from cutout_widgets.demo.models import Row, extendedness, fit_dipole, fit_trail, reliability

__all__ = ["RELIABILITY_VERSION", "measure"]

RELIABILITY_VERSION = "demo1"
"""Name of the score that `models.reliability` computes; it is not a trained model."""

_PLANE_OF_FLAG = {
    "bad": "BAD",
    "cr": "CR",
    "nodata": "NO_DATA",
    "interpolated": "INTRP",
    "saturated": "SAT",
    "suspect": "SUSPECT",
    "streak": "STREAK",
    "injected": "INJECTED",
    "injected_template": "INJECTED_TEMPLATE",
}
"""``pixelFlags_<flag>`` -> mask plane; all except ``bad`` also have a ``Center`` flag."""


def measure(exposure: Exposure, footprint: Footprint) -> Row:
    """Measure a detection.

    Parameters
    ----------
    exposure
        The three images.
    footprint
        The detection on its difference image.

    Returns
    -------
    dict
        Every column of table DiaSource that needs no other exposure, without ids.
    """
    visit, detector = exposure.visit, exposure.detector
    sign = math.copysign(1.0, footprint.significance)
    stamp = Stamp.of(exposure.difference, *footprint.peak)
    dipole = fit_dipole(exposure, stamp, footprint)
    middle = dipole.pop("middle")
    dx, dy, lost = (*middle, False) if dipole["isDipole"] else centroid(stamp, sign, visit.psf.sigma)
    x, y = footprint.peak[0] + dx, footprint.peak[1] + dy
    ra, dec = (float(value) for value in exposure.array_wcs.all_pix2world(x, y, 0))
    error_px = math.sqrt(2) * visit.psf.sigma / abs(footprint.significance)
    error_deg = error_px * PIXEL_ARCSEC / 3600
    fit = fit_models(stamp, [visit.psf.image(dx, dy)])
    in_footprint = _Bits(exposure, footprint)
    return {
        "visit": visit.id,
        "detector": detector.id,
        "midpointMjdTai": visit.mjd,
        "exposureTime": visit.exposure_s,
        "ra": ra,
        "raErr": error_deg,
        "dec": dec,
        "decErr": error_deg,
        "ra_dec_Cov": 0.0,
        "x": x + detector.x0,
        "xErr": error_px,
        "y": y + detector.y0,
        "yErr": error_px,
        "centroid_flag": lost,
        "isNegative": sign < 0 and not dipole["isDipole"],  # as in LSST
        "snr": abs(footprint.significance),
        **_fluxes(exposure, footprint, stamp, fit, dx, dy),
        **dipole,
        **_shape(exposure, footprint, stamp, dx, dy),
        "reliability": reliability(stamp, visit.psf, fit, dx, dy, in_footprint.unsure),
        "reliabilityVersion": RELIABILITY_VERSION,
        "band": visit.band,
        "timeProcessedMjdTai": visit.mjd + 0.002,
        "bboxSize": max(footprint.box.shape),
        "pixelFlags": False,
        **in_footprint.flags(x, y, footprint),
        "glint_trail": False,
    }


def _fluxes(exposure: Exposure, footprint: Footprint, stamp: Stamp, fit: Fit, dx: float, dy: float) -> Row:
    """Return the columns of fluxes: aperture, point source, and forced on science and template."""
    visit = exposure.visit
    ap_flux, ap_error, truncated = aperture_flux(stamp, dx, dy)
    science = _forced(Stamp.of(exposure.science, *footprint.peak), visit.psf, dx, dy)
    template = _forced(Stamp.of(exposure.template, *footprint.peak), visit.template_psf, dx, dy)
    return {
        "apFlux": ap_flux,
        "apFluxErr": ap_error,
        "apFlux_flag": truncated,
        "apFlux_flag_apertureTruncated": truncated,
        "psfFlux": fit.flux[0],
        "psfFluxErr": fit.error[0],
        "psfLnL": -0.5 * fit.chi2,
        "psfChi2": fit.chi2,
        "psfNdata": fit.count,
        "psfFlux_flag": not math.isfinite(fit.flux[0]),
        "psfFlux_flag_edge": not stamp.complete,
        "psfFlux_flag_noGoodPixels": not math.isfinite(fit.flux[0]),
        "scienceFlux": science.flux[0],
        "scienceFluxErr": science.error[0],
        "forced_PsfFlux_flag": not math.isfinite(science.flux[0]),
        "forced_PsfFlux_flag_edge": not stamp.complete,
        "forced_PsfFlux_flag_noGoodPixels": not math.isfinite(science.flux[0]),
        "templateFlux": template.flux[0],
        "templateFluxErr": template.error[0],
    }


def _shape(exposure: Exposure, footprint: Footprint, stamp: Stamp, dx: float, dy: float) -> Row:
    """Return the columns of shapes: trail, moments of the source and of the PSF, extendedness."""
    psf, box = exposure.visit.psf, footprint.box
    shape = moments(
        math.copysign(1.0, footprint.significance) * stamp.pixels, stamp.usable, dx, dy, 1.5 * psf.sigma
    )
    own = psf_moments(psf, 1.5 * psf.sigma)
    x, y = footprint.peak[0] + dx, footprint.peak[1] + dy
    not_contained = not (box.x0 - 0.5 <= x < box.x1 - 0.5 and box.y0 - 0.5 <= y < box.y1 - 0.5)
    no_pixels = not stamp.usable[_in_stamp(footprint)].any()
    return {
        **fit_trail(exposure, stamp, shape, own, dx, dy),
        "ixx": shape.xx * PIXEL_ARCSEC**2,
        "iyy": shape.yy * PIXEL_ARCSEC**2,
        "ixy": shape.xy * PIXEL_ARCSEC**2,
        "ixxPSF": own.xx * PIXEL_ARCSEC**2,
        "iyyPSF": own.yy * PIXEL_ARCSEC**2,
        "ixyPSF": own.xy * PIXEL_ARCSEC**2,
        "shape_flag": shape.failed or not_contained or no_pixels,
        "shape_flag_no_pixels": no_pixels,
        "shape_flag_not_contained": not_contained,
        "shape_flag_parent_source": False,
        "extendedness": None if shape.failed else extendedness(shape, own),
    }


def _forced(stamp: Stamp, psf: Psf, dx: float, dy: float) -> Fit:
    """Fit a point source at the position measured on the difference image."""
    return fit_models(stamp, [psf.image(dx, dy)])


def _in_stamp(footprint: Footprint) -> NDArray[np.bool_]:
    """Return the footprint on the grid of its stamp, without parts outside the stamp."""
    side = 2 * HALF + 1
    out = np.zeros((side, side), bool)
    ys, xs = np.nonzero(footprint.pixels)
    ys = ys + footprint.box.y0 - footprint.peak[1] + HALF
    xs = xs + footprint.box.x0 - footprint.peak[0] + HALF
    inside = (ys >= 0) & (ys < side) & (xs >= 0) & (xs < side)
    out[ys[inside], xs[inside]] = True
    return out


class _Bits:
    """The mask bits of a footprint's pixels and of the whole image."""

    def __init__(self, exposure: Exposure, footprint: Footprint) -> None:
        image = exposure.difference
        if image.mask is None:
            raise ValueError("a measured image has a mask")
        self.mask, self.planes = image.mask, image.planes
        box = footprint.box
        self.inside = self.mask[box.y0 : box.y1, box.x0 : box.x1][footprint.pixels]

    @property
    def unsure(self) -> float:
        """Fraction of the footprint's pixels whose value is unreliable."""
        guessed = np.uint32(sum(1 << self.planes[name] for name in ("BAD", "SAT", "INTRP", "CR", "NO_DATA")))
        return float(((self.inside & guessed) != 0).mean())

    def flags(self, x: float, y: float, footprint: Footprint) -> dict[str, bool]:
        """Return the ``pixelFlags_*`` columns for a centroid at array pixels x, y."""
        ny, nx = self.mask.shape
        column, row = round(x), round(y)
        off_image = not (0 <= column < nx and 0 <= row < ny)
        centre = self.mask[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        out: dict[str, bool] = {}
        for flag, plane in _PLANE_OF_FLAG.items():
            bit = np.uint32(1 << self.planes[plane])
            out[f"pixelFlags_{flag}"] = bool((self.inside & bit).any())
            if flag != "bad":
                out[f"pixelFlags_{flag}Center"] = bool((centre & bit).any())
        edge = np.uint32(1 << self.planes["EDGE"])
        out["pixelFlags_edge"] = off_image or bool((self.inside & edge).any())
        out["pixelFlags_offimage"] = off_image
        return out
