"""Cutting a box out of an image: the innermost loop of everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, NoOverlap, PartialOverlap
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import NO_DATA, Image

__all__ = ["Mode", "cut", "free_bit", "padded"]

Mode = Literal["strict", "fill", "trim"]
"""What to do where a box leaves its image: refuse, fill, or return the smaller part."""


def cut(image: Image, box: Box, *, mode: Mode = "fill", fill: float | None = None) -> Image:
    """Copy the part of an image inside a box.

    Parameters
    ----------
    image
        Any image; it is not modified and shares no memory with the result.
    box
        Wanted rectangle, in the parent pixels of `image` (0-based, half-open).
    mode
        ``"fill"``: pad what lies outside. ``"strict"``: refuse a box that leaves the image.
        ``"trim"``: return only what lies inside, so `box` of the result may be smaller.
    fill
        Value of pixels outside in mode ``"fill"``. None = NaN, which an image of integers
        cannot hold: give a number then.

    Returns
    -------
    Image
        Same dtype, unit, WCS and planes. Outside: `fill`, plane ``NO_DATA`` set (added if the
        image has a mask without it), infinite variance, weight 0.

    Raises
    ------
    NoOverlap
        If not one pixel of `box` lies in `image`.
    PartialOverlap
        If one does not, in mode ``"strict"``.
    BadOption
        If the dtype cannot hold `fill`, or `mode` is none of the three.

    Notes
    -----
    Source: the slice arithmetic of subpixal's ``Cutout`` and of ``astropy.nddata.Cutout2D``.
    """
    if mode not in ("strict", "fill", "trim"):
        raise BadOption(f"mode is 'strict', 'fill' or 'trim'; got {mode!r}")
    if not image.box.overlaps(box):
        raise NoOverlap(f"{box} lies wholly outside the image, which covers {image.box}")
    inside = image.box.covers(box)
    if not inside and mode == "strict":
        raise PartialOverlap(
            f"{box} lies partly outside the image, which covers {image.box}; mode='fill' or 'trim' allow that"
        )
    if inside or mode == "trim":
        if not inside:
            box = box.intersection(image.box)
        part = box.slices_in(image.box)
        return replace(
            image,
            pixels=image.pixels[part].copy(),
            box=box,
            mask=None if image.mask is None else image.mask[part].copy(),
            variance=None if image.variance is None else image.variance[part].copy(),
            weight=None if image.weight is None else image.weight[part].copy(),
        )
    planes = image.planes
    mask = None
    if image.mask is not None:
        if NO_DATA not in planes:
            planes = {**planes, NO_DATA: free_bit(image)}
        mask = padded(image.mask, image.box, box, fill=1 << planes[NO_DATA])
    return replace(
        image,
        pixels=padded(image.pixels, image.box, box, fill=np.nan if fill is None else fill),
        box=box,
        mask=mask,
        planes=planes,
        variance=None if image.variance is None else padded(image.variance, image.box, box, fill=np.inf),
        weight=None if image.weight is None else padded(image.weight, image.box, box, fill=0),
    )


def padded(array: NDArray[Any], have: Box, want: Box, *, fill: float) -> NDArray[Any]:
    """Return a new array that fills the box `want` from one that fills `have`.

    Parameters
    ----------
    array
        Values of shape ``have.shape``.
    have, want
        Boxes in the same pixels; they share at least one.
    fill
        Value of the pixels of `want` outside `have`.

    Raises
    ------
    BadOption
        If the dtype of `array` cannot hold `fill`.
    NoOverlap
        If the boxes share no pixel.
    """
    out = np.full(want.shape, _exactly(fill, array.dtype), dtype=array.dtype)
    common = have.intersection(want)
    out[common.slices_in(want)] = array[common.slices_in(have)]
    return out


def free_bit(image: Image) -> int:
    """Return a bit that no plane of the image's mask uses and no pixel has set.

    Raises
    ------
    BadOption
        If all 32 are taken.
    """
    taken = set(image.planes.values())
    used = 0 if image.mask is None else int(np.bitwise_or.reduce(image.mask, axis=None))
    for bit in range(32):
        if bit not in taken and not used >> bit & 1:
            return bit
    raise BadOption("all 32 bits of the mask are taken; there is none left for NO_DATA")


def _exactly(value: float, dtype: np.dtype[Any]) -> Any:
    """Return `value` in `dtype`, or refuse it."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if not (np.isfinite(value) and value == int(value) and limits.min <= value <= limits.max):
            raise BadOption(
                f"an image of {dtype} cannot hold the fill value {value}; give a whole number from "
                f"{limits.min} to {limits.max}, or convert the image to float first"
            )
    elif dtype.kind == "b" and value not in (0, 1):
        raise BadOption(f"an image of bool cannot hold the fill value {value}; give 0 or 1")
    return dtype.type(value)
