"""Lists and rows of single values with units, times or sky positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.values import is_missing
from cutout_widgets.errors import BadTable, sentence
from cutout_widgets.quantities import days_tai

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.units import Quantity

_OBJECTS = ("icrs", "unit", "tai")
"""Attributes that identify astropy's positions, quantities and times."""

__all__ = ["gathered", "is_positions", "positions_of"]


def gathered(values: Sequence[Any], name: str) -> Quantity | SkyCoord | NDArray[np.float64] | None:
    """Return values with units as one Quantity, positions as one SkyCoord, times as MJD TAI.

    Parameters
    ----------
    values
        The values of a column; missing ones become NaN.
    name
        The column's name, for messages.

    Returns
    -------
    Quantity, SkyCoord, array or None
        None for other values.

    Raises
    ------
    BadTable
        If only some have a unit, or their units or frames are incompatible.
    """
    first = next((one for one in values if not _is_gap(one)), None)
    if hasattr(first, "tai"):
        return np.array([np.nan if _is_gap(one) else float(days_tai(one, name)) for one in values])
    is_position = hasattr(first, "icrs")
    if not is_position and not (hasattr(first, "to_value") and hasattr(first, "unit")):
        return None
    assert first is not None
    from astropy.coordinates import SkyCoord
    from astropy.units import Quantity

    try:
        if is_position:
            empty = SkyCoord(np.nan, np.nan, unit="deg")
            places = [empty if _is_gap(one) else one.icrs for one in values]
            return SkyCoord([one.ra for one in places], [one.dec for one in places])
        unit = first.unit
        return Quantity([np.nan if _is_gap(one) else one.to_value(unit) for one in values], unit)
    except (AttributeError, TypeError, ValueError) as err:
        raise BadTable(f"the values of column {name!r} are inconsistent ({sentence(err)})") from err


def is_positions(source: Any) -> bool:
    """Return whether an object consists of positions only: a SkyCoord, or a sequence of them."""
    if hasattr(source, "icrs") and hasattr(source, "ra"):
        return True
    if hasattr(source, "icrs") and hasattr(source, "to_string"):  # a frame without ra, such as galactic
        return True
    return isinstance(source, Sequence) and bool(source) and all(hasattr(one, "icrs") for one in source)


def positions_of(source: Any) -> Mapping[str, Any]:
    """Return positions as columns: ``id`` (1, 2, ...), ``ra`` and ``dec``, ICRS degrees.

    Raises
    ------
    BadTable
        If their frame depends on an observer or a time that is not given.
    """
    from astropy.coordinates import ConvertError

    try:
        places = [source.icrs] if hasattr(source, "icrs") else [one.icrs for one in source]
    except ConvertError as err:
        raise BadTable(f"the positions cannot be transformed to ICRS ({sentence(err)})") from err
    ra = np.concatenate([np.atleast_1d(one.ra.deg).ravel() for one in places])
    dec = np.concatenate([np.atleast_1d(one.dec.deg).ravel() for one in places])
    return {"id": np.arange(1, len(ra) + 1), "ra": ra, "dec": dec}


def _is_gap(value: Any) -> bool:
    """Return whether a value is missing; a position, a quantity and a time are not."""
    return value is None or (not any(hasattr(value, one) for one in _OBJECTS) and is_missing(value))
