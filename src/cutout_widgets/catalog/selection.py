"""Which DiaSources of a database to read, and that wish in SQL."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.columns import close_names, is_flag_name, names_of
from cutout_widgets.catalog.database import is_single, sqlalchemy_module
from cutout_widgets.errors import BadTable, CutoutWarning

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["DEFAULT_EXCLUDED", "Selection", "conditions_of"]

DEFAULT_EXCLUDED = (
    "pixelFlags_bad",
    "pixelFlags_suspect",
    "pixelFlags_saturatedCenter",
    "pixelFlags_interpolated",
    "pixelFlags_interpolatedCenter",
    "pixelFlags_edge",
)
"""The flags that analysis_ap leaves out unless told otherwise; ours leaves out none by default."""


@dataclass(frozen=True)
class Selection:
    """Which DiaSources to read; what is None does not restrict. The database does the choosing."""

    reliability: tuple[float | None, float | None] | None = None
    """Lowest and highest, both included; rows without reliability are not in any range."""
    exclude_flags: Sequence[str] = ()
    """Leave out rows that have one of these flags set; a NULL flag counts as not set."""
    visit: int | Sequence[int] | None = None
    """One visit, or several."""
    detector: int | Sequence[int] | None = None
    """One detector, or several."""
    band: str | Sequence[str] | None = None
    """One band, or several."""
    time: tuple[float | None, float | None] | None = None
    """First and last mid-exposure time, MJD TAI, both included."""
    object: int | Sequence[int] | None = None
    """One ``diaObjectId``, or several."""
    limit: int | None = None
    """At most this many rows, those of the lowest identifiers."""


def conditions_of(selection: Selection, table: sa.Table, name: str) -> list[Any]:
    """Return a selection as conditions of SQL, values bound and not pasted.

    Parameters
    ----------
    selection
        What is wanted.
    table
        The reflected table of DiaSources.
    name
        What to call the database in sentences.

    Raises
    ------
    BadTable
        If the table has no column to choose by.

    Warns
    -----
    CutoutWarning
        If a flag to exclude is one that this schema does not have yet.
    """
    alchemy = sqlalchemy_module()
    where: list[Any] = []
    for meaning, bounds in (("score", selection.reliability), ("time", selection.time)):
        if bounds is not None:
            column = _column(table, name, meaning)
            where += _between(column, *bounds)
    for meaning in ("visit", "detector", "band", "object"):
        wanted = getattr(selection, meaning)
        if wanted is None:
            continue
        several = [wanted] if isinstance(wanted, (int, str, np.integer)) else list(wanted)
        plain = [one if isinstance(one, str) else int(one) for one in several]
        where.append(_column(table, name, meaning).in_(plain))
    absent = []
    for flag in selection.exclude_flags:
        column = table.columns.get(flag)
        if column is not None:
            unset = alchemy.false() if isinstance(column.type, alchemy.Boolean) else alchemy.literal(0)
            where.append(alchemy.func.coalesce(column, unset) == unset)
        elif is_flag_name(flag):
            absent.append(flag)
        else:
            raise BadTable(f"{name} has no flag {flag!r}{close_names(flag, tuple(table.columns.keys()))}")
    if absent:
        warnings.warn(
            f"{name} does not have {', '.join(absent)}, so nothing is left out by them",
            CutoutWarning,
            stacklevel=5,
        )
    return where


def _between(column: sa.Column[Any], low: float | None, high: float | None) -> list[Any]:
    """Return the conditions of a range that includes its ends, in the precision of the column too."""
    where: list[Any] = []
    for bound, condition, outer in ((low, column.__ge__, min), (high, column.__le__, max)):
        if bound is not None:
            end = float(bound)
            where.append(condition(outer(end, float(np.float32(end))) if is_single(column) else end))
    return where


def _column(table: sa.Table, name: str, meaning: str) -> Any:
    """Return the column of a meaning."""
    for one in names_of(meaning):
        if one in table.columns:
            return table.columns[one]
    raise BadTable(f"{name} has no column for {meaning} (named {', '.join(names_of(meaning))}) to choose by")
