"""Arrays as people hand them over, understood or refused."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import Image, Panel

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["bit_field", "given_stacks", "image_of", "one_for_each", "places_of", "stacks_beside"]


def given_stacks(stacks: Mapping[Panel, Any]) -> dict[Panel, NDArray[Any]]:
    """Return the panels that are there, as arrays."""
    given = {panel: numbers(stack, panel) for panel, stack in stacks.items() if stack is not None}
    if not given:
        raise BadOption("at least one of template, science and difference must be given")
    return given


def numbers(values: Any, what: str) -> NDArray[Any]:
    """Return an array of real numbers, not copied; masked values become NaN."""
    if isinstance(values, np.ma.MaskedArray):
        values = np.where(np.ma.getmaskarray(values), np.nan, values.data)
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise BadOption(f"{what} must hold real numbers; got an array of {array.dtype}")
    return array


def places_of(ids: Any) -> dict[int, int]:
    """Return id -> place, refusing what would lose digits or sources."""
    array = np.asarray(ids)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iuO"):
        raise BadOption(
            f"ids must be a sequence of 64-bit integers; got {array.dtype} of shape {array.shape} "
            "(a float cannot hold an 18-digit id)"
        )
    try:
        places = {operator.index(one): place for place, one in enumerate(array.tolist())}
    except TypeError as err:
        raise BadOption("ids must be 64-bit integers, none of them missing") from err
    if len(places) != len(array):
        raise BadOption(f"ids must be unique; {len(array) - len(places)} of {len(array)} stand twice")
    return places


def stacks_beside(stacks: Mapping[Panel, NDArray[Any]], given: Any, what: str) -> dict[Panel, NDArray[Any]]:
    """Return the mask or variance stack of each panel, checked against the panel's shape."""
    if given is None:
        return {}
    by_panel = given if isinstance(given, Mapping) else dict.fromkeys(stacks, given)
    found = {}
    for panel, values in by_panel.items():
        array = numbers(values, what)
        if panel not in stacks or array.shape != stacks[panel].shape:
            wanted = stacks[panel].shape if panel in stacks else "no such panel"
            raise BadOption(f"the {what} of {panel} has shape {array.shape}; the panel's is {wanted}")
        found[panel] = array
    if what == "mask" and any(array.dtype.kind == "f" for array in found.values()):
        raise BadOption("a mask holds integers (bit fields) or booleans, not floats")
    return found


def bit_field(mask: NDArray[Any]) -> NDArray[np.uint32]:
    """Return a bit field as uint32 without a sign in the way."""
    return mask.astype(np.int64).astype(np.uint32)


def one_for_each(wcs: Any, n: int) -> list[BaseHighLevelWCS | None]:
    """Return n world coordinate systems out of one, several or none."""
    if wcs is None or hasattr(wcs, "world_to_pixel"):
        return [wcs] * n
    several = list(wcs)
    if len(several) != n:
        raise BadOption(f"wcs must be one for all or one for each of the {n} stamps; got {len(several)}")
    return several


def image_of(given: Any, what: str) -> Image | None:
    """Understand one image of a triplet."""
    if given is None or isinstance(given, Image):
        return given
    pixels, wcs = given, None
    if isinstance(given, tuple) and len(given) == 2:
        pixels, wcs = given
    elif hasattr(given, "data") and hasattr(given, "wcs"):
        pixels, wcs = given.data, given.wcs
    array = numbers(pixels, what)
    if array.ndim != 2:
        raise BadOption(f"{what} must be a 2-d image, an (array, wcs) pair or None; got shape {array.shape}")
    unit = getattr(given, "unit", None)
    return Image(array, wcs=wcs, unit=None if unit is None else str(unit), origin="memory")
