"""Facets: counts for chips and histograms, and the filters that choose what was counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cutout_widgets.catalog.filters.facets import BINS, MOST_WORDS, FacetCounter, Facets, name_in_query
from cutout_widgets.catalog.table import SourceTable

N = 12


def make_table(**more: object) -> SourceTable:
    """Twelve rows: every third is saturated, every sixth at its centre; two have null flags."""
    saturated = pd.array([i % 3 == 0 for i in range(N)], dtype="boolean")
    saturated[[1, 2]] = pd.NA
    frame = pd.DataFrame(
        {
            "diaSourceId": np.arange(N) + 506428274000265570,
            "ra": 10.0,
            "dec": -5.0,
            "band": ["g", "r", "r", "i"] * 3,
            "snr": np.arange(N, dtype=float),
            "pixelFlags_saturated": saturated,
            "pixelFlags_saturatedCenter": [i % 6 == 0 for i in range(N)],
            "centroid_flag": False,
            **more,
        }
    )
    return SourceTable(frame)


def facets(table: SourceTable, where: str | None = None) -> Facets:
    ranges = ["snr"] if "snr" in table.columns else []
    return FacetCounter(table, ["band"], ranges).count(table.where(where))


def test_a_flag_is_counted_as_set_unset_and_missing():
    flag = facets(make_table()).flags[0]
    assert (flag.rule.name, flag.is_central) == ("SAT", False)
    assert (flag.n_set, flag.n_unset, flag.n_missing) == (4, 6, 2)


def test_the_centre_flag_has_its_own_facet():
    flag = facets(make_table()).flags[1]
    assert (flag.rule.name, flag.is_central, flag.n_set, flag.n_unset) == ("SAT", True, 2, 10)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_filters_of_a_flag_select_as_many_rows_as_its_counts(place: int):
    table = make_table(shape_flag=pd.array([None, True] * 6, dtype="boolean"), shape_flag_no_pixels=False)
    flag = facets(table).flags[[0, 1, -1][place]]
    filters = (flag.is_set, flag.is_unset, flag.is_missing)
    assert tuple(len(table.where(one)) for one in filters) == (flag.n_set, flag.n_unset, flag.n_missing)


def test_counts_are_of_the_filtered_rows():
    found = facets(make_table(), "band == 'g'")  # rows 0, 4, 8
    assert found.n_rows == 3
    assert (found.flags[0].n_set, found.flags[0].n_unset, found.flags[0].n_missing) == (1, 2, 0)
    assert found.choices[0].counts == {"g": 3, "i": 0, "r": 0}


def test_category_values_are_counted_in_order_with_missing_ones():
    table = make_table(band=["r", "g", None, "g"] * 3)
    choice = facets(table).choices[0]
    assert (choice.column, choice.counts, choice.n_missing) == ("band", {"g": 6, "r": 3}, 3)


def test_a_word_that_no_row_of_the_table_has_is_left_out():
    table = make_table().take([1, 2])  # both in r; the column's categories are still g, i and r
    assert facets(table).choices[0].counts == {"r": 2}
    assert facets(make_table(), "band == 'r'").choices[0].counts == {"g": 0, "i": 0, "r": 6}


def test_a_column_of_many_distinct_values_is_not_a_facet():
    words = [f"filter {i}" for i in range(MOST_WORDS + 1)]
    zeros = np.zeros(len(words))
    table = SourceTable({"id": np.arange(len(words)), "ra": zeros, "dec": zeros, "band": words})
    assert facets(table).choices == []
    assert len(facets(table.take(range(3))).choices) == 0  # the column is the same
    few = SourceTable({"id": np.arange(2), "ra": zeros[:2], "dec": zeros[:2], "band": words[:2]})
    assert len(facets(few).choices) == 1


def test_a_histogram_counts_all_rows_and_the_filtered_rows():
    found = facets(make_table(), "snr >= 6").ranges[0]
    assert (found.column, found.low, found.high) == ("snr", 0.0, 11.0)
    assert (sum(found.n_all), sum(found.n_rows), len(found.n_all)) == (12, 6, BINS)
    assert found.n_all[0] == 1
    assert found.n_all[-1] == 1


def test_missing_numbers_are_in_no_bin():
    found = facets(make_table(snr=[np.nan, np.inf, *range(10)])).ranges[0]
    assert (sum(found.n_all), found.n_missing) == (10, 2)


def test_an_outlier_does_not_squeeze_all_others_into_one_bin():
    snr = np.append(np.linspace(0.0, 10.0, 999), 1e6)
    table = SourceTable({"id": np.arange(1000), "ra": np.zeros(1000), "dec": np.zeros(1000), "snr": snr})
    found = FacetCounter(table, ranges=["snr"]).count(table).ranges[0]
    assert found.high < 11
    assert sum(found.n_all) == 1000


def test_numbers_over_many_decades_are_spread_over_the_bins():
    snr = 5 / (1 - np.linspace(0, 0.999, 1000))  # quarters at 6.7, 10 and 20; the largest is 5000
    table = SourceTable({"id": np.arange(1000), "ra": np.zeros(1000), "dec": np.zeros(1000), "snr": snr})
    found = FacetCounter(table, ranges=["snr"]).count(table).ranges[0]
    assert found.soft is not None
    assert max(found.n_all) < 400  # in equal bins the first would hold 970
    even = FacetCounter(make_table(), ranges=["snr"]).count(make_table()).ranges[0]
    assert even.soft is None


def test_a_number_that_is_the_same_in_all_rows_has_no_histogram():
    assert facets(make_table(snr=4.0)).ranges == []
    assert facets(make_table().take([3])).ranges == []


def test_equal_numbers_have_a_histogram_if_some_are_missing():
    found = facets(make_table(snr=[np.nan, *[4.0] * 11])).ranges[0]
    assert (found.low, found.high, sum(found.n_all), found.n_missing) == (3.5, 4.5, 11, 1)


@pytest.mark.parametrize(
    "numbers",
    [
        np.r_[np.nan, np.full(N - 1, 1e17)],
        np.arange(N) + 2**62,
        np.arange(N).astype(np.uint64) + np.uint64(2**63),
        np.linspace(-1.7, 1.7, N) * 1e308,
        np.r_[np.nan, np.full(N - 1, np.finfo(float).max)],
        np.linspace(0, 1e-310, N),
        np.r_[np.zeros(N - 1), 5e-324],
        np.r_[np.full(N - 1, 1e16), 1e16 + 2],
    ],
    ids=["equal and large", "ids", "unsigned", "huge", "the largest", "tiny", "the smallest", "neighbours"],
)
def test_the_largest_and_smallest_floats_are_all_counted(numbers: np.ndarray):
    histogram = facets(make_table(snr=numbers)).ranges[0]
    assert sum(histogram.n_all) == N - np.count_nonzero(np.isnan(numbers))
    assert -np.inf < histogram.low <= float(np.nanmin(numbers))
    assert float(np.nanmax(numbers)) <= histogram.high < np.inf


def test_an_empty_table_has_zero_counts():
    table = make_table().where("snr > 100")
    found = FacetCounter(table, ["band"], ["snr"]).count(table)
    assert (found.n_rows, found.ranges) == (0, [])
    assert found.flags == []


def test_a_subset_of_a_table_counts_only_its_rows():
    few = make_table().take([0, 3, 4])
    found = FacetCounter(few, ["band"], ["snr"]).count(few.where("snr > 1"))
    assert (found.n_rows, sum(found.ranges[0].n_all), sum(found.ranges[0].n_rows)) == (2, 3, 2)


def test_a_name_that_python_would_respell_is_quoted():
    table = make_table(**{"\ufb01t": np.arange(N)})  # the ligature fi, which Python reads as two letters
    assert len(table.where(f"{name_in_query('\ufb01t')} > 5")) == 6


def test_an_odd_name_is_quoted():
    assert [name_in_query(name) for name in ("snr", "my flag", "class")] == ["snr", "`my flag`", "`class`"]


def test_a_flag_that_is_constant_is_omitted():
    found = facets(make_table(), "snr < 1")
    assert [(one.rule.name, one.is_central) for one in found.flags] == [("SAT", False), ("SAT", True)]
