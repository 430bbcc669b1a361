"""Cutting a box from an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, CutoutError, NoOverlap, PartialOverlap
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import NO_DATA, PANELS, Image, Panel, Triplet

__all__ = ["Mode", "cut", "cut_each", "cut_stack", "free_bit", "padded"]

Mode = Literal["strict", "fill", "trim"]
"""How to treat a box partly outside its image: raise, fill, or return the part inside."""
_MODES = get_args(Mode)


def cut(image: Image, box: Box, *, mode: Mode = "fill", fill: float | None = None) -> Image:
    """Copy the part of an `Image` inside a box.

    Arguments, result and errors are those of `cutout_widgets.cut`, which also accepts other images.

    Notes
    -----
    Source: the slice arithmetic of subpixal's ``Cutout`` and of ``astropy.nddata.Cutout2D``.

    Examples
    --------
    >>> import numpy as np
    >>> import cutout_widgets as cw
    >>> cw.cut(cw.Image(np.ones((4, 4))), cw.Box(-1, 1, 0, 2)).pixels
    array([[nan, nan],
           [ 1.,  1.]])
    """
    if mode not in _MODES:
        raise BadOption(f"mode is 'strict', 'fill' or 'trim'; got {mode!r}")
    if not isinstance(box, Box):
        raise BadOption(
            "cut takes a Box of parent pixels, such as Region.of(30).box_on(image, row); "
            f"got {type(box).__name__}"
        )
    have = image.box
    if not have.holds_all_of(box):
        if not have.overlaps(box):
            raise NoOverlap(f"{box} is entirely outside the image, which covers {have}")
        if mode == "fill":
            return _filled(image, box, fill)
        if mode == "strict":
            raise PartialOverlap(
                f"{box} is partly outside the image, which covers {have}; use mode='fill' or 'trim'"
            )
        box = box.intersection(have)
    part = slice(box.y0 - have.y0, box.y1 - have.y0), slice(box.x0 - have.x0, box.x1 - have.x0)
    fields: dict[str, Any] = {"pixels": image.pixels[part].copy(), "box": box}
    if image.mask is not None:
        fields["mask"] = image.mask[part].copy()
    if image.variance is not None:
        fields["variance"] = image.variance[part].copy()
    if image.weight is not None:
        fields["weight"] = image.weight[part].copy()
    return image.replaced(fields)


def _filled(image: Image, box: Box, fill: float | None) -> Image:
    """Cut a box that is partly outside its image."""
    have = image.box
    fields: dict[str, Any] = {
        "pixels": padded(image.pixels, have, box, fill=np.nan if fill is None else fill),
        "box": box,
    }
    if image.mask is not None:
        planes = image.planes
        if NO_DATA not in planes:
            planes = fields["planes"] = MappingProxyType({**planes, NO_DATA: free_bit(image)})
        fields["mask"] = padded(image.mask, have, box, fill=1 << planes[NO_DATA])
    if image.variance is not None:
        fields["variance"] = padded(image.variance, have, box, fill=np.inf)
    if image.weight is not None:
        fields["weight"] = padded(image.weight, have, box, fill=0)
    return image.replaced(fields)


def cut_stack(image: Image, boxes: Sequence[Box], *, fill: float | None = None) -> NDArray[Any]:
    """Copy the pixels in many boxes of the same shape into one array.

    Parameters
    ----------
    image
        Any image; it is not modified.
    boxes
        In the parent pixels of `image`, all of the same shape, anywhere.
    fill
        Value of pixels outside the image; None = NaN, as in `cut`.

    Returns
    -------
    ndarray
        Shape (n, ny, nx), dtype of the image. A box entirely outside is filled.

    Raises
    ------
    BadOption
        If the boxes differ in shape, or the dtype cannot represent a required `fill`.

    Examples
    --------
    >>> import numpy as np
    >>> cut_stack(cw.as_image(np.ones((9, 9))), [cw.Box(0, 3, 0, 3), cw.Box(4, 7, 4, 7)]).shape
    (2, 3, 3)
    """
    ny, nx = boxes[0].shape if boxes else (0, 0)
    if any(box.shape != (ny, nx) for box in boxes):
        raise BadOption("a stack needs boxes of one shape; cut the image once for each shape")
    have = image.box
    if have.height < ny or have.width < nx or not boxes or ny * nx == 0:
        stack = np.empty((len(boxes), ny, nx), image.pixels.dtype)
        inside = np.zeros(len(boxes), dtype=bool)
    else:
        y, x = np.array([(box.y0 - have.y0, box.x0 - have.x0) for box in boxes]).T
        last_y, last_x = have.height - ny, have.width - nx
        inside = (y >= 0) & (y <= last_y) & (x >= 0) & (x <= last_x)
        windows = sliding_window_view(image.pixels, (ny, nx))
        stack = windows[y.clip(0, last_y), x.clip(0, last_x)]
    for place in np.flatnonzero(~inside).tolist():
        stack[place] = _exactly(np.nan if fill is None else fill, stack.dtype)
        if have.overlaps(boxes[place]):
            common = have.intersection(boxes[place])
            stack[place][common.slices_in(boxes[place])] = image.pixels[common.slices_in(have)]
    return stack


def padded(array: NDArray[Any], have: Box, want: Box, *, fill: float) -> NDArray[Any]:
    """Return a new array covering the box `want`, from one covering `have`.

    Parameters
    ----------
    array
        Values of shape ``have.shape``.
    have, want
        Boxes in the same pixels, which must overlap.
    fill
        Value of the pixels of `want` outside `have`.

    Raises
    ------
    BadOption
        If the dtype of `array` cannot represent `fill`.
    NoOverlap
        If the boxes do not overlap.
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
        If all 32 bits are used.
    """
    taken = set(image.planes.values())
    used = 0 if image.mask is None else int(np.bitwise_or.reduce(image.mask, axis=None))
    for bit in range(32):
        if bit not in taken and not used >> bit & 1:
            return bit
    raise BadOption("all 32 bits of the mask are used; none is left for NO_DATA")


def _exactly(value: float, dtype: np.dtype[Any]) -> Any:
    """Return `value` in `dtype`, or raise if it cannot be represented."""
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


def cut_each(triplet: Triplet, box_on: Callable[[Image], Box]) -> Triplet:
    """Cut every panel of a triplet again; one that cannot be cut becomes None, with a problem.

    Parameters
    ----------
    triplet
        Images larger than the cutouts; its problems are kept.
    box_on
        Returns the box to cut from an image, in its parent pixels.
    """
    cuts: dict[Panel, Image | None] = {}
    problems = list(triplet.problems)
    for panel, image in zip(PANELS, triplet, strict=True):
        try:
            cuts[panel] = None if image is None else cut(image, box_on(image))
        except CutoutError as err:
            cuts[panel] = None
            problems.append(f"{panel}: {err}")
    return Triplet(cuts["template"], cuts["science"], cuts["difference"], tuple(problems))
