"""Cutting by footprint."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from PIL import Image as Pillow

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadOption
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.figure.picture import pictures
from cutout_widgets.outputs.footprints import FootprintRule, footprint_around, read_by_footprint
from cutout_widgets.outputs.verify import verify
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.testing import make_image, make_wcs
from outputs.makers import FIRST_ID, figures_of, make_world

save = partial(save_cutouts, progress=False)


def make_detector(*blobs: Box, shape: tuple[int, int] = (300, 400)) -> Image:
    """An image of zeros with detected rectangles."""
    mask = np.zeros(shape, dtype=np.uint32)
    for blob in blobs:
        mask[blob.slices_in(Box.from_shape(shape))] = 1 << 5
    return Image(np.zeros(shape, dtype=np.float32), mask=mask, planes={"DETECTED": 5})


def make_store(image: Image) -> ArrayImages:
    return ArrayImages.from_images({(1, 2): (image, image, image)})


def make_row(x: float, y: float, **columns: object) -> DiaSource:
    return DiaSource(7, np.nan, np.nan, 1, 2, row={"x": x, "y": y, **columns})


def box_found(rule: FootprintRule, row: DiaSource, image: Image) -> Box:
    (found,) = read_by_footprint([row], make_store(image), rule, Region.of(30))
    assert found.triplet.template is not None
    assert found.triplet.template.box == found.triplet.difference.box
    return found.triplet.difference.box


def test_the_column_gives_a_square_around_the_source():
    rule = FootprintRule.of(True)
    assert box_found(rule, make_row(100, 50, bboxSize=21), make_detector()) == Box.centred(
        XY(100, 50), (21, 21)
    )


def test_the_mask_gives_the_square_around_the_detected_pixels():
    blob = Box(40, 60, 100, 130)  # 20 high, 30 wide, centred on (114.5, 49.5)
    assert box_found(FootprintRule.of("mask"), make_row(120, 45), make_detector(blob)) == Box(
        35, 65, 100, 130
    )


def test_the_column_is_preferred_and_the_mask_fills_missing_values():
    image = make_detector(Box(40, 60, 100, 130))
    assert box_found(FootprintRule.of(True), make_row(120, 45, bboxSize=9), image).shape == (9, 9)
    assert box_found(FootprintRule.of(True), make_row(120, 45, bboxSize=None), image).shape == (30, 30)


def test_a_footprint_larger_than_the_first_read_is_complete():
    blob = Box(20, 280, 10, 380)
    assert box_found(FootprintRule.of("mask"), make_row(190, 150), make_detector(blob)).shape == (370, 370)


def test_a_source_gets_the_footprint_it_lies_in():
    image = make_detector(Box(40, 50, 100, 110), Box(40, 50, 115, 140))
    found = footprint_around(make_row(128, 45), image)
    assert found.box == Box(40, 50, 115, 140)


def test_a_source_within_three_pixels_of_a_footprint_belongs_to_it():
    image = make_detector(Box(40, 50, 100, 110))
    assert footprint_around(make_row(112, 45), image) is not None
    assert footprint_around(make_row(113, 45), image) is None


def test_without_a_footprint_the_requested_size_is_used_and_reported():
    for wanted, needed in (
        ("mask", "the mask has no detected pixels there"),
        (True, "the store has none, the row has no bboxSize, and the mask has no detected pixels there"),
        ("bboxSize", "the row has no bboxSize of 1 to"),
        ({8: Footprint.from_box(Box(0, 1, 0, 1))}, "none was given for it"),
    ):
        rule = FootprintRule.of(wanted, fallback_px=24)
        (found,) = read_by_footprint([make_row(50, 50)], make_store(make_detector()), rule, Region.of(24))
        assert found.triplet.science.shape == (24, 24)
        (problem,) = found.triplet.problems
        assert problem.startswith(f"no footprint, so the cutout is 24 pixels wide: {needed}")


def test_footprints_can_be_given_by_id():
    given = {7: Footprint.from_box(Box(10, 20, 300, 340)), 8: Footprint.from_box(Box(0, 1, 0, 1))}
    box = box_found(FootprintRule.of(given), make_row(50, 50), make_detector())
    assert box == Box(-5, 35, 300, 340)


def test_footprints_can_be_a_segmentation_image():
    labels = np.zeros((300, 400), dtype=np.int32)
    labels[100:110, 200:204] = 5
    box = box_found(FootprintRule.of(labels), make_row(201, 104), make_detector())
    assert box == Box(100, 110, 197, 207)


def test_a_source_without_images_has_none():
    (found,) = read_by_footprint(
        [DiaSource(7, np.nan, np.nan, 99, 2, row={})],
        make_store(make_detector()),
        FootprintRule.of("mask"),
        Region.of(30),
    )
    assert found.triplet.best is None


def test_rows_are_returned_in_order_for_any_sizes():
    rows = [make_row(100 + k, 50, bboxSize=size) for k, size in enumerate((9, 5, None, 9, 31))]
    found = read_by_footprint(rows, make_store(make_detector()), FootprintRule.of("bboxSize"), Region.of(30))
    assert [one.triplet.science.shape[0] for one in found] == [9, 5, 30, 9, 31]


@pytest.mark.parametrize("wrong", ["yes", 3, {1: "a"}, 2.5])
def test_invalid_footprints_are_refused(wrong):
    with pytest.raises(BadOption, match="use_footprint is"):
        FootprintRule.of(wrong)


def test_array_names_contain_the_footprint_size_and_are_found_again(tmp_path):
    table, images = make_world(3, bboxSize=np.array([9, 15, 21]))
    options = {"use_footprint": True, "save_as_numpy": True}
    save(table, images, tmp_path, **options)
    names = sorted(path.name for path in tmp_path.rglob("*_sci_*.npy"))
    assert names == [f"{FIRST_ID + 7 * k}_sci_{side}.npy" for k, side in enumerate((9, 15, 21))]
    assert np.load(next(tmp_path.rglob("*_sci_15.npy"))).shape == (1, 15, 15)
    assert len(save(table, images, tmp_path, **options).present) == 3
    next(tmp_path.rglob("*_diff_15.npy")).unlink()
    assert save(table, images, tmp_path, **options).written == (FIRST_ID + 7,)
    assert verify(tmp_path) == []


def test_the_outline_is_drawn_on_request(tmp_path):
    table, images = make_world(1, bboxSize=np.array([21]))
    save(table, images, tmp_path / "with", outline=True)
    save(table, images, tmp_path / "without")
    orange = {}
    for name in ("with", "without"):
        (figure,) = figures_of(tmp_path / name)
        pixels = np.asarray(Pillow.open(tmp_path / name / figure).convert("RGB"))
        orange[name] = int((pixels == (255, 127, 14)).all(axis=2).sum())
    assert orange["with"] > 50
    assert orange["without"] == 0


def test_a_figure_outlines_a_footprint_only_on_panels_of_the_same_pixels():
    science, other = (make_image((9, 9), wcs=make_wcs(at=at)) for at in ((4, 4), (4, 6)))
    larger = make_image((9, 11), yx0=(0, 4), wcs=make_wcs(at=(4, 4)))
    triplets = [Triplet(other, science, science), Triplet(larger, science, science)]
    footprint = Footprint.from_box(Box(3, 6, 3, 6))
    moved, same = pictures([[one] for one in triplets], [[], []], Look.of("rubin"), [footprint] * 2)
    assert moved.rows[0][0].footprint is None
    assert [one.footprint.sum() for one in moved.rows[0][1:]] == [9, 9]
    assert [one.footprint.sum() for one in same.rows[0]] == [6, 9, 9], "its box begins a column later"
