from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

TABLES = ("DiaObject", "DiaSource", "DiaForcedSource")


def query(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


@pytest.fixture(scope="session")
def apdb(sky_on_disk) -> Path:
    return sky_on_disk.folder / "apdb.db"


def test_the_database_has_the_rows_of_the_parquet_table_exactly(sky_on_disk, apdb):
    table = pq.read_table(sky_on_disk.table)
    names = ", ".join(f'"{name}"' for name in table.column_names)
    rows = query(apdb, f"SELECT {names} FROM DiaSource ORDER BY rowid")
    ids = table["diaSourceId"].to_pylist()
    assert [row[0] for row in rows] == ids
    objects = table["diaObjectId"].to_pylist()
    assert [row[table.column_names.index("diaObjectId")] for row in rows] == objects
    assert None in objects  # the known asteroids
    for place, name in enumerate(table.column_names):
        assert [row[place] for row in rows] == table[name].to_pylist(), (
            f"{name}: not the same to the last digit"
        )


def test_metadata_contain_instrument_and_version(apdb):
    metadata = dict(query(apdb, "SELECT name, value FROM metadata"))
    assert metadata["instrument"] == "DemoCam"
    assert metadata["version:schema"] == "10.0.0"


def test_objects_have_the_number_of_their_sources(apdb):
    counted = dict(
        query(apdb, "SELECT diaObjectId, count(*) FROM DiaSource WHERE diaObjectId NOT NULL GROUP BY 1")
    )
    told = dict(query(apdb, "SELECT diaObjectId, nDiaSources FROM DiaObject"))
    assert told == counted
    in_bands = query(
        apdb, "SELECT nDiaSources, g_psfFluxNdata + r_psfFluxNdata + i_psfFluxNdata FROM DiaObject"
    )
    assert all(bands <= total for total, bands in in_bands)


def test_forced_fluxes_agree_with_detections(apdb):
    rows = query(
        apdb,
        "SELECT s.psfFlux, f.psfFlux, f.psfFluxErr FROM DiaSource s JOIN DiaForcedSource f"
        " USING (diaObjectId, visit, detector) WHERE s.reliability > 0.9 AND f.psfFlux NOT NULL",
    )
    detected, forced, error = np.array(rows).T
    assert len(rows) > 200
    assert np.median(np.abs(detected - forced) / error) < 1


def test_forced_photometry_reaches_below_the_detection_limit(apdb):
    (faint,) = query(
        apdb, "SELECT count(*) FROM DiaForcedSource WHERE abs(psfFlux) < 3 * psfFluxErr AND psfFluxErr > 0"
    )[0]
    assert faint > 100


def test_forced_source_ids_are_unique(apdb):
    forced = [row[0] for row in query(apdb, "SELECT diaForcedSourceId FROM DiaForcedSource")]
    sources = [row[0] for row in query(apdb, "SELECT diaSourceId FROM DiaSource")]
    assert len({*forced, *sources}) == len(forced) + len(sources)


def test_tables_and_indexes_agree_with_dax_apdb(apdb, tmp_path):
    sql = pytest.importorskip(
        "lsst.dax.apdb.sql", reason="needs lsst-dax-apdb, a GPL package, for comparison only"
    )
    reference = tmp_path / "reference.db"
    sql.ApdbSql.init_database(f"sqlite:///{reference}")

    def columns(path: Path, table: str) -> list[tuple]:
        return [
            (name, kind, null, key)
            for _, name, kind, null, _, key in query(path, f"PRAGMA table_info({table})")
        ]

    for table in TABLES:
        assert columns(apdb, table) == columns(reference, table)
        indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = '{}' ORDER BY 1"
        assert query(apdb, indexes.format(table)) == query(reference, indexes.format(table))
    theirs = dict(query(reference, "SELECT name, value FROM metadata"))
    ours = dict(query(apdb, "SELECT name, value FROM metadata"))
    assert theirs["version:schema"] == ours["version:schema"]


def test_dax_apdb_itself_opens_it_and_finds_a_region(sky_on_disk, apdb):
    dax = pytest.importorskip(
        "lsst.dax.apdb", reason="needs lsst-dax-apdb, a GPL package, for comparison only"
    )
    from astropy.time import Time
    from lsst.dax.apdb.sql import ApdbSqlConfig
    from lsst.sphgeom import Angle, Circle, LonLat, UnitVector3d

    database = dax.Apdb.from_config(ApdbSqlConfig(db_url=f"sqlite:///{apdb}"))
    region = Circle(UnitVector3d(LonLat.fromDegrees(150.1, 2.18)), Angle.fromDegrees(0.02))
    found = database.getDiaSources(region, None, Time(61200, format="mjd", scale="tai"))
    table = sky_on_disk.sources().to_pandas()
    near = np.hypot((table["ra"] - 150.1) * np.cos(np.radians(2.18)), table["dec"] - 2.18)
    expected = set(table.loc[near < 0.02, "diaSourceId"].tolist())
    # The database answers by triangles, so with a margin.
    assert expected <= set(found["diaSourceId"].tolist())
    assert len(found) < len(table)


def test_our_reader_opens_it_and_finds_the_light_curve(sky_on_disk):
    pytest.importorskip("sqlalchemy")
    from cutout_widgets.catalog.databases.apdb import Apdb
    from cutout_widgets.catalog.table import SourceTable

    table = SourceTable.read(sky_on_disk.apdb)
    assert table.ids.tolist() == sky_on_disk.sources().ids.tolist()
    source = next(row for row in table if row.row["diaObjectId"] is not None and row.row["reliability"] > 0.9)
    assert source.key("instrument") == "DemoCam"
    history = Apdb(sky_on_disk.apdb).history(source)
    assert {"detection", "forced"} <= set(history["kind"])
    assert source.id in history["id"].tolist()
