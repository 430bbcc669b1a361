"""Badges: which flag columns show them, their texts, and that missing flags show none."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cutout_widgets.catalog.flags import BADGES, badges_of, flag_of, flux_flags
from cutout_widgets.catalog.source import DiaSource

# CONVENTIONS 2, written out once more by hand.
DOCUMENTED = {
    "EDGE": ["pixelFlags_edge"],
    "INTERP": ["pixelFlags_interpolated", "pixelFlags_interpolatedCenter"],
    "SAT": ["pixelFlags_saturated", "pixelFlags_saturatedCenter"],
    "CR": ["pixelFlags_cr", "pixelFlags_crCenter"],
    "BAD": ["pixelFlags_bad"],
    "DIPOLE": ["isDipole"],
    "SUS": ["pixelFlags_suspect", "pixelFlags_suspectCenter"],
    "CENTROID": ["centroid_flag"],
    "SHAPE": ["shape_flag", "shape_flag_no_pixels", "shape_flag_not_contained", "shape_flag_parent_source"],
    "NODATA": ["pixelFlags_nodata", "pixelFlags_nodataCenter"],
    "STREAK": ["pixelFlags_streak", "pixelFlags_streakCenter"],
    "OFF": ["pixelFlags_offimage"],
    "NEG": ["isNegative"],
    "TRAIL": ["trail_flag", "trail_flag_edge"],
    "GLINT": ["glint_trail"],
    "INJ": ["pixelFlags_injected", "pixelFlags_injectedCenter"],
    "INJ-T": ["pixelFlags_injected_template", "pixelFlags_injected_templateCenter"],
}


def source(**row: Any) -> DiaSource:
    flags = {name: value for name, value in row.items() if value is None or isinstance(value, bool)}
    return DiaSource(id=1, ra=0.0, dec=0.0, flags=flags, row=row)


@pytest.mark.parametrize("name, column", [(name, one) for name, all in DOCUMENTED.items() for one in all])
def test_each_column_raises_its_badge_and_no_other(name: str, column: str):
    [badge] = badges_of(source(**{column: True}))
    assert (badge.name, badge.text, badge.columns) == (name, name, (column,))
    assert column in badge.title


def test_badges_are_in_the_documented_order():
    everything = source(**{one: True for all in DOCUMENTED.values() for one in all}, reliability=0.7)
    names = list(DOCUMENTED)
    assert [badge.name for badge in badges_of(everything)] == [*names[:9], "RB", *names[9:]]
    assert [rule.name for rule in BADGES if rule.documented] == [*names[:9], "RB"]


def test_false_absent_and_null_flags_raise_no_badge():
    assert badges_of(source(pixelFlags_edge=False, pixelFlags_bad=None)) == []
    assert badges_of(source()) == []


def test_a_flag_that_is_absent_or_null_is_not_false():
    row = source(a=True, b=False, c=None, d=float("nan"), e=1)
    assert [flag_of(row, name) for name in "abcdef"] == [True, False, None, None, True, None]


def test_a_saturated_neighbour_is_not_a_saturated_source():
    [near] = badges_of(source(pixelFlags_saturated=True, pixelFlags_saturatedCenter=False))
    [centre] = badges_of(source(pixelFlags_saturated=True, pixelFlags_saturatedCenter=True))
    assert (near.kind, centre.kind) == ("any", "centre")
    assert centre.columns == ("pixelFlags_saturated", "pixelFlags_saturatedCenter")


@pytest.mark.parametrize(
    "row, text, colour",
    [
        ({"reliability": 0.6824}, "RB:0.682", "#4daf4a"),
        ({"reliability": 0.5}, "RB:0.500", "#4daf4a"),
        ({"reliability": 0.4999}, "RB:0.500", "#e41a1c"),
        ({"rb": 0.1}, "RB:0.100", "#e41a1c"),
        ({"rb": 0.1, "drb": 0.9}, "RB:0.900", "#4daf4a"),
        ({"rb": 0.1, "drb": None}, "RB:0.100", "#e41a1c"),
        ({"rb": 0.1, "drb": float("nan")}, "RB:0.100", "#e41a1c"),
        ({"rb": 0.9, "drb": "high"}, "RB:0.900", "#4daf4a"),
        ({"reliability": 1}, "RB:1.000", "#4daf4a"),
    ],
)
def test_the_reliability_badge_has_its_own_colour(row: dict[str, Any], text: str, colour: str):
    [badge] = badges_of(source(**row))
    assert (badge.name, badge.text, badge.colour, badge.kind) == ("RB", text, colour, "score")


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "high"])
def test_a_score_that_is_not_a_number_has_no_badge(value: Any):
    assert badges_of(source(reliability=value)) == []


@pytest.mark.parametrize(
    "sign, negative",
    [
        *(("f", True), ("0", True), (0, True), (-1, True), ("-1", True), (-1.0, True)),
        *(("t", False), ("1", False), (1, False), (1.0, False)),
    ],
)
def test_ztf_isdiffpos_sets_the_negative_badge(sign: Any, negative: bool):
    assert [badge.name for badge in badges_of(source(isdiffpos=sign))] == (["NEG"] if negative else [])


def test_flux_labels_are_red_grey_or_unknown():
    row = source(
        psfFlux_flag=False, psfFlux_flag_edge=True, apFlux_flag=False, apFlux_flag_apertureTruncated=None
    )
    assert flux_flags(row) == {"PSF": True, "ap": False, "total": None}


def test_a_score_of_minus_999_falls_back_to_the_next_column():
    assert badges_of(DiaSource(1, 0.0, 0.0, row={"drb": -999.0})) == []
    (badge,) = badges_of(DiaSource(1, 0.0, 0.0, row={"drb": -999.0, "rb": 0.5}))
    assert badge.text == "RB:0.500"


def test_a_row_of_pandas_has_the_badges_of_its_columns():
    row = pd.Series({"isDipole": True, "pixelFlags_cr": False})
    assert [badge.text for badge in badges_of(DiaSource(7, 53.0, -28.0, row=row))] == ["DIPOLE"]
