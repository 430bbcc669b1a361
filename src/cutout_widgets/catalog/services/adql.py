"""ADQL queries: quoted names, circles on the sky, lists of identifiers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from cutout_widgets.errors import BadOption
from cutout_widgets.quantities import degrees_icrs

__all__ = ["circle", "degrees_of", "in_list", "literal", "quoted", "radius_deg", "select"]

_PLAIN = re.compile(r"[A-Za-z]\w*", re.ASCII)


def quoted(name: str) -> str:
    """Return the name of a column or table, with quotes where ADQL needs them."""
    return ".".join(
        one if _PLAIN.fullmatch(one) else '"{}"'.format(one.replace('"', '""')) for one in name.split(".")
    )


def literal(text: str) -> str:
    """Return text as an ADQL literal."""
    return "'{}'".format(text.replace("'", "''"))


def select(
    table: str,
    columns: Sequence[str] = (),
    conditions: Iterable[str] = (),
    *,
    limit: int | None = None,
) -> str:
    """Return a query of one table.

    Parameters
    ----------
    table
        Its name, including the schema.
    columns
        Names; none = all.
    conditions
        Conditions that must all hold.
    limit
        Maximum number of rows.
    """
    top = "" if limit is None else f"TOP {limit} "
    listed = ", ".join(map(quoted, columns)) or "*"
    where = " AND ".join(conditions)
    return f"SELECT {top}{listed} FROM {quoted(table)}" + (f" WHERE {where}" if where else "")


def in_list(column: str, numbers: Sequence[int]) -> str:
    """Return the condition that a column has one of some whole numbers."""
    listed = ", ".join(str(int(one)) for one in numbers)
    return f"{quoted(column)} = {listed}" if len(numbers) == 1 else f"{quoted(column)} IN ({listed})"


def circle(ra: str, dec: str, position: Any, radius: Any) -> str:
    """Return the condition that a row is in a circle on the sky.

    Parameters
    ----------
    ra, dec
        Coordinate columns of the rows.
    position
        A `SkyCoord` with one position, or ra and dec, ICRS degrees.
    radius
        arcsec, or an astropy Quantity.

    Raises
    ------
    BadOption
        If the position is invalid, or the radius is not an angle between 0 and 180 degrees.
    """
    x, y = degrees_of(position)
    r = radius_deg(radius)
    place = f"POINT('ICRS', {quoted(ra)}, {quoted(dec)})"
    return f"CONTAINS({place}, CIRCLE('ICRS', {x!r}, {y!r}, {r!r})) = 1"


def degrees_of(position: Any) -> tuple[float, float]:
    """Return ra and dec of one position, ICRS degrees."""
    try:
        if hasattr(position, "icrs"):
            ra, dec = map(float, degrees_icrs(position, "position"))
        else:
            ra, dec = (float(one.to_value("deg") if hasattr(one, "to_value") else one) for one in position)
    except (TypeError, ValueError) as err:
        raise BadOption(
            f"position is one SkyCoord, or (ra, dec) in degrees; got {' '.join(repr(position).split())[:60]}"
        ) from err
    if not (math.isfinite(ra) and abs(dec) <= 90):
        raise BadOption(f"position is a place on the sky, in degrees; got ra {ra}, dec {dec}")
    return ra % 360.0, dec


def radius_deg(radius: Any) -> float:
    """Return a radius in degrees."""
    import astropy.units as u

    try:
        angle = float(u.Quantity(radius, None if hasattr(radius, "unit") else u.arcsec).to_value(u.deg))
    except (TypeError, ValueError, u.UnitsError) as err:
        raise BadOption(f"radius is an angle: arcsec, or a Quantity; got {radius!r:.60}") from err
    if not 0 < angle <= 180:
        raise BadOption(f"radius is an angle between 0 and 180 degrees; got {radius}")
    return angle
