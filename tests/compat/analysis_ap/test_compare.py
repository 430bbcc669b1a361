"""The module ``compare``: tables matched with each other and with the truth, as in the original."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pandas as pd
import pytest

from cutout_widgets.compat.analysis_ap.compare import flux_residuals, match_catalogs, match_to_truth
from cutout_widgets.errors import NotInTable

pytest.importorskip("scipy")

ARCSEC = 1 / 3600
LARGE = 506428274000265573


def table(ids, dec_arcsec, *, visit=1, flux=100.0):
    return pd.DataFrame(
        {
            "diaSourceId": np.array(ids, dtype=np.int64),
            "ra": 10.0,
            "dec": np.array(dec_arcsec) * ARCSEC,
            "visit": visit,
            "detector": 0,
            "psfFlux": flux,
            "psfFluxErr": 3.0,
        }
    )


def test_each_source_matches_the_nearest_within_the_radius():
    first, second = table([1, 2, 3], [0, 10, 20]), table([LARGE, LARGE + 1], [0.3, 20.6])
    matched, unique1, unique2 = match_catalogs(first, second)
    assert matched["diaSourceId"].tolist() == [1]
    assert matched["diaSourceId_2"].tolist() == [LARGE]
    assert matched["xmatch_dist_arcsec"].tolist() == pytest.approx([0.3], abs=1e-6)
    assert unique1["diaSourceId"].tolist() == [2, 3]
    assert unique2["diaSourceId"].tolist() == [LARGE + 1]


def test_a_radius_without_unit_is_in_arcsec():
    first, second = table([1], [0]), table([2], [30])
    assert len(match_catalogs(first, second, 0.6 * u.arcmin)[0]) == 1
    assert len(match_catalogs(first, second, 20)[0]) == 0


def test_sources_of_other_visits_match_only_on_request():
    first, second = table([1], [0], visit=1), table([2], [0], visit=2)
    assert len(match_catalogs(first, second)[0]) == 0
    assert len(match_catalogs(first, second, on=())[0]) == 1


def test_empty_tables_and_missing_positions_match_nothing():
    first, empty = table([1], [np.nan]), table([], [])
    for one, other in ((first, empty), (empty, first), (empty, empty), (first, first)):
        matched, unique1, unique2 = match_catalogs(one, other)
        assert (len(matched), len(unique1), len(unique2)) == (0, len(one), len(other))
        assert "diaSourceId_2" in matched


def test_residuals_are_divided_by_the_combined_error():
    first, second = table([1], [0], flux=110.0), table([7, 2], [90, 0.1]).assign(psfFluxErr=4.0)
    residuals = flux_residuals(match_catalogs(first, second)[0], second)
    assert residuals[["delta_flux", "delta_flux_sigma"]].values.tolist() == [[10.0, 2.0]]
    assert residuals[["diaSourceId", "diaSourceId_2"]].values.tolist() == [[1, 2]]


def test_residuals_are_plotted():
    pytest.importorskip("matplotlib")
    first, second = table([1, 2], [0, 10], flux=110.0), table([3, 4], [0, 10])
    _, figure = flux_residuals(match_catalogs(first, second)[0], second, plot=True)
    assert figure.axes[0].get_title() == "2 pairs, median 2.357, MAD 0.000"


def test_the_second_table_must_be_the_matched_one():
    first, second = table([1], [0]), table([2], [0])
    with pytest.raises(NotInTable, match="'diaSourceId_2' are not in the second table"):
        flux_residuals(match_catalogs(first, second)[0], first)


def test_purity_and_completeness_are_fractions_of_the_two_tables():
    sources = table([LARGE, 2, 3, 4], [0, 10, 20, 30])
    truth = pd.DataFrame({"injection_id": [70, 80], "ra": 10.0, "dec": [0.2 * ARCSEC, 500 * ARCSEC]})
    found = match_to_truth(sources, truth)
    assert (found["purity"], found["completeness"]) == (0.25, 0.5)
    assert found["srcs"]["is_real"].tolist() == [True, False, False, False]
    assert found["srcs"]["injection_id_match"].tolist()[0] == 70
    assert found["srcs"]["injection_id_match"].isna().tolist() == [False, True, True, True]
    assert found["truth"]["diaSourceId_match"].tolist()[0] == LARGE
    assert found["truth"]["detection_dist_arcsec"].tolist()[1] == pytest.approx(470.0)


def test_without_truth_purity_is_zero():
    found = match_to_truth(table([1], [0]), pd.DataFrame({"injection_id": [], "ra": [], "dec": []}))
    assert (found["purity"], found["completeness"]) == (0.0, 0.0)
    assert found["srcs"]["is_real"].tolist() == [False]


def test_a_missing_column_is_named():
    with pytest.raises(NotInTable, match="no column 'detector'"):
        match_catalogs(table([1], [0]).drop(columns="detector"), table([1], [0]))
