"""Queries of an APDB with the names of the original."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.catalog.databases.conftest import (  # the last is a fixture
    IDS,
    OBJECT,
    driven,
    fill_by_hand,
    postgres,  # noqa: F401
)
from tests.catalog.databases.test_other_tables import LARGE, add_objects

from cutout_widgets.compat.analysis_ap import plotImageSubtractionCutouts
from cutout_widgets.compat.analysis_ap.apdb import ApdbPostgresQuery, ApdbSqliteQuery, DbQuery

pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")


@pytest.fixture
def query(tmp_path: Path) -> DbQuery:
    url = f"sqlite:///{tmp_path / 'apdb.db'}"
    fill_by_hand(url, version="10.0.0")
    add_objects(url)
    return ApdbSqliteQuery(tmp_path / "apdb.db")


def test_sources_are_ordered_by_visit_detector_and_id(query: DbQuery):
    sources = query.load_sources()
    assert sources["diaSourceId"].tolist() == [IDS[2], IDS[3], IDS[0], IDS[1]]
    assert set(sources["instrument"]) == {"LSSTCam"}
    assert len(query.load_sources(limit=2)) == 2
    assert len(query.load_sources(limit=None)) == 4


def test_flagged_sources_can_be_excluded(query: DbQuery):
    assert query.diaSource_flags_exclude == ["pixelFlags_bad", "pixelFlags_edge"]
    assert query.load_sources(exclude_flagged=True)["diaSourceId"].tolist() == [IDS[2], IDS[0]]
    query.set_excluded_diaSource_flags(["isDipole"])
    assert query.load_sources(exclude_flagged=True)["diaSourceId"].tolist() == [IDS[2], IDS[0], IDS[1]]
    with pytest.raises(ValueError, match="flag not a real flag not included"):
        query.set_excluded_diaSource_flags(["not a real flag"])


def test_sources_of_an_object_are_loaded(query: DbQuery):
    assert query.load_sources_for_object(OBJECT)["diaSourceId"].tolist() == [IDS[2], IDS[0]]
    assert query.load_sources_for_object(OBJECT + 1, exclude_flagged=True).empty
    assert query.load_forced_sources_for_object(OBJECT)["diaForcedSourceId"].tolist() == [7]
    assert query.load_forced_sources_for_object(OBJECT, exclude_flagged=True)["instrument"][0] == "LSSTCam"


def test_a_single_row_keeps_its_integers(query: DbQuery):
    source = query.load_source(9007199254740993)
    assert isinstance(source, pd.Series)
    assert (source["diaSourceId"], source["visit"], source["band"]) == (9007199254740993, 982985, "g")
    assert query.load_object(LARGE)["diaObjectId"] == LARGE
    assert query.load_object(OBJECT)["ra"] == 2.5
    assert query.load_forced_source(7)["diaObjectId"] == OBJECT


@pytest.mark.parametrize(
    "ask, said",
    [
        ("load_source", "diaSource"),
        ("load_object", "diaObject"),
        ("load_forced_source", "diaForcedSource"),
    ],
)
def test_a_missing_row_raises_a_runtime_error(query: DbQuery, ask: str, said: str):
    with pytest.raises(RuntimeError, match=f"{said}Id=54321 not found"):
        getattr(query, ask)(54321)


def test_objects_and_forced_sources(query: DbQuery):
    assert query.load_objects()["diaObjectId"].tolist() == [OBJECT, LARGE]
    assert len(query.load_objects(latest=False, limit=2)) == 2
    assert query.load_forced_sources()["visit"].tolist() == [1]


def test_pages_and_counts(query: DbQuery):
    assert [len(page) for page in query.iter_sources(page_size=3)] == [3, 1]
    assert [len(page) for page in query.iter_sources(reliability_min=0.5)] == [2]
    assert query.count_sources() == 4
    assert plotImageSubtractionCutouts.len_sources(query) == 4
    pages = list(plotImageSubtractionCutouts.select_sources(query, 3, reliabilityMax=0.5))
    assert [page["diaSourceId"].tolist() for page in pages] == [[IDS[1], IDS[2]]]


def test_custom_queries_are_run(query: DbQuery):
    table = query._tables["DiaSource"]
    with query.connection as connection:
        rows = pd.read_sql_query(table.select().where(table.columns["band"] == "r"), connection)
    assert sorted(rows["diaSourceId"]) == IDS[2:]


def test_older_calls_with_butler_and_instrument_are_accepted(tmp_path: Path):
    fill_by_hand(f"sqlite:///{tmp_path / 'apdb.db'}", version="1.0.0")
    query = ApdbSqliteQuery(str(tmp_path / "apdb.db"), butler=object(), instrument="DECam")
    assert set(query.load_sources()["instrument"]) == {"DECam"}


def test_a_namespace_selects_the_schema_of_a_server(request: pytest.FixtureRequest):
    url = request.getfixturevalue("postgres")
    fill_by_hand(driven(url), version="10.0.0", schema="drop-in")
    query = ApdbPostgresQuery("drop-in", url.removeprefix("postgresql://"))
    assert query.load_sources()["diaSourceId"].tolist() == [IDS[2], IDS[3], IDS[0], IDS[1]]
