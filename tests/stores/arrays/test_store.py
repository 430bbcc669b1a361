"""Arrays in memory as a store."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace

import numpy as np
import pytest
from astropy import units as u
from astropy.nddata import CCDData, StdDevUncertainty, UnknownUncertainty

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption, CutoutWarning
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.projection import world_at
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import plan, read
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


def test_stamps_sharing_a_wcs_are_cut_around_their_own_positions():
    at = [(10.0, 12.0), (14.0, 9.0), (11.0, 11.0)]
    wcs = make_wcs(53.0, -28.0, at=(12.0, 12.0))
    lon, lat = world_at(wcs, *zip(*at, strict=True))
    rows = [DiaSource(n, float(lon[n]), float(lat[n]), index=n) for n in range(3)]
    stack = np.arange(3 * 25 * 25, dtype="f4").reshape(3, 25, 25)
    store = ArrayImages.from_stamps([0, 1, 2], None, stack, stack[:, :20], wcs=wcs)
    for n, triplet in enumerate(store.read(rows, Region.of(5))):
        x, y = map(int, at[n])
        assert triplet.science.pixels[2, 2] == stack[n, y, x]
        assert triplet.difference.pixels[2, 2] == stack[n, y, x]


def test_a_source_without_position_does_not_affect_stamps_sharing_its_wcs():
    wcs = make_wcs(53.0, -28.0, at=(12.0, 12.0))
    rows = [DiaSource(0, 53.0, -28.0), DiaSource(1, 233.0, 28.0), DiaSource(2, 53.0, -28.0)]
    store = ArrayImages.from_stamps([0, 1, 2], None, np.ones((3, 25, 25), "f4"), None, wcs=wcs)
    first, second, third = store.read(rows, Region.of(5))
    assert (first.problems, third.problems) == ((), ())
    assert second.science is None
    assert second.problems[0].startswith("science: ")


def test_an_array_with_a_wcs_is_cut_at_the_sky_position():
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
def test_inconsistent_arrays_are_refused(arguments, says):
    with pytest.raises(BadOption, match=says):
        ArrayImages.from_stamps(*arguments)


def test_stamps_are_found_by_18_digit_ids():
    ids = np.array([2**53, 2**53 + 1, -(2**62)], dtype=np.int64)
    stack = np.arange(3.0)[:, None, None] * np.ones((3, 2, 2))
    store = ArrayImages.from_stamps(ids, None, stack, None)
    sources = [replace(make_sources(1)[0], id=int(one)) for one in ids]
    assert [only(store, source).science.pixels[0, 0] for source in sources] == [0, 1, 2]


def test_stamps_in_any_order_are_one_group():
    ids = np.arange(2000) + 506428274000265570
    stack = np.arange(2000.0)[:, None, None] * np.ones((2000, 2, 2))
    store = ArrayImages.from_stamps(ids, None, stack, None)
    rows = [DiaSource(int(ids[place]), 0.0, 0.0) for place in range(1999, -1, -1)]
    assert len(plan(rows, store)) == 1
    values = [triplet.science.pixels[0, 0] for triplet in store.read(rows, Region.of(2))]
    assert values == list(range(1999, -1, -1))


def test_images_in_memory_are_read_without_threads():
    class Watched(ArrayImages):
        def read(self, sources, region):
            assert threading.current_thread() is threading.main_thread()
            yield from super().read(sources, region)

    rows = [replace(row, visit=visit) for visit, row in enumerate(make_sources(3))]
    store = Watched.from_images({visit: (None, make_image(), None) for visit in range(3)}, key="visit")
    found = dict(read(rows, store, 5, threads=8))
    assert [found[place].science.shape for place in range(3)] == [(5, 5)] * 3


def test_changing_a_cutout_leaves_the_whole_image_alone():
    image = make_image()
    store = ArrayImages.from_images({1: (None, image, None)}, key="visit")
    triplet = only(store, make_sources(1)[0])
    triplet.science.pixels[:] = 0
    assert image.pixels.any()


def test_a_store_restricted_to_some_rows_carries_only_their_stamps():
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


def test_a_store_restricted_to_one_detector_has_only_that_one():
    images = {(1, k): (make_image(seed=k), None, None) for k in range(3)}
    store = ArrayImages.from_images(images)
    (row,) = make_sources(1, image=images[1, 2][0], detector=2)
    narrow = store.narrowed([row])
    (mine,), (theirs,) = narrow.read([row], Region.of(5)), store.read([row], Region.of(5))
    assert_triplets_equal(mine, theirs)
    assert "1 triplet " in repr(narrow)


ONE = DiaSource(5, 0.0, 0.0, visit=1, detector=1, row={"x": 4.0, "y": 4.0})


def science_of(store, region=None):
    (triplet,) = store.read([ONE], region or Region.whole())
    assert triplet.science is not None, triplet.problems
    return triplet.science


def ccd(unit="adu", uncertainty=None):
    """A CCD image of sevens, one pixel masked with nonsense under the mask."""
    data, mask = np.full((9, 9), 7.0), np.zeros((9, 9), dtype=bool)
    data[4, 4], mask[4, 4] = 1e20, True
    given = StdDevUncertainty(np.full((9, 9), 3.0)) if uncertainty is None else uncertainty
    return CCDData(data, unit=unit, mask=mask, uncertainty=given)


@pytest.mark.parametrize("form", ["whole", "stamp"])
def test_ccddata_mask_uncertainty_and_unit_are_kept_and_masked_pixels_hidden(form):
    if form == "whole":
        store = ArrayImages.from_images({(1, 1): (None, ccd(), None)})
    else:
        store = ArrayImages.from_stamps([5], None, [ccd()], None)
    image = science_of(store)
    assert np.isnan(image.pixels[4, 4])
    assert np.nanmax(image.pixels) == 7
    assert image.has_plane("BAD").nonzero() == ([4], [4])
    assert (image.variance == 9).all()
    assert image.unit == "adu"


def test_uncertainty_units_are_converted_and_unknown_types_reported():
    mjy = ccd("Jy", StdDevUncertainty(np.full((9, 9), 3.0), unit="mJy"))
    image = science_of(ArrayImages.from_images({(1, 1): (None, mjy, None)}))
    assert image.variance[0, 0] == pytest.approx(9e-6)
    with pytest.warns(CutoutWarning, match="UnknownUncertainty gives no variance"):
        store = ArrayImages.from_images(
            {(1, 1): (None, ccd(uncertainty=UnknownUncertainty(np.ones((9, 9)))), None)}
        )
    assert science_of(store).variance is None


def test_masked_values_of_stamps_are_nan_and_their_unit_is_kept():
    masked = np.ma.array(np.full((1, 9, 9), 7), mask=np.eye(9, dtype=bool)[None])
    image = science_of(ArrayImages.from_stamps([5], None, masked, None))
    assert np.isnan(np.diag(image.pixels)).all()
    assert np.nansum(image.pixels) == 7 * 72
    stamps = np.full((1, 9, 9), 2.0) * u.uJy
    assert science_of(ArrayImages.from_stamps([5], None, stamps, None)).unit == "uJy"
    in_njy = science_of(ArrayImages.from_stamps([5], None, stamps, None, unit="nJy"))
    assert (in_njy.unit, in_njy.pixels[0, 0]) == ("nJy", 2000)
    with pytest.raises(BadOption, match="science is in uJy, which is not convertible to adu"):
        ArrayImages.from_stamps([5], None, stamps, None, unit="adu")


def test_stamps_in_a_list_can_differ_in_shape_or_be_missing():
    store = ArrayImages.from_stamps(
        [5, 6], [None, np.zeros((3, 3))], [np.ones((4, 5)), np.ones((9, 9))], None,
        mask={"science": [np.ones((4, 5), int), np.zeros((9, 9), int)]}, planes={"X": 0},
    )  # fmt: skip
    (triplet,) = store.read([ONE], Region.whole())
    assert triplet.science.shape == (4, 5)
    assert triplet.science.has_plane("X").all()
    assert triplet.problems == ("template: no template stamp is given for DiaSource 5",)
    assert_triplets_equal(next(store.narrowed([ONE]).read([ONE], Region((3,)))),
                          next(store.read([ONE], Region((3,)))))  # fmt: skip
    with pytest.raises(BadOption, match="the mask of science has shape"):
        ArrayImages.from_stamps([5], None, [np.ones((4, 5)) * u.nJy], None, mask=[np.ones((5, 4), int)])


def test_named_planes_of_64_bit_masks_are_kept_and_unnamed_bits_refused():
    mask = np.full((1, 9, 9), 2**40 | 1)
    stamps = np.zeros((1, 9, 9))
    planes = {"X": 40, "Y": 41, "Z": 0}
    image = science_of(ArrayImages.from_stamps([5], None, stamps, None, mask, planes=planes))
    assert image.mask.dtype == np.uint32
    assert [image.has_plane(name).all() for name in "XYZ"] == [True, False, True]
    with pytest.raises(BadOption, match="bit 40 of this one is set"):
        ArrayImages.from_stamps([5], None, stamps, None, mask)


def extras_of(shape):
    """Return a mask for two of the panels, and a variance for all."""
    bits = np.arange(np.prod(shape)).reshape(shape) % 4
    planes = {"SAT": 1, "BAD": 0}
    return {"mask": {"science": bits, "difference": bits[::-1]}, "variance": bits + 1.5, "planes": planes}


@pytest.mark.parametrize("extras", [lambda _: {}, extras_of])
@pytest.mark.parametrize("dtype", ["f4", ">f4", "f8", "i2"])
def test_stamps_that_share_a_wcs_are_the_same_together_and_alone(dtype, extras):
    stacks = np.random.default_rng(4).integers(0, 999, (3, 4, 9, 11)).astype(dtype)
    images = ArrayImages.from_stamps(
        [5, 6, 7, 8], *stacks, wcs=make_wcs(at=(5.0, 4.0)), unit="nJy", **extras((4, 9, 11))
    )
    rows = [DiaSource(id, 53.0, -28.0) for id in (8, 5, 6, 9, 7)]
    rows.append(DiaSource(5, 53.0, -28.0 + 4 * 0.2 / 3600))  # partly outside
    together = list(images.read(rows, Region.of(5)))
    assert together[3].problem_of("science") == "there is no stamp of DiaSource 9 among the 4 given"
    for row, triplet in zip(rows, together, strict=True):
        (alone,) = images.read([row], Region.of(5))
        assert_triplets_equal(triplet, alone)
        for one, other in zip(triplet, alone, strict=True):
            if one is not None:
                assert (one.origin, one.dtype) == (other.origin, np.float32)
                assert one.variance is None or one.variance.dtype == np.float32
    for image in together[1]:
        for array in (image.pixels, image.mask, image.variance):
            if array is not None:
                array[:] = 999
    (again,) = images.read(rows[1:2], Region.of(5))
    assert again.science.pixels.max() < 999
    assert again.science.mask is None or again.science.mask.max() < 4
