"""From an exposure to a table of measured sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.detection.background import Subtracted, add_background, subtract_background
    from cutout_widgets.detection.deblending import deblend
    from cutout_widgets.detection.detection import Detection, detect
    from cutout_widgets.detection.exposure import Measured, measure
    from cutout_widgets.detection.sky import SkyStatistics, corners, pixel_scale, sky_statistics

_MODULES = {
    "Subtracted": "background",
    "add_background": "background",
    "subtract_background": "background",
    "Detection": "detection",
    "detect": "detection",
    "deblend": "deblending",
    "Measured": "exposure",
    "measure": "exposure",
    "SkyStatistics": "sky",
    "corners": "sky",
    "pixel_scale": "sky",
    "sky_statistics": "sky",
}
"""Public name -> its module."""

__all__ = [
    "Detection",
    "Measured",
    "SkyStatistics",
    "Subtracted",
    "add_background",
    "corners",
    "deblend",
    "detect",
    "measure",
    "pixel_scale",
    "sky_statistics",
    "subtract_background",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
