"""``lsst.analysis.ap.apdb``: queries of an APDB that return DataFrames, based on `cutout_widgets.Apdb`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.arguments import names_in
from cutout_widgets.catalog.columns import close_names
from cutout_widgets.catalog.databases.apdb import DEFAULT_EXCLUDED, Apdb, Selection
from cutout_widgets.catalog.databases.other_tables import TableName
from cutout_widgets.compat.analysis_ap.errors import BadTaskOption, RowNotFound
from cutout_widgets.paths import path_text

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

__all__ = ["ApdbPostgresQuery", "ApdbSqliteQuery", "DbQuery"]

POSTGRES = "rubin@usdf-prompt-processing-dev.slac.stanford.edu/lsst-devl"
"""The default in analysis_ap: the development database of prompt processing."""

LIMIT = 100_000
"""Default maximum number of rows, as in analysis_ap."""

_KEYS: dict[TableName, str] = {
    "DiaSource": "diaSourceId",
    "DiaObject": "diaObjectId",
    "DiaForcedSource": "diaForcedSourceId",
}


class DbQuery:
    """Queries of an APDB, with the names of analysis_ap.

    Parameters
    ----------
    apdb
        The database.
    """

    def __init__(self, apdb: Apdb) -> None:
        self.apdb = apdb
        """The underlying database: pages, selections, light curves."""
        there = set(apdb.columns)
        self.diaSource_flags_exclude: list[str] = [flag for flag in DEFAULT_EXCLUDED if flag in there]
        """Sources with one of these flags are excluded if ``exclude_flagged`` is True."""

    @property
    def connection(self) -> AbstractContextManager[sa.Connection]:
        """A read-only connection for your own queries, to use in a ``with`` block."""
        return self.apdb.connection()

    @property
    def _tables(self) -> Mapping[str, sa.Table]:
        """The reflected tables, which users of analysis_ap use in queries."""
        return self.apdb._tables

    def set_excluded_diaSource_flags(self, flag_list: Sequence[str]) -> None:
        """Set the flags of sources to exclude if ``exclude_flagged`` is True.

        Raises
        ------
        BadTaskOption
            If the table does not have one of the flags; it is also a ``ValueError``.
        """
        wanted = list(names_in(flag_list, "flag_list"))
        for flag in wanted:
            if flag not in self.apdb.columns:
                raise BadTaskOption(
                    f"flag {flag} not included in DiaSource flags{close_names(flag, self.apdb.columns)}"
                )
        self.diaSource_flags_exclude = wanted

    set_bad_DiaSource_flags = set_excluded_diaSource_flags

    def load_sources(self, exclude_flagged: bool = False, limit: int | None = LIMIT) -> pd.DataFrame:
        """Return the DiaSources with the lowest ids, ordered by visit, detector and id.

        Parameters
        ----------
        exclude_flagged
            Whether to exclude those with a flag in `diaSource_flags_exclude`.
        limit
            Maximum number of rows; None = all.
        """
        return self._sources(Selection(exclude_flags=self._excluded(exclude_flagged), limit=limit))

    def load_sources_for_object(
        self, dia_object_id: int, exclude_flagged: bool = False, limit: int | None = LIMIT
    ) -> pd.DataFrame:
        """Return the DiaSources of a DiaObject; the other arguments are those of `load_sources`."""
        flags = self._excluded(exclude_flagged)
        return self._sources(Selection(object=dia_object_id, exclude_flags=flags, limit=limit))

    def load_source(self, id: int) -> pd.Series:
        """Return one DiaSource.

        Raises
        ------
        RowNotFound
            If there is none with this id; it is also a ``RuntimeError``.
        """
        return self._one("DiaSource", id)

    def load_objects(self, limit: int | None = LIMIT, latest: bool = True) -> pd.DataFrame:
        """Return DiaObjects; `latest`: only the current version of each."""
        return self.apdb.objects(latest=latest, limit=limit)

    def load_object(self, id: int) -> pd.Series:
        """Return the current version of one DiaObject; raises as `load_source`."""
        return self._one("DiaObject", id, latest=True)

    def load_forced_sources(self, limit: int | None = LIMIT) -> pd.DataFrame:
        """Return forced sources, ordered by visit, detector and id."""
        return self._with_instrument(self.apdb.forced(limit=limit))

    def load_forced_sources_for_object(
        self, dia_object_id: int, exclude_flagged: bool = False, limit: int | None = LIMIT
    ) -> pd.DataFrame:
        """Return the forced sources of a DiaObject, excluding flags that the table has."""
        rows = self._with_instrument(self.apdb.forced(object=dia_object_id, limit=limit))
        for flag in self._excluded(exclude_flagged) or ():
            if flag in rows.columns:
                rows = rows[~rows[flag].fillna(False).astype(bool)]
        return rows.reset_index(drop=True)

    def load_forced_source(self, id: int) -> pd.Series:
        """Return one forced source; raises as `load_source`."""
        return self._one("DiaForcedSource", id)

    def iter_sources(
        self,
        page_size: int = LIMIT,
        reliability_min: float | None = None,
        reliability_max: float | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Yield DiaSources page by page, in order of id."""
        bounds = reliability_min, reliability_max
        selection = Selection(reliability=None if bounds == (None, None) else bounds)
        for page in self.apdb.pages(selection, size=page_size):
            yield page.to_pandas()

    def count_sources(self) -> int:
        """Return the number of DiaSources."""
        return self.apdb.count()

    def _excluded(self, exclude_flagged: bool) -> list[str] | None:
        """Return the flags to exclude, or None."""
        return self.diaSource_flags_exclude if exclude_flagged else None

    def _sources(self, selection: Selection) -> pd.DataFrame:
        """Return DiaSources in the order of analysis_ap."""
        rows = self.apdb.table(selection).to_pandas()
        order = [name for name in ("visit", "detector", "diaSourceId") if name in rows.columns]
        return rows.sort_values(order, ignore_index=True)

    def _with_instrument(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with the instrument's name."""
        known = self.apdb.instrument
        return rows if "instrument" in rows.columns or known is None else rows.assign(instrument=known)

    def _one(self, table: TableName, id: int, *, latest: bool = False) -> pd.Series:
        """Return one row, with integers preserved."""
        import pandas as pd

        key = _KEYS[table]
        rows = self.apdb.rows(table, where={key: id}, latest=latest, limit=1)
        if rows.empty:
            raise RowNotFound(f"{key}={id} not found in {table} table of {self.apdb.name}")
        rows = rows if table == "DiaObject" else self._with_instrument(rows)
        return pd.Series({name: rows.at[0, name] for name in rows.columns}, dtype=object, name=0)


class ApdbSqliteQuery(DbQuery):
    """Queries of an APDB in a SQLite file.

    Parameters
    ----------
    filename
        The file.
    instrument
        Name of the instrument; None = that in the database.
    butler
        Ignored; accepted for compatibility.
    """

    def __init__(
        self, filename: str | os.PathLike[str], instrument: str | None = None, *, butler: Any = None
    ) -> None:
        super().__init__(Apdb(path_text(filename, "the APDB"), instrument=instrument))


class ApdbPostgresQuery(DbQuery):
    """Queries of an APDB in a PostgreSQL server.

    Parameters
    ----------
    namespace
        Schema of the tables.
    url
        ``USER@HOST/DATABASE`` of the server, with or without ``postgresql://``.
    instrument, butler
        As for `ApdbSqliteQuery`.
    """

    def __init__(
        self, namespace: str, url: str = POSTGRES, instrument: str | None = None, *, butler: Any = None
    ) -> None:
        address = url if "://" in url else f"postgresql://{url}"
        super().__init__(Apdb(address, namespace=namespace, instrument=instrument))
