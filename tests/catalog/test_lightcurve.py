"""Light curves of LSST and ZTF in one format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cutout_widgets.catalog.lightcurve import (
    empty_history,
    history_of_packet,
    lsst_points,
)

COLUMNS = ["time", "band", "flux", "flux_err", "kind", "id"]


def test_an_empty_history_has_the_columns():
    frame = empty_history()
    assert list(frame.columns)[: len(COLUMNS)] == COLUMNS
    assert len(frame) == 0
    assert str(frame["id"].dtype) == "Int64"


def test_lsst_history_contains_detections_and_forced_points_in_time_order():
    def point(id_name: str, id: int, time: float, flux: float) -> dict:
        return {id_name: id, "midpointMjdTai": time, "band": "r", "psfFlux": flux, "psfFluxErr": 1.0}

    alert = point("diaSourceId", 2**53 + 1, 60003.0, -30.0)
    frame = history_of_packet(
        {
            "diaSource": alert,
            "prvDiaSources": [point("diaSourceId", 2**53 + 3, 60001.0, 10.0), alert],
            "prvDiaForcedSources": [point("diaForcedSourceId", 7, 60002.0, 20.0)],
        }
    )
    assert list(frame.columns)[: len(COLUMNS)] == COLUMNS
    assert frame["time"].tolist() == [60001.0, 60002.0, 60003.0]  # the alert itself is there once
    assert frame["kind"].tolist() == ["detection", "forced", "detection"]
    assert frame["flux"].tolist() == [10.0, 20.0, -30.0]
    assert frame["id"].tolist() == [2**53 + 3, 7, 2**53 + 1]


def test_ztf_magnitudes_become_signed_fluxes_and_limits():
    candidate = {
        "candid": 5,
        "jd": 2460000.5,
        "fid": 1,
        "rcid": 3,
        "magpsf": 26.4,
        "sigmapsf": 0.1,
        "isdiffpos": "f",
    }
    quiet = {"candid": None, "jd": 2459999.5, "fid": 2, "rcid": 3, "magpsf": None, "diffmaglim": 23.9}
    frame = history_of_packet({"candid": 5, "candidate": candidate, "prv_candidates": [quiet]})
    assert frame["time"].tolist() == [59999.0, 60000.0]
    assert frame["band"].tolist() == ["r", "g"]
    assert frame["kind"].tolist() == ["limit", "detection"]
    assert frame["flux"].tolist() == pytest.approx([1000.0, -100.0])
    assert frame["flux_err"].tolist()[1] == pytest.approx(9.2103, abs=1e-4)
    assert frame["id"].isna().tolist() == [True, False]


def test_ztf_forced_counts_are_scaled_by_their_zero_point_and_sentinels_skipped():
    forced = {
        "jd": 2460000.5,
        "fid": 1,
        "rcid": 3,
        "magzpsci": 26.4,
        "forcediffimflux": 2.0,
        "forcediffimfluxunc": 1.0,
    }
    missing = {**forced, "jd": 2460001.5, "forcediffimflux": -99999.0, "forcediffimfluxunc": -99999.0}
    frame = history_of_packet({"candid": 5, "candidate": {}, "fp_hists": [forced, missing]})
    assert frame["flux"].tolist() == pytest.approx([200.0])
    assert frame["flux_err"].tolist() == pytest.approx([100.0])
    assert frame["kind"].tolist() == ["forced"]


def test_microjansky_rows_become_njy_points_and_adu_rows_have_no_flux():
    row = {"midpointMjdTai": 60000.0, "psfFlux": 2.0, "psfFluxErr": 0.5}
    (point,) = lsst_points([row], "detection", {"psfFlux": "uJy"})
    assert (point["flux"], point["flux_err"]) == (2000.0, 500.0)
    (point,) = lsst_points([row], "detection", {"psfFlux": "adu"})
    assert (point["flux"], point["flux_err"]) == (None, None)


@pytest.mark.parametrize("sign", [-1, "-1", -1.0])
def test_a_sign_of_minus_one_is_a_negative_flux(sign: object):
    candidate = {"candid": 1, "jd": 2460000.5, "magpsf": 26.4, "sigmapsf": 0.1, "isdiffpos": sign}
    assert history_of_packet({"candidate": candidate})["flux"].tolist() == pytest.approx([-100.0])


def test_desirt_forced_fluxes_are_microjansky_and_its_alert_is_a_detection():
    forced = {"mjd": 61229.0, "band": "g", "forcediffimflux": 1.5, "forcediffimfluxunc": 0.25}
    alert = {**forced, "mjd": 61230.0, "diffmaglim": 22.9}
    frame = history_of_packet({"candid": 5, "candidate": alert, "fp_hists": [forced]})
    assert frame["kind"].tolist() == ["forced", "detection"]
    assert frame["flux"].tolist() == [1500.0, 1500.0]
    assert frame["flux_err"].tolist() == [250.0, 250.0]


def test_a_packet_uses_ztf_bands_if_its_object_is_from_ztf():
    candidate = {"candid": 1, "jd": 2460000.5, "fid": 2, "magpsf": 26.4, "sigmapsf": 0.1}
    assert history_of_packet({"objectId": "ZTF20a", "candidate": candidate})["band"].tolist() == ["r"]
    assert history_of_packet({"objectId": "WNTR20a", "candidate": candidate})["band"].tolist() == ["2"]


def test_a_malformed_history_is_read_as_far_as_possible():
    candidate = {"candid": 1, "jd": 2460000.5, "magpsf": 26.4, "sigmapsf": 0.1}
    before = {**candidate, "candid": 2, "jd": 2459999.5}
    assert len(history_of_packet({"candidate": candidate, "prv_candidates": before})) == 2
    assert len(history_of_packet({"candidate": candidate, "prv_candidates": ["x", 5, None]})) == 1
    assert len(history_of_packet({"candidate": candidate, "prv_candidates": "text", "fp_hists": 3})) == 1


@pytest.mark.parametrize(
    "packet", [{}, {"candidate": None}, {"diaSource": None}, {"candid": 1, "prv_candidates": None}]
)
def test_a_packet_without_history_gives_an_empty_one(packet: dict):
    assert list(history_of_packet(packet).columns) == COLUMNS
    assert len(history_of_packet(packet)) == 0


@pytest.mark.parametrize("folder", ["lsstcam_real", "hsc_precursor_real", "ztf", "other_surveys"])
def test_every_real_packet_has_a_valid_history(shared: Path, folder: str):
    fastavro = pytest.importorskip("fastavro", reason="reading alert packets needs fastavro")
    for path in sorted((shared / "data" / folder).glob("*.avro")):
        with path.open("rb") as file:
            try:
                packet = next(fastavro.reader(file))
            except fastavro.schema.SchemaParseException:
                continue  # fastavro refuses WINTER's defaults; AlertImages reads those
        frame = history_of_packet(packet)
        assert list(frame.columns)[: len(COLUMNS)] == COLUMNS
        assert (np.diff(frame["time"]) >= 0).all()
        assert frame["time"].between(50000, 70000).all()
        assert set(frame["kind"]) <= {"detection", "forced", "limit"}
        if "diaSource" in packet:
            assert packet["diaSourceId"] in frame["id"].tolist()


def test_rows_of_ztf_have_bands_in_a_light_curve_of_a_table():
    rows = [{"jd": 2460000.5, "fid": fid, "rcid": 3, "band": band} for fid, band in [(1, ""), (2.0, None)]]
    assert [point["band"] for point in lsst_points(rows, "detection")] == ["g", "r"]
