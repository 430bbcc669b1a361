"""Metadata of a Rubin exposure, as a flat mapping: name -> number or text.

Names are those of the stack: header cards (``MAGZERO``, ``BGMEAN``), fields of its summary
statistics (``zeroPoint``, ``skyBg``, ``psfSigma``), and for the photometric calibration
``calibrationMean`` (nJy per unit of the stored pixels) and ``calibrationErr``.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

from cutout_widgets.hdus import open_hdus
from cutout_widgets.pixels.geometry import Box

__all__ = ["facts_of_afw", "facts_of_archive", "tiles_of"]

_log = logging.getLogger(__name__)

NOT_STATISTICS = ("schema_version", "min_read_version", "metadata", "butler_info", "indirect", "version")
"""Fields of summary statistics about their storage."""

OF_THE_VISIT = ("physical_filter", "airmass", "boresight_airmass", "object", "observation_id", "visit_id")
"""Fields copied from an ``ObservationInfo``."""


def facts_of_afw(exposure: Any) -> dict[str, Any]:
    """Return the metadata of an afw exposure; missing values are omitted."""
    info = _asked(exposure, "getInfo")
    header = _asked(info, "getMetadata") or _asked(exposure, "getMetadata")
    facts: dict[str, Any] = {}
    try:
        facts = {str(name): value for name, value in dict(header or {}).items() if _is_plain(value)}
    except Exception:  # noqa: BLE001  a PropertyList is C++, with its own errors
        _log.info("the header of an exposure cannot be read", exc_info=True)
    facts.update(_statistics(_asked(info, "getSummaryStats")))
    calibration = _asked(exposure, "getPhotoCalib")
    for name, how in (("calibrationMean", "getCalibrationMean"), ("calibrationErr", "getCalibrationErr")):
        value = _asked(calibration, how)
        if value is not None:
            facts[name] = float(value)
    band = getattr(_asked(exposure, "getFilter"), "bandLabel", None)
    return facts if band is None else {**facts, "band": str(band)}


def facts_of_archive(component: Callable[[str], Any], box: Box) -> dict[str, Any]:
    """Return the metadata of an lsst.images image.

    Parameters
    ----------
    component
        Returns a component of the image by name, or None.
    box
        Box of the whole image: the calibration is evaluated at its centre.
    """
    facts = {
        str(name): value for name, value in dict(component("metadata") or {}).items() if _is_plain(value)
    }
    facts.update(_statistics(component("summary_stats")))
    info = component("obs_info")
    for name in OF_THE_VISIT:
        value = getattr(info, name, None)
        if _is_plain(value):
            facts[name] = value
    exposure_time = getattr(info, "exposure_time", None)
    if exposure_time is not None:
        facts["exposure_time"] = float(exposure_time.to_value("s"))
    for name in ("datetime_begin", "datetime_end"):
        moment = getattr(info, name, None)
        if moment is not None:
            facts[name.replace("datetime", "mjd")] = float(moment.tai.mjd)
    band = component("band")
    if isinstance(band, str):
        facts["band"] = band
    mean = _calibration_in_the_middle(component("photometric_scaling"), box)
    return facts if mean is None else {**facts, "calibrationMean": mean}


def _calibration_in_the_middle(scaling: Any, box: Box) -> float | None:
    """Return nJy per unit of the stored pixels."""
    unit = getattr(scaling, "unit", None)
    if unit is None:
        return None
    from astropy import units as u
    from lsst.images import Box as LsstBox

    y, x = (box.y0 + box.y1) // 2, (box.x0 + box.x1) // 2
    for base in (u.nJy, u.nJy / u.adu, u.nJy / u.electron):
        if unit.is_equivalent(base):
            pixel = scaling.render(LsstBox.factory[y : y + 1, x : x + 1]).array
            return float(pixel[0, 0]) * float(unit.to(base))
    return None


def _statistics(stats: Any) -> dict[str, Any]:
    """Return the summary statistics that have a value."""
    if stats is None:
        return {}
    named: Mapping[str, Any] = getattr(stats, "__dict__", {})
    return {name: value for name, value in named.items() if name not in NOT_STATISTICS and _is_known(value)}


def _is_known(value: Any) -> bool:
    """Return whether a statistic has a value: a number that is not NaN, or a tuple of them."""
    if isinstance(value, (tuple, list)):
        return bool(value) and all(_is_known(one) for one in value)
    return isinstance(value, (int, float)) and not (isinstance(value, float) and math.isnan(value))


def _is_plain(value: Any) -> bool:
    """Return whether a value has a basic, picklable type."""
    return isinstance(value, (str, int, float, bool))


def _asked(thing: Any, how: str) -> Any:
    """Return the result of a method, or None if it does not exist or fails."""
    method = getattr(thing, how, None)
    if method is None:
        return None
    try:
        return method()
    except Exception:  # noqa: BLE001  afw's C++ errors derive directly from Exception
        _log.info("%s of a %s fails", how, type(thing).__name__, exc_info=True)
        return None


def tiles_of(origin: str) -> tuple[int, int]:
    """Return height and width of the file's compression tiles; 128 squared if unknown."""
    from lsst.resources import ResourcePath

    unknown = (128, 128)
    uri = ResourcePath(origin)
    if not uri.isLocal or uri.getExtension() not in (".fits", ".fits.fz"):
        return unknown
    with open_hdus(uri.ospath, disable_image_compression=True) as hdus:
        header = hdus[1].header
        return header.get("ZTILE2", unknown[0]), header.get("ZTILE1", unknown[1])
