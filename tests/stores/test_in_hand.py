"""Exposures of other packages are converted by duck typing."""

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


def test_an_afw_exposure_is_converted_to_an_image_in_njy():
    image = cw.as_image(exposure())
    assert_images_equal(image, TRUTH)
    assert image.unit == "nJy"
    assert image.psf is not None
    assert image.box == TRUTH.box


def test_arrays_plots_and_detection_accept_an_exposure():
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


def test_other_image_types_are_converted_or_refused():
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


def test_an_exposure_is_cut_and_only_that_part_converted(monkeypatch):
    given = exposure()
    asked = []
    original = type(given).__getitem__
    monkeypatch.setattr(
        type(given), "__getitem__", lambda self, box: asked.append(box) or original(self, box)
    )
    box = cw.Box(5, 15, 195, 205)  # y from 10, x from 200 on are there
    assert_images_equal(cw.cut(given, box), cw.cut(cw.as_image(exposure()), box))
    assert [(one.getWidth(), one.getHeight()) for one in asked] == [(5, 5)]
    assert cw.cut(given, box, mode="trim").box == cw.Box(10, 15, 200, 205)
    with pytest.raises(cw.PartialOverlap):
        cw.cut(given, box, mode="strict")
    with pytest.raises(cw.NoOverlap):
        cw.cut(given, cw.Box(0, 5, 0, 5))
    with pytest.raises(BadOption, match="an image is"):
        cw.cut("a.fits", box)


def test_an_exposure_in_memory_is_a_store_for_all_rows():
    rows = cw.SourceTable.read(
        {"id": [1, 2], "ra": [0.0, 0.0], "dec": [0.0, 0.0], "x": [220, 210], "y": [25, 15]}
    )
    for given in (exposure(), TRUTH, CCDData(np.ones((30, 40)), unit="adu"), np.ones((30, 40))):
        (_, triplet), _ = cw.read(rows.page(0, 2), cw.open_images(given), None)
        assert_images_equal(triplet.science, cw.as_image(given))
        assert triplet.difference is None
    three = cw.open_images(cw.Triplet(None, TRUTH, TRUTH))
    assert repr(three) == "<ArrayImages science 30x40, difference 30x40>"
    difference = type("DifferenceExposure", (), {})()
    difference.__dict__.update(vars(exposure()), getBBox=exposure().getBBox, getPsf=lambda: None)
    difference.__dict__.update(getWcs=lambda: None, getPhotoCalib=lambda: None)
    assert repr(cw.open_images(difference)) == "<ArrayImages difference 30x40>"
    grid = cw.CutoutGrid(rows, exposure(), size=5)
    assert grid.n_rows == 2
    with pytest.raises(BadOption, match="an exposure in memory; got list"):
        cw.open_images([1])
    with pytest.raises(BadOption, match="at least one"):
        cw.ArrayImages.from_exposures()


def test_metadata_of_an_exposure_are_kept():
    class Info:
        def getMetadata(self):
            return fake_afw.PropertyList({"MAGZERO": 31.4, "BGMEAN": 210.5, "ODD": object()})

        def getSummaryStats(self):
            return types.SimpleNamespace(zeroPoint=31.39, skyBg=float("nan"), version=2)

    given = exposure(2.0)
    given.getInfo = Info
    image = cw.as_image(given)
    assert dict(image.metadata) == {
        "MAGZERO": 31.4,
        "BGMEAN": 210.5,
        "zeroPoint": 31.39,
        "calibrationMean": 2.0,
    }


def test_the_psf_is_evaluated_at_the_given_point():
    asked = []
    given = exposure()
    model = given.getPsf()
    given.getPsf = lambda: types.SimpleNamespace(
        computeKernelImage=lambda at: asked.append((at.x, at.y)) or model.computeKernelImage(at)
    )
    assert cw.as_image(given, psf_at=cw.XY(205, 12.5)).psf.shape == (5, 5)
    assert asked == [(205.0, 12.5)]
