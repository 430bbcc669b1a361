"""Corners, pixel scales and sky statistics of an exposure."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS, Sip

from cutout_widgets.detection.sky import corners, pixel_scale, sky_statistics
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image


def sky_wcs(*, sip: float = 0.0) -> WCS:
    wcs = WCS(naxis=2)
    suffix = "-SIP" if sip else ""
    wcs.wcs.ctype = [f"RA---TAN{suffix}", f"DEC--TAN{suffix}"]
    wcs.wcs.crval, wcs.wcs.crpix = [10.0, 0.0], [51.0, 51.0]
    wcs.wcs.cd = [[-0.2 / 3600, 0], [0, 0.2 / 3600]]
    if sip:
        a = np.zeros((3, 3))
        a[2, 0] = sip
        wcs.sip = Sip(a, np.zeros((3, 3)), None, None, [51.0, 51.0])
    wcs.wcs.set()
    return wcs


def noise(level: float = 3.0, sigma: float = 10.0, **more) -> Image:
    values = np.random.default_rng(8).normal(level, sigma, (300, 300))
    return Image(values.astype(np.float32), wcs=sky_wcs(), unit="nJy", **more)


def test_corners_are_at_pixel_edges():
    found = corners(Image(np.zeros((100, 200)), wcs=sky_wcs()))
    offsets_ra = (found.ra.deg - 10) * 3600 / 0.2
    assert offsets_ra.tolist() == pytest.approx([50.5, 50.5, -149.5, -149.5], abs=1e-3)
    assert (found.dec.deg * 3600 / 0.2).tolist() == pytest.approx([-50.5, 49.5, 49.5, -50.5], abs=1e-3)
    with pytest.raises(BadOption, match="WCS"):
        corners(Image(np.zeros((2, 2))))


def test_corners_of_a_cutout_are_those_of_its_box():
    part = Image(np.zeros((2, 2)), box=Box(50, 52, 50, 52), wcs=sky_wcs())
    assert corners(part).dec.deg[0] * 3600 == pytest.approx(-0.1, abs=1e-6)


def test_the_pixel_scale_is_local_or_at_the_reference_pixel():
    image = Image(np.zeros((101, 101)), wcs=sky_wcs(sip=1e-3))
    assert pixel_scale(image).to_value("arcsec") == pytest.approx(0.2, rel=1e-3)
    # x' = x + 1e-3 x^2 stretches pixels by 1 + 2e-3 x along one axis, 50 px from the middle by 1.1.
    assert pixel_scale(image, XY(99.5, 50)).to_value("arcsec") == pytest.approx(0.2 * np.sqrt(1.1), rel=1e-3)
    assert pixel_scale(image, "reference").to_value("arcsec") == pytest.approx(0.2, rel=1e-9)
    with pytest.raises(BadOption, match="WCS"):
        pixel_scale(Image(np.zeros((2, 2))))


def test_statistics_of_pure_noise():
    found = sky_statistics(noise())
    assert found.n_pixels == 90000
    for value in (found.mean, found.median, found.gauss_mean):
        assert value == pytest.approx(3.0, abs=0.15)
    for value in (found.mad_sigma, found.gauss_sigma):
        assert value == pytest.approx(10.0, rel=0.02)
    width = np.diff(found.bin_centres)[0]
    assert found.gauss_height == pytest.approx(90000 * width / 10 / np.sqrt(2 * np.pi), rel=0.03)


def test_level_and_noise_of_the_sky_are_measured():
    found = sky_statistics(noise())
    # 3 nJy in 0.04 arcsec^2 are 75 nJy/arcsec^2; 10 nJy are 250.
    assert found.level_mag_arcsec2 == pytest.approx(31.4 - 2.5 * np.log10(75), abs=0.03)
    assert found.noise_mag_arcsec2 == pytest.approx(31.4 - 2.5 * np.log10(250), abs=0.03)
    below = sky_statistics(noise(level=-3.0))
    assert np.isnan(below.level_mag_arcsec2)
    assert below.noise_mag_arcsec2 == pytest.approx(found.noise_mag_arcsec2, abs=0.01)


def test_the_deviation_is_measured_about_the_median():
    image = noise(level=0.0)
    image.pixels[:60] = 5000.0  # a fifth of the image is a bright galaxy; the mean is 1000
    found = sky_statistics(image)
    assert found.mad_sigma == pytest.approx(13.4, rel=0.1)
    assert found.gauss_mean == pytest.approx(0.0, abs=0.3)
    assert found.gauss_sigma == pytest.approx(10.0, rel=0.05)


def test_masked_and_nan_pixels_are_ignored():
    mask = np.zeros((300, 300), np.uint32)
    mask[:100] = 1 << 5
    image = noise(mask=mask, planes={"SATURATED": 5})
    image.pixels[:100] = 60000.0
    image.pixels[200:] = np.nan
    found = sky_statistics(image)
    assert found.n_pixels == 30000
    assert found.mean == pytest.approx(3.0, abs=0.3)


def test_histogram_bins_of_integer_images_are_evenly_filled():
    image = noise()
    found = sky_statistics(Image(np.rint(image.pixels), unit="adu"))
    assert found.gauss_mean == pytest.approx(3.0, abs=0.15)
    assert found.gauss_sigma == pytest.approx(10.0, rel=0.02)
    model = found.gauss_height * np.exp(-(((found.bin_centres - 3) / 10) ** 2) / 2)
    assert np.abs(found.counts - model).max() < 6 * np.sqrt(model.max())
    assert np.isnan(found.level_mag_arcsec2)


def test_histogram_bins_of_quantized_images_are_evenly_filled():
    step = 4.1  # 2.4 steps a sigma: bins of another width would hold one step or two
    levels = np.rint(noise().pixels / step) * step
    tilt = np.linspace(0, 3, 300)[np.newaxis]
    for image in (Image(levels), Image(levels + tilt - tilt.mean())):
        found = sky_statistics(image)
        assert np.diff(found.bin_centres) == pytest.approx(step, rel=1e-3)
    flat = sky_statistics(Image(levels))
    model = flat.gauss_height * np.exp(-(((flat.bin_centres - 3) / flat.gauss_sigma) ** 2) / 2)
    assert np.abs(flat.counts - model).max() < 6 * np.sqrt(model.max())


def test_histogram_bins_of_continuous_pixels_are_as_many_as_asked():
    assert len(sky_statistics(noise(), bins=64).counts) == 64


def test_constant_and_empty_images_have_statistics():
    flat = sky_statistics(Image(np.full((50, 50), 7.0)))
    assert (flat.median, flat.mad_sigma) == (7.0, 0.0)
    with pytest.raises(BadOption, match="only 0 pixels"):
        sky_statistics(Image(np.full((50, 50), np.nan)))
    with pytest.raises(BadOption, match="5 bins"):
        sky_statistics(noise(), bins=2)


def test_statistics_have_a_repr_of_one_line():
    found = sky_statistics(Image(np.tile([2.0, 4.0], (20, 10))))
    assert repr(found).startswith("<SkyStatistics of 400 pixels: median 3, sigma 1.483 (MAD), ")
