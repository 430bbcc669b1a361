"""Images of lsst.images in memory, and their files read whole."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stores import rubin_repository

import cutout_widgets as cw
from cutout_widgets.testing import assert_images_equal

pytest.importorskip("lsst.images", reason="needs lsst-images: pip install 'cutout-widgets[rubin]'")

VISIT = rubin_repository.VISITS[0]


@pytest.mark.parametrize("panel", ["template", "science", "difference"])
def test_an_lsst_image_in_memory_is_converted_to_njy_completely(panel):
    thing = rubin_repository.lsst_image(VISIT, 0, panel)
    truth = rubin_repository.truth(VISIT, 0, panel)
    image = cw.as_image(thing)
    assert_images_equal(image, truth)
    assert image.unit == "nJy"
    assert image.psf is not None
    assert (image.has_plane("SAT") == truth.has_plane("SATURATED")).all()
    assert cw.as_image(thing.image).box == truth.box


def test_a_file_of_lsst_images_is_read_completely_with_its_psf(tmp_path):
    thing = rubin_repository.lsst_image(VISIT, 0, "science")
    thing.write(tmp_path / "a.fits")
    image = cw.read_image(tmp_path / "a.fits")
    assert_images_equal(image, rubin_repository.truth(VISIT, 0, "science"))
    assert image.psf is not None
    assert image.metadata["BUNIT"]


def test_an_lsst_image_in_memory_is_cut_like_ours():
    thing = rubin_repository.lsst_image(VISIT, 0, "science")
    box = cw.Box(30, 50, 1000, 1010)  # y from 40 on is there
    assert_images_equal(cw.cut(thing, box), cw.cut(cw.as_image(thing), box))
    assert cw.as_image(thing, box=box).box == cw.Box(40, 50, 1000, 1010)


def test_metadata_of_an_lsst_image_in_memory_are_kept():
    facts = cw.as_image(rubin_repository.lsst_image(VISIT, 0, "science")).metadata
    assert (facts["band"], facts["exposure_time"], facts["calibrationMean"]) == ("r", 30.0, 2.0)
    assert facts["mjd_begin"] == pytest.approx(60676.1)


def test_exposures_of_a_repository_have_metadata_psf_and_background(tmp_path):
    pytest.importorskip(
        "lsst.daf.butler", reason="needs lsst-daf-butler: pip install 'cutout-widgets[rubin]'"
    )
    from astropy import units as u
    from lsst.daf.butler import Butler, DatasetType
    from lsst.images import Box as LsstBox
    from lsst.images.fields import ChebyshevField

    root = rubin_repository.build(tmp_path / "repository")
    butler = Butler.from_config(str(root), writeable=True, run="u/test/sky")
    dimensions = butler.dimensions.conform(["instrument", "visit", "detector"])
    butler.registry.registerDatasetType(DatasetType("visit_image", dimensions, "VisitImage"))
    thing = rubin_repository.lsst_image(*rubin_repository.IN_ADU[:2], "science")
    box = rubin_repository.BOX
    bounds = LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1]
    thing.backgrounds.add("sky", ChebyshevField(bounds, np.array([[5.0]]), unit=u.adu), is_subtracted=True)
    visit, detector, _ = rubin_repository.IN_ADU
    butler.put(
        thing,
        "visit_image",
        {"instrument": rubin_repository.INSTRUMENT, "visit": visit, "detector": detector},
    )
    store = cw.ButlerImages(str(root), ["u/test/sky", "u/test/run"], science="visit_image")
    found = store.exposures("band == 'r'")
    assert found[["visit", "detector"]].to_numpy().tolist() == [[visit, detector]]
    image = store.exposure(**found.iloc[0])
    assert (image.metadata["band"], image.metadata["calibrationMean"]) == ("r", 2.0)
    sky = store.background(**found.iloc[0])
    assert (sky.unit, sky.box, float(sky.pixels[0, 0])) == ("nJy", image.box, 10.0)  # 5 adu of 2 nJy
    assert store.psf(1100, 100, **found.iloc[0]).fwhm == pytest.approx(2.355 * 2, rel=0.01)
    with pytest.raises(cw.ImageNotFound, match=r"no background 'other' in .*; it has sky"):
        store.background("other", **found.iloc[0])
    others = cw.ButlerImages(str(root), "u/test/run")
    assert len(others.exposures()) == 4
    with pytest.raises(cw.ImageNotFound, match=r"no background in .*; it has none"):
        others.background(visit=visit, detector=0)
