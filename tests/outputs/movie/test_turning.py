"""Rotated panels: where pixels end up, and the texts."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.outputs.figure.figure import PANEL_PX
from cutout_widgets.outputs.movie.turning import compasses_of_panels, turned, words_of
from cutout_widgets.pixels.compass import Compass
from cutout_widgets.pixels.image import Triplet
from cutout_widgets.testing import make_image, make_wcs

UPRIGHT = Compass(north=(0.0, 1.0), east=(-1.0, 0.0), arcsec_per_px=0.2)
LEVELS = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype=np.uint8)
"""First row at the bottom: 7 is in the upper left corner."""


def corners(found):
    """Levels near the corners: lower left, lower right, upper left, upper right."""
    near, far = 20, PANEL_PX - 20
    return [int(found[y, x]) for y, x in ((near, near), (near, far), (far, near), (far, far))]


@pytest.mark.parametrize(
    "compass, angle, expected",
    [
        (UPRIGHT, 0.0, [1, 3, 7, 9]),
        (UPRIGHT, 180.0, [9, 7, 3, 1]),
        # East, to the left, is up: what was at the left is at the top.
        (UPRIGHT, 90.0, [3, 9, 1, 7]),
        (UPRIGHT._replace(north=(0.0, -1.0), east=(1.0, 0.0)), 0.0, [9, 7, 3, 1]),
        # Pixels that mirror the sky are mirrored.
        (UPRIGHT._replace(east=(1.0, 0.0)), 0.0, [3, 1, 9, 7]),
    ],
)
def test_panels_are_rotated_with_north_or_the_angle_up_and_east_left(compass, angle, expected):
    assert corners(turned(LEVELS, compass, angle)) == expected


def test_pixels_outside_the_rotated_image_are_no_data():
    diagonal = np.sqrt(0.5)
    compass = Compass(north=(diagonal, diagonal), east=(-diagonal, diagonal), arcsec_per_px=0.2)
    found = turned(LEVELS, compass, 0.0)
    assert corners(found) == [0, 0, 0, 0]
    assert found[PANEL_PX // 2, PANEL_PX // 2] == 5
    assert found[-5, PANEL_PX // 2] == 9, "the upper right corner, where north is, is at the top"


def test_a_panel_without_wcs_is_rotated_like_the_others():
    image = make_image((5, 5), wcs=make_wcs(at=(2, 2), rotation=30.0))
    found = compasses_of_panels(Triplet(science=image, difference=make_image((5, 5))))
    assert found["difference"] == found["science"]
    assert found["science"] is not None
    assert set(found) == {"science", "difference"}


def test_each_frame_says_which_direction_is_up():
    assert words_of("north", 0.0, [UPRIGHT]) == "north up, east left"
    assert words_of("motion", -90.0, [UPRIGHT]) == "motion up, at position angle 270.0 deg"
    assert words_of("motion", np.nan, [UPRIGHT]) == "north up, east left: no motion is known"
    assert words_of("north", 0.0, [None]) == "as on the detector: no WCS"
    assert words_of("detector", 0.0, []) == "as on the detector"
