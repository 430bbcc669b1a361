from __future__ import annotations

import pytest

from cutout_widgets.demo.association import Associator, DiaObject, Known

ARCSEC = 1 / 3600


def source(number: int, ra: float, dec: float = 0.0, mjd: float = 1.0, **more: object) -> dict:
    row = {
        "diaSourceId": number, "ra": ra, "dec": dec, "raErr": 1e-6, "midpointMjdTai": mjd,
        "timeProcessedMjdTai": mjd, "band": "r", "psfFlux": 100.0, "psfFluxErr": 10.0,
        "diaObjectId": None, "ssObjectId": None,
    }  # fmt: skip
    return row | more


def test_a_source_within_an_arcsec_is_the_same_object():
    associator = Associator([])
    first, near, far = source(1, 10.0), source(2, 10.0 + 0.5 * ARCSEC), source(3, 10.0 + 2 * ARCSEC)
    associator.take([first])
    associator.take([near, far])
    assert [row["diaObjectId"] for row in (first, near, far)] == [1, 1, 3]


def test_two_sources_of_one_image_are_always_two_objects():
    associator = Associator([])
    rows = [source(1, 10.0), source(2, 10.0 + 0.5 * ARCSEC)]
    associator.take(rows)
    assert [row["diaObjectId"] for row in rows] == [1, 2]


def test_a_known_asteroid_is_not_an_object_and_only_matches_at_its_time():
    associator = Associator([Known(77, 10.0, 0.0, mjd=1.0)])
    here, later = source(1, 10.0, mjd=1.0), source(2, 10.0, mjd=2.0)
    associator.take([here])
    associator.take([later])
    assert (here["ssObjectId"], here["diaObjectId"]) == (77, None)
    assert (later["ssObjectId"], later["diaObjectId"]) == (None, 2)


def test_an_object_row_summarises_its_sources():
    item = DiaObject(
        1,
        [
            source(1, 10.0, mjd=1.0, psfFlux=100.0, psfFluxErr=10.0),
            source(2, 10.0, mjd=3.0, psfFlux=200.0, psfFluxErr=20.0),
            source(3, 10.0, mjd=4.0, band="g", psfFlux=None, psfFluxErr=None),
        ],
    )
    row = item.row()
    assert row["nDiaSources"] == 3
    assert (row["r_psfFluxNdata"], row["g_psfFluxNdata"], row["u_psfFluxNdata"]) == (2, 0, 0)
    assert row["r_psfFluxMean"] == pytest.approx((100 / 100 + 200 / 400) / (1 / 100 + 1 / 400))
    assert row["r_psfFluxMaxSlope"] == pytest.approx(50)
    assert (row["r_psfFluxMin"], row["r_psfFluxMax"]) == (100, 200)
    assert row["g_psfFluxMean"] is None
    assert (row["firstDiaSourceMjdTai"], row["lastDiaSourceMjdTai"]) == (1.0, 4.0)
