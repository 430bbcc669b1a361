"""Which places on the sky an image of ObsCore covers: its ``s_region``, else its middle and its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.hats.healpix import separations_deg
from cutout_widgets.catalog.nearest import directions

__all__ = ["circumscribed", "covered"]

_TOKEN = re.compile(r"[A-Za-z]\w*|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_SHAPES = ("POLYGON", "CIRCLE", "BOX")
_NOT_HERE = ("GALACTIC", "ECLIPTIC", "FK4", "NOT", "DIFFERENCE", "INTERSECTION")
"""Words of STC-S that make a region another than the sum of shapes on the equatorial sky."""


def covered(
    record: Mapping[str, Any], ra: NDArray[np.float64], dec: NDArray[np.float64]
) -> NDArray[np.bool_] | None:
    """Tell which of some places an image covers; None if its row of ObsCore does not say where it is.

    Parameters
    ----------
    record
        ``s_region`` as text (STC-S) or numbers (DALI), else ``s_ra``, ``s_dec`` and ``s_fov``, degrees.
    ra, dec
        Of the places, degrees.
    """
    shapes = _shapes_of(record)
    if not shapes:
        return None
    inside = np.zeros(len(ra), dtype=bool)
    for kind, numbers in shapes:
        inside |= _in_circle(numbers, ra, dec) if kind == "CIRCLE" else _in_polygon(numbers, ra, dec)
    return inside


def circumscribed(record: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Return middle and radius of a circle around an image, degrees; None if it is unknown.

    Parameters
    ----------
    record
        As for `covered`.
    """
    circles = []
    for kind, numbers in _shapes_of(record):
        if kind == "CIRCLE":
            circles.append((numbers[0], numbers[1], numbers[2]))
            continue
        ra, dec = np.array(numbers[::2]), np.array(numbers[1::2])
        x, y, z = directions(np.column_stack([ra, dec])).mean(axis=0)
        lon, lat = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
        circles.append((float(lon), float(lat), float(separations_deg(ra, dec, lon, lat).max())))
    if not circles:
        return None
    lon, lat, _ = circles[0]
    far = [float(separations_deg(np.array([a]), np.array([b]), lon, lat)[0]) + r for a, b, r in circles]
    return lon, lat, max(far) * (1 + 1e-9)


def _shapes_of(record: Mapping[str, Any]) -> list[tuple[str, list[float]]]:
    """Return the shapes of a row of ObsCore; none if it does not say where it is."""
    shapes = _shapes(record.get("s_region"))
    if shapes:
        return shapes
    middle: list[Any] = [record.get(name) for name in ("s_ra", "s_dec", "s_fov")]
    if any(one is None or not np.isfinite(one) for one in middle):
        return []
    return [("CIRCLE", [float(middle[0]), float(middle[1]), float(middle[2]) / 2])]


def _shapes(region: Any) -> list[tuple[str, list[float]]]:
    """Return circles and polygons, each with its numbers in degrees; none of what cannot be understood."""
    found: list[tuple[str, list[float]]] = []
    if isinstance(region, Sequence) and not isinstance(region, str):
        found.append(("CIRCLE" if len(region) == 3 else "POLYGON", [float(one) for one in region]))
    else:
        for token in _TOKEN.findall(str(region or "").upper()):
            if token in _NOT_HERE:
                return []
            if token in _SHAPES:
                found.append((token, []))
            elif found and not token[0].isalpha():
                found[-1][1].append(float(token))
    shapes = []
    for kind, numbers in found:
        if not np.isfinite(numbers).all():
            return []
        if kind == "BOX" and len(numbers) == 4:
            kind, numbers = "POLYGON", _corners(*numbers)
        if not (len(numbers) == 3 if kind == "CIRCLE" else len(numbers) >= 6 and len(numbers) % 2 == 0):
            return []
        shapes.append((kind, numbers))
    return shapes


def _corners(ra: float, dec: float, width: float, height: float) -> list[float]:
    """Return the corners of a box, whose width is along the parallel of its middle."""
    east = width / 2 / np.cos(np.radians(dec))
    north = height / 2
    return [ra - east, dec - north, ra + east, dec - north, ra + east, dec + north, ra - east, dec + north]


def _in_circle(
    numbers: Sequence[float], ra: NDArray[np.float64], dec: NDArray[np.float64]
) -> NDArray[np.bool_]:
    return separations_deg(ra, dec, numbers[0], numbers[1]) <= numbers[2]


def _in_polygon(
    numbers: Sequence[float], ra: NDArray[np.float64], dec: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which positions are in a polygon of great circles, by gnomonic projection about its middle."""
    corners = directions(np.reshape(numbers, (-1, 2)))
    middle = corners.mean(axis=0)
    middle /= np.linalg.norm(middle)
    pole = np.array([0.0, 0.0, 1.0] if abs(middle[2]) < 0.9 else [1.0, 0.0, 0.0])
    east = np.cross(pole, middle)
    east /= np.linalg.norm(east)
    axes = np.stack([east, np.cross(middle, east), middle], axis=1)
    sides, points = corners @ axes, directions(np.column_stack([ra, dec])) @ axes
    inside = np.zeros(len(ra), dtype=bool)
    if (sides[:, 2] <= 0).any():
        return inside  # larger than a hemisphere: no image
    before = points[:, 2] > 0
    x, y = (points[before, n] / points[before, 2] for n in (0, 1))
    px, py = (sides[:, n] / sides[:, 2] for n in (0, 1))
    odd = np.zeros(len(x), dtype=bool)
    for x0, y0, x1, y1 in zip(px, py, np.roll(px, 1), np.roll(py, 1), strict=True):
        if y0 != y1:
            odd ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    inside[before] = odd
    return inside
