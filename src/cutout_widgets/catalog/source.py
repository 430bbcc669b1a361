"""One row of a catalogue, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cutout_widgets.catalog.values import number_of
from cutout_widgets.quantities import numbers_in

__all__ = ["NO_DETECTION", "DiaSource"]

NO_DETECTION = "noDetection"
"""Column that is True in rows made for exposures of an object that did not detect it."""


@dataclass(frozen=True)
class DiaSource:
    """A detection on a difference image: one row of a table, with known columns as attributes.

    Examples
    --------
    >>> source = DiaSource(7, 53.0, -28.0, visit=1, flags={"isDipole": True})
    >>> source.id, source.visit, source.flags["isDipole"]
    (7, 1, True)
    """

    id: int
    """The 64-bit ``diaSourceId`` (``candid`` for ZTF)."""
    ra: float
    """Right ascension, ICRS degrees or an angle; NaN if unknown."""
    dec: float
    """Declination, ICRS degrees or an angle; NaN if unknown."""
    visit: int | None = None
    """The exposure; None if unknown."""
    detector: int | None = None
    """The detector of the exposure; None if unknown."""
    band: str | None = None
    """One letter, as in ``ugrizy``, or the survey's own name."""
    flags: Mapping[str, bool | None] = field(default_factory=dict)
    """Flag column -> True, False, or None for a missing value (which is not False)."""
    row: Mapping[str, Any] = field(default_factory=dict)
    """All columns of the row as Python values (int ids exact, None where null)."""
    index: int = 0
    """Row number in the source table, 0-based, by which a store finds per-row files."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Column -> unit in the table; columns that are absent here are in the default unit of the survey."""

    def __post_init__(self) -> None:
        if type(self.ra) is not float or type(self.dec) is not float:  # a fast path for rows of a table
            for name in ("ra", "dec"):
                object.__setattr__(self, name, numbers_in(getattr(self, name), name, "deg"))

    @property
    def xy(self) -> tuple[float, float] | None:
        """Catalogued position in parent pixels (columns ``x``, ``y``), x first, or None."""
        x, y = number_of(self.row.get("x")), number_of(self.row.get("y"))
        return None if x is None or y is None else (x, y)

    def key(self, name: str) -> Any:
        """Return a column by name, `visit` and `detector` by meaning; None if absent."""
        if name in ("visit", "detector", "band", "id", "ra", "dec"):
            return getattr(self, name)
        return self.row.get(name)
