"""Databases opened so that they cannot be written, and their types in Arrow."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cutout_widgets.errors import BadTable, MissingDependency

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["arrow_type", "as_stored", "read_only_engine", "reason", "shown", "sqlalchemy_module"]

_DRIVERS = ("psycopg2", "psycopg", "pg8000")
"""PostgreSQL drivers in the order in which they are tried."""


def sqlalchemy_module() -> Any:
    """Import SQLAlchemy, or say what to install."""
    try:
        import sqlalchemy
    except ImportError as err:
        raise MissingDependency("sqlalchemy", "apdb", "reading an APDB") from err
    return sqlalchemy


def read_only_engine(address: str) -> sa.Engine:
    """Return an engine that keeps no connection open and cannot write."""
    scheme = address.partition(":")[0].partition("+")[0].lower()
    if scheme == "cassandra" or address.lower().endswith((".yaml", ".yml")) or scheme == "label":
        raise BadTable(
            f"{shown(address)}: only APDBs in SQLite and PostgreSQL are read directly; for one in Cassandra, "
            "query its copy in SQL (the PPDB, or the TAP service), or give SourceTable.read the DataFrame "
            "that lsst.dax.apdb's Apdb.from_uri(...).getDiaSources(region, object_ids, visit_time) returns"
        )
    if scheme in ("postgresql", "postgres"):
        return _server(address)
    if scheme != "sqlite" and "://" in address:
        raise BadTable(f"an APDB is in SQLite or PostgreSQL; got a URL of {scheme!r}")
    path = address.partition("://")[2].removeprefix("/") if scheme == "sqlite" else address
    return _file(Path(path.removeprefix("file:").partition("?")[0]))


def _server(address: str) -> sa.Engine:
    """Return an engine for PostgreSQL; who uses it sets its transactions read only."""
    alchemy = sqlalchemy_module()
    scheme = address.partition(":")[0]
    url = alchemy.make_url("postgresql" + address.removeprefix(scheme))
    driver = scheme.partition("+")[2] or _driver()
    engine: sa.Engine = alchemy.create_engine(
        url.set(drivername=f"postgresql+{driver}"), poolclass=alchemy.pool.NullPool
    )
    return engine


def _file(file: Path) -> sa.Engine:
    """Return an engine for a SQLite file, opened read only."""
    alchemy = sqlalchemy_module()
    if not file.is_file():
        raise BadTable(f"no such APDB: {file} (an absolute path has four slashes: sqlite:////data/apdb.db)")
    place = "file:///" + quote(file.absolute().as_posix().lstrip("/")) + "?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(place, uri=True, check_same_thread=False)

    engine: sa.Engine = alchemy.create_engine("sqlite://", creator=connect, poolclass=alchemy.pool.NullPool)
    return engine


def _driver() -> str:
    """Return the first PostgreSQL driver that is installed."""
    from importlib.util import find_spec

    for name in _DRIVERS:
        if find_spec(name) is not None:
            return name
    raise MissingDependency("pg8000", "apdb", "reading an APDB in PostgreSQL")


def shown(address: str) -> str:
    """Return an address for people: no password, and only the name of a file."""
    scheme, found, rest = address.partition("://")
    if not found or scheme.startswith("sqlite"):
        return "APDB " + (Path(rest.partition("?")[0] if found else address).name or address)
    account, found, place = rest.rpartition("@")
    user = account.partition(":")[0]
    return f"APDB {scheme}://{user + '@' if found else ''}{place.partition('?')[0]}"


def reason(err: Exception) -> str:
    """Return what the driver said, in one line, without the statement."""
    return " ".join(str(getattr(err, "orig", None) or err).split())[:300]


def as_stored(column: sa.Column[Any]) -> Any:
    """Return a column for a select: decimals as floats, times and types unknown to us as text."""
    import pyarrow as pa

    alchemy = sqlalchemy_module()
    kind = arrow_type(column)
    if kind == pa.string() and not isinstance(column.type, alchemy.String):
        return alchemy.cast(column, alchemy.String).label(column.name)
    if kind == pa.float64() and not isinstance(column.type, alchemy.Float):
        return alchemy.type_coerce(column, alchemy.Float).label(column.name)
    return column


def arrow_type(column: sa.Column[Any]) -> Any:
    """Return the Arrow type of what `as_stored` selects."""
    import pyarrow as pa

    alchemy = sqlalchemy_module()
    if isinstance(column.type, alchemy.Boolean):
        return pa.bool_()
    if isinstance(column.type, alchemy.Integer):
        return pa.int64()
    return pa.float64() if isinstance(column.type, (alchemy.Numeric, alchemy.Float)) else pa.string()
