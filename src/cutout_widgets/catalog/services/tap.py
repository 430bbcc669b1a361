"""DiaSources, objects and light curves from a TAP service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.arguments import names_in, whole_number, whole_numbers
from cutout_widgets.catalog.columns import close_names, names_among
from cutout_widgets.catalog.identifiers.objects import id_of_object
from cutout_widgets.catalog.lightcurve import history_frame, lsst_points
from cutout_widgets.catalog.reading.parts import joined
from cutout_widgets.catalog.services.adql import circle, in_list, literal, select
from cutout_widgets.catalog.services.connection import Connection, Mode
from cutout_widgets.catalog.services.light_curves import light_curve_query, light_curve_tables, rows_in
from cutout_widgets.catalog.services.results import from_results
from cutout_widgets.catalog.services.session import Token
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.reading.conversion import Intake

__all__ = ["Tap", "connection_of", "read_tap"]

_IDS_AT_ONCE = 1000
"""Maximum identifiers per query."""


class Tap:
    """A TAP service with tables of DiaSources: the Science Platform's, or any other.

    Parameters
    ----------
    service
        Its URL, or a ``pyvo.dal.TAPService``: the result of ``lsst.rsp.get_tap_service("tap")``.
    schema
        Schema of its tables (``"dp1"``); not needed if only one schema has a table of DiaSources.
    token
        Bearer token, or a function that returns one. None = the environment variable ``ACCESS_TOKEN``, only
        for the platform in ``EXTERNAL_INSTANCE_URL`` if that is set. It is sent encrypted, and
        only to the origin of `service`, not to redirects elsewhere; it is never shown or pickled.
    instrument
        The instrument of all rows, added as a column.
    timeout_s
        Maximum time without a response.

    Raises
    ------
    MissingDependency
        If pyvo is not installed.
    BadOption
        If `service` is not a URL.

    Notes
    -----
    To view its rows, with light curves: ``CutoutGrid(tap.table(limit=100), images, history=tap)``.
    """

    def __init__(
        self,
        service: Any,
        *,
        schema: str | None = None,
        token: Token = None,
        instrument: str | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        self._given = (service, schema, instrument, timeout_s)
        self._connection = Connection(service, token, timeout_s)
        self.name = self._connection.name
        self._schema, self.instrument = schema, instrument
        self._columns: dict[str, dict[str, str]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, self._given

    def __repr__(self) -> str:
        schema = f" {self._schema}" if self._schema else ""
        return f"<Tap {self.name}{schema}>"

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables of the service, including schemas."""
        answer = self._asked(select("TAP_SCHEMA.tables", ["table_name"]))
        return tuple(sorted(str(one) for one in answer.columns["table_name"].to_pylist()))

    def columns_of(self, table: str) -> dict[str, str]:
        """Return the columns of a table, each with its unit (empty without one).

        Raises
        ------
        BadTable
            If there is no such table.
        """
        if table not in self._columns:
            condition = f"table_name = {literal(table)}"
            answer = self._asked(select("TAP_SCHEMA.columns", ["column_name", "unit"], [condition]))
            names = [str(one).strip('"') for one in answer.columns["column_name"].to_pylist()]
            if not names:
                raise BadTable(f"{self.name} has no table {table!r}{close_names(table, self.tables)}")
            units = [str(one or "") for one in answer.columns["unit"].to_pylist()]
            self._columns[table] = dict(zip(names, units, strict=True))
        return self._columns[table]

    def query(self, query: str, *, limit: int | None = None, mode: Mode = None) -> SourceTable:
        """Return the rows selected by an ADQL query; they need an identifier and a position.

        Parameters
        ----------
        query
            ``"SELECT ... FROM dp1.DiaSource WHERE ..."``.
        limit
            Maximum number of rows to request (MAXREC).
        mode
            ``"sync"``: one request; ``"async"``: a job; None: a job for more than 20 000 rows.

        Raises
        ------
        BadTable
            If the service refuses the query, cannot be reached, or does not return a complete table.

        Warns
        -----
        CutoutWarning
            If the service did not send all rows (QUERY_STATUS OVERFLOW).
        """
        limit = None if limit is None else _positive(limit)
        return self._read(self._asked(query, limit=limit, mode=mode))

    def table(
        self,
        table: str | None = None,
        *,
        where: str | None = None,
        columns: str | Iterable[str] | None = None,
        position: Any = None,
        radius: Any = None,
        limit: int | None = None,
        mode: Mode = None,
    ) -> SourceTable:
        """Return rows of one table; arguments and errors are those of `read_tap`."""
        table = table or self._table("DiaSource")
        present = self.columns_of(table)
        wanted = () if columns is None else self._chosen(table, present, names_in(columns, "columns"))
        conditions = [f"({where})"] if where else []
        if (position is None) != (radius is None):
            raise BadOption("a circle on the sky has a position and a radius; give both or neither")
        if position is not None:
            ra, dec = (self._named(table, present, meaning) for meaning in ("ra", "dec"))
            conditions.append(circle(ra, dec, position, radius))
        limit = None if limit is None else _positive(limit)
        return self._read(self._asked(select(table, wanted, conditions, limit=limit), limit=limit, mode=mode))

    def of_ids(self, ids: int | Sequence[int], table: str | None = None) -> SourceTable:
        """Return the rows of identifiers, as far as they exist; raises as `query`."""
        numbers = whole_numbers(ids, "ids")
        table = table or self._table("DiaSource")
        name = self._named(table, self.columns_of(table), "id")
        parts = [
            self._asked(select(table, (), [in_list(name, numbers[start : start + _IDS_AT_ONCE])]))
            for start in range(0, max(len(numbers), 1), _IDS_AT_ONCE)
            if numbers
        ]
        if not parts:
            raise BadTable("no identifiers were given")
        return self._read(joined(parts, [self.name] * len(parts)))

    def sources_of(self, object: int | Sequence[int]) -> SourceTable:
        """Return the DiaSources of one or several DiaObjects; raises as `query`."""
        table = self._table("DiaSource")
        return self._read(
            self._asked(select(table, (), [in_list("diaObjectId", whole_numbers(object, "object"))]))
        )

    def history(self, source: DiaSource | int) -> pd.DataFrame:
        """Return the light curve of a DiaObject: its DiaSources and its forced sources.

        Parameters
        ----------
        source
            A row of the table, or a ``diaObjectId``.

        Returns
        -------
        DataFrame
            Columns as in `stores.base.HasHistory`. Without a DiaObject: only the source itself.

        Raises
        ------
        BadTable
            If the service fails, or the ``diaObjectId`` is no exact whole number.
        """
        if isinstance(source, DiaSource):
            object_id = id_of_object(source, "object", "diaObjectId")
            if object_id == 0:
                return history_frame(lsst_points([source.row], "detection", source.units))
        else:
            object_id = whole_number(source, "diaObjectId")
        points = []
        for table, kind in light_curve_tables(self._table("DiaSource"), self.tables):
            answer = self._asked(light_curve_query(table, object_id, self.columns_of(table), self.tables))
            points += lsst_points(rows_in(answer), kind, answer.units)
        return history_frame(points)

    # --- inside -----------------------------------------------------------------------------------

    def _asked(self, query: str, *, limit: int | None = None, mode: Mode = "sync") -> Intake:
        answer = self._connection.ask(query, limit=limit, mode=mode)
        return from_results(answer, limit=limit, name=self.name)

    def _read(self, intake: Intake) -> SourceTable:
        return SourceTable(intake, instrument=None if "instrument" in intake.columns else self.instrument)

    def _table(self, name: str) -> str:
        """Return the full name of a table, in the given schema or the only one that has it."""
        if self._schema is not None:
            return f"{self._schema}.{name}"
        found = [one for one in self.tables if one.rpartition(".")[2].lower() == name.lower()]
        if len(found) == 1:
            return found[0]
        which = f": {', '.join(found)}" if found else close_names(name, list(self.tables))
        raise BadTable(
            f"{self.name} has {len(found) or 'no'} tables called {name}; choose one with table= or schema= "
            f"of Tap{which}"
        )

    def _named(self, table: str, present: Mapping[str, str], meaning: str) -> str:
        for one in names_among(meaning, present):
            if one in present:
                return one
        raise BadTable(
            f"{table} of {self.name} has no column of {meaning}{close_names(meaning, list(present))}"
        )

    def _chosen(self, table: str, present: Mapping[str, str], wanted: Sequence[str]) -> list[str]:
        """Return the columns to read, including those that every row needs."""
        for name in wanted:
            if name not in present:
                raise BadTable(
                    f"{table} of {self.name} has no column {name!r}{close_names(name, list(present))}"
                )
        needed = [
            one
            for meaning in ("id", "ra", "dec")
            if (one := next((name for name in names_among(meaning, present) if name in present), None))
        ]
        return [name for name in present if name in wanted or name in needed]


