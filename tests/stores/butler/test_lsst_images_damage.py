"""Files of lsst.images with damaged tiles."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.errors import CutoutWarning, UnreadableImage
from cutout_widgets.pixels.geometry import Box

pytest.importorskip("lsst.images", reason="needs lsst-images: pip install 'cutout-widgets[rubin]'")

from tests.stores import rubin_repository as rubin
from tests.stores.fits_files import damage

from cutout_widgets.stores.butler.lsst_images import OpenArchive

VISIT, DETECTOR = rubin.VISITS[0], rubin.DETECTORS[0]
TRUTH = rubin.truth(VISIT, DETECTOR, "difference")
LOW = Box(rubin.BOX.y0, rubin.BOX.y0 + 15, rubin.BOX.x0, rubin.BOX.x0 + 15)
HIGH = Box(rubin.BOX.y1 - 15, rubin.BOX.y1, rubin.BOX.x1 - 15, rubin.BOX.x1)
MIDDLE = Box(rubin.BOX.y0 + 80, rubin.BOX.y0 + 95, rubin.BOX.x0 + 80, rubin.BOX.x0 + 95)


@pytest.fixture(params=[0, 20], ids=["part by part", "after a full read failed"])
def opened(request, tmp_path):
    """Open a file of 3x3 tiles of which those in the middle of one plane are damaged."""
    from lsst.images.fits import FitsCompressionOptions

    handles = []

    def open_damaged(plane):
        path = tmp_path / "a.fits"
        tiles = FitsCompressionOptions(tile_shape=(64, 64))
        rubin.lsst_image(VISIT, DETECTOR, "difference").write(
            str(path), compression_options=dict.fromkeys(("image", "mask", "variance"), tiles)
        )
        handles.append(OpenArchive(damage(path, plane)))
        handles[0].expect([LOW, MIDDLE, HIGH] * request.param)
        return handles[0]

    yield open_damaged
    for handle in handles:
        handle.close()


def assert_pixels(part):
    np.testing.assert_array_equal(part.pixels, TRUTH.pixels[part.box.slices_in(TRUTH.box)])


def test_damaged_pixels_affect_only_cutouts_that_need_them(opened):
    archive = opened("IMAGE")
    assert_pixels(archive.part(LOW))
    with pytest.raises(UnreadableImage, match=r"the pixels of .*a\.fits cannot be read"):
        archive.part(MIDDLE)
    assert_pixels(archive.part(HIGH))


@pytest.mark.parametrize("name, other", [("mask", "variance"), ("variance", "mask")])
def test_a_damaged_mask_or_variance_is_reported_once_and_the_pixels_kept(opened, name, other):
    archive = opened(name.upper())
    for box in (LOW, HIGH):
        part = archive.part(box)
        assert_pixels(part)
        assert part.mask is not None
        assert part.variance is not None
    with pytest.warns(CutoutWarning) as told:
        part, _ = archive.part(MIDDLE), archive.part(MIDDLE)
    assert [str(warning.message) for warning in told] == [
        f"the {name} of {archive.origin} cannot be read in some places; cutouts there have none; "
        "fetch the file again"
    ]
    assert_pixels(part)
    assert getattr(part, name) is None
    assert getattr(part, other).shape == part.shape
    assert part.unread == frozenset()
    assert bool(part.planes) == (name != "mask")
    assert archive.part(MIDDLE, frozenset([other])).unread == {name}
