"""HEALPix pixels (nested) that may overlap a circle, from their centres and maximum radius."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["largest_radius_deg", "middles", "near", "separations_deg"]

_FACE_RING = np.array([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4])
_FACE_PHI = np.array([1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7])
"""Positions of the twelve base pixels. Source: Górski et al. 2005, ApJ 622, 759, section 5."""


def middles(order: int, pixels: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ra and dec of pixel centres, degrees.

    Parameters
    ----------
    order
        Order of the pixels: there are ``12 * 4**order``.
    pixels
        Their numbers in the nested scheme.
    """
    nside = 1 << order
    face, inside = np.divmod(pixels, nside * nside)
    x, y = _every_other_bit(inside), _every_other_bit(inside >> 1)
    ring = _FACE_RING[face] * nside - x - y - 1
    north, south = ring < nside, ring > 3 * nside
    across = np.where(north, ring, np.where(south, 4 * nside - ring, nside))
    cap = 1 - across**2 / (3.0 * nside**2)
    z = np.where(north, cap, np.where(south, -cap, (2 * nside - ring) * 2 / (3.0 * nside)))
    odd = np.where(north | south, 0, (ring - nside) & 1)
    place = (_FACE_PHI[face] * across + x - y + 1 + odd) // 2
    place = np.where(place > 4 * nside, place - 4 * nside, place)
    place = np.where(place < 1, place + 4 * nside, place)
    phi = (place - (odd + 1) * 0.5) * (math.pi / 2) / across
    return np.degrees(phi) % 360, np.degrees(np.arcsin(z))


def largest_radius_deg(order: int) -> float:
    """Return the maximum distance of a corner from its pixel's centre, degrees."""
    nside = 1 << order
    one = _vector(2 / 3, math.pi / (4 * nside))
    other = _vector(1 - (1 - 1 / nside) ** 2 / 3, 0.0)
    return math.degrees(math.acos(min(1.0, float(one @ other))))


def near(
    order: int, pixels: NDArray[np.int64], ra: float, dec: float, radius_deg: float
) -> NDArray[np.bool_]:
    """Return which pixels may overlap a circle; a few that do not may be included."""
    lon, lat = middles(order, pixels)
    return separations_deg(lon, lat, ra, dec) <= radius_deg + largest_radius_deg(order)


def separations_deg(
    lon: NDArray[np.float64], lat: NDArray[np.float64], ra: float, dec: float
) -> NDArray[np.float64]:
    """Return angles between positions and one position, degrees."""
    a, b = np.radians(lon - ra), np.radians(lat)
    c = math.radians(dec)
    half = np.sin((b - c) / 2) ** 2 + np.cos(b) * math.cos(c) * np.sin(a / 2) ** 2
    angles: NDArray[np.float64] = np.degrees(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
    return angles


def _every_other_bit(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the even bits of numbers, compacted."""
    found = np.zeros_like(numbers)
    for bit in range(30):
        found |= ((numbers >> (2 * bit)) & 1) << bit
    return found


def _vector(z: float, phi: float) -> NDArray[np.float64]:
    across = math.sqrt(1 - z * z)
    return np.array([across * math.cos(phi), across * math.sin(phi), z])
