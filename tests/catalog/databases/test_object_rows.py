"""The rows of one object: DiaObjects and solar system objects."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from cutout_widgets.catalog.databases.apdb import Apdb
from cutout_widgets.catalog.source import DiaSource

pytest.importorskip("sqlalchemy")

FIRST, OBJECT, MOVING = 2**63 - 10, 2**60 + 1, 2**61 + 3


@pytest.fixture
def apdb(tmp_path):
    """Three epochs of an object, two of a moving object, and a source of neither."""
    rows = [
        (FIRST, OBJECT, None, 61003.0),
        (FIRST + 1, OBJECT, None, 61001.0),
        (FIRST + 2, OBJECT, 0, 61002.0),
        (FIRST + 3, None, MOVING, 61002.0),
        (FIRST + 4, 0, MOVING, 61001.0),
        (FIRST + 5, None, None, 61001.0),
    ]
    columns = (
        "diaSourceId BIGINT, diaObjectId BIGINT, ssObjectId BIGINT, midpointMjdTai DOUBLE, ra DOUBLE, "
        "dec DOUBLE, psfFlux DOUBLE, psfFluxErr DOUBLE, band TEXT"
    )
    path = tmp_path / "apdb.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE DiaSource ({columns})")
        for row in rows:
            connection.execute(
                "INSERT INTO DiaSource VALUES (?, ?, ?, ?, 53.0, -28.0, 100.0, 10.0, 'r')", row
            )
    return Apdb(f"sqlite:///{path}")


def a_source(id, **row):
    return DiaSource(id, 53.0, -28.0, row={"diaSourceId": id, **row})


def test_epochs_of_an_object_are_in_time_order(apdb):
    found = apdb.epochs(a_source(FIRST, diaObjectId=OBJECT, ssObjectId=0))
    assert found.ids.tolist() == [FIRST + 1, FIRST + 2, FIRST]


@pytest.mark.parametrize("unset", [None, 0, float("nan")])
def test_epochs_of_a_moving_object_are_selected_by_its_ssobjectid(apdb, unset):
    source = a_source(FIRST + 3, diaObjectId=unset, ssObjectId=MOVING)
    assert apdb.epochs(source).ids.tolist() == [FIRST + 4, FIRST + 3]
    assert apdb.history(source)["id"].tolist() == [FIRST + 4, FIRST + 3]


def test_a_source_without_object_has_no_epochs_and_only_itself_as_history(apdb):
    source = a_source(FIRST + 5, diaObjectId=0, ssObjectId=None, midpointMjdTai=61001.0)
    assert len(apdb.epochs(source)) == 0
    assert apdb.history(source)["id"].tolist() == [FIRST + 5]
