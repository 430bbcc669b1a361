"""Astropy's quantities, times and sky positions as plain numbers, for arguments that accept both."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutout_widgets.errors import BadOption

__all__ = ["days_tai", "degrees_icrs", "has_unit", "numbers_in"]


def has_unit(value: Any) -> bool:
    """Return whether a value is an astropy Quantity, without importing astropy for a plain number."""
    return hasattr(value, "to_value") and hasattr(value, "unit")


def numbers_in(value: Any, name: str, *units: str) -> Any:
    """Return a Quantity as a float or array in a unit, and anything else unchanged.

    Parameters
    ----------
    value
        The argument's value.
    name
        The argument's name, for error messages.
    *units
        The unit of plain numbers, as astropy writes it, and equivalents (``"mag"`` besides ``"mag(AB)"``).

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
    """Return an astropy Time as MJD TAI, a Quantity in days, and anything else unchanged.

    Raises
    ------
    BadOption
        If a Quantity is not a time.
    """
    scale = getattr(value, "tai", None)
    return numbers_in(value, name, "day") if scale is None else scale.mjd


def degrees_icrs(position: Any, name: str) -> tuple[Any, Any]:
    """Return right ascension and declination, ICRS degrees, of a SkyCoord.

    Raises
    ------
    BadOption
        If it is not a SkyCoord, or its frame cannot be transformed to ICRS.
    """
    from astropy.coordinates import ConvertError

    try:
        place = position.icrs
        return place.ra.deg, place.dec.deg
    except (AttributeError, ConvertError) as err:
        raise BadOption(
            f"{name} takes a SkyCoord that has a place in ICRS; got {type(position).__name__}"
        ) from err
