"""Arrays in memory as a store."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.testing import StoreContract, assert_triplets_equal, make_image, make_sources, make_wcs


class TestStamps(StoreContract):
    images = tuple(make_image((21, 24), seed=seed) for seed in range(5))

    def make_store(self):
        stack = np.stack([image.pixels for image in self.images])
        return ArrayImages.from_stamps(
            [source.id for source in self.make_sources()],
            None,
            stack.astype(">f8"),
            stack * 2,
            mask=np.stack([image.mask for image in self.images]),
            variance={"science": np.stack([image.variance for image in self.images])},
            planes=self.images[0].planes,
            unit="nJy",
        )

    def make_sources(self):
        return make_sources(5)

    def whole_image(self, source, panel):
        if panel == "template":
            return None
        image = self.images[source.index]
        image = replace(image, anchor=image.box.centre)
        return image if panel == "science" else replace(image, pixels=image.pixels * 2, variance=None)


IMAGES = {
    (visit, detector): tuple(
        make_image((60, 40), seed=visit * 10 + n, yx0=(100, 7 * n), wcs=make_wcs(at=(30, 130)))
        for n in range(3)
    )
    for visit, detector in [(1, 0), (1, 5), (2, 0)]
}


class TestWholeImages(StoreContract):
    def make_store(self):
        images = dict(IMAGES)
        images[2, 0] = (None, *images[2, 0][1:])
        return ArrayImages.from_images(images)

    def make_sources(self):
        return [
            source
            for (visit, detector), three in IMAGES.items()
            for source in make_sources(4, image=three[1], visit=visit, detector=detector, seed=detector)
        ]

    def whole_image(self, source, panel):
        if (source.visit, panel) == (2, "template"):
            return None
        return IMAGES[source.visit, source.detector][PANELS.index(panel)]


def only(store, source, region=None):
    (triplet,) = store.read([source], region or Region.whole())
    return triplet


def test_a_missing_image_is_named_by_its_key():
    store = ArrayImages.from_images({7: (None, np.ones((4, 4)), None)}, key="visit")
    known, unknown = (make_sources(1, visit=visit)[0] for visit in (7, 8))
    assert only(store, known).problem_of("template") == "no template is given for visit 7"
    assert only(store, unknown).problem_of("science") == "no images are given for visit 8"


def test_a_stamp_without_wcs_is_centred_on_its_source():
    stack = np.arange(25.0).reshape(1, 5, 5)
    source = make_sources(1)[0]
    triplet = only(ArrayImages.from_stamps([source.id], None, stack, None), source, Region((3,)))
    np.testing.assert_array_equal(triplet.science.pixels, [[6, 7, 8], [11, 12, 13], [16, 17, 18]])


def test_integers_and_masked_values_become_floats():
    source = make_sources(1)[0]
    masked = np.ma.array([[[1, 2], [3, 4]]], mask=[[[False, True], [False, False]]])
    triplet = only(
        ArrayImages.from_stamps([source.id], np.array([[[1, 2], [3, 4]]]), masked, None), source, Region((4,))
    )
    assert triplet.template.pixels[1:3, 1:3].tolist() == [[1, 2], [3, 4]]
    assert np.isnan(triplet.template.pixels[0]).all()
    assert np.isnan(triplet.science.pixels[1, 2])


def test_an_array_with_a_wcs_is_cut_where_the_sky_says():
    pixels = np.zeros((50, 50), dtype=np.float32)
    pixels[20, 30] = 1
    store = ArrayImages.from_images({(1, 0): (None, (pixels, make_wcs(10, 20, at=(30, 20))), None)})
    source = replace(make_sources(1)[0], ra=10.0, dec=20.0, row={})
    assert only(store, source, Region((1,))).science.pixels.tolist() == [[1.0]]


@pytest.mark.parametrize(
    "arguments, says",
    [
        (([1, 2], None, np.ones((1, 3, 3)), None), "one stamp for each id"),
        (([1, 1], None, np.ones((2, 3, 3)), None), "unique"),
        (([1.0], None, np.ones((1, 3, 3)), None), "float cannot hold"),
        (([1], None, None, None), "at least one"),
        (([1], None, np.ones((1, 3, 3)), None, np.ones((1, 2, 3), dtype=int)), "the mask of science"),
        (([1], None, np.ones((1, 3, 3)), None, np.ones((1, 3, 3))), "not floats"),
        (([1], None, np.ones((1, 3, 3), dtype=complex), None), "real numbers"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, says):
    with pytest.raises(BadOption, match=says):
        ArrayImages.from_stamps(*arguments)


def test_ids_of_18_digits_find_their_own_stamp():
    ids = np.array([2**53, 2**53 + 1, -(2**62)], dtype=np.int64)
    stack = np.arange(3.0)[:, None, None] * np.ones((3, 2, 2))
    store = ArrayImages.from_stamps(ids, None, stack, None)
    sources = [replace(make_sources(1)[0], id=int(one)) for one in ids]
    assert [only(store, source).science.pixels[0, 0] for source in sources] == [0, 1, 2]


def test_changing_a_cutout_leaves_the_whole_image_alone():
    image = make_image()
    store = ArrayImages.from_images({1: (None, image, None)}, key="visit")
    triplet = only(store, make_sources(1)[0])
    triplet.science.pixels[:] = 0
    assert image.pixels.any()


def test_a_store_narrowed_to_some_rows_gives_their_cutouts_and_carries_no_others():
    ids = np.arange(5) + 506428274000265570
    stack = np.arange(5 * 16, dtype=np.float32).reshape(5, 4, 4)
    store = ArrayImages.from_stamps(ids, stack, stack + 1, None)
    rows = [DiaSource(int(one), 0.0, 0.0) for one in ids[[3, 1]]]
    narrow = store.narrowed(rows)
    for mine, theirs in zip(narrow.read(rows, Region.of(4)), store.read(rows, Region.of(4)), strict=True):
        assert_triplets_equal(mine, theirs)
    assert len(pickle.dumps(narrow)) < len(pickle.dumps(store))
    (lost,) = narrow.read([DiaSource(int(ids[0]), 0.0, 0.0)], Region.of(4))
    assert lost.best is None


def test_a_store_narrowed_to_one_detector_has_no_other():
    images = {(1, k): (make_image(seed=k), None, None) for k in range(3)}
    store = ArrayImages.from_images(images)
    (row,) = make_sources(1, image=images[1, 2][0], detector=2)
    narrow = store.narrowed([row])
    (mine,), (theirs,) = narrow.read([row], Region.of(5)), store.read([row], Region.of(5))
    assert_triplets_equal(mine, theirs)
    assert "1 triplets" in repr(narrow)
