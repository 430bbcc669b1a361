"""Alert production databases (APDB) in SQLite and PostgreSQL, any schema version, read-only.

Tables are reflected, so the columns are those of the database, and the LSST stack is not needed.
Rows are read in pages of ascending ``diaSourceId``. Each page is found by its key instead of an offset, so a
page in the middle of ten million rows is as fast as the first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.arguments import names_in
from cutout_widgets.catalog.columns import close_names, names_of
from cutout_widgets.catalog.databases.database import (
    as_stored,
    parted,
    read_only_engine,
    reason,
    reflected,
    shown,
    sqlalchemy_module,
    without_secrets,
)
from cutout_widgets.catalog.databases.object_rows import ObjectRows
from cutout_widgets.catalog.databases.other_tables import OtherTables
from cutout_widgets.catalog.databases.packing import BATCH, Packer
from cutout_widgets.catalog.databases.selection import DEFAULT_EXCLUDED, Selection, conditions_of
from cutout_widgets.catalog.reading.conversion import from_schema
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadTable, refuse_unknown

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa

__all__ = ["DEFAULT_EXCLUDED", "Apdb", "Selection", "read_apdb"]

_log = logging.getLogger(__name__)

_FETCHED = 10_000
"""Rows per query: PostgreSQL drivers hold all of them in memory, with 100 columns about 60 MB."""


class Apdb(ObjectRows, OtherTables):
    """An alert production database, opened for reading.

    Parameters
    ----------
    url
        ``sqlite:///path`` (relative; four slashes for absolute), a path of a SQLite file, or
        ``postgresql://user@host/database#schema``.
    namespace
        Schema of the tables in PostgreSQL; None = the fragment of the URL.
    instrument
        The instrument of the rows; None = that in the table ``metadata``, if any.

    Raises
    ------
    BadTable
        If there is no such database, it has no table ``DiaSource``, or its kind is not supported.
    MissingDependency
        If SQLAlchemy, or any driver for PostgreSQL, is not installed.

    Notes
    -----
    Picklable; connections are opened when needed and closed after use. A password is never
    shown, logged or pickled: another process reads its own from ``PGPASSWORD``. SQLite files are
    opened with ``mode=ro``, PostgreSQL transactions are ``READ ONLY``. Schema versions 1.0.0 (2024)
    to 10.0.0 were tested.
    """

    def __init__(self, url: str, *, namespace: str | None = None, instrument: str | None = None) -> None:
        plain, self._secrets = without_secrets(str(url))
        self._given = (plain, namespace, instrument)
        address, schema = parted(str(url))
        self.namespace = namespace or schema
        self._engine = read_only_engine(address)
        self.name = shown(address)
        try:
            self._tables = reflected(self._engine, self.namespace, self.name)
        except sqlalchemy_module().exc.SQLAlchemyError as err:
            raise BadTable(f"{self.name} could not be opened ({reason(err, self._secrets)})") from err
        except TypeError as err:  # URL parameters are passed to the driver unchecked
            raise BadTable(
                f"{self.name} could not be opened: its driver does not accept the URL "
                f"({reason(err, self._secrets)})"
            ) from err
        self.instrument = instrument or self._noted_instrument()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, self._given

    def __repr__(self) -> str:
        of = f" of {self.instrument}" if self.instrument else ""
        return f"<Apdb {self.name}{of}: {len(self.columns)} columns>"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of ``DiaSource``."""
        return tuple(self._tables["DiaSource"].columns.keys())

    def count(self, selection: Selection | None = None) -> int:
        """Return the number of rows of a selection, ignoring its limit."""
        sa = sqlalchemy_module()
        table = self._tables["DiaSource"]
        query = sa.select(sa.func.count()).select_from(table)
        return int(self._rows(query.where(*conditions_of(selection or Selection(), table, self.name)))[0][0])

    def pages(
        self,
        selection: Selection | None = None,
        *,
        size: int = _FETCHED,
        columns: str | Iterable[str] | None = None,
        after: int | None = None,
    ) -> Iterator[SourceTable]:
        """Yield the rows of a selection in tables of at most `size` rows, one in memory at a time.

        Parameters
        ----------
        selection
            Which rows; None = all.
        size
            Rows per page.
        columns
            Which columns; None = all. Identifier and position are always included.
        after
            Start after this ``diaSourceId``.

        Raises
        ------
        BadTable
            If a column or flag does not exist, or the database fails.
        """
        for page in self._pages(selection or Selection(), size, columns, after):
            yield SourceTable.read(page, instrument=self._constant_instrument(page.column_names))

    def table(
        self, selection: Selection | None = None, *, columns: str | Iterable[str] | None = None
    ) -> SourceTable:
        """Return the rows of a selection as one table; raises as `pages`."""
        import pyarrow as pa

        schema = self._packer(self._chosen(columns)).schema
        chunks: dict[str, list[pa.Array]] = {name: [] for name in schema.names}
        for page in self._pages(selection or Selection(), _FETCHED, columns, None):
            for name, column in zip(page.column_names, page.columns, strict=True):
                chunks[name].extend(column.chunks)

        def column_of(name: str) -> pa.ChunkedArray:
            parts = chunks.pop(name)  # freed when contiguous, so that nothing is in memory twice
            kind = parts[-1].type if parts else schema.field(name).type  # types only become wider
            return pa.chunked_array([part.cast(kind) for part in parts], type=kind)

        return SourceTable.read(
            from_schema(schema, column_of), instrument=self._constant_instrument(schema.names)
        )

    # --- inside -----------------------------------------------------------------------------------

    def _noted_instrument(self) -> str | None:
        """Return the instrument named in the table ``metadata``, or None."""
        table = self._tables.get("metadata")
        if table is None or not {"name", "value"} <= set(table.columns.keys()):
            return None
        sa = sqlalchemy_module()
        try:
            noted = self._rows(sa.select(table.c.name, table.c.value))
        except BadTable:  # the user may lack permission; the rows can still be read
            _log.info("no instrument from %s", self.name, exc_info=True)
            return None
        for name, value in noted:
            if str(name).lower().rpartition(":")[2] == "instrument" and value:
                return str(value)
        return None

    def _constant_instrument(self, names: Sequence[str]) -> str | None:
        return None if "instrument" in names else self.instrument

    def _chosen(self, columns: str | Iterable[str] | None) -> list[sa.Column[Any]]:
        """Return the columns to read, including those that every row needs."""
        table = self._tables["DiaSource"]
        if columns is None:
            return list(table.columns)
        wanted = names_in(columns, "columns")
        for name in wanted:
            if name not in table.columns:
                raise BadTable(f"{self.name} has no column {name!r}{close_names(name, self.columns)}")
        needed = [
            next((name for name in names_of(one) if name in table.columns), "") for one in ("id", "ra", "dec")
        ]
        return [column for column in table.columns if column.name in wanted or column.name in needed]

    def _packer(self, chosen: Sequence[sa.Column[Any]]) -> Packer:
        return Packer(chosen, self.name, stores_doubles=self._engine.dialect.name == "sqlite")

    def _pages(
        self, selection: Selection, size: int, columns: str | Iterable[str] | None, after: int | None
    ) -> Iterator[pa.Table]:
        """Yield pages by key: each starts after the last identifier of the previous one."""
        sa = sqlalchemy_module()
        if size < 1:
            raise BadTable(f"pages hold at least one row; got size={size}")
        table = self._tables["DiaSource"]
        key = table.c.diaSourceId
        chosen, conditions = self._chosen(columns), conditions_of(selection, table, self.name)
        packer = self._packer(chosen)
        left = selection.limit
        while left is None or left > 0:
            wanted = size if left is None else min(size, left)
            query = sa.select(*packer.selected).where(*conditions)
            if after is not None:
                query = query.where(key > after)
            page = packer.page(self._fetched(query.order_by(key).limit(wanted)))
            if len(page):
                yield page
            if len(page) < wanted:
                return
            after = page["diaSourceId"][-1].as_py()
            if after is None:
                raise BadTable(f"{self.name} holds too many rows without diaSourceId to skip them")
            left = None if left is None else left - len(page)

    def _rows(self, query: sa.Select[Any]) -> Sequence[Any]:
        """Run one query and return its rows, typed by SQLAlchemy."""
        with self._reading() as connection:
            return connection.execute(query).fetchall()

    def _fetched(self, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
        """Run one query and yield rows in batches as the driver returns them, which is faster."""
        with self._reading() as connection:
            result = connection.execute(query)
            assert result.cursor is not None
            while rows := result.cursor.fetchmany(BATCH):
                yield rows

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """Open a connection for one read-only transaction."""
        sa = sqlalchemy_module()
        try:
            with self._engine.connect() as connection:
                if self._engine.dialect.name == "postgresql":
                    connection.execute(sa.text("SET TRANSACTION READ ONLY"))
                yield connection
        except (sa.exc.SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as err:
            raise BadTable(f"{self.name} could not be read ({reason(err, self._secrets)})") from err

    def _mappings(self, table: sa.Table, condition: Any) -> list[Mapping[str, Any]]:
        sa = sqlalchemy_module()
        names = table.columns.keys()
        found = self._rows(sa.select(*(as_stored(column) for column in table.columns)).where(condition))
        return [dict(zip(names, row, strict=True)) for row in found]


def read_apdb(
    url: str,
    *,
    namespace: str | None = None,
    instrument: str | None = None,
    columns: str | Iterable[str] | None = None,
    **selection: Any,
) -> SourceTable:
    """Read DiaSources from an alert production database.

    Parameters
    ----------
    url
        ``sqlite:///apdb.db``, or ``postgresql://user@host/database#schema``.
    namespace
        Schema of the tables in PostgreSQL, if it is not in the URL.
    instrument
        The instrument; None = that given in the database.
    columns
        Which columns; None = all.
    selection
        Fields of `Selection`: reliability, exclude_flags, visit, detector, band, time, object, moving_object,
        id, limit.

    Returns
    -------
    SourceTable
        In order of ``diaSourceId``; flags that are NULL are None.

    Raises
    ------
    BadTable
        If the database cannot be read, is a Cassandra one, or lacks a requested column, or a field of
        the selection is invalid.
    MissingDependency
        If SQLAlchemy or a driver is not installed.
    """
    refuse_unknown("read_apdb", selection, [one.name for one in fields(Selection)])
    wanted = Selection(**selection)
    return Apdb(url, namespace=namespace, instrument=instrument).table(wanted, columns=columns)


def _restore(url: str, namespace: str | None, instrument: str | None) -> Apdb:
    return Apdb(url, namespace=namespace, instrument=instrument)
