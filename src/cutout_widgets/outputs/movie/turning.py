"""Rotate panels so that north, or an object's direction of motion, is up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.outputs.figure.figure import PANEL_PX
from cutout_widgets.pixels.compass import Compass, compasses_in
from cutout_widgets.pixels.image import PANELS, Panel, Triplet

__all__ = ["Up", "compasses_of_panels", "turned", "words_of"]

Up = Literal["detector", "north", "motion"]
"""The direction that is up in a frame: the detector's y axis, north, or the direction of motion."""
UPS: tuple[Up, ...] = get_args(Up)

_BEST_FIRST: tuple[Panel, ...] = ("science", "difference", "template")
"""Panels whose WCS is used, in this order, for a panel without one: they share the pixel grid then."""


def compasses_of_panels(triplet: Triplet) -> dict[Panel, Compass | None]:
    """Return the orientation of each panel on the sky; None without a WCS."""
    found: dict[Panel, Compass | None] = {}
    for panel, image in zip(PANELS, triplet, strict=True):
        if image is not None and image.projection is not None:
            (found[panel],) = compasses_in([image])
    lent = next((one for panel in _BEST_FIRST if (one := found.get(panel)) is not None), None)
    return {
        panel: found.get(panel, lent)
        for panel, image in zip(PANELS, triplet, strict=True)
        if image is not None
    }


def turned(levels: NDArray[np.uint8], compass: Compass, angle_deg: float) -> NDArray[np.uint8]:
    """Return grey levels rotated about the centre, with nearest pixels, at the same scale.

    Parameters
    ----------
    levels
        Shape (ny, nx), first row at the bottom; 0 is no data.
    compass
        Their orientation on the sky.
    angle_deg
        The position angle to put up: 0 for north; an angle larger by 90 degrees is to the left, as
        seen on the sky, so an image with mirrored pixels is mirrored back.

    Returns
    -------
    ndarray
        Shape (`PANEL_PX`, `PANEL_PX`); 0 outside the image.
    """
    ny, nx = levels.shape
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    north, east = np.array(compass.north), np.array(compass.east)
    up, left = cos * north + sin * east, cos * east - sin * north
    steps = (np.arange(PANEL_PX) - (PANEL_PX - 1) / 2) * (max(ny, nx) / PANEL_PX)
    x = (nx - 1) / 2 + steps[:, np.newaxis] * up[0] - steps * left[0]
    y = (ny - 1) / 2 + steps[:, np.newaxis] * up[1] - steps * left[1]
    column, row = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp)
    inside = (column >= 0) & (column < nx) & (row >= 0) & (row < ny)
    found = np.zeros((PANEL_PX, PANEL_PX), dtype=np.uint8)
    found[inside] = levels[row[inside], column[inside]]
    return found


def words_of(up: Up, angle_deg: float, compasses: Sequence[Compass | None]) -> str:
    """Return the label for the orientation of a frame."""
    if up != "detector" and (not compasses or any(one is None for one in compasses)):
        return "as on the detector: no WCS"
    if up == "motion" and math.isnan(angle_deg):
        return "north up, east left: no motion is known"
    if up == "motion":
        return f"motion up, at position angle {angle_deg % 360:.1f} deg"
    return "north up, east left" if up == "north" else "as on the detector"
