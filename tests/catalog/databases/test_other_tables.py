"""Objects, forced sources, and rows of one table of an APDB."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.catalog.databases.conftest import FORCED, IDS, OBJECT, fill_by_hand

from cutout_widgets import Apdb
from cutout_widgets.errors import BadTable

sa = pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")

LARGE = 2**60 + 1


def add_objects(url: str) -> None:
    """Three versions of two objects; the second of the first object is valid now."""
    metadata, moment = sa.MetaData(), sa.TIMESTAMP
    columns = {
        "diaObjectId": sa.BigInteger,
        "validityStart": moment,
        "validityEnd": moment,
        "ra": sa.Double(),
        "nDiaSources": sa.Integer,
    }
    table = sa.Table("DiaObject", metadata, *(sa.Column(name, kind) for name, kind in columns.items()))
    first, second = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-01-02")
    rows = [(LARGE, first, None, 1.0, None), (OBJECT, first, second, 2.0, 1), (OBJECT, second, None, 2.5, 2)]
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(table.insert(), [dict(zip(columns, row, strict=True)) for row in rows])


@pytest.fixture
def database(tmp_path: Path) -> Apdb:
    url = f"sqlite:///{tmp_path / 'apdb.db'}"
    fill_by_hand(url, version="10.0.0")
    add_objects(url)
    return Apdb(url)


def test_only_currently_valid_objects_are_returned(database: Apdb):
    objects = database.objects()
    assert objects["diaObjectId"].tolist() == [OBJECT, LARGE]
    assert objects["ra"].tolist() == [2.5, 1.0]
    assert str(objects["nDiaSources"].dtype) == "Int64"


def test_all_versions_of_an_object_can_be_requested(database: Apdb):
    assert database.objects(latest=False)["diaObjectId"].tolist() == [OBJECT, OBJECT, LARGE]
    assert database.objects(id=LARGE)["ra"].tolist() == [1.0]
    assert database.objects(id=[LARGE, OBJECT], limit=1)["ra"].tolist() == [2.5]


def test_forced_sources_of_all_objects_and_of_one_object(database: Apdb):
    assert database.forced().to_dict("records") == FORCED
    assert database.forced(object=OBJECT)["diaForcedSourceId"].tolist() == [7]
    assert database.forced(object=OBJECT + 1).empty


def test_the_sources_of_an_object_are_a_table(database: Apdb):
    assert database.sources_of(OBJECT).ids.tolist() == [-5, 506428274000265570]
    assert len(database.sources_of([OBJECT, OBJECT + 1])) == 3


def test_rows_are_found_by_the_value_of_a_column(database: Apdb):
    rows = database.rows("DiaSource", where={"visit": 943296})
    assert rows["diaSourceId"].tolist() == IDS[2:]
    assert str(rows["diaObjectId"].dtype) == "Int64"


def test_a_table_missing_from_the_database_is_reported(database: Apdb, tmp_path: Path):
    with pytest.raises(BadTable, match="no column 'visits'; did you mean 'visit'"):
        database.rows("DiaSource", where={"visits": 1})
    with pytest.raises(BadTable, match="a table is one of DiaSource"):
        database.rows("DiaThing")
    fill_by_hand(f"sqlite:///{tmp_path / 'other.db'}", version="10.0.0")
    with pytest.raises(BadTable, match="no table DiaObject; it has DiaForcedSource, DiaSource, metadata"):
        Apdb(str(tmp_path / "other.db")).objects()


def test_a_user_connection_is_read_only(database: Apdb):
    with database.connection() as connection:
        assert connection.execute(sa.text('select count(*) from "DiaSource"')).scalar() == 4
    with pytest.raises(BadTable, match="readonly"), database.connection() as connection:
        connection.execute(sa.text('delete from "DiaSource"'))
