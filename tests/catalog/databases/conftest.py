"""Databases for tests: written by hand with two schema versions, by the LSST stack, in PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

OBJECT = 506428274000265217
IDS = [-5, 9007199254740993, 506428274000265570, 506428274000265571]

_COLUMNS = (
    "diaSourceId", "visit", "detector", "diaObjectId", "ra", "dec", "band", "midpointMjdTai", "psfFlux",
    "psfFluxErr", "snr", "reliability", "pixelFlags_bad", "pixelFlags_edge", "isDipole",
)  # fmt: skip

_ROWS: list[tuple[Any, ...]] = [
    (
        506428274000265570,
        943296,
        168,
        OBJECT,
        10.5,
        -45.25,
        "r",
        60000.0,
        100.5,
        2.5,
        40.0,
        0.125,
        False,
        None,
        None,
    ),
    (
        506428274000265571,
        943296,
        168,
        None,
        11.5,
        -45.5,
        "r",
        60001.0,
        None,
        None,
        5.0,
        None,
        True,
        False,
        True,
    ),
    (-5, 982985, 164, OBJECT, 12.5, -45.75, "i", 60002.0, -30.0, 2.0, -15.0, 0.875, None, None, False),
    (
        9007199254740993,
        982985,
        168,
        OBJECT + 1,
        13.5,
        -46.0,
        "g",
        60003.0,
        7.0,
        1.0,
        7.0,
        0.5,
        False,
        True,
        None,
    ),
]

SOURCES = [dict(zip(_COLUMNS, row, strict=True), x=1.5, y=2.5) for row in _ROWS]

FORCED: list[dict[str, Any]] = [
    {"diaForcedSourceId": 7, "diaObjectId": OBJECT, "visit": 1, "detector": 2, "ra": 10.5, "dec": -45.25,
     "midpointMjdTai": 59999.5, "band": "z", "psfFlux": 3.0, "psfFluxErr": 0.5},
]  # fmt: skip


def fill_by_hand(
    url: str, *, version: str, schema: str | None = None, sources: Sequence[dict[str, Any]] = SOURCES
) -> None:
    """Make the tables of an APDB with the column names and types of a version, and fill them."""
    sa = pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")
    metadata = sa.MetaData(schema=schema)
    real, flag = sa.Double(), sa.Boolean(create_constraint=False)
    # Upstream asked for FLOAT in 2024, which is double in PostgreSQL, and asks for REAL today.
    single = sa.Float() if version == "1.0.0" else sa.REAL()
    old = [sa.Column("time_processed", sa.TIMESTAMP), sa.Column("time_withdrawn", sa.TIMESTAMP)]
    new = [
        sa.Column("timeProcessedMjdTai", real),
        sa.Column("templateFlux", single),
        sa.Column("isNegative", flag),
    ]
    source = sa.Table(
        "DiaSource", metadata,
        sa.Column("diaSourceId", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("visit", sa.BigInteger), sa.Column("detector", sa.SmallInteger),
        sa.Column("diaObjectId", sa.BigInteger), sa.Column("ra", real), sa.Column("dec", real),
        sa.Column("x", single), sa.Column("y", single), sa.Column("band", sa.CHAR(1)),
        sa.Column("midpointMjdTai", real), sa.Column("psfFlux", single), sa.Column("psfFluxErr", single),
        sa.Column("snr", single), sa.Column("reliability", single), sa.Column("pixelFlags_bad", flag),
        sa.Column("pixelFlags_edge", flag), sa.Column("isDipole", flag),
        *(old if version == "1.0.0" else new),
    )  # fmt: skip
    forced = sa.Table(
        "DiaForcedSource", metadata,
        sa.Column("diaForcedSourceId", sa.BigInteger), sa.Column("diaObjectId", sa.BigInteger),
        sa.Column("visit", sa.BigInteger), sa.Column("detector", sa.SmallInteger), sa.Column("ra", real),
        sa.Column("dec", real), sa.Column("midpointMjdTai", real), sa.Column("band", sa.CHAR(1)),
        sa.Column("psfFlux", single), sa.Column("psfFluxErr", single),
    )  # fmt: skip
    notes = sa.Table("metadata", metadata, sa.Column("name", sa.String), sa.Column("value", sa.String))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if schema:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        metadata.drop_all(connection)
        metadata.create_all(connection)
        connection.execute(source.insert(), sources)
        connection.execute(forced.insert(), FORCED)
        connection.execute(
            notes.insert(),
            [{"name": "version:schema", "value": version}, {"name": "instrument", "value": "LSSTCam"}],
        )
    engine.dispose()


def fill_by_the_stack(folder: Path) -> str:
    """Create the database and store the rows with lsst-dax-apdb."""
    pytest.importorskip("lsst.dax.apdb", reason="a database as the LSST stack makes it needs lsst-dax-apdb")
    import pandas as pd
    from astropy.time import Time
    from lsst.dax.apdb import Apdb, ApdbTables
    from lsst.dax.apdb.sql import ApdbSql

    url = f"sqlite:///{folder / 'apdb.db'}"
    ApdbSql.init_database(url).save(folder / "apdb.yaml")
    apdb = Apdb.from_uri(folder / "apdb.yaml")

    def complete(rows: list[dict[str, Any]], table: Any) -> pd.DataFrame:
        needed = {one.name: 0 for one in apdb.tableDef(table).columns if not one.nullable}
        needed.pop("pixelId", None)  # `store` works that out
        whole = [{**needed, **row} for row in rows]
        ids = pd.array(
            [row["diaObjectId"] for row in whole], dtype="Int64"
        )  # pandas alone would make them float
        return pd.DataFrame(whole).assign(diaObjectId=ids)

    objects = [
        {"diaObjectId": one, "ra": 10.5, "dec": -45.25, "nDiaSources": 1} for one in (OBJECT, OBJECT + 1)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations of the LSST packages are theirs
        apdb.store(
            Time(60003.5, format="mjd", scale="tai"),
            complete(objects, ApdbTables.DiaObject),
            complete(SOURCES, ApdbTables.DiaSource),
            complete(FORCED, ApdbTables.DiaForcedSource),
        )
    apdb.metadata.set("instrument", "LSSTCam")
    return url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL server on loopback."""
    pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")
    if not any(_has(driver) for driver in ("psycopg2", "psycopg", "pg8000")):
        pytest.skip("no PostgreSQL driver: install pg8000")
    bins = _postgres_programs()
    if bins is None:
        pytest.skip("no PostgreSQL server: on Debian, apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="cutout-widgets-pg-"))
    account: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        account = {"user": next((one for one in ("postgres", "nobody") if _has_user(one)), None)}
        if account["user"] is None:
            pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
        shutil.chown(folder, account["user"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    quiet: dict[str, Any] = {
        "check": True,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.PIPE,
        "cwd": folder,
    }
    subprocess.run(
        [bins / "initdb", "-D", data, "-U", "reader", "--auth=trust", "--no-sync", "-E", "UTF8"],
        **quiet,
        **account,
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    start = [bins / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
    subprocess.run(start, **quiet, **account)
    try:
        yield f"postgresql://reader@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([bins / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet, **account)
        shutil.rmtree(folder, ignore_errors=True)


def driven(url: str) -> str:
    """Return a PostgreSQL URL with the driver that is installed, for SQLAlchemy."""
    driver = next(one for one in ("psycopg2", "psycopg", "pg8000") if _has(one))
    return url.replace("postgresql:", f"postgresql+{driver}:")


def _has(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _postgres_programs() -> Path | None:
    """Return the folder of initdb: on the path, or where Debian keeps it off the path."""
    debian = sorted(Path(os.sep, "usr", "lib", "postgresql").glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    return None if found is None else Path(found).resolve().parent
