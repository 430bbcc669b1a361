"""Conversion of numbers to grey levels: limits, curves, and named looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.display.levels import CURVES
    from cutout_widgets.display.limits import minmax, percentile, symmetric, zscale
    from cutout_widgets.display.look import LOOKS, Look
    from cutout_widgets.display.stretch import LIMITS, Limits, Stretch

_MODULES = {
    "LOOKS": "look",
    "Look": "look",
    "LIMITS": "stretch",
    "Limits": "stretch",
    "Stretch": "stretch",
    "CURVES": "levels",
    "minmax": "limits",
    "percentile": "limits",
    "symmetric": "limits",
    "zscale": "limits",
}
"""Public name -> its module."""

__all__ = [
    "CURVES",
    "LIMITS",
    "LOOKS",
    "Limits",
    "Look",
    "Stretch",
    "minmax",
    "percentile",
    "symmetric",
    "zscale",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
