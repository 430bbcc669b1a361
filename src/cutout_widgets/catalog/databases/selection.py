"""Selection of DiaSources to read from a database, and its SQL."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.arguments import bounds_of, names_in, whole_number, whole_numbers
from cutout_widgets.catalog.columns import close_names, is_flag_name, names_of
from cutout_widgets.catalog.databases.database import is_single, sqlalchemy_module
from cutout_widgets.errors import BadTable, CutoutWarning
from cutout_widgets.quantities import days_tai

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
"""The flags that analysis_ap excludes by default; this package excludes none."""


@dataclass(frozen=True)
class Selection:
    """Which DiaSources to read; fields that are None do not restrict. Rows are selected in the database.

    Raises
    ------
    BadTable
        If a field is invalid: `visit=1.5`, `reliability=0.5`, `limit=-1`.

    Examples
    --------
    >>> Selection(visit=1, band="r", limit=10).band
    ('r',)
    """

    reliability: tuple[float | None, float | None] | None = None
    """Lowest and highest, both included; rows without reliability are never selected."""
    exclude_flags: str | Sequence[str] | None = None
    """Exclude rows with one of these flags set; a NULL flag counts as not set."""
    visit: int | Sequence[int] | None = None
    """One visit, or several."""
    detector: int | Sequence[int] | None = None
    """One detector, or several."""
    band: str | Sequence[str] | None = None
    """One band, or several."""
    time: tuple[float | None, float | None] | None = None
    """First and last mid-exposure time, both included: MJD TAI, or astropy Times."""
    object: int | Sequence[int] | None = None
    """One ``diaObjectId``, or several."""
    moving_object: int | Sequence[int] | None = None
    """One ``ssObjectId``, or several."""
    id: int | Sequence[int] | None = None
    """One ``diaSourceId``, or several."""
    limit: int | None = None
    """Maximum number of rows, those with the lowest identifiers."""

    def __post_init__(self) -> None:
        taken: dict[str, Any] = {}
        for name, read in _READ.items():
            value = getattr(self, name)
            taken[name] = None if value is None else read(value, name)
        if taken["limit"] is not None and taken["limit"] < 0:
            raise BadTable(f"a limit is not negative; got {self.limit}")
        for name, value in taken.items():
            object.__setattr__(self, name, value)


def _in_days(value: Any, name: str) -> Any:
    """Return a pair of times as MJD TAI; anything else is left for `bounds_of` to refuse."""
    if isinstance(value, str):
        return value
    try:
        pair = tuple(value)
    except TypeError:
        return (value,)
    return tuple(days_tai(one, name) for one in pair)


_READ: dict[str, Callable[[Any, str], Any]] = {
    "reliability": bounds_of,
    "exclude_flags": names_in,
    "time": lambda value, name: bounds_of(_in_days(value, name), name),
    "visit": whole_numbers,
    "detector": whole_numbers,
    "object": whole_numbers,
    "moving_object": whole_numbers,
    "id": whole_numbers,
    "band": names_in,
    "limit": whole_number,
}
"""Field of a `Selection` -> function that validates it."""


def conditions_of(selection: Selection, table: sa.Table, name: str) -> list[Any]:
    """Return a selection as SQL conditions; text and bounds are bound parameters, integers are literals.

    Parameters
    ----------
    selection
        The selection.
    table
        The reflected table of DiaSources.
    name
        Name of the database for messages.

    Raises
    ------
    BadTable
        If the table lacks a column of the selection.

    Warns
    -----
    CutoutWarning
        If a flag to exclude does not exist in this schema version.
    """
    where: list[Any] = []
    for meaning, bounds in (("score", selection.reliability), ("time", selection.time)):
        if bounds is not None:
            column = _column(table, name, meaning)
            where += _between(column, *bounds)
    for meaning in ("visit", "detector", "band", "object", "moving_object", "id"):
        wanted = getattr(selection, meaning)
        if wanted is not None:
            where.append(_column(table, name, meaning).in_(_listed(wanted)))
    return where + _without_flags(selection.exclude_flags or (), table, name)


def _without_flags(flags: Sequence[str], table: sa.Table, name: str) -> list[Any]:
    """Return the conditions that none of some flags is set; warn about flags that the table lacks."""
    alchemy = sqlalchemy_module()
    truths = {one.name for one in table.columns if isinstance(one.type, alchemy.Boolean)}
    where: list[Any] = []
    absent = []
    for flag in flags:
        if flag not in truths and not is_flag_name(flag):
            known = [one.name for one in table.columns if one.name in truths or is_flag_name(one.name)]
            raise BadTable(f"{name} has no flag {flag!r}{close_names(flag, known)}")
        if flag not in table.columns:
            absent.append(flag)
            continue
        column = table.columns[flag]
        unset = alchemy.false() if flag in truths else alchemy.literal(0)
        where.append(alchemy.func.coalesce(column, unset) == unset)
    if absent:
        warnings.warn(
            f"{name} does not have {', '.join(absent)}, so they exclude no rows",
            CutoutWarning,
            stacklevel=6,
        )
    return where


def _listed(values: tuple[Any, ...]) -> Any:
    """Return values for SQL's IN, as literals, because databases limit parameters to about 32 000."""
    alchemy = sqlalchemy_module()
    written = all(isinstance(one, int) for one in values)
    return alchemy.bindparam(None, values, expanding=True, literal_execute=written)


def _between(column: sa.Column[Any], low: float | None, high: float | None) -> list[Any]:
    """Return the conditions of an inclusive range, also if the column is single precision."""
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
