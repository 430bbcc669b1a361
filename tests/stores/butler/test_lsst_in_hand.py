"""Images of lsst.images in memory, and their files read whole."""

from __future__ import annotations

import pytest
from tests.stores import rubin_repository

import cutout_widgets as cw
from cutout_widgets.testing import assert_images_equal

pytest.importorskip("lsst.images", reason="needs lsst-images: pip install 'cutout-widgets[rubin]'")

VISIT = rubin_repository.VISITS[0]


@pytest.mark.parametrize("panel", ["template", "science", "difference"])
def test_an_image_in_memory_is_ours_in_njy_with_all_it_has(panel):
    thing = rubin_repository.lsst_image(VISIT, 0, panel)
    truth = rubin_repository.truth(VISIT, 0, panel)
    image = cw.as_image(thing)
    assert_images_equal(image, truth)
    assert image.unit == "nJy"
    assert image.psf is not None
    assert (image.has_plane("SAT") == truth.has_plane("SATURATED")).all()
    assert cw.as_image(thing.image).box == truth.box


def test_a_file_of_lsst_images_is_read_whole_with_its_psf(tmp_path):
    thing = rubin_repository.lsst_image(VISIT, 0, "science")
    thing.write(tmp_path / "a.fits")
    image = cw.read_image(tmp_path / "a.fits")
    assert_images_equal(image, rubin_repository.truth(VISIT, 0, "science"))
    assert image.psf is not None
    assert image.metadata["BUNIT"]
