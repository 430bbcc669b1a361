"""The sky of a header that does not say what its axes are, as LSST's alert stamps leave it out."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutout_widgets.pixels.tangent import TangentPlane

__all__ = ["LARGEST_PIXEL_DEG", "meant_plane", "says_type"]

LARGEST_PIXEL_DEG = 0.1
"""A header without CTYPE whose steps are larger is not in degrees (a step of 1 means pixels)."""


def says_type(header: Any) -> bool:
    """Return whether a header declares its axis types."""
    return any(str(header.get(f"CTYPE{axis}", "")).strip() for axis in (1, 2))


def meant_plane(cards: Any) -> TangentPlane | None:
    """Return the tangent plane implied by a header without CTYPE; None if it does not describe one.

    Parameters
    ----------
    cards
        The header, or a mapping of its cards.

    Raises
    ------
    ValueError
        In a phrase for a sentence, if its numbers make no plane.
    TypeError
        If a card is no number.
    """
    if any(f"{name}{axis}" not in cards for name in ("CRVAL", "CRPIX") for axis in (1, 2)):
        return None
    matrix = "CD" if "CD1_1" in cards else "PC"
    step = (1.0, 1.0) if matrix == "CD" else (float(cards.get("CDELT1", 1)), float(cards.get("CDELT2", 1)))
    turn = (
        (float(cards.get(f"{matrix}1_1", 1)), float(cards.get(f"{matrix}1_2", 0))),
        (float(cards.get(f"{matrix}2_1", 0)), float(cards.get(f"{matrix}2_2", 1))),
    )
    crval = float(cards["CRVAL1"]), float(cards["CRVAL2"])
    crpix = float(cards["CRPIX1"]), float(cards["CRPIX2"])
    plane = TangentPlane(crpix, crval, step, turn)
    scales = np.abs(plane.matrix)
    if not (scales.max() < LARGEST_PIXEL_DEG and -360 <= crval[0] <= 360 and abs(crval[1]) <= 90):
        return None
    if not np.isfinite(crpix).all():
        raise ValueError("its numbers are not finite")
    if np.linalg.det(plane.matrix) == 0:
        raise ValueError("its matrix is singular")
    return plane
