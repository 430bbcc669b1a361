"""Mask planes by their names in afw (SAT, INTRP, CR) or lsst.images (SATURATED, ...)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.plane_names import afw_name

__all__ = ["afw_name", "bits_of", "where_any"]


def bits_of(image: Image, planes: Iterable[str]) -> int:
    """Return the bits of some planes in an image's mask; missing planes are ignored."""
    wanted = {afw_name(plane) for plane in planes}
    return sum(1 << bit for name, bit in image.planes.items() if afw_name(name) in wanted)


def where_any(image: Image, planes: Iterable[str]) -> NDArray[np.bool_]:
    """Return where any of some planes is set, shape (ny, nx); nowhere without a mask."""
    bits = bits_of(image, planes)
    if image.mask is None or not bits:
        return np.zeros(image.shape, dtype=bool)
    found: NDArray[np.bool_] = (image.mask & np.uint32(bits)) != 0
    return found
