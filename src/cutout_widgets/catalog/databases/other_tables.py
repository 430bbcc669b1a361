"""The tables beside DiaSource: objects, forced sources, and rows of one table by the value of a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, get_args

from cutout_widgets.catalog.arguments import whole_number, whole_numbers
from cutout_widgets.catalog.columns import close_names
from cutout_widgets.catalog.databases.database import sqlalchemy_module
from cutout_widgets.catalog.databases.packing import Packer
from cutout_widgets.catalog.export import frame_of
from cutout_widgets.errors import BadTable

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

__all__ = ["OtherTables", "TableName"]

TableName = Literal["DiaSource", "DiaObject", "DiaForcedSource"]
"""The tables of an APDB that hold rows for people."""

_ORDER: dict[str, tuple[str, ...]] = {
    "DiaSource": ("visit", "detector", "diaSourceId"),
    "DiaObject": ("diaObjectId",),
    "DiaForcedSource": ("visit", "detector", "diaForcedSourceId", "diaObjectId"),
}
"""Table -> the columns its rows are ordered by, as far as it has them."""


class OtherTables:
    """The tables of an `Apdb` whose rows are not DiaSources."""

    name: str
    """The database, for people."""
    _tables: Mapping[str, sa.Table]
    _engine: sa.Engine

    def objects(
        self, *, id: int | Sequence[int] | None = None, latest: bool = True, limit: int | None = None
    ) -> pd.DataFrame:
        """Return DiaObjects.

        Parameters
        ----------
        id
            One ``diaObjectId``, or several; None = all.
        latest
            Only the version of each that is valid now: its end of validity is NULL.
        limit
            At most this many rows, those of the lowest ids.

        Returns
        -------
        DataFrame
            All columns of the table; integers stay integers where values are missing.

        Raises
        ------
        BadTable
            If there is no such table, or the database fails.
        """
        where = {} if id is None else {"diaObjectId": id}
        return self.rows("DiaObject", where=where, latest=latest, limit=limit)

    def forced(self, *, object: int | Sequence[int] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return forced sources: fluxes at the places of DiaObjects on images they were not found on.

        Parameters
        ----------
        object
            One ``diaObjectId``, or several; None = all.
        limit
            At most this many rows.

        Returns
        -------
        DataFrame
            All columns, in the order of visit and detector.

        Raises
        ------
        BadTable
            If there is no such table, or the database fails.
        """
        return self.rows(
            "DiaForcedSource", where={} if object is None else {"diaObjectId": object}, limit=limit
        )

    def rows(
        self,
        table: TableName,
        *,
        where: Mapping[str, int | Sequence[int]] | None = None,
        latest: bool = False,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """Return rows of one of the tables, all their columns.

        Parameters
        ----------
        table
            ``"DiaSource"``, ``"DiaObject"`` or ``"DiaForcedSource"``.
        where
            Column -> the whole number, or numbers, that it must hold.
        latest
            Only rows whose end of validity is NULL, where the table has one.
        limit
            At most this many rows.

        Raises
        ------
        BadTable
            If there is no such table or column, or the database fails.
        """
        sa = sqlalchemy_module()
        if table not in get_args(TableName):
            raise BadTable(f"a table is one of {', '.join(get_args(TableName))}; got {table!r}")
        found = self._tables.get(table)
        if found is None:
            raise BadTable(f"{self.name} holds no table {table}; it has {', '.join(sorted(self._tables))}")
        conditions = []
        for name, values in (where or {}).items():
            if name not in found.columns:
                known = tuple(found.columns.keys())
                raise BadTable(f"{table} of {self.name} has no column {name!r}{close_names(name, known)}")
            wanted = whole_numbers(values, name)
            conditions.append(
                found.columns[name].in_(sa.bindparam(None, wanted, expanding=True, literal_execute=True))
            )
        if latest:
            conditions += [one.is_(None) for one in found.columns if one.name.startswith("validityEnd")]
        packer = Packer(list(found.columns), self.name, stores_doubles=self._engine.dialect.name == "sqlite")
        query = sa.select(*packer.selected).where(*conditions)
        query = query.order_by(*(found.columns[name] for name in _ORDER[table] if name in found.columns))
        if limit is not None:
            query = query.limit(whole_number(limit, "limit"))
        return frame_of(packer.page(self._fetched(query)))

    def connection(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection that can only read, for queries of one's own; use it in a ``with`` block."""
        return self._reading()

    def _fetched(self, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
        """Run one query and yield some rows at a time."""
        raise NotImplementedError

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection for one read-only transaction."""
        raise NotImplementedError
