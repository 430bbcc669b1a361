"""Rows and light curves from a TAP service through pyvo, including server faults."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable, CutoutWarning

pyvo = pytest.importorskip("pyvo", reason="needs the extra 'vo'")

from tests.catalog.services.server import TapServer  # noqa: E402  astropy's VOTable only if it is needed

TOKEN = "gt-abcdefghijkl.mnopqrstuv"


@pytest.fixture
def server(sky_on_disk, monkeypatch):
    monkeypatch.delenv("ACCESS_TOKEN", raising=False)
    monkeypatch.delenv("EXTERNAL_INSTANCE_URL", raising=False)
    with TapServer(sky_on_disk.folder / "apdb.db") as one:
        yield one


@pytest.fixture
def apdb(sky_on_disk):
    return cw.Apdb(str(sky_on_disk.folder / "apdb.db"))


@pytest.mark.parametrize("form", ["binary2", "tabledata"])
def test_rows_are_those_of_the_database(server, apdb, form):
    server.form = form
    rows, own = cw.read_tap(server.url, where="snr > 20"), apdb.table().where("snr > 20")
    assert sorted(rows.ids.tolist()) == sorted(own.ids.tolist())
    one = rows[0]
    same = own.row(one.id)
    assert (one.visit, one.detector, one.band, one.ra) == (same.visit, same.detector, same.band, same.ra)
    assert dict(one.flags) == dict(same.flags)


def test_null_identifiers_stay_null_and_long_ones_exact(server, apdb):
    rows = cw.SourceTable.read(
        f"tap:{server.url}?query=SELECT *, NULL AS parentDiaSourceId FROM demo.DiaSource"
    )
    own = apdb.table()
    assert (
        rows.to_arrow()["ssObjectId"].to_pylist()
        == own.take([own.place_of(one) for one in rows.ids]).to_arrow()["ssObjectId"].to_pylist()
    )
    assert str(rows.to_arrow().schema.field("diaSourceId").type) == "int64"


def test_units_of_the_service_are_kept(server):
    rows = cw.read_tap(server.url, limit=3)
    assert rows.units["psfFlux"] == "nJy"
    assert rows.units["ra"] == "deg"


def test_a_circle_and_a_condition_become_one_query(server, apdb):
    place = apdb.table()[0]
    rows = cw.read_tap(server.url, where="snr > 5 OR snr <= 5", position=(place.ra, place.dec), radius=1.0)
    (query,) = server.queries()
    assert "WHERE (snr > 5 OR snr <= 5) AND CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS'," in query
    assert place.id in rows
    cosine = np.cos(np.radians(place.dec))
    apart = np.hypot((rows["ra"] - place.ra) * cosine, rows["dec"] - place.dec) * 3600
    assert apart.max() <= 1.001


def test_a_position_and_a_radius_may_have_units(server, apdb):
    import astropy.units as u
    from astropy.coordinates import SkyCoord

    place = apdb.table()[0]
    there = SkyCoord(place.ra, place.dec, unit="deg").galactic
    rows = cw.read_tap(server.url, position=there, radius=0.01 * u.arcmin)
    assert place.id in rows


@pytest.mark.parametrize(
    "position, radius, said",
    [
        ((1.0, 95.0), 1, "position is a place on the sky"),
        ("M31", 1, "position is one SkyCoord"),
        ((1.0, 2.0), 0, "radius is an angle between 0 and 180 degrees"),
        ((1.0, 2.0), "wide", "radius is an angle"),
        ((1.0, 2.0), None, "give both or neither"),
    ],
)
def test_an_invalid_circle_is_refused(server, position, radius, said):
    with pytest.raises(BadOption, match=said):
        cw.read_tap(server.url, position=position, radius=radius)


def test_selected_columns_include_identifier_and_position(server):
    rows = cw.read_tap(server.url, columns="snr", limit=2)
    assert set(rows.columns) == {"diaSourceId", "ra", "dec", "snr"}


def test_an_unknown_column_is_refused_with_the_nearest_name(server):
    with pytest.raises(BadTable, match="no column 'relability'; did you mean 'reliability'"):
        cw.read_tap(server.url, columns="relability")


def test_objects_and_forced_sources_are_read_with_their_own_column_names(server, apdb):
    objects = cw.read_tap(server.url, "demo.DiaObject")
    assert objects.names["id"] == "diaObjectId"
    assert objects.names["ra"] == "ra"
    forced = cw.read_tap(server.url, "demo.ForcedSourceOnDiaObject", limit=5)
    assert forced.ids.tolist() == [1, 2, 3, 4, 5]
    assert (forced.names["flux"], forced.names["science_flux"]) == ("psfDiffFlux", "psfFlux")
    first = apdb.forced().iloc[0]
    one = forced[0]
    assert one.visit is not None
    assert one.row["psfDiffFlux"] is not None
    assert first["psfFlux"] is not None


def test_the_flux_of_a_forced_source_without_difference_is_not_that_of_the_science_image():
    rows = {"id": [1], "ra": [0.0], "dec": [0.0], "psfDiffFlux": [np.nan], "psfFlux": [900.0]}
    table = cw.SourceTable(rows)
    assert np.isnan(table["flux"][0])
    assert table["science_flux"][0] == 900.0


def test_light_curves_are_those_of_the_database(server, apdb):
    object_id = int(apdb.forced(limit=1)["diaObjectId"][0])
    mine, own = cw.Tap(server.url).history(object_id), apdb.history(object_id)
    assert mine["kind"].tolist() == own["kind"].tolist()
    assert mine["flux"].tolist() == pytest.approx(own["flux"].tolist())
    assert np.allclose(mine["time"], own["time"], atol=1e-3)  # of a forced source: the time of its visit


def test_a_grid_can_take_light_curves_from_a_service(server):
    from cutout_widgets.stores import HasHistory

    tap = cw.Tap(server.url)
    assert isinstance(tap, HasHistory)
    rows = tap.table(limit=1)
    assert len(tap.history(rows[0])) >= 1


def test_the_light_curve_of_a_row_without_object_is_the_row_alone(server):
    row = cw.SourceTable(
        {
            "id": [1],
            "ra": [0.0],
            "dec": [0.0],
            "diaObjectId": [0],
            "midpointMjdTai": [60000.0],
            "psfFlux": [5.0],
        }
    )[0]
    assert cw.Tap(server.url).history(row)["flux"].tolist() == [5.0]


def test_rows_are_found_by_identifiers_alone(server, apdb):
    ids = apdb.table().ids[:3].tolist()
    rows = cw.Tap(server.url).of_ids([*ids, 2**63 - 1])
    assert sorted(rows.ids.tolist()) == sorted(ids)


def test_a_large_query_runs_as_a_job_that_is_deleted_afterwards(server, apdb):
    rows = cw.read_tap(server.url)
    assert len(rows) == len(apdb.table())
    assert [job["phase"] for job in server.jobs.values()] == ["DELETED"]


def test_a_service_without_async_is_queried_synchronously(server, apdb):
    server.has_jobs = False
    assert len(cw.read_tap(server.url)) == len(apdb.table())


def test_a_failed_job_says_why_and_is_deleted(server):
    tap = cw.Tap(server.url)
    with pytest.raises(BadTable, match="no such column: nonsense"):
        tap.query("SELECT nonsense FROM demo.DiaSource", mode="async")
    assert [job["phase"] for job in server.jobs.values()] == ["DELETED"]


def test_the_error_of_an_invalid_query_quotes_the_service(server):
    with pytest.raises(BadTable, match="no such column: reliabilty"):
        cw.read_tap(server.url, where="reliabilty > 0.5", limit=5)


def test_an_overflow_is_reported(server):
    server.most_rows = 7
    with pytest.warns(CutoutWarning, match="stopped after 7 rows .QUERY_STATUS OVERFLOW"):
        assert len(cw.read_tap(server.url)) == 7
    with pytest.warns(CutoutWarning, match="stopped after 7 rows"):
        cw.read_tap(server.url, limit=10)


def test_reaching_the_requested_limit_is_not_an_overflow(server):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(cw.SourceTable(f"tap:{server.url}?query=SELECT * FROM demo.DiaSource", limit=4)) == 4


@pytest.mark.parametrize("form", ["binary2", "tabledata"])
@pytest.mark.parametrize("fault", ["half", "cut"])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_truncated_answer_is_refused(server, form, fault, mode):
    server.form = form
    tap = cw.Tap(server.url)
    server.faults.extend([fault] if mode == "sync" else [*[None] * 6, fault])
    with pytest.raises(BadTable, match=r"127.0.0.1:\d+/api/tap (did not answer|could not be read)"):
        tap.query("SELECT * FROM demo.DiaSource", mode=mode)
    assert not server.faults
    assert server.asked[-1 if mode == "sync" else -2][0].endswith("sync" if mode == "sync" else "/result")


def test_a_login_page_in_place_of_a_table_is_reported_without_the_token(server):
    server.faults.append("page")
    said = "answered with a web page, not with a table; has the session ended"
    with pytest.raises(BadTable, match=said) as caught:
        cw.Tap(server.url, token=TOKEN).query("SELECT 1", mode="sync")
    assert TOKEN not in str(caught.value)


def test_a_busy_service_is_reported(server):
    server.faults.append("busy")
    with pytest.raises(BadTable, match=r"too many queries.*it asks to wait for 60 s") as caught:
        cw.Tap(server.url).query("SELECT 1", mode="sync")
    assert str(caught.value).count("too many queries") == 1


def test_a_rejected_token_is_reported_but_not_shown(server, monkeypatch):
    server.token = TOKEN
    monkeypatch.setenv("ACCESS_TOKEN", "gt-wrongwrongwrong.wrongwrong")
    with pytest.raises(BadTable, match=r"401.*is the token valid") as caught:
        cw.read_tap(server.url)
    assert "wrongwrong" not in str(caught.value)


def test_the_token_in_the_environment_is_used(server, monkeypatch):
    server.token = TOKEN
    monkeypatch.setenv("ACCESS_TOKEN", TOKEN)
    assert len(cw.read_tap(server.url)) > 0
    assert {secret for _, _, secret in server.asked} == {f"Bearer {TOKEN}"}


def test_the_token_of_a_platform_is_not_sent_to_other_services(server, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("EXTERNAL_INSTANCE_URL", "https://data.example.org")
    assert len(cw.read_tap(server.url, limit=1)) == 1
    assert {secret for _, _, secret in server.asked} == {None}


@pytest.mark.parametrize("how", ["elsewhere", "results_elsewhere"])
def test_the_token_is_not_sent_to_the_host_of_a_redirect(server, sky_on_disk, how):
    with TapServer(sky_on_disk.folder / "apdb.db") as other:
        tap = cw.Tap(server.url, token=TOKEN)
        tap.columns_of("demo.DiaSource")
        setattr(server, how, other.origin)
        other.jobs = server.jobs
        assert (
            len(tap.query("SELECT * FROM demo.DiaSource", mode="sync" if how == "elsewhere" else "async")) > 0
        )
        assert other.asked
        assert {secret for _, _, secret in other.asked} == {None}
    assert {secret for _, _, secret in server.asked} == {f"Bearer {TOKEN}"}


def test_a_token_is_not_sent_unencrypted():
    with pytest.raises(BadOption, match="would travel unencrypted"):
        cw.Tap("http://tap.example.org/tap", token=TOKEN)


def test_an_unreachable_service_is_reported(server):
    gone = server.url.replace(str(server._server.server_port), "1")
    with pytest.raises(BadTable, match=r"(?m):1/api/tap could not be reached .ConnectionError.$"):
        cw.read_tap(gone)


def test_a_service_with_several_releases_requires_a_choice(server):
    tap = cw.Tap(server.url)
    tap.__dict__["tables"] = ("dp1.DiaSource", "dp2.DiaSource")
    with pytest.raises(
        BadTable, match=r"has 2 tables called DiaSource; choose one.*: dp1.DiaSource, dp2.DiaSource"
    ):
        tap.table()


def test_an_address_contains_a_query_or_a_table(server):
    text = "SELECT * FROM demo.DiaSource WHERE band = 'r' AND snr > 5 + 1"
    plain = cw.SourceTable.read(f"tap:{server.url}?query={text}")
    from urllib.parse import quote_plus

    escaped = cw.SourceTable.read(f"tap:{server.url}?query={quote_plus(text)}")
    named = cw.SourceTable.read(
        f"tap:{server.url}?table=demo.DiaSource&where=band='r' AND snr > 6&columns=snr,band"
    )
    assert plain.ids.tolist() == escaped.ids.tolist() == named.ids.tolist()
    assert set(plain["band"]) == {"r"}


def test_an_unknown_option_of_an_address_is_refused(server):
    with pytest.raises(cw.UnknownOption, match=r"'tabel'.*did you mean 'table'"):
        cw.SourceTable.read(f"tap:{server.url}?tabel=demo.DiaSource")


def test_results_and_services_of_pyvo_are_accepted(server, apdb):
    service = pyvo.dal.TAPService(server.url)
    assert len(cw.SourceTable(service.run_sync("SELECT TOP 3 * FROM demo.DiaSource"))) == 3
    assert len(cw.read_tap(service, limit=2)) == 2
    job = service.submit_job("SELECT TOP 5 * FROM demo.DiaSource")
    job.run().wait()
    assert len(cw.SourceTable(job)) == 5


def test_an_empty_answer_is_an_empty_table(server):
    assert len(cw.read_tap(server.url, where="snr < -1", limit=5)) == 0


def test_a_tap_pickles_without_its_token(server):
    tap = cw.Tap(server.url, token=TOKEN)
    assert TOKEN.encode() not in pickle.dumps(tap)
    assert pickle.loads(pickle.dumps(tap)).tables == tap.tables
    assert TOKEN not in repr(tap)
