"""Conversion of in-memory images of ``lsst.images``."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.stores.butler.facts import facts_of_archive
from cutout_widgets.stores.butler.lsst_images import NANOJANSKY, bits_of, box_of, sky_of
from cutout_widgets.stores.fits.ast_sky import alone_with_ast
from cutout_widgets.stores.open_image import as_float32

__all__ = ["image_of_lsst", "part_of_lsst"]


def part_of_lsst(thing: Any, box: Box) -> Any:
    """Return the part of an lsst.images image in a box."""
    from lsst.images import Box as LsstBox

    return thing[LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1]]


def image_of_lsst(thing: Any, psf_at: XY | None = None) -> Image:
    """Return an in-memory image of lsst.images as an `Image`, in nJy if possible."""
    from astropy import units as u

    box = box_of(thing.bbox)
    origin = f"memory: {type(thing).__name__}"
    plane = getattr(thing, "image", thing)
    unit = getattr(plane, "unit", None)
    scale, name = _to_njy(unit, getattr(thing, "photometric_scaling", None), box)
    pixels, noise, flags = plane.array, getattr(thing, "variance", None), getattr(thing, "mask", None)
    mask, planes = (None, {}) if flags is None else bits_of(flags, None, origin)
    projection = getattr(thing, "sky_projection", None)
    with alone_with_ast():
        wcs = None if projection is None else sky_of(projection, box)
    psf = getattr(thing, "psf", None)
    kernel = None
    if psf is not None:
        at = psf_at or box.centre
        kernel = as_float32(psf.compute_kernel_image(x=float(at.x), y=float(at.y)).array)
    return Image(
        as_float32(pixels * scale),
        box=box,
        mask=mask,
        planes=planes,
        variance=None if noise is None else as_float32(noise.array * scale**2),
        wcs=wcs,
        unit=name if name else None if unit is None else u.Unit(unit).to_string() or None,
        psf=kernel,
        origin=origin,
        metadata=facts_of_archive(lambda name: getattr(thing, name, None), box),
    )


def _to_njy(unit: Any, scaling: Any, box: Box) -> tuple[Any, str | None]:
    """Return the factor for pixels, and the unit after multiplication; 1 and None without calibration."""
    from astropy import units as u
    from lsst.images import Box as LsstBox

    if unit is None:
        return np.float32(1), None
    if unit.is_equivalent(u.nJy):
        return np.float32(unit.to(u.nJy)), NANOJANSKY
    if scaling is None or scaling.unit is None or not (unit * scaling.unit).is_equivalent(u.nJy):
        return np.float32(1), None
    rendered = scaling.render(LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1]).array
    return rendered * float((unit * scaling.unit).to(u.nJy)), NANOJANSKY
