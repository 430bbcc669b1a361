"""A store together with the footprints of its sources."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.stores.base import HasFootprints, ImageStore
from cutout_widgets.stores.footprints import FootprintImages

SOURCES = [
    DiaSource(1, np.nan, np.nan, visit=7, detector=2, row={"x": 10.0, "y": 12.0}),
    DiaSource(2, np.nan, np.nan, visit=7, detector=2, row={"x": 20.0, "y": 12.0}),
]


@pytest.fixture
def store() -> FootprintImages:
    images = ArrayImages.from_images({(7, 2): (None, Image(np.ones((40, 40), np.float32)), None)})
    return FootprintImages(images, {1: Footprint.from_box(Box(11, 14, 9, 12))})


def test_it_answers_like_the_wrapped_store(store):
    assert isinstance(store, ImageStore)
    assert store.group(SOURCES[0]) == store.images.group(SOURCES[0])
    triplets = list(store.read(SOURCES, Region((5.0,))))
    assert [triplet.science.box for triplet in triplets] == [Box(10, 15, 8, 13), Box(10, 15, 18, 23)]


def test_it_finds_footprints_by_id(store):
    assert isinstance(store, HasFootprints)
    assert store.footprint(SOURCES[0]).area == 9
    assert store.footprint(SOURCES[1]) is None
    assert pickle.loads(pickle.dumps(store)).footprint(SOURCES[0]) == store.footprint(SOURCES[0])


def test_a_store_without_footprints_does_not_claim_any(store):
    assert not isinstance(store.images, HasFootprints)
