from __future__ import annotations

import math

import numpy as np
import pytest

from cutout_widgets.demo.gaussians import DE_VAUCOULEURS, EXPONENTIAL, Psf, paint, shape_covariance
from cutout_widgets.demo.measure import HALF, Stamp, aperture_flux, centroid, fit_models, moments
from cutout_widgets.pixels.image import Image

PSF = Psf.round_core(2.0)


def stamp_of(pixels: np.ndarray, x: int = 30, y: int = 30, **mask: np.ndarray) -> Stamp:
    bits = np.zeros(pixels.shape, np.uint32)
    for bit, where in enumerate(mask.values()):
        bits[where] |= np.uint32(1 << bit)
    planes = {name: bit for bit, name in enumerate(mask)}
    variance = np.full(pixels.shape, 4.0, np.float32)
    return Stamp.of(Image(pixels, mask=bits, planes=planes, variance=variance), x, y)


def star(x: float, y: float, flux: float, side: int = 61) -> np.ndarray:
    canvas = np.zeros((side, side), np.float32)
    paint(canvas, x, y, flux, PSF)
    return canvas


def test_a_drawn_star_has_its_flux():
    assert star(30, 30, 5000).sum() == pytest.approx(5000, rel=0.01)


@pytest.mark.parametrize("profile", [EXPONENTIAL, DE_VAUCOULEURS])
def test_half_of_a_galaxys_light_is_within_its_half_light_radius(profile):
    assert sum(weight for weight, _ in profile) == pytest.approx(1, abs=2e-3)
    inside = sum(weight * (1 - math.exp(-0.5 / sigma**2)) for weight, sigma in profile)
    assert inside == pytest.approx(0.5, abs=0.01)


def test_the_centroid_of_a_star_between_pixels():
    dx, dy, failed = centroid(stamp_of(star(30.4, 29.7, 5000)), 1.0, 2.0)
    assert (dx, dy, failed) == (pytest.approx(0.4, abs=0.02), pytest.approx(-0.3, abs=0.02), False)


def test_an_empty_stamp_has_a_failed_centroid():
    assert centroid(stamp_of(np.zeros((61, 61), np.float32)), 1.0, 2.0) == (0.0, 0.0, True)


def test_psf_flux_and_its_error():
    fit = fit_models(stamp_of(star(30, 30, 5000)), [PSF.image()])
    assert fit.flux[0] == pytest.approx(5000, rel=1e-3)
    assert fit.error[0] == pytest.approx(2 / math.sqrt((PSF.image() ** 2).sum()))
    assert fit.count == (2 * HALF + 1) ** 2


def test_two_blended_sources_are_separated():
    pixels = star(28, 30, 5000) + star(33, 31, -3000)
    fit = fit_models(stamp_of(pixels), [PSF.image(-2, 0), PSF.image(3, 1)])
    assert fit.flux == (pytest.approx(5000, rel=5e-3), pytest.approx(-3000, rel=5e-3))


def test_a_saturated_source_has_no_flux():
    hidden = np.zeros((61, 61), bool)
    hidden[20:41, 20:41] = True
    fit = fit_models(stamp_of(star(30, 30, 5000), SAT=hidden), [PSF.image()])
    assert math.isnan(fit.flux[0])


def test_a_stamp_across_the_edge_is_padded_and_flagged():
    stamp = stamp_of(star(3, 5, 100), x=3, y=5)
    assert not stamp.complete
    assert stamp.pixels.shape == (41, 41)
    assert not stamp.usable[:, : HALF - 3].any()
    assert aperture_flux(stamp, 0, 0)[2]


def test_an_aperture_over_empty_sky_has_the_error_of_its_area():
    flux, error, truncated = aperture_flux(stamp_of(np.zeros((61, 61), np.float32)), 0, 0)
    assert (flux, truncated) == (0, False)
    assert error == pytest.approx(2 * math.sqrt(math.pi * 12**2), rel=0.02)


def test_moments_of_a_gaussian_are_its_covariance():
    covariance = shape_covariance(3.0, 0.5, 0.6)
    canvas = np.zeros((61, 61), np.float32)
    paint(canvas, 30, 30, 1e5, Psf(((1.0, *covariance),)))
    stamp = stamp_of(canvas)
    found = moments(stamp.pixels, stamp.usable, 0, 0, 3.0)
    assert (found.xx, found.yy, found.xy) == pytest.approx(covariance, rel=0.01)
    major, minor, angle = found.axes
    assert (major, minor, angle) == pytest.approx((9.0, 2.25, 0.6), rel=0.02)
