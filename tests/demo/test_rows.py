"""Measurements agree with the drawn sources within their errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cutout_widgets.demo.catalogue import source_id
from cutout_widgets.demo.schema import DIA_FORCED_SOURCE, DIA_OBJECT, DIA_SOURCE, FLAGS
from cutout_widgets.demo.sky import make_sky


@pytest.fixture(scope="session")
def rows(sky_on_disk) -> pd.DataFrame:
    frame = sky_on_disk.sources().to_pandas()
    truth = sky_on_disk.truth_table()
    frame["kind"] = truth["kind"].to_numpy()
    for name in ("flux", "scienceFlux", "templateFlux", "separationPx"):
        frame[f"true_{name}"] = truth[name].to_numpy(dtype=float, na_value=np.nan)
    return frame


def test_the_tables_have_the_columns_of_apdb_10(rows):
    assert (len(DIA_SOURCE), len(DIA_OBJECT), len(DIA_FORCED_SOURCE)) == (103, 83, 14)
    assert len(FLAGS) == 39
    assert [name for name in rows.columns if name in {column.name for column in DIA_SOURCE}] == [
        column.name for column in DIA_SOURCE
    ]


def test_columns_required_by_the_apdb_are_never_null(rows):
    required = [column.name for column in DIA_SOURCE if column.required]
    assert rows[required].notna().all().all()


def test_injected_point_sources_are_measured_with_their_flux_and_position(rows):
    clean = rows[(rows["kind"] == "injected") & ~rows["pixelFlags_interpolated"].astype(bool)]
    pull = (clean["psfFlux"] - clean["true_flux"]) / clean["psfFluxErr"]
    assert len(clean) > 20
    assert abs(np.median(pull)) < 0.8
    assert 0.5 < 1.4826 * np.median(np.abs(pull - np.median(pull))) < 1.6
    assert np.median(clean["true_separationPx"]) < 0.3


def test_forced_fluxes_are_those_of_science_and_template(rows):
    stars = rows[(rows["kind"] == "variable") & (rows["snr"] > 30)]
    assert len(stars) > 20
    assert np.median(stars["scienceFlux"] / stars["true_scienceFlux"]) == pytest.approx(1, abs=0.05)
    assert np.median(stars["templateFlux"] / stars["true_templateFlux"]) == pytest.approx(1, abs=0.05)


def test_faded_sources_are_negative_and_new_ones_positive(rows):
    assert rows.loc[rows["kind"].isin(["faded", "injected in template"]), "isNegative"].mean() > 0.95
    assert rows.loc[rows["kind"].isin(["transient", "injected", "asteroid"]), "isNegative"].mean() < 0.05
    assert (
        rows.loc[rows["isNegative"] & rows["psfFlux"].notna() & ~rows["isDipole"], "psfFlux"] < 0
    ).mean() > 0.9


def test_dipoles_are_recognised_and_have_an_angle(rows):
    dipoles = rows["kind"] == "dipole"
    assert rows.loc[dipoles, "isDipole"].mean() > 0.9
    assert rows.loc[rows["kind"].isin(["variable", "injected", "glint"]), "isDipole"].mean() < 0.05
    fitted = rows[rows["isDipole"].astype(bool)]
    assert fitted["dipoleAngle"].between(0, 360).all()
    assert (fitted["dipoleLength"] > 0).all()
    assert (rows.loc[~rows["dipoleFitAttempted"].astype(bool), "dipoleNdata"] == 0).all()


def test_a_dipole_is_never_flagged_negative(rows):
    assert not rows.loc[rows["isDipole"].astype(bool), "isNegative"].any()


def test_dipoles_are_as_long_as_their_stars_moved(rows, sky_on_disk):
    moved = {one.id: np.hypot(*one.template_offset) for one in make_sky().objects}
    rows["moved"] = [moved.get(one) for one in sky_on_disk.truth_table()["objectId"]]
    found = rows[rows["isDipole"].astype(bool) & (rows["kind"] == "dipole")]
    assert len(found) > 50
    assert np.median(found["dipoleLength"] / found["moved"]) == pytest.approx(1, abs=0.1)


def test_reliability_separates_point_sources_from_artefacts(rows):
    real = rows.loc[rows["kind"].isin(["variable", "transient", "injected"]), "reliability"]
    bogus = rows.loc[rows["kind"].isin(["dipole", "cosmic ray", "saturated star"]), "reliability"]
    assert np.nanmedian(real.astype(float)) > 0.9
    assert np.nanmedian(bogus.astype(float)) < 0.3
    assert rows["reliability"].dropna().between(0, 1).all()


def test_flags_follow_the_masks(rows):
    def share(kind: str, flag: str) -> float:
        return float(rows.loc[rows["kind"] == kind, flag].mean())

    assert share("saturated star", "pixelFlags_saturated") > 0.8
    assert share("injected", "pixelFlags_injectedCenter") == 1
    assert share("injected in template", "pixelFlags_injected_templateCenter") == 1
    assert share("edge", "pixelFlags_edge") > 0.5
    assert share("glint", "glint_trail") > 0.9
    assert rows["pixelFlags_streak"].any()
    assert rows["pixelFlags_nodata"].any()
    assert share("variable", "pixelFlags_saturatedCenter") < 0.02


def test_a_trailed_asteroid_is_as_long_as_its_motion(rows, sky_on_disk):
    injected = pd.read_parquet(sky_on_disk.injected).set_index(["visit", "objectId"])
    truth = sky_on_disk.truth_table()
    trailed = rows[(rows["kind"] == "asteroid") & (rows["extendedness"] > 0.9)]
    assert len(trailed) >= 2
    for place, row in trailed.iterrows():
        drawn = injected.loc[(row["visit"], truth["objectId"][place]), "trailLengthPx"] * 0.2
        assert row["trailLength"] == pytest.approx(drawn, rel=0.15)


def test_an_object_links_its_sources_across_visits(rows):
    counts = rows["diaObjectId"].dropna().value_counts()
    assert counts.max() == 6
    assert (counts >= 3).sum() > 20
    neither = rows["diaObjectId"].isna() & rows["ssObjectId"].isna()
    both = rows["diaObjectId"].notna() & rows["ssObjectId"].notna()
    assert not neither.any()
    assert not both.any()


def test_source_ids_encode_visit_detector_and_number():
    assert source_id(2026043000112, 93, 2) - source_id(2026043000112, 93, 1) == 1
    assert source_id(2026043000112, 94, 1) - source_id(2026043000112, 93, 1) == 2**21
    assert source_id(2026043000113, 93, 1) - source_id(2026043000112, 93, 1) == 2**29
