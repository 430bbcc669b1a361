"""Databases opened read-only, and their column types in Arrow."""

from __future__ import annotations

import getpass
import os
import sqlite3
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cutout_widgets.catalog.columns import names_of
from cutout_widgets.catalog.databases.server_address import ServerAddress, hidden
from cutout_widgets.errors import BadTable, MissingDependency

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = [
    "arrow_type",
    "as_stored",
    "is_single",
    "parted",
    "read_only_engine",
    "reason",
    "reflected",
    "shown",
    "sqlalchemy_module",
    "without_secrets",
]

_SINGLE_BITS = 24
"""SQL's FLOAT(p) is single precision up to this p."""

_DRIVERS = ("psycopg2", "psycopg", "pg8000")
"""PostgreSQL drivers in order of preference."""


def sqlalchemy_module() -> Any:
    """Return SQLAlchemy, or raise if it is not installed."""
    try:
        import sqlalchemy
    except ImportError as err:
        raise MissingDependency("sqlalchemy", "apdb", "reading an APDB") from err
    return sqlalchemy


def parted(url: str) -> tuple[str, str | None]:
    """Split a server's URL at ``#`` into URL and schema; in a SQLite path ``#`` is an ordinary character."""
    if _path_of(url) is not None or "://" not in url:
        return url, None
    address = ServerAddress.of(url)
    return address.url, address.schema


def read_only_engine(address: str) -> sa.Engine:
    """Return an engine that keeps no connections open and cannot write."""
    if not address.strip():
        raise BadTable("wanted the URL of an APDB, such as sqlite:///apdb.db; got no text")
    scheme = _scheme_of(address)
    if scheme == "cassandra" or address.lower().endswith((".yaml", ".yml")) or scheme == "label":
        raise BadTable(
            f"{shown(address)}: only APDBs in SQLite and PostgreSQL are read directly; for one in Cassandra, "
            "query its copy in SQL (the PPDB, or the TAP service), or give SourceTable.read the DataFrame "
            "that lsst.dax.apdb's Apdb.from_uri(...).getDiaSources(region, object_ids, visit_time) returns"
        )
    path = _path_of(address)
    if path is not None:
        return _file(path)
    if scheme not in ("postgresql", "postgres"):
        raise BadTable(f"an APDB is in SQLite or PostgreSQL; got a URL of {scheme!r}")
    return _server(address)


def _scheme_of(address: str) -> str:
    """Return the kind of database in a URL, without the driver."""
    return address.partition(":")[0].partition("+")[0].lower()


def _path_of(address: str) -> Path | None:
    """Return the path in a SQLite URL, or a path given as such; None for the URL of a server.

    All characters are literal, except a leading ``~`` for the home folder. Text after a question
    mark is ignored if a file exists only without it: it is an option for other readers, which is not
    needed for reading.
    """
    if _scheme_of(address) == "sqlite":
        text = address.partition(":")[2].removeprefix("//").removeprefix("/")
    elif "://" in address:
        return None
    else:
        text = address
    bare = _at_home(text.removeprefix("file:").partition("?")[0])
    whole = _at_home(text)
    return bare if _is_file(bare) and not _is_file(whole) else whole


def _at_home(text: str) -> Path:
    """Return a path with a leading ``~`` replaced by the home folder, if that user exists."""
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):
        return Path(text)


def _is_file(path: Path) -> bool:
    """Return whether a file exists; False for an impossible name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _server(address: str) -> sa.Engine:
    """Return an engine for PostgreSQL; transactions must be set to read-only by the caller."""
    alchemy = sqlalchemy_module()
    scheme = address.partition(":")[0]
    try:
        url = alchemy.make_url("postgresql" + address.removeprefix(scheme))
    except (alchemy.exc.ArgumentError, ValueError) as err:
        raise BadTable(
            f"{shown(address)} is not the address of a server, such as postgresql://user@host:port/database#schema"
        ) from err
    driver = scheme.partition("+")[2] or _driver()
    if driver == "pg8000" and url.username is None:  # other drivers use the login name by default
        url = url.set(username=_user_of(address))
    if driver == "pg8000" and url.password is None:
        url = url.set(password=os.environ.get("PGPASSWORD"))
    try:
        engine: sa.Engine = alchemy.create_engine(
            url.set(drivername=f"postgresql+{driver}"), poolclass=alchemy.pool.NullPool
        )
    except (ImportError, alchemy.exc.ArgumentError) as err:
        raise BadTable(
            f"{shown(address)}: there is no driver {driver!r} here; leave it out, postgresql://..., to take "
            "one that is installed"
        ) from err
    return engine


def _user_of(address: str) -> str:
    """Return the user's login name on this machine."""
    try:
        return os.environ.get("PGUSER") or getpass.getuser()
    except (OSError, KeyError) as err:  # in a container the user may have only a number
        raise BadTable(
            f"{shown(address)}: this machine has no user name for you; write postgresql://user@..."
        ) from err


