"""Segmentation images and thresholds: agreement with photutils, labels, peaks."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from cutout_widgets.errors import BadOption, PartialOverlap
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.footprints.heavy import HeavyFootprint
from cutout_widgets.footprints.segmentation import footprints_above, footprints_of_labels, labels_of, peaks
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image


def assert_areas_and_fluxes_are_those_of_photutils(labels: np.ndarray, pixels: np.ndarray) -> None:
    segmentation = pytest.importorskip("photutils.segmentation")
    catalogue = segmentation.SourceCatalog(pixels, segmentation.SegmentationImage(labels))
    found = footprints_of_labels(labels)
    assert list(found) == np.atleast_1d(catalogue.labels).tolist()
    areas = np.atleast_1d(catalogue.area.value)
    fluxes = np.atleast_1d(catalogue.segment_flux)
    for footprint, area, flux in zip(found.values(), areas, fluxes, strict=True):
        assert footprint.area == area
        heavy = HeavyFootprint.from_image(footprint, Image(pixels))
        assert heavy.flux.good == pytest.approx(float(flux), rel=1e-9)


def test_a_galaxy_of_statmorph(shared):
    with fits.open(shared / "data" / "segmentation" / "slice.fits") as hdus:
        pixels, labels = hdus[0].data.astype(float), hdus[1].data.astype(np.int32)
    assert_areas_and_fluxes_are_those_of_photutils(labels, pixels)


def test_the_hsc_blend_of_scarlet(shared):
    segmentation = pytest.importorskip("photutils.segmentation")
    with np.load(shared / "data" / "segmentation" / "hsc_cosmos_35.npz") as file:
        images, variance = file["images"].astype(float), file["variance"].astype(float)
    for pixels, noise in zip(images, np.sqrt(variance), strict=True):
        labels = segmentation.detect_sources(pixels, 5 * noise, 4, connectivity=8).data
        ours = footprints_above(pixels, 5 * noise, least_area=4)
        assert footprints_of_labels(labels) == dict(enumerate(ours, start=1))
        assert_areas_and_fluxes_are_those_of_photutils(labels, pixels)


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i4", "u4", "i8", "u8"])
def test_ids_are_compared_in_their_own_type(dtype):
    largest = np.iinfo(dtype).max
    labels = np.array([[0, 1, largest], [0, largest, largest]], dtype=dtype)
    found = footprints_of_labels(labels)
    assert list(found) == [1, largest]
    assert found[largest].spans.tolist() == [[0, 2, 2], [1, 1, 2]]


def test_labels_round_trip():
    labels = np.random.default_rng(3).integers(0, 4, (12, 17))
    box = Box(100, 112, -5, 12)
    np.testing.assert_array_equal(labels_of(footprints_of_labels(labels, (100, -5)), box), labels)


def test_a_sequence_is_numbered_from_one_and_clipped():
    parts = [Footprint(np.array([[0, -3, 0]])), Footprint(np.array([[1, 1, 9]]))]
    assert labels_of(parts, Box(0, 2, 0, 3)).tolist() == [[1, 0, 0], [0, 2, 2]]


def test_a_pixel_that_equals_the_threshold_counts():
    (only,) = footprints_above(np.array([[4.99, 5.0, 5.01, np.nan]]), 5.0)
    assert only.spans.tolist() == [[0, 1, 2]]


def test_excluded_pixels_split_a_region():
    usable = np.array([[True, True, False, True]])
    found = footprints_above(np.full((1, 4), 9.0), 5.0, usable=usable, yx0=(7, 3))
    assert [one.spans.tolist() for one in found] == [[[7, 3, 4]], [[7, 6, 6]]]


def test_the_connectivity_decides_whether_corners_connect():
    pixels = np.eye(3)
    assert len(footprints_above(pixels, 0.5)) == 1
    assert len(footprints_above(pixels, 0.5, connectivity=4)) == 3


def test_negative_regions():
    pixels = np.array([[-6.0, 6.0, -5.0]])
    found = footprints_above(pixels, 5.0, polarity=-1)
    assert [one.spans.tolist() for one in found] == [[[0, 0, 0]], [[0, 2, 2]]]


def test_peaks_keep_values_and_positions():
    pixels = np.zeros((5, 6))
    pixels[2, 2], pixels[2, 4] = 7.0, 9.0
    footprint = Footprint(np.array([[2, 12, 14]]))
    assert peaks(footprint, pixels, yx0=(0, 10)) == [(14, 2, 9.0), (12, 2, 7.0)]


def test_a_footprint_of_nan_pixels_has_no_peak():
    assert peaks(Footprint(np.array([[1, 1, 2]])), np.full((3, 4), np.nan)) == []


def test_something_that_is_not_a_segmentation_is_refused():
    with pytest.raises(BadOption, match="segmentation"):
        footprints_of_labels(np.zeros((3, 3)))
    with pytest.raises(BadOption, match="polarity"):
        footprints_above(np.zeros((3, 3)), 1.0, polarity=0)


def test_a_heavy_footprint_marks_missing_pixels():
    pixels = np.array([[1.0, np.nan], [2.0, 4.0]], dtype=np.float32)
    image = Image(pixels, variance=np.full((2, 2), 0.5, np.float32))
    heavy = HeavyFootprint.from_image(Footprint.from_box(image.box), image)
    total, good, variance, n_good, n_nan = heavy.flux
    assert np.isnan(total)
    assert (good, variance, n_good, n_nan) == (7.0, 1.5, 3, 1)


def test_a_heavy_footprint_copies_its_pixels():
    image = Image(np.ones((2, 2)))
    heavy = HeavyFootprint.from_image(Footprint.from_box(image.box), image)
    image.pixels[:] = 5
    assert heavy.image.tolist() == [1, 1, 1, 1]
    assert heavy.mask_counts == {}
    with pytest.raises(BadOption, match="has no 'mask'"):
        heavy.unflatten("mask")


def test_heavy_footprint_of_a_cutout_and_back():
    image = Image(
        np.arange(6, dtype=np.float32).reshape(2, 3),
        box=Box(10, 12, 20, 23),
        mask=np.full((2, 3), 2, np.uint32),
        planes={"SAT": 1},
        variance=np.ones((2, 3), np.float32),
        unit="nJy",
    )
    footprint = Footprint(np.array([[10, 21, 22], [11, 21, 21]]))
    heavy = HeavyFootprint.from_image(footprint, image)
    assert heavy.image.tolist() == [1, 2, 4]
    assert heavy.mask_counts == {"SAT": 3}
    back = heavy.to_image(image)
    assert back.box == Box(10, 12, 21, 23)
    assert back.unit == "nJy"
    np.testing.assert_array_equal(back.pixels, [[1, 2], [4, np.nan]])
    np.testing.assert_array_equal(back.variance, [[1, 1], [1, np.inf]])
    with pytest.raises(PartialOverlap, match="clipped"):
        HeavyFootprint.from_image(footprint.shifted(5, 0), image)
