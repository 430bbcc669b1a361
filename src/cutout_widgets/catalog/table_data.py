"""Data shared by all views of a table: columns, meanings, units, the index of identifiers."""

from __future__ import annotations

import bisect
import threading
import warnings
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import (
    ID_COLUMNS,
    NEEDED,
    SURVEYS,
    names_among,
    names_of,
)
from cutout_widgets.catalog.filters.ordering import stable_order
from cutout_widgets.catalog.frame import Frame, Page, Row
from cutout_widgets.catalog.identifiers.identifiers import is_words
from cutout_widgets.catalog.photometry.fluxes import units_with_errors
from cutout_widgets.catalog.reading.conversion import Intake
from cutout_widgets.catalog.reading.preparation import prepared
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.values import Values, is_unset, missing_of
from cutout_widgets.errors import BadTable, CutoutWarning, counted

if TYPE_CHECKING:
    pass

__all__ = ["TableData"]

_BLOCK = 1 << 18
"""Identifiers compared at once."""

_NAMES_LOOKED_AT = 1000


class TableData:
    """Data shared by all views of a table."""

    def __init__(
        self,
        frame: Frame,
        names: Mapping[str, str],
        units: Mapping[str, str],
        descriptions: Mapping[str, str],
        origin: str = "",
    ) -> None:
        self.frame, self.names, self.origin = frame, dict(names), origin
        self.units = units_with_errors(frame.names, units)
        self.descriptions = dict(descriptions)
        self.flags = MappingProxyType(
            {name: None for name, column in frame.arrow.items() if str(column.type) == "bool"}
        )
        self.band_codes = _band_codes(frame, self._columns_of("band"))
        self._all = MappingProxyType(dict.fromkeys(frame.names))
        self._lookup: NDArray[np.uint32] | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(
        cls,
        intake: Intake,
        *,
        chosen: Mapping[str, str | None],
        instrument: str | None = None,
        origin: str = "",
    ) -> TableData:
        """Resolve the meanings of columns and make the identifiers exact.

        Parameters
        ----------
        intake
            The columns; they are consumed.
        chosen
            Meaning -> column name, as chosen by the user.
        instrument
            The instrument of all rows, if the user gave it.
        origin
            Name of the table for messages.

        Raises
        ------
        BadTable
            If a required column is missing, or the identifiers are not exact.
        """
        names = prepared(intake, chosen=chosen, instrument=instrument, origin=origin)
        return cls(Frame(intake.columns), names, intake.units, intake.descriptions, origin)

    def identified(self) -> NDArray[np.uint32] | None:
        """Return the rows that have an identifier; None if all have."""
        missing = self.frame.values(self.names["id"]).missing
        return None if missing is None else np.flatnonzero(~missing).astype(np.uint32)

    def __reduce__(self) -> tuple[Any, ...]:
        return TableData, (self.frame, self.names, self.units, self.descriptions, self.origin)

    def column_of(self, name: str) -> str:
        """Return the column of a name or a meaning; any other text unchanged."""
        return name if name in self.frame.arrow else self.names.get(name, name)

    def values(self, name: str) -> Values:
        """Return a column, or the column of a meaning, in numpy form.

        If several numeric columns in the same unit have the meaning, in each row the first one with a value
        is used.

        Raises
        ------
        BadTable
            If there is no such column, or it contains lists, structs or bytes.
        """
        column = self.column_of(name)
        found = self.frame.values(column)
        if name not in self.names or name in self.frame.arrow or name in NEEDED:
            return found
        if found.words is not None or column in ID_COLUMNS:
            return found
        for other in self._columns_of(name)[1:]:
            missing = missing_of(found)
            if not missing.any():
                break
            more = self.frame.values(other)
            if more.words is None and self.units.get(other) == self.units.get(column):
                filled = np.where(missing, np.where(missing_of(more), np.nan, more.values), found.values)
                found = Values(filled)
        return found

    def _columns_of(self, meaning: str) -> list[str]:
        """Return the columns of a meaning, in order of preference."""
        first = self.names.get(meaning)
        known = [name for name in names_among(meaning, self.frame.arrow) if name in self.frame.arrow]
        return [] if first is None else list(dict.fromkeys([first, *known]))

    def sources(self, page: Page) -> list[DiaSource]:
        """Return the rows of a page as `DiaSource` objects."""
        names, band_columns = self.names, self._columns_of("band")

        def read(name: str) -> list[Any]:
            found = page.python(name)
            return [self._band(one, name) for one in found] if name in band_columns else found

        def values(meaning: str) -> list[Any]:
            columns = [names[meaning]] if meaning in NEEDED else self._columns_of(meaning)
            if not columns:
                return [None] * len(page.rows)
            found = read(columns[0])
            for name in columns[1:]:
                if any(is_unset(one) for one in found):
                    more = read(name)
                    found = [other if is_unset(one) else one for one, other in zip(found, more, strict=True)]
            return found

        ids, ras, decs, bands = values("id"), values("ra"), values("dec"), values("band")
        visits, detectors = values("visit"), values("detector")
        if "exposure" in names:
            numbers = [_int(one) for one in values("exposure")]
            both = [(None, None) if one is None else divmod(one, 1000) for one in numbers]
            visits = [visit if is_unset(one) else one for one, (visit, _) in zip(visits, both, strict=True)]
            detectors = [
                detector if is_unset(one) else one for one, (_, detector) in zip(detectors, both, strict=True)
            ]
        return [
            DiaSource(
                id=ids[place],
                ra=_float(ras[place]),
                dec=_float(decs[place]),
                visit=_int(visits[place]),
                detector=_int(detectors[place]),
                band=bands[place],
                flags=Row(page, place, self.flags),
                row=Row(page, place, self._all),
                units=self.units,
                index=int(row),
            )
            for place, row in enumerate(page.rows)
        ]

    def row_of(self, id: int | str) -> int:
        """Return the first row of an identifier, using a sorted index created on first use."""
        id = _exact(id)
        found = self.rows_of(id)
        if not len(found):
            rows, ids = self._looked_up(), self.frame.values(self.names["id"]).values
            span = f", {ids[rows[0]]} to {ids[rows[-1]]}" if len(rows) else ""
            have = f"{counted(len(rows), 'identifier')}{span}"
            raise BadTable(f"the table has no row of {self.names['id']} {id}; it has {have}")
        return int(found[0])

    def rows_of(self, id: int) -> NDArray[np.uint32]:
        """Return the rows of an identifier, in order; usually one."""
        rows, ids = self._looked_up(), self.frame.values(self.names["id"]).values
        first = last = bisect.bisect_left(range(len(rows)), id, key=lambda one: int(ids[rows[one]]))
        while last < len(rows) and int(ids[rows[last]]) == id:
            last += 1
        return rows[first:last]

    def sorted_identifiers(self) -> NDArray[np.int64]:
        """Return all identifiers, sorted, shape (n,)."""
        found: NDArray[np.int64] = self.frame.values(self.names["id"]).values[self._looked_up()]
        return found

    def _looked_up(self) -> NDArray[np.uint32]:
        """Return the sorted index, created on first use."""
        if self._lookup is None:
            with self._lock:
                if self._lookup is None:
                    self._lookup = self._index()
        return self._lookup

    def _index(self) -> NDArray[np.uint32]:
        """Return the rows in order of identifier, and warn about repeated ones."""
        found = self.frame.values(self.names["id"])
        rows = stable_order(found.values, found.missing, descending=False)
        if found.missing is not None:
            rows = rows[: len(rows) - int(found.missing.sum())]
        again = 0
        for start in range(0, len(rows), _BLOCK):
            ids = found.values[rows[start : start + _BLOCK + 1]]
            again += int((ids[1:] == ids[:-1]).sum())
        if again:
            warnings.warn(
                f"{again} rows repeat a {self.names['id']} of an earlier row; look-ups return the first",
                CutoutWarning,
                stacklevel=6,
            )
        return rows

    def _band(self, value: Any, name: str) -> str | None:
        """Return the band that a value of a column is, by the numbers of its survey."""
        if is_unset(value):
            return None
        codes = self.band_codes.get(name, {})
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, float) and value.is_integer():  # a column with NULLs
            value = int(value)
        word = str(value).strip()
        return codes.get(int(word), word) if word.isdecimal() else word


