"""Convert images to and from astropy's NDData."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import BadOption, CutoutWarning
from cutout_widgets.palette import MASK_PLANE_ALIASES
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.plain import plain_pixels
from cutout_widgets.pixels.wcs import from_pixel

if TYPE_CHECKING:
    from astropy.nddata import CCDData, NDData


__all__ = ["UNUSABLE", "as_ccddata", "fields_of"]

UNUSABLE = ("BAD", "SAT", "CR", "NO_DATA")
"""Mask planes of pixels to exclude from measurements, by afw's names; lsst.images' names count too."""


def as_ccddata(image: Any, planes: Collection[str]) -> CCDData:
    """Return an `Image` as CCDData with the pixels of its array.

    The box is written to the header as ``LTV1``, ``LTV2``, the planes as ``MP_<NAME>``, as in
    afw; the bits become its `flags`.
    """
    import astropy.units as u
    from astropy.nddata import CCDData, VarianceUncertainty

    named = {MASK_PLANE_ALIASES.get(one, one) for one in planes}
    bits = sum(1 << bit for name, bit in image.planes.items() if MASK_PLANE_ALIASES.get(name, name) in named)
    hidden = ~np.isfinite(image.pixels)
    if image.mask is not None:
        hidden |= (image.mask & np.uint32(bits)) != 0
    meta: dict[str, Any] = {"LTV1": -image.box.x0, "LTV2": -image.box.y0}
    meta |= {f"MP_{name}": bit for name, bit in image.planes.items()}
    return CCDData(
        image.pixels,
        unit=u.Unit(image.unit, parse_strict="silent") if image.unit else u.dimensionless_unscaled,
        uncertainty=None if image.variance is None else VarianceUncertainty(image.variance),
        mask=hidden,
        flags=image.mask,
        meta=meta,
        wcs=None if image.wcs is None else from_pixel(image.wcs, image.box.x0, image.box.y0),
        psf=image.psf,
    )


def fields_of(data: NDData) -> dict[str, Any]:
    """Return the fields of an image from NDData.

    Raises
    ------
    BadOption
        If it is not two-dimensional.
    """
    pixels, _ = plain_pixels(data.data)
    if pixels.ndim != 2:
        raise BadOption(f"an image is two-dimensional; got data of shape {pixels.shape}")
    meta = data.meta or {}
    x0, y0 = round(-float(meta.get("LTV1", 0))), round(-float(meta.get("LTV2", 0)))
    planes = {
        str(key)[3:]: int(bit)
        for key, bit in meta.items()
        if str(key).startswith("MP_") and 0 <= int(bit) < 32
    }
    flags = getattr(data, "flags", None)
    mask: Any = None
    if flags is not None and np.shape(flags) == pixels.shape and planes:
        mask = np.asarray(flags).astype(np.uint32)
    elif data.mask is not None and np.any(data.mask):
        hidden = np.broadcast_to(data.mask, pixels.shape).astype(bool)
        planes, mask = {"BAD": 0}, hidden.astype(np.uint32)
        pixels, _ = plain_pixels(np.ma.array(pixels, mask=hidden))
    else:
        planes = {}
    unit = None if data.unit is None else data.unit.to_string() or None
    return {
        "pixels": pixels,
        "box": Box.from_shape(pixels.shape, (y0, x0)),
        "mask": mask,
        "planes": planes,
        "variance": _variance_of(data),
        "wcs": None if data.wcs is None else from_pixel(data.wcs, -x0, -y0),
        "unit": unit,
        "psf": getattr(data, "psf", None),
    }


def _variance_of(data: NDData) -> Any:
    """Return the variance in the square of the data's unit; None if there is no usable uncertainty.

    Warns
    -----
    CutoutWarning
        If the uncertainty has an unknown type.
    """
    from astropy.nddata import VarianceUncertainty

    given = data.uncertainty
    if given is None:
        return None
    try:
        found = given.represent_as(VarianceUncertainty)
        if data.unit is None or found.unit is None:
            return np.asarray(found.array)
        return np.asarray(found.array) * found.unit.to(data.unit**2)
    except (TypeError, ValueError, AttributeError):
        warnings.warn(
            f"a {type(given).__name__} gives no variance, so the image has none; use StdDevUncertainty",
            CutoutWarning,
            stacklevel=3,
        )
        return None
