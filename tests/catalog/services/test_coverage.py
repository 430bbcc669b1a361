"""Which positions ObsCore regions cover."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.catalog.services.coverage import covered

RA, DEC = np.array([0.05, 359.95, 0.0, 0.3, 180.0]), np.array([0.05, -0.05, 0.11, 0.0, 0.0])


@pytest.mark.parametrize(
    "region",
    [
        "POLYGON ICRS 359.9 -0.1 0.1 -0.1 0.1 0.1 359.9 0.1",
        "Polygon ICRS TOPOCENTER 0.1 -0.1 0.1 +0.1 -0.1 1e-1 -0.1 -.1",
        "POLYGON J2000 0.1 -0.1 0.1 0.1 -0.1 0.1 -0.1 -0.1",
        "BOX ICRS 0 0 0.2 0.2",
        "UNION ICRS ( CIRCLE 0.05 0.05 0.01 POLYGON -0.1 -0.1 0 -0.1 0 0 -0.1 0 )",
        [359.9, -0.1, 0.1, -0.1, 0.1, 0.1, 359.9, 0.1],
    ],
)
def test_stc_s_and_dali_shapes_across_right_ascension_zero(region):
    assert covered({"s_region": region}, RA, DEC).tolist() == [True, True, False, False, False]


def test_a_circle_is_understood_as_text_and_as_numbers():
    for region in ("CIRCLE ICRS 0 0 0.108", [0.0, 0.0, 0.108]):
        assert covered({"s_region": region}, RA, DEC).tolist() == [True, True, False, False, False]


def test_a_polygon_around_the_pole_contains_it():
    region = "POLYGON ICRS 0 89 90 89 180 89 270 89"
    assert covered(
        {"s_region": region}, np.array([10.0, 45.0, 45.0]), np.array([90.0, 89.4, 89.2])
    ).tolist() == [
        True,
        True,
        False,  # the side of a square is a great circle: 89.29 degrees at its middle
    ]


def test_without_a_region_the_field_of_view_around_the_centre_is_used():
    record = {"s_region": None, "s_ra": 0.0, "s_dec": 0.0, "s_fov": 0.2}
    assert covered(record, RA, DEC).tolist() == [True, True, False, False, False]


@pytest.mark.parametrize(
    "region",
    [None, "", "nonsense", "POLYGON GALACTIC 1 2 3 4 5 6", "CIRCLE ICRS 1 2", "POLYGON ICRS 1 2 3 4 5"],
)
def test_an_unparsable_region_is_unknown_not_empty(region):
    assert covered({"s_region": region}, RA, DEC) is None
