"""Names of mask planes: the vocabularies of afw and lsst.images, and the planes of Rubin's images."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from cutout_widgets.palette import MASK_PLANE_ALIASES, MASK_PLANE_COLOURS

__all__ = ["KNOWN", "afw_name", "bits_of_plane", "unknown_plane"]

KNOWN = MASK_PLANE_COLOURS.keys() | {
    "CLIPPED", "CROSSTALK", "HIGH_VARIANCE", "INEXACT_PSF", "INJECTED", "INJECTED_CORE", "INJECTED_TEMPLATE",
    "ITL_DIP", "NOT_DEBLENDED", "PARTLY_VIGNETTED", "REJECTED", "SAT_TEMPLATE", "SENSOR_EDGE", "SPIKE",
    "STREAK", "UNMASKEDNAN", "VIGNETTED",
}  # fmt: skip
"""Planes of Rubin's images by their afw names: an image may lack some of them."""


def afw_name(plane: str) -> str:
    """Return afw's name of a plane, given its name in afw or lsst.images."""
    return MASK_PLANE_ALIASES.get(plane, plane)


def bits_of_plane(planes: Mapping[str, int], name: str) -> int:
    """Return the bits of a plane, by its name in afw or lsst.images; 0 if there is none."""
    if name in planes:
        return 1 << planes[name]
    wanted = afw_name(name)
    return sum(1 << bit for plane, bit in planes.items() if afw_name(plane) == wanted)


def unknown_plane(name: str, planes: Iterable[str]) -> str | None:
    """Return a message about a name unknown in the image and in Rubin's images; None otherwise."""
    have = list(planes)
    if afw_name(name) in KNOWN or any(afw_name(plane) == afw_name(name) for plane in have):
        return None
    near = difflib.get_close_matches(name.upper(), sorted({*have, *KNOWN, *MASK_PLANE_ALIASES}), n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(have) or 'none'}"
    return f"there is no mask plane {name!r}{hint}"
