"""Several APDBs in one PostgreSQL database, each in its own schema, with names that need quoting."""

from __future__ import annotations

import pickle

import pytest

from cutout_widgets import BadTable, SourceTable, read_apdb
from cutout_widgets.catalog.databases.apdb import Apdb, Selection
from cutout_widgets.catalog.databases.database import read_only_engine, reflected

from .conftest import IDS, OBJECT, SOURCES, driven, fill_by_hand

pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")

ODD = 'Odd "Schema"; DROP TABLE "DiaSource" --%s %% #\'é'
"""Capitals, quotes of both kinds, a statement, marks of parameters, a hash, and a letter beyond ASCII."""

SCHEMAS = {"night": [SOURCES[0]], "Night": [SOURCES[1]], ODD: [SOURCES[2]], "100%": [SOURCES[3]]}
"""Schema -> its rows: another one in each."""


@pytest.fixture(scope="module")
def server(postgres: str) -> str:
    for schema, sources in SCHEMAS.items():
        fill_by_hand(driven(postgres), version="10.0.0", schema=schema, sources=sources)
    return postgres


@pytest.mark.parametrize("schema", SCHEMAS)
def test_rows_come_from_the_schema_that_is_named(server: str, schema: str):
    expected = [row["diaSourceId"] for row in SCHEMAS[schema]]
    assert read_apdb(server, namespace=schema).ids.tolist() == expected
    assert SourceTable.read(server, namespace=schema).ids.tolist() == expected
    assert read_apdb(f"{server}#{schema}").ids.tolist() == expected


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_query_stays_in_its_schema(server: str, schema: str):
    database = pickle.loads(pickle.dumps(Apdb(server, namespace=schema)))
    (source,) = SCHEMAS[schema]
    assert database.count() == 1
    assert database.count(Selection(visit=source["visit"])) == 1
    assert [page.ids.tolist() for page in database.pages(size=1)] == [[source["diaSourceId"]]]
    found = database.history(OBJECT)["id"].tolist()
    assert found == [7, *([source["diaSourceId"]] if source["diaObjectId"] == OBJECT else [])]


def test_a_namespace_wins_over_the_schema_of_the_url(server: str):
    assert read_apdb(f"{server}#night", namespace="Night").ids.tolist() == [SOURCES[1]["diaSourceId"]]


@pytest.mark.parametrize(
    "schema",
    ["NIGHT", "night, Night", 'night"; DROP TABLE "night"."DiaSource"; --', "night'", "%", "nigh_", "'"],
)
def test_a_missing_schema_is_reported_and_nothing_is_changed(server: str, schema: str):
    for call in (lambda: read_apdb(server, namespace=schema), lambda: read_apdb(f"{server}#{schema}")):
        with pytest.raises(BadTable, match="has no table DiaSource in schema") as caught:
            call()
        assert repr(schema) in str(caught.value)
    assert sorted(one for name in SCHEMAS for one in read_apdb(server, namespace=name).ids) == IDS


def test_values_are_bound_parameters_not_sql_text(server: str):
    for band in ('r\'; DROP TABLE night."DiaSource"; --', "' OR '1'='1", "%s", "r"):
        found = read_apdb(server, namespace="night", band=band)
        assert len(found) == (band == "r")


def test_without_a_schema_the_error_says_how_to_name_one(server: str):
    with pytest.raises(BadTable, match=r"has no table DiaSource; it has .*postgresql://\.\.\.#schema"):
        read_apdb(server)


def test_a_database_is_inspected_on_one_connection(server: str):
    from sqlalchemy import event

    engine = read_only_engine(server)
    opened = []
    event.listen(engine, "connect", lambda connection, _: opened.append(connection))
    assert set(reflected(engine, "night", "it")) == {"DiaSource", "DiaForcedSource", "metadata"}
    assert len(opened) == 1


def changed(server: str, *statements: str) -> None:
    """Run statements on the server; percent signs are not parameters."""
    import sqlalchemy as sa

    engine = sa.create_engine(driven(server))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize("kind", ["view", "materialized view"])
def test_a_view_can_replace_the_table(server: str, kind: str):
    schema = f"some {kind}"
    changed(
        server,
        f'CREATE SCHEMA "{schema}"',
        f'CREATE {kind} "{schema}"."DiaSource" AS SELECT * FROM "Night"."DiaSource"',
    )
    expected = [row["diaSourceId"] for row in SCHEMAS["Night"]]
    assert read_apdb(server, namespace=schema).ids.tolist() == expected


def test_unreadable_metadata_only_leave_the_instrument_unknown(server: str):
    fill_by_hand(driven(server), version="10.0.0", schema="closed", sources=SOURCES)
    changed(
        server,
        "CREATE ROLE guest LOGIN",
        "GRANT USAGE ON SCHEMA closed TO guest",
        'GRANT SELECT ON closed."DiaSource" TO guest',
    )
    guest = server.replace("//reader@", "//guest@")
    assert Apdb(server, namespace="closed").instrument == "LSSTCam"
    database = Apdb(guest, namespace="closed")
    assert database.instrument is None
    assert database.table().ids.tolist() == IDS
