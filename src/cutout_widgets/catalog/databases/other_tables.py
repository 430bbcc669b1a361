"""Tables of an APDB besides DiaSource: objects, forced sources, and rows selected by a column's value."""

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
"""The readable tables of an APDB."""

_ORDER: dict[str, tuple[str, ...]] = {
    "DiaSource": ("visit", "detector", "diaSourceId"),
    "DiaObject": ("diaObjectId",),
    "DiaForcedSource": ("visit", "detector", "diaForcedSourceId", "diaObjectId"),
}
"""Table -> the columns its rows are ordered by, if it has them."""


class OtherTables:
    """Methods of an `Apdb` that read other tables than DiaSource."""

    name: str
    """Name of the database for display."""
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
            Only the current version of each, whose end of validity is NULL.
        limit
            Maximum number of rows, those with the lowest ids.

        Returns
        -------
        DataFrame
            All columns of the table; integers stay integers even if values are missing.

        Raises
        ------
        BadTable
            If there is no such table, or the database fails.
        """
        where = {} if id is None else {"diaObjectId": id}
        return self.rows("DiaObject", where=where, latest=latest, limit=limit)

    def forced(self, *, object: int | Sequence[int] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return forced sources: fluxes at the positions of DiaObjects on images without a detection.

        Parameters
        ----------
        object
            One ``diaObjectId``, or several; None = all.
        limit
            Maximum number of rows.

        Returns
        -------
        DataFrame
            All columns, ordered by visit and detector.

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
        """Return rows of one of the tables, with all columns.

        Parameters
        ----------
        table
            ``"DiaSource"``, ``"DiaObject"`` or ``"DiaForcedSource"``.
        where
            Column -> the whole number, or numbers, to select.
        latest
            Only rows whose end of validity is NULL, if the table has one.
        limit
            Maximum number of rows.

        Raises
        ------
        BadTable
            If the table or a column does not exist, or the database fails.
        """
        sa = sqlalchemy_module()
        if table not in get_args(TableName):
            raise BadTable(f"a table is one of {', '.join(get_args(TableName))}; got {table!r}")
        found = self._tables.get(table)
        if found is None:
            raise BadTable(f"{self.name} has no table {table}; it has {', '.join(sorted(self._tables))}")
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
        """Open a read-only connection for your own queries; use it in a ``with`` block."""
        return self._reading()

    def _fetched(self, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
        """Run one query and yield rows in batches."""
        raise NotImplementedError

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection for one read-only transaction."""
        raise NotImplementedError
