"""Two tables of the same sky compared."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal

import astropy.units as u
import numpy as np
import pandas as pd
import pytest

import cutout_widgets as cw
from cutout_widgets.catalog import matching
from cutout_widgets.catalog.matching import match_positions
from cutout_widgets.errors import BadOption, BadTable, CutoutWarning

ARCSEC = 1 / 3600


def table(ids, ra, dec, **columns):
    return pd.DataFrame({"diaSourceId": ids, "ra": ra, "dec": dec, **columns})


def test_each_row_is_in_exactly_one_of_the_three_tables():
    first = table([1, 2, 3], [10.0, 10.001, 11.0], [-5.0] * 3)
    second = table([11, 12], [10.0, 10.5], [-5.0] * 2)
    matched, only_first, only_second = cw.compare_sources(first, second, 1.0)
    assert matched.ids.tolist() == [1]
    assert matched.values("diaSourceId_2").tolist() == [11]
    assert only_first.ids.tolist() == [2, 3]
    assert only_second.ids.tolist() == [12]


def test_matched_rows_have_columns_of_both_tables_and_exact_ids():
    big = 506428274000265571
    first = table([big], [10.0], [0.0], psfFlux=[5.0], isDipole=[True])
    second = table([big + 2], [10.0], [0.3 * ARCSEC], psfFlux=[7.0], isDipole=[False])
    matched = cw.compare_sources(first, second).matched
    assert matched.columns == (
        "diaSourceId", "ra", "dec", "psfFlux", "isDipole",
        "diaSourceId_2", "ra_2", "dec_2", "psfFlux_2", "isDipole_2", "separation_arcsec_2",
    )  # fmt: skip
    row = matched.row(big)
    assert row.row["diaSourceId_2"] == big + 2
    assert (row.row["psfFlux"], row.row["psfFlux_2"]) == (5.0, 7.0)
    assert row.row["separation_arcsec_2"] == pytest.approx(0.3, abs=1e-9)
    assert matched.units["psfFlux_2"] == "nJy"
    assert matched.units["separation_arcsec_2"] == "arcsec"
    assert "isDipole_2" in matched.flag_columns


def test_matched_rows_can_be_displayed_for_the_second_table():
    first = table([1], [10.0], [0.0], visit=[5])
    second = table([2], [10.0], [0.1 * ARCSEC], visit=[5])
    matched = cw.compare_sources(first, second).matched
    (row,) = cw.SourceTable.read(matched, id="diaSourceId_2", ra="ra_2", dec="dec_2")
    assert (row.id, row.visit) == (2, 5)
    assert row.dec == 0.1 * ARCSEC


def test_matched_rows_are_mutually_nearest():
    # The first row's nearest is 11, but 11 is nearer to the second row; 12 is left over.
    first = table([1, 2], [0.0, 0.0], [0.0, 0.6 * ARCSEC])
    second = table([11, 12], [0.0, 0.0], [0.4 * ARCSEC, 5 * ARCSEC])
    matched, only_first, only_second = cw.compare_sources(first, second, 1.0)
    assert list(zip(matched.ids, matched.values("diaSourceId_2"), strict=True)) == [(2, 11)]
    assert only_first.ids.tolist() == [1]
    assert only_second.ids.tolist() == [12]


def test_the_first_of_equally_near_rows_is_matched():
    first = table([1], [0.0], [0.0])
    second = table([11, 12], [0.0, 0.0], [0.0, 0.0])
    assert cw.compare_sources(first, second).matched.values("diaSourceId_2").tolist() == [11]


def test_rows_of_different_visits_are_not_matched():
    first = table([1, 2], [10.0, 10.0], [0.0, 0.0], visit=[7, 8])
    second = table([11, 12], [10.0, 10.0], [0.0, 0.0], visit=[8, 9])
    matched, only_first, only_second = cw.compare_sources(first, second)
    assert (matched.ids.tolist(), matched.values("diaSourceId_2").tolist()) == ([2], [11])
    assert (only_first.ids.tolist(), only_second.ids.tolist()) == ([1], [12])


def test_a_table_without_visits_matches_rows_of_any_visit():
    first = table([1], [10.0], [0.0], visit=[7])
    assert len(cw.compare_sources(first, table([11], [10.0], [0.0])).matched) == 1


def test_the_visit_can_be_derived_from_the_exposure_id():
    first = table([1], [10.0], [0.0], visit=[943296], detector=[168])
    second = table([11, 12], [10.0, 10.0], [0.0, 0.0], ccdVisitId=[982985164, 943296168])
    assert cw.compare_sources(first, second).matched.values("diaSourceId_2").tolist() == [12]


def test_rows_without_position_or_visit_match_nothing_and_are_kept():
    visits = pd.array([7, 7, None], dtype="Int64")
    first = table([1, 2, 3], [10.0, np.nan, 10.0], [0.0] * 3, visit=visits)
    matched, only_first, only_second = cw.compare_sources(first, first)
    assert matched.ids.tolist() == [1]
    assert only_first.ids.tolist() == only_second.ids.tolist() == [2, 3]


@pytest.mark.parametrize("dec", [0.0, 60.0, 89.9999, -90.0])
def test_separations_are_correct_across_ra_zero_and_at_the_poles(dec):
    first = table([1], [359.99999], [dec])
    second = table([11], [0.00001], [dec])
    expected = 0.072 * np.cos(np.radians(dec))
    matched = cw.compare_sources(first, second, 0.1).matched
    assert matched.values("separation_arcsec_2") == pytest.approx([expected], abs=1e-9)


def test_the_radius_is_in_arcsec_or_an_angle_and_inclusive():
    first, second = table([1], [10.0], [0.0]), table([11], [10.0], [0.5 * ARCSEC])
    assert len(cw.compare_sources(first, second, 0.5 + 1e-9).matched) == 1
    assert len(cw.compare_sources(first, second, 0.499).matched) == 0
    assert len(cw.compare_sources(first, second, 1 * u.arcmin).matched) == 1
    assert len(cw.compare_sources(first, second, 1 * u.mas).matched) == 0


@pytest.mark.parametrize(
    "radius", [0, -1, np.nan, np.inf, "near", None, True, 1j, [0.5, 1.0], u.arcsec, 2 * u.deg, 1 * u.m]
)
def test_an_invalid_radius_is_refused(radius):
    with pytest.raises(BadOption, match="arcsec"):
        cw.compare_sources(table([1], [0.0], [0.0]), table([2], [0.0], [0.0]), radius)


def test_empty_tables_can_be_matched():
    empty, one = table([], [], []).astype({"diaSourceId": "int64"}), table([1], [0.0], [0.0])
    assert [len(part) for part in cw.compare_sources(empty, one)] == [0, 0, 1]
    assert [len(part) for part in cw.compare_sources(one, empty)] == [0, 1, 0]
    assert [len(part) for part in cw.compare_sources(empty, empty)] == [0, 0, 0]


def test_three_tables_are_compared_pairwise():
    one = table([1], [0.0], [0.0])
    pair = cw.compare_sources(one, table([2], [0.0], [0.0])).matched
    three = cw.compare_sources(pair, table([3], [0.0], [0.0]), suffix="_3").matched
    assert three.values("diaSourceId_3").tolist() == [3]
    with pytest.raises(BadTable, match="'diaSourceId_2' already; give another suffix="):
        cw.compare_sources(pair, one)


def test_filters_and_orders_of_views_are_respected():
    first = table([1, 2, 3], [0.0, 1.0, 2.0], [0.0] * 3, snr=[5.0, 7.0, 9.0])
    view = cw.SourceTable.read(first).where("snr > 6").sort("-snr")
    matched, only_first, only_second = cw.compare_sources(view, first)
    assert matched.ids.tolist() == [3, 2]
    assert (len(only_first), only_second.ids.tolist()) == (0, [1])


def test_pairs_agree_with_astropy():
    pytest.importorskip("scipy", reason="astropy matches with scipy")
    from astropy.coordinates import SkyCoord

    random = np.random.default_rng(5)
    first = np.stack([random.uniform(359, 361, 4000) % 360, random.uniform(-90, -88, 4000)], axis=1)
    second = (first + random.normal(0, 0.4 * ARCSEC, first.shape))[random.permutation(4000)][:3000]
    second[:, 1] = np.maximum(second[:, 1], -90)
    rows1, rows2, separations = match_positions(first, second, 60 * ARCSEC)
    ours, theirs = SkyCoord(*first.T, unit="deg"), SkyCoord(*second.T, unit="deg")
    there, distance, _ = ours.match_to_catalog_sky(theirs)
    back, _, _ = theirs.match_to_catalog_sky(ours)
    pairs = (back[there] == np.arange(4000)) & (distance.deg <= 60 * ARCSEC)
    np.testing.assert_array_equal(rows1, np.flatnonzero(pairs))
    np.testing.assert_array_equal(rows2, there[pairs])
    np.testing.assert_allclose(separations, distance.deg[pairs], atol=1e-12)


def test_many_visits_are_matched_separately():
    # 100 000 visits of one row each, all at the same place.
    n = 100_000
    positions = np.zeros((n, 2))
    groups = np.arange(n)
    rows1, rows2, _ = match_positions(positions, positions, ARCSEC, groups=(groups, groups[::-1].copy()))
    np.testing.assert_array_equal(rows1, groups)
    np.testing.assert_array_equal(rows2, groups[::-1])


@pytest.mark.parametrize("visit", ["last night", 5.5, np.inf])
@pytest.mark.filterwarnings("ignore:.*'visit'")  # reading tells of it too
def test_visits_that_are_not_integers_are_refused(visit):
    first = table([1], [10.0], [0.0], visit=[visit])
    with pytest.raises(BadTable, match="'visit' holds others"):
        cw.compare_sources(first, first)


@pytest.mark.parametrize(
    "ra, dec",
    [(np.inf, 0.0), (0.0, np.nan), (0.0, 90.1), (0.0, -270.0), (0.0, 1e300), (None, None), ("0h", "0d")],
)
@pytest.mark.filterwarnings("ignore:.*(no number|not a number|mixes types)")
def test_an_invalid_position_matches_nothing_not_even_itself(ra, dec):
    first = table([1, 2], [ra, 0.0], [dec, 0.0])
    matched, only_first, only_second = cw.compare_sources(first, first)
    assert matched.ids.tolist() == [2]
    assert only_first.ids.tolist() == only_second.ids.tolist() == [1]


def test_an_invalid_declination_does_not_match_another_visit():
    first = table([1, 2], [0.0, 0.0], [200.0, 50.0], visit=[1, 2])
    second = table([11, 12], [0.0, 0.0], [50.0, 0.0], visit=[1, 2])
    assert len(cw.compare_sources(first, second).matched) == 0


def test_right_ascension_can_be_outside_0_to_360():
    first = table([1, 2, 3], [-0.00001, 720.5, 360.0 - 1e-13], [0.0, 10.0, 20.0])
    second = table([11, 12, 13], [359.99999, 0.5, 0.0], [0.0, 10.0, 20.0])
    matched = cw.compare_sources(first, second, 0.01).matched
    assert matched.values("diaSourceId_2").tolist() == [11, 12, 13]


def test_positions_as_text_or_decimals_are_converted():
    first = table([1], ["10.0"], [Decimal("-5")])
    assert len(cw.compare_sources(first, table([2], [10.0], [-5.0])).matched) == 1


def test_one_row_among_many_has_one_match():
    # A detection that another processing split into five; the third piece is the nearest.
    one = table([1], [10.0], [0.0])
    many = table(range(11, 16), [10.0] * 5, np.array([0.4, -0.3, 0.1, 0.2, -0.2]) * ARCSEC)
    for first, second in ((one, many), (many, one)):
        matched, *left = cw.compare_sources(first, second)
        assert {*matched.ids, *matched.values("diaSourceId_2")} == {1, 13}
        assert sorted(id for part in left for id in part.ids) == [11, 12, 14, 15]


def scattered(rng, n):
    return np.column_stack([rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))])


def strip(rng, n):
    return np.column_stack([rng.uniform(0, 2e-3, n), np.zeros(n)])


def lattice(rng, n):
    return rng.integers(0, 12, (n, 2)) * ARCSEC  # equal positions and equal distances


def poles(rng, n):
    return np.column_stack([rng.uniform(-360, 720, n), rng.choice([-90, 90, 89.9999], n)])


def failed(rng, n):
    return np.where(rng.random((n, 1)) < 0.5, 0.0, rng.uniform(0, 0.01, (n, 2)))


@pytest.mark.parametrize("sky", [scattered, strip, lattice, poles, failed])
@pytest.mark.parametrize("radius_deg", [1e-9, 2 * ARCSEC, 1.0])
def test_the_tree_search_agrees_with_the_sweep(monkeypatch, sky, radius_deg):
    rng = np.random.default_rng(3)
    first, second = sky(rng, 400), sky(rng, 300)
    second[:100] = first[50:150] + rng.normal(0, ARCSEC, (100, 2)) * (rng.random((100, 1)) < 0.7)
    groups = rng.integers(-1, 3, 400), rng.integers(-1, 3, 300)
    for chosen in (None, groups):
        by_tree = match_positions(first, second, radius_deg, groups=chosen)
        with monkeypatch.context() as without:
            without.setattr(matching, "find_spec", lambda name: None)
            by_sweep = match_positions(first, second, radius_deg, groups=chosen)
        for one, two in zip(by_tree, by_sweep, strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("scipy", [True, False])
def test_many_rows_at_one_position_do_not_need_memory_for_all_pairs(monkeypatch, scipy):
    # Failed fits are at (0, 0): four million pairs, of which each row keeps one.
    if not scipy:
        monkeypatch.setattr(matching, "find_spec", lambda name: None)
    monkeypatch.setattr(matching, "_PAIRS_AT_ONCE", 50_000)
    n = 2000
    positions = np.zeros((n, 2))
    positions[-1] = 1.0
    tracemalloc.start()
    rows1, rows2, _ = match_positions(positions, positions, ARCSEC)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert list(zip(rows1, rows2, strict=True)) == [(0, 0), (n - 1, n - 1)]
    assert peak < n * n * 8


@pytest.mark.parametrize("suffix", ["", None, 2])
def test_an_invalid_suffix_is_refused(suffix):
    one = table([1], [0.0], [0.0])
    with pytest.raises(BadOption, match="suffix"):
        cw.compare_sources(one, one, suffix=suffix)


def test_a_name_clash_with_an_added_column_is_reported():
    one = table([1], [0.0], [0.0])
    with pytest.raises(BadTable, match="'separation_arcsec', a name that the match needs; rename it"):
        cw.compare_sources(one, one.assign(separation_arcsec=1.0))


def test_flagged_rows_of_both_tables_are_excluded_before_matching():
    first = table([1, 2, 3], [10.0, 11.0, 12.0], [0.0] * 3, pixelFlags_bad=[True, False, None])
    second = table([11, 12, 13], [10.0, 11.0, 12.0], [0.0] * 3, pixelFlags_bad=[False, True, False])
    found = cw.compare_sources(first, second, exclude_flags=["pixelFlags_bad"])
    assert found.matched.ids.tolist() == [3]
    assert found.only_first.ids.tolist() == [2]
    assert found.only_second.ids.tolist() == [11]


def test_a_flag_that_one_table_lacks_is_warned_about_and_one_that_both_lack_refused():
    first = table([1], [10.0], [0.0], pixelFlags_bad=[True])
    second = table([11], [10.0], [0.0])
    with pytest.warns(CutoutWarning, match="the second table does not have pixelFlags_bad"):
        assert len(cw.compare_sources(first, second, exclude_flags="pixelFlags_bad").only_first) == 0
    with pytest.raises(BadTable, match="neither table has a flag 'pixelFlags_baad'; did you mean"):
        cw.compare_sources(first, second, exclude_flags="pixelFlags_baad")