def _file(file: Path) -> sa.Engine:
    """Return an engine for a SQLite file, opened read only."""
    alchemy = sqlalchemy_module()
    if not _is_file(file):
        path, _, schema = str(file).rpartition("#")
        if _is_file(Path(path)):
            raise BadTable(f"no such APDB: {file}; a SQLite database has no schemas, leave out '#{schema}'")
        raise BadTable(f"no such APDB: {file} (an absolute path has four slashes: sqlite:////data/apdb.db)")
    place = "file:///" + quote(os.fsencode(file.absolute().as_posix().lstrip("/"))) + "?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(place, uri=True, check_same_thread=False)

    engine: sa.Engine = alchemy.create_engine("sqlite://", creator=connect, poolclass=alchemy.pool.NullPool)
    return engine


def _driver() -> str:
    """Return the first installed PostgreSQL driver."""
    from importlib.util import find_spec

    for name in _DRIVERS:
        if find_spec(name) is not None:
            return name
    raise MissingDependency("pg8000", "apdb", "reading an APDB in PostgreSQL")


def shown(address: str) -> str:
    """Return an address for display: without password, and for a file only its name."""
    path = _path_of(address)
    if path is not None:
        return f"APDB {path.name or address}"
    return f"APDB {ServerAddress.of(address).shown}"


def without_secrets(url: str) -> tuple[str, frozenset[str]]:
    """Return an address without secrets, and the secrets."""
    if _path_of(url) is not None or "://" not in url:
        return url, frozenset()
    address = ServerAddress.of(url)
    return address.without_secrets, address.secrets


def reason(err: Exception, secrets: frozenset[str] = frozenset()) -> str:
    """Return a driver's message in one line, without the statement or secrets."""
    cause: Any = getattr(err, "orig", None) or err
    if cause.args and isinstance(cause.args[0], dict):  # pg8000 passes the server's fields; M is the message
        cause = cause.args[0].get("M", cause)
    return hidden(" ".join(str(cause).split()), secrets)[:300]


def reflected(engine: sa.Engine, namespace: str | None, name: str) -> dict[str, sa.Table]:
    """Return the known tables of an APDB, by their names in the schema definition.

    Parameters
    ----------
    engine
        The database.
    namespace
        Schema of the tables; None for the database's default.
    name
        Name of the database for messages.

    Raises
    ------
    BadTable
        If there is no table ``DiaSource``.
    """
    alchemy = sqlalchemy_module()
    is_file = engine.dialect.name == "sqlite"
    if namespace and is_file:
        raise BadTable(f"a SQLite database has no schemas; leave out namespace={namespace!r}")
    tables = {}
    with engine.connect() as connection:  # a single one: a handshake takes longer than a query
        inspector = alchemy.inspect(connection)
        present = _tables_and_views(inspector, namespace)
        by_lower = {one.lower(): one for one in present}
        for wanted in ("DiaSource", "DiaObject", "DiaForcedSource", "metadata"):
            if wanted.lower() in by_lower:
                with warnings.catch_warnings():
                    # Columns of unknown types are read unchanged.
                    warnings.simplefilter("ignore", alchemy.exc.SAWarning)
                    tables[wanted] = alchemy.Table(
                        by_lower[wanted.lower()],
                        alchemy.MetaData(),
                        schema=namespace,
                        autoload_with=inspector,
                        resolve_fks=False,
                    )
    if "DiaSource" not in tables or "diaSourceId" not in tables["DiaSource"].columns:
        where = f" in schema {namespace!r}" if namespace else ""
        hint = "" if namespace or is_file else "; if it is in a schema, add it: postgresql://...#schema"
        has = ", ".join(sorted(present)) or "no tables"
        raise BadTable(f"{name} has no table DiaSource{where}; it has {has}{hint}")
    return tables


def _tables_and_views(inspector: sa.Inspector, namespace: str | None) -> list[str]:
    """Return all tables and views, because a view may replace a table, for example to show only some rows."""
    found = [*inspector.get_table_names(schema=namespace), *inspector.get_view_names(schema=namespace)]
    if inspector.dialect.name == "postgresql":
        found += inspector.get_materialized_view_names(schema=namespace)
    return found


def as_stored(column: sa.Column[Any]) -> Any:
    """Return a column for a select: decimals as floats, times and unknown types as text."""
    import pyarrow as pa

    alchemy = sqlalchemy_module()
    kind = arrow_type(column)
    if kind == pa.string() and not isinstance(column.type, alchemy.String):
        return alchemy.cast(column, alchemy.String).label(column.name)
    if pa.types.is_floating(kind) and not isinstance(column.type, alchemy.Float):
        return alchemy.type_coerce(column, alchemy.Float).label(column.name)
    return column


def arrow_type(column: sa.Column[Any]) -> Any:
    """Return the Arrow type of the result of `as_stored`."""
    import pyarrow as pa

    alchemy = sqlalchemy_module()
    if isinstance(column.type, alchemy.Boolean):
        return pa.bool_()
    if isinstance(column.type, alchemy.Integer):
        return pa.int64()
    if not isinstance(column.type, alchemy.Numeric | alchemy.Float):
        return pa.string()
    return pa.float32() if is_single(column) else pa.float64()


def is_single(column: sa.Column[Any]) -> bool:
    """Return whether a column is single precision; positions and times are double even if declared single."""
    alchemy = sqlalchemy_module()
    return (
        isinstance(column.type, alchemy.Float)
        and not isinstance(column.type, alchemy.Double)
        and (column.type.precision or 0) <= _SINGLE_BITS
        and column.name not in {*names_of("ra"), *names_of("dec"), *names_of("time")}
    )
