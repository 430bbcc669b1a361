"""Exposures of other packages are images by what they can do."""

from __future__ import annotations

import types

import numpy as np
import pytest
from astropy.nddata import CCDData
from tests.stores.butler import fake_afw, fake_stack

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, UnreadableImage
from cutout_widgets.testing import assert_images_equal, make_image, make_wcs

TRUTH = make_image((30, 40), yx0=(10, 200), planes=fake_afw.Mask.planes, wcs=make_wcs(at=(220.0, 25.0)))


@pytest.fixture(autouse=True)
def _stack(monkeypatch):
    fake_stack.install(monkeypatch)


def exposure(calibration: float = 1.0):
    return fake_afw.exposure_of(TRUTH, fake_afw.SkyWcs(TRUTH.wcs), fake_afw.PhotoCalib(calibration))


def test_an_exposure_of_afw_is_an_image_in_njy_with_all_it_has():
    image = cw.as_image(exposure())
    assert_images_equal(image, TRUTH)
    assert image.unit == "nJy"
    assert image.psf is not None
    assert image.box == TRUTH.box


def test_arrays_plots_and_detection_take_an_exposure_as_it_is():
    pytest.importorskip("scipy", reason="the extra 'detect' is not installed")
    rows = cw.SourceTable.read({"id": [1], "ra": [0.0], "dec": [0.0], "visit": [3], "detector": [4]})
    store = cw.ArrayImages.from_images({(3, 4): (None, exposure(), exposure())})
    (_, triplet), *_ = cw.read(rows.page(0, 1), store, None)
    assert_images_equal(triplet.science, cw.as_image(exposure()))
    assert cw.plot_exposure(exposure()).axes
    ours = cw.detect(cw.as_image(exposure()), psf=2.0)
    assert [one.footprint.bbox for one in cw.detect(exposure(), psf=2.0)] == [
        one.footprint.bbox for one in ours
    ]


def test_others_are_images_too_or_refused():
    assert cw.as_image(TRUTH) is TRUTH
    assert cw.as_image(CCDData(np.ones((2, 3)), unit="adu")).unit == "adu"
    array = np.ones((2, 3))
    assert cw.as_image(array).pixels is array
    for wrong in ("a.fits", np.ones(3), None, np.array([["a"]])):
        with pytest.raises(BadOption, match="an image is"):
            cw.as_image(wrong)
    broken = types.SimpleNamespace(getBBox=lambda: None, image=None)
    with pytest.raises(UnreadableImage, match="a SimpleNamespace cannot be read as an image"):
        cw.as_image(broken)