def _band_codes(frame: Frame, columns: Iterable[str]) -> dict[str, Mapping[Any, str]]:
    """Return column -> number -> band for columns of bands that are the numbers of a known survey."""
    found: dict[str, Mapping[Any, str]] = {}
    for name in columns:
        for survey in SURVEYS:
            if name not in survey.band or not survey.band_codes:
                continue
            if survey.mark in frame.names or (survey.designation and _designates(frame, survey.designation)):
                found.setdefault(name, survey.band_codes)
    return found


def _designates(frame: Frame, designation: str) -> bool:
    """Return whether the objects of a table are named by a survey, judging by the first name."""
    for name in names_of("object"):
        if name in frame.arrow and is_words(frame.arrow[name].type):
            first = next((one for one in frame.arrow[name][:_NAMES_LOOKED_AT].to_pylist() if one), "")
            return first.startswith(designation)
    return False


def _float(value: Any) -> float:
    """Return a position as float; NaN if missing or not a number."""
    try:
        return np.nan if value is None else float(value)
    except (TypeError, ValueError):
        return np.nan


def _int(value: Any) -> int | None:
    """Return a key as an int if it is a whole number, else None."""
    if value is None or value != value:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _exact(id: Any) -> int:
    """Return a requested identifier; floats are refused, since they may have been rounded."""
    if isinstance(id, (int, np.integer)) and not isinstance(id, bool):
        return int(id)
    if isinstance(id, str) and id.strip().removeprefix("-").isdecimal():
        return int(id)
    raise BadTable(f"an identifier is an integer, or text of its digits; got {id!r}")