def connection_of(service: Any, token: Token = None) -> Connection:
    """Return the connection to a service: that of a `Tap`, or a new one like that of `Tap`."""
    return service._connection if isinstance(service, Tap) else Connection(service, token)


def read_tap(
    service: Any,
    table: str | None = None,
    *,
    where: str | None = None,
    columns: str | Iterable[str] | None = None,
    position: Any = None,
    radius: Any = None,
    limit: int | None = None,
    mode: Mode = None,
    token: Token = None,
    instrument: str | None = None,
) -> SourceTable:
    """Read rows of one table of a TAP service.

    Parameters
    ----------
    service
        Its URL, or a ``pyvo.dal.TAPService``.
    table
        ``"dp1.DiaSource"``, ``"dp1.DiaObject"``, ``"dp1.ForcedSourceOnDiaObject"`` or any other; None =
        the service's only table of DiaSources.
    where
        ADQL condition: ``"reliability > 0.6 AND band IN ('r', 'i')"``.
    columns
        Which columns; None = all. Identifier and position are always included.
    position, radius
        Only rows in a circle: a `SkyCoord` or (ra, dec) in degrees; arcsec or a Quantity.
    limit
        Maximum number of rows.
    mode
        ``"sync"``: one request; ``"async"``: a job; None: a job for more than 20 000 rows.
    token, instrument
        As for `Tap`.

    Returns
    -------
    SourceTable
        Forced sources, which have no identifier since DP1, are numbered from 1 in a column ``id``.

    Raises
    ------
    BadTable
        If the service cannot be reached, refuses, does not return a complete table, or lacks the table
        or a column.
    BadOption
        If the circle is invalid, or the service is not a URL.
    MissingDependency
        If pyvo is not installed (extra ``vo``).

    Warns
    -----
    CutoutWarning
        If the service did not send all rows (QUERY_STATUS OVERFLOW).
    """
    return Tap(service, token=token, instrument=instrument).table(
        table, where=where, columns=columns, position=position, radius=radius, limit=limit, mode=mode
    )


def _positive(limit: Any) -> int:
    number = whole_number(limit, "limit")
    if number < 1:
        raise BadTable(f"a limit is at least 1; got {limit}")
    return number


def _restore(service: Any, schema: str | None, instrument: str | None, timeout_s: float) -> Tap:
    return Tap(service, schema=schema, instrument=instrument, timeout_s=timeout_s)
