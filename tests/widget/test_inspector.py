"""Everything about one source."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.display.look import Look
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.testing import make_image, make_wcs
from cutout_widgets.widget.inspector import exact_words, inspect
from cutout_widgets.widget.protocol_labels import NOTHING_SAID

from .other_end import FIRST_ID, make_table

LOOK = Look.of("documented")


def inspected(triplet: Triplet):
    table = make_table()
    return inspect(table.row(FIRST_ID), triplet, LOOK, table, {FIRST_ID: {**NOTHING_SAID, "label": "real"}})


def test_values_cross_as_they_are():
    image = make_image((5, 7), yx0=(100, 200))
    answer, cargo = inspected(Triplet(science=image))
    panel = answer["panels"]["science"]
    assert (np.frombuffer(cargo, "<f4", 35, panel["offset"]).reshape(5, 7) == image.pixels).all()
    assert (np.frombuffer(cargo, "<u4", 35, panel["mask"]).reshape(5, 7) == image.mask).all()
    assert (panel["x0"], panel["y0"], panel["unit"]) == (200, 100, "nJy")


def test_a_known_footprint_is_outlined_on_the_pixels_it_is_made_of():
    science, template = make_image((5, 7), yx0=(100, 200)), make_image((9, 9), yx0=(100, 200))
    table, footprint = make_table(), Footprint.from_box(Box(101, 103, 205, 300))
    answer, _ = inspect(
        table.row(FIRST_ID), Triplet(science=science, template=template), LOOK, table, {}, footprint
    )
    square = [204.5, 100.5, 206.5, 100.5, 206.5, 102.5, 204.5, 102.5, 204.5, 100.5]
    assert answer["panels"]["science"]["outlines"] == [square]
    assert answer["panels"]["template"]["outlines"] == []
    unknown, _ = inspected(Triplet(science=science))
    assert unknown["panels"]["science"]["outlines"] == []


def test_every_array_begins_where_its_numbers_may():
    answer, _ = inspected(Triplet(*(make_image((5, 7), wcs=make_wcs()) for _ in range(3))))
    for panel in answer["panels"].values():
        starts = [panel["offset"], panel["thresholds"], panel["mask"], panel["lattice"]["offset"]]
        assert [start % 8 for start in starts] == [0, 0, 0, 0]


def test_thresholds_give_the_levels_of_the_page():
    image = make_image((20, 20))
    answer, cargo = inspected(Triplet(science=image))
    thresholds = np.frombuffer(cargo, "<f4", 254, answer["panels"]["science"]["thresholds"])
    levels = 1 + np.searchsorted(thresholds, image.pixels.ravel(), side="right")
    assert (levels.reshape(20, 20) == LOOK.science.to_bytes(image.pixels)).all()


def test_the_lattice_tells_the_sky_between_its_nodes():
    image = make_image((60, 90), yx0=(500, 700), wcs=make_wcs(at=(0, 0)))
    answer, cargo = inspected(Triplet(science=image))
    lattice = answer["panels"]["science"]["lattice"]
    ny, nx = lattice["shape"]
    nodes = np.frombuffer(cargo, "<f8", ny * nx * 3, lattice["offset"]).reshape(ny, nx, 3)
    assert lattice["x"] == (699.5, 789.5)
    # Half way between the first nodes, the mean direction is the direction of the middle.
    step_x, step_y = 90 / (nx - 1), 60 / (ny - 1)
    middle = nodes[:2, :2].mean(axis=(0, 1))
    found = image.wcs.world_to_pixel_values(
        np.degrees(np.arctan2(middle[1], middle[0])),
        np.degrees(np.arcsin(middle[2] / np.linalg.norm(middle))),
    )
    assert found == pytest.approx((699.5 + step_x / 2, 499.5 + step_y / 2), abs=1e-6)


def test_only_planes_that_are_set_are_told():
    mask = np.zeros((4, 4), dtype=np.uint32)
    mask[0, :3] = 1 << 5
    image = Image(np.zeros((4, 4), dtype=np.float32), mask=mask, planes={"BAD": 0, "DETECTED": 5})
    answer, _ = inspected(Triplet(difference=image))
    assert answer["panels"]["difference"]["planes"] == [
        {"name": "DETECTED", "bit": 5, "colour": "#0000ff", "count": 3}
    ]


def test_all_columns_of_the_row_are_there_with_their_units():
    answer, _ = inspected(Triplet())
    cells = {cell["name"]: (cell["value"], cell["unit"]) for cell in answer["cells"]}
    assert cells["diaSourceId"] == ("9007199254740993", "")
    assert cells["ra"] == ("53.0", "deg")
    assert cells["isDipole"] == ("true", "")
    assert answer["label"] == "real"


def test_a_panel_that_is_missing_says_why():
    answer, cargo = inspected(Triplet(problems=("difference: the file is torn",)))
    assert answer["panels"]["difference"] == {"reason": "the file is torn"}
    assert answer["problems"] == ["difference: the file is torn"]
    assert cargo == b""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (169298432598474793, "169298432598474793"),
        (float(np.float32(0.682)), "0.682"),
        (60924.33041372549, "60924.33041372549"),
        (-28.5, "−28.5"),
        (float("nan"), "n/a"),
        (None, "n/a"),
        (True, "true"),
        (1e300, "1e+300"),
        ("<b>", "<b>"),
        (b"abc", "3 bytes"),
        ([1, 2], "a list of 2"),
        ({"rband": 1}, "rband: 1"),
    ],
)
def test_values_in_words_have_their_own_digits(value, words):
    assert exact_words(value) == words
