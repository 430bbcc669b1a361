"""Astropy's quantities, times and sky positions as plain numbers, where an argument takes both."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutout_widgets.errors import BadOption

__all__ = ["days_tai", "degrees_icrs", "has_unit", "numbers_in"]


def has_unit(value: Any) -> bool:
    """Return whether a value is an astropy Quantity; astropy need not be imported for a plain number."""
    return hasattr(value, "to_value") and hasattr(value, "unit")


def numbers_in(value: Any, name: str, *units: str) -> Any:
    """Return a Quantity as a float, or an array, in a unit; and anything else as it is.

    Parameters
    ----------
    value
        What was given for an argument.
    name
        What the argument is called, for the sentence.
    *units
        The unit of plain numbers, as astropy writes it; others count alike (``"mag"`` beside ``"mag(AB)"``).

    Raises
    ------
    BadOption
        If a Quantity cannot be converted to any of them.
    """
    if not has_unit(value):
        return value
    from astropy import units as u

    for unit in units:
        try:
            numbers = value.to_value(u.Unit(unit))
            return numbers if np.ndim(numbers) else float(numbers)
        except (u.UnitConversionError, u.UnitTypeError, TypeError):
            continue
    raise BadOption(f"{name} must be in {units[0]}, or a Quantity that converts to it; got {value:.6g}")


def days_tai(value: Any, name: str) -> Any:
    """Return an astropy Time as MJD TAI, a Quantity in days, and anything else as it is.

    Raises
    ------
    BadOption
        If a Quantity is no time.
    """
    scale = getattr(value, "tai", None)
    return numbers_in(value, name, "day") if scale is None else scale.mjd


def degrees_icrs(position: Any, name: str) -> tuple[Any, Any]:
    """Return right ascension and declination, ICRS degrees, of a SkyCoord.

    Raises
    ------
    BadOption
        If it is no SkyCoord, or one whose frame cannot be turned into ICRS.
    """
    from astropy.coordinates import ConvertError

    try:
        place = position.icrs
        return place.ra.deg, place.dec.deg
    except (AttributeError, ConvertError) as err:
        raise BadOption(
            f"{name} takes a SkyCoord that has a place in ICRS; got {type(position).__name__}"
        ) from err
