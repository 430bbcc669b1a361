from __future__ import annotations

import numpy as np

from cutout_widgets.demo.footprints import find_footprints, significance
from cutout_widgets.demo.gaussians import Psf, paint
from cutout_widgets.pixels.image import Image


def test_a_point_source_has_the_significance_of_its_flux():
    psf = Psf.round_core(2.0)
    pixels = np.zeros((61, 61), np.float32)
    paint(pixels, 30.0, 30.0, 1000.0, psf)
    image = Image(pixels, variance=np.full((61, 61), 100.0, np.float32))
    found = significance(image, psf)
    expected = 1000 * np.sqrt((psf.image(half=12) ** 2).sum()) / 10
    assert found[30, 30] == np.float32(found.max())
    assert abs(found[30, 30] - expected) < 0.01 * expected
    (footprint,) = find_footprints(found, psf)
    assert footprint.peak == (30, 30)
    assert footprint.opposite is None
    assert footprint.pixels[30 - footprint.box.y0, 30 - footprint.box.x0]


def test_a_positive_and_a_negative_peak_side_by_side_are_one_footprint():
    psf = Psf.round_core(2.0)
    pixels = np.zeros((61, 61), np.float32)
    paint(pixels, 28.0, 30.0, 3000.0, psf)
    paint(pixels, 33.0, 30.0, -2000.0, psf)
    image = Image(pixels, variance=np.full((61, 61), 100.0, np.float32))
    (footprint,) = find_footprints(significance(image, psf), psf)
    assert footprint.significance > 0
    assert footprint.opposite is not None
    assert footprint.opposite[0] > footprint.peak[0]
