"""What cutting asks of stores: the size of their stamps."""

from __future__ import annotations

import numpy as np

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import ImageNotFound
from cutout_widgets.pixels.image import Image
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.stores.footprints import FootprintImages
from cutout_widgets.stores.group_cutting import side_of_stamps

SOURCE = DiaSource(7, 53.0, -28.0, visit=1, detector=2)


def stamps(ny: int, nx: int) -> ArrayImages:
    return ArrayImages.from_stamps([7], None, np.zeros((1, 4, 4)), np.zeros((1, ny, nx)))


def test_the_side_of_stamps_is_the_longest_of_all_panels():
    assert side_of_stamps(stamps(3, 9), SOURCE) == 9
    assert side_of_stamps(stamps(2, 3), SOURCE) == 4


def test_a_store_around_stamps_has_their_side():
    assert side_of_stamps(FootprintImages(stamps(9, 9), {}), SOURCE) == 9


def test_whole_images_and_missing_stamps_have_no_side():
    images = ArrayImages.from_images({(1, 2): (None, Image(np.ones((40, 40), np.float32)), None)})
    assert side_of_stamps(images, SOURCE) is None
    assert side_of_stamps(FootprintImages(images, {}), SOURCE) is None
    assert side_of_stamps(stamps(9, 9), DiaSource(8, 53.0, -28.0)) is None


def test_a_store_that_cannot_read_its_stamps_has_no_side():
    class Broken:
        def whole_stamps(self, sources, extras):
            raise ImageNotFound("the file is gone")

    assert side_of_stamps(Broken(), SOURCE) is None
