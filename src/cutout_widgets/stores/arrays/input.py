"""Check and convert arrays given by users."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import Image, Panel
from cutout_widgets.pixels.plain import BITS, bit_field, plain_pixels
from cutout_widgets.stores.fits.masks import MaskLayout, fold_planes
from cutout_widgets.stores.in_hand import as_image, is_exposure

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["Stack", "bit_fields", "given_stacks", "image_of", "one_for_each", "places_of", "stacks_beside"]


Stack = NDArray[Any] | list[Image | None]
"""The stamps of a panel: one array of shape (n, ny, nx), or a list of images of various shapes."""


def given_stacks(stacks: Mapping[Panel, Any], unit: str | None) -> tuple[dict[Panel, Stack], str | None]:
    """Return the given panels, and their common unit: the given one, else that of the Quantities.

    Raises
    ------
    BadOption
        If there is none, or something is not a stamp.
    """
    given: dict[Panel, Stack] = {}
    for panel, stack in stacks.items():
        if stack is None:
            continue
        if isinstance(stack, (list, tuple)) and not _are_alike(stack):
            given[panel] = [image_of(one, f"stamp {n} of {panel}") for n, one in enumerate(stack)]
            continue
        if hasattr(stack, "to_value"):
            unit = unit or stack.unit.to_string() or None
            stack = _in_unit(stack, unit, panel)
        given[panel] = numbers(stack, panel)
    if not given:
        raise BadOption("at least one of template, science and difference must be given")
    return given, unit


def _are_alike(stamps: Sequence[Any]) -> bool:
    """Return whether stamps are arrays of the same shape, which can be stacked."""
    return all(isinstance(one, np.ndarray) and not hasattr(one, "to_value") for one in stamps) and (
        len({one.shape for one in stamps}) <= 1
        and not any(isinstance(one, np.ma.MaskedArray) for one in stamps)
    )


def _in_unit(values: Any, unit: str | None, what: str) -> Any:
    """Return a Quantity's value in a unit."""
    try:
        return values if unit is None else values.to(unit)
    except ValueError as err:
        raise BadOption(f"{what} is in {values.unit}, which is not convertible to {unit}") from err


def numbers(values: Any, what: str) -> NDArray[Any]:
    """Return an array of real numbers without copying; masked values become NaN."""
    array, _ = plain_pixels(values)
    if array.dtype.kind not in "fiub":
        raise BadOption(f"{what} must hold real numbers; got an array of {array.dtype}")
    return array


def places_of(ids: Any) -> dict[int, int]:
    """Return id -> index; raise for ids that are rounded or repeated."""
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
        raise BadOption(f"ids must be unique; {len(array) - len(places)} of {len(array)} are repeated")
    return places


def stacks_beside(stacks: Mapping[Panel, Stack], given: Any, what: str) -> dict[Panel, Any]:
    """Return the mask or variance stack of each panel, checked against the panel's shape.

    For stamps of various shapes it is a list of arrays.
    """
    if given is None:
        return {}
    by_panel = given if isinstance(given, Mapping) else dict.fromkeys(stacks, given)
    found: dict[Panel, Any] = {}
    for panel, values in by_panel.items():
        stack = stacks.get(panel)
        have: Any
        wanted: Any
        if isinstance(stack, list):
            found[panel] = [numbers(one, what) for one in values]
            have = [one.shape for one in found[panel]]
            wanted = [None if one is None else one.shape for one in stack]
            wanted = [one or other for one, other in zip(wanted, have, strict=False)]
        else:
            found[panel] = numbers(values, what)
            have, wanted = found[panel].shape, "no such panel" if stack is None else stack.shape
        if have != wanted:
            raise BadOption(f"the {what} of {panel} has shape {have}; the panel's is {wanted}")
    if what == "mask" and any(one.dtype.kind == "f" for stack in found.values() for one in stack):
        raise BadOption("a mask holds integers (bit fields) or booleans, not floats")
    return found


def bit_fields(
    masks: Mapping[Panel, Any], planes: Mapping[str, int]
) -> tuple[dict[Panel, Any], dict[str, int]]:
    """Return masks (stacks, or lists of arrays) as 32-bit fields, and the bits of their planes.

    Warns
    -----
    CutoutWarning
        If there are more planes than bits.
    """
    folded = MaskLayout((), planes, (None,))
    if any(not 0 <= bit < BITS for bit in planes.values()):
        folded = fold_planes([None], [planes], None, "the mask given")

    def fold(mask: NDArray[Any]) -> NDArray[np.uint32]:
        return bit_field(mask, {}) if folded.moves == (None,) else folded.combine([mask])

    return {
        panel: [fold(one) for one in given] if isinstance(given, list) else fold(given)
        for panel, given in masks.items()
    }, dict(folded.planes)


def one_for_each(wcs: Any, n: int) -> list[BaseHighLevelWCS | None]:
    """Return n world coordinate systems from one, several or none."""
    if wcs is None or hasattr(wcs, "world_to_pixel"):
        return [wcs] * n
    several = list(wcs)
    if len(several) != n:
        raise BadOption(f"wcs must be one for all or one for each of the {n} stamps; got {len(several)}")
    return several


def image_of(given: Any, what: str) -> Image | None:
    """Return one image of a triplet, converted."""
    if given is None or isinstance(given, Image):
        return given
    if is_exposure(given):
        return as_image(given)
    if hasattr(given, "uncertainty") and hasattr(given, "wcs"):
        return replace(Image.from_nddata(given), origin="memory")
    pixels, wcs = given, None
    if isinstance(given, tuple) and len(given) == 2:
        pixels, wcs = given
    elif hasattr(given, "data") and hasattr(given, "wcs"):
        pixels, wcs = given.data, given.wcs
    array = numbers(pixels, what)
    if array.ndim != 2:
        raise BadOption(f"{what} must be a 2-d image, an (array, wcs) pair or None; got shape {array.shape}")
    unit = getattr(given, "unit", None) or getattr(pixels, "unit", None)
    return Image(array, wcs=wcs, unit=None if unit is None else str(unit) or None, origin="memory")
