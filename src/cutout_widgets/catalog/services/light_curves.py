"""Light curves in TAP tables: which tables have them, and how to query them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutout_widgets.catalog.columns import names_among
from cutout_widgets.catalog.reading.conversion import Intake
from cutout_widgets.catalog.services.adql import in_list, quoted
from cutout_widgets.errors import BadTable

__all__ = ["light_curve_query", "light_curve_tables", "rows_in"]

_FORCED_TABLES = ("ForcedSourceOnDiaObject", "DiaForcedSource")
_VISIT_TABLES = (("visit", "Visit"), ("ccdVisitId", "CcdVisit"))
"""Key of a forced source -> table with its time, ``expMidptMJD``."""

_MEANINGS = (
    "id", "visit", "detector", "band", "time", "flux", "flux_err", "science_flux", "science_flux_err",
)  # fmt: skip


def light_curve_tables(sources: str, tables: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the tables with points of light curves, and the kind of the points.

    Parameters
    ----------
    sources
        The table of DiaSources.
    tables
        All tables of the service.
    """
    yield sources, "detection"
    for name in _FORCED_TABLES:
        if (forced := _sibling(sources, name)) in tables:
            yield forced, "forced"
            return


def light_curve_query(table: str, object_id: int, present: Mapping[str, str], tables: Sequence[str]) -> str:
    """Return the query for a DiaObject's points in one table.

    Parameters
    ----------
    table
        A table of DiaSources or forced sources.
    object_id
        Its ``diaObjectId``.
    present
        The columns of the table.
    tables
        All tables of the service: since DP1 the times of forced sources are in the table of visits.

    Raises
    ------
    BadTable
        If no table has the times of the rows.
    """
    wanted = dict.fromkeys(
        name for meaning in _MEANINGS for name in names_among(meaning, present) if name in present
    )
    listed = [f"s.{quoted(name)}" for name in wanted if name != "diaObjectId"]
    join = ""
    if not any(name in present for name in names_among("time", present)):
        key, visits = _visits_for(table, present, tables)
        join = f" JOIN {quoted(visits)} AS v ON v.{quoted(key)} = s.{quoted(key)}"
        listed.append("v.expMidptMJD")
    condition = in_list("diaObjectId", [object_id])
    return f"SELECT {', '.join(listed)} FROM {quoted(table)} AS s{join} WHERE s.{condition}"


def rows_in(intake: Intake) -> list[dict[str, Any]]:
    """Return columns as one mapping per row."""
    lists = {name: column.to_pylist() for name, column in intake.columns.items()}
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _sibling(table: str, name: str) -> str:
    """Return the name of another table in the same schema."""
    schema = table.rpartition(".")[0]
    return f"{schema}.{name}" if schema else name


def _visits_for(table: str, present: Mapping[str, str], tables: Sequence[str]) -> tuple[str, str]:
    """Return key and name of the table with the times of rows."""
    for key, name in _VISIT_TABLES:
        if key in present and _sibling(table, name) in tables:
            return key, _sibling(table, name)
    raise BadTable(f"{table} has no times for its rows, and there is no table of visits with them")
