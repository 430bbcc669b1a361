"""Conversion of in-memory exposures of other packages to images, recognised by their attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutout_widgets.errors import BadOption, CutoutError, UnreadableImage, sentence
from cutout_widgets.pixels import cutting
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.plain import plain_pixels

__all__ = ["as_image", "cut", "is_exposure", "is_image_in_hand"]


def is_exposure(thing: Any) -> bool:
    """Return whether an object is an exposure or image of the LSST stack or of lsst.images."""
    return _is_afw(thing) or _is_lsst_images(thing)


def is_image_in_hand(thing: Any) -> bool:
    """Return whether `as_image` accepts an object, judging by its attributes."""
    return (
        isinstance(thing, Image)
        or is_exposure(thing)
        or _is_nddata(thing)
        or (isinstance(thing, np.ndarray) and thing.ndim == 2)
    )


def cut(image: Image | Any, box: Box, *, mode: cutting.Mode = "fill", fill: float | None = None) -> Image:
    """Copy the part of an image inside a box.

    Parameters
    ----------
    image
        An `Image`, or anything that `as_image` accepts: of a Butler exposure only that part is converted.
        It is not modified and shares no memory with the result.
    box
        Box in the parent pixels of `image` (0-based, half-open).
    mode
        ``"fill"``: pad the parts outside. ``"strict"``: raise if the box is partly outside.
        ``"trim"``: return only the part inside, so `box` of the result may be smaller.
    fill
        Value of pixels outside in mode ``"fill"``. None = NaN, which an integer image
        cannot represent: give a number then.

    Returns
    -------
    Image
        Same dtype, unit, WCS and planes. Outside: `fill`, plane ``NO_DATA`` set (added if the
        image has a mask without it), infinite variance, weight 0.

    Raises
    ------
    NoOverlap
        If `box` and `image` do not overlap.
    PartialOverlap
        If the box is partly outside, in mode ``"strict"``.
    BadOption
        If the dtype cannot represent `fill`, `mode` is invalid, or `image` is not an image.

    Examples
    --------
    >>> import numpy as np
    >>> cw.cut(np.ones((4, 4)), cw.Box(-1, 1, 0, 2)).pixels
    array([[nan, nan],
           [ 1.,  1.]])
    """
    if isinstance(image, Image):
        return cutting.cut(image, box, mode=mode, fill=fill)
    return cutting.cut(as_image(image, box=box), box, mode=mode, fill=fill)


def as_image(thing: Any, *, box: Box | None = None, psf_at: XY | None = None) -> Image:
    """Return an exposure read by another package as an `Image`.

    Parameters
    ----------
    thing
        An `Image`, which is returned unchanged; a result of ``butler.get``: an ``ExposureF``,
        ``MaskedImage`` or ``Image`` of lsst.afw, a ``VisitImage``, ``DifferenceImage``, ``MaskedImage`` or
        ``Image`` of lsst.images; astropy's ``CCDData`` or ``NDData``; a two-dimensional array.
    box
        For an exposure of afw or lsst.images, the part to convert, in parent pixels; if it is entirely
        outside, the whole exposure is converted. Other images are always converted completely.
    psf_at
        Position of the PSF for such an exposure, in parent pixels; None = the centre.

    Returns
    -------
    Image
        In the parent pixels of the exposure, with its mask planes, variance, WCS, PSF and metadata
        (`Image.metadata`), in nJy if it has a calibration. Pixels are
        float32, except those of astropy images and arrays, which are not copied.

    Raises
    ------
    BadOption
        If it is none of these.
    UnreadableImage
        If the exposure does not have the expected methods.

    Examples
    --------
    >>> import numpy as np
    >>> as_image(np.ones((4, 5))).shape
    (4, 5)
    """
    if isinstance(thing, Image):
        return thing
    try:
        if _is_afw(thing):
            from cutout_widgets.stores.butler.afw import box_of_afw, image_of_exposure, part_of_exposure

            there = box_of_afw(thing.getBBox())
            if box is not None and box.overlaps(there):
                thing = part_of_exposure(thing, box.intersection(there))
            return image_of_exposure(thing, psf_at)
        if _is_lsst_images(thing):
            from cutout_widgets.stores.butler.lsst_images import box_of
            from cutout_widgets.stores.butler.lsst_in_hand import image_of_lsst, part_of_lsst

            there = box_of(thing.bbox)
            if box is not None and box.overlaps(there):
                thing = part_of_lsst(thing, box.intersection(there))
            return image_of_lsst(thing, psf_at)
    except CutoutError:
        raise
    except Exception as err:  # the stack's C++ errors derive directly from Exception
        raise UnreadableImage(
            f"a {type(thing).__name__} cannot be read as an image: {sentence(err)}"
        ) from err
    if _is_nddata(thing):
        return Image.from_nddata(thing)
    if isinstance(thing, np.ndarray):
        pixels, unit = plain_pixels(thing)
        if pixels.ndim == 2 and pixels.dtype.kind in "fiub":
            return Image(pixels, box=Box.from_shape((pixels.shape[0], pixels.shape[1])), unit=unit)
    raise BadOption(
        "an image is a cutout_widgets.Image, an exposure of lsst.afw or lsst.images, a CCDData or a 2-d "
        f"array; got {type(thing).__name__}"
    )


def _is_nddata(thing: Any) -> bool:
    """Return whether an object has the attributes of astropy's NDData."""
    return hasattr(thing, "uncertainty") and hasattr(thing, "wcs")


def _is_afw(thing: Any) -> bool:
    """Return whether an object has the attributes of an afw image."""
    return hasattr(thing, "getBBox") and (hasattr(thing, "image") or hasattr(thing, "array"))


def _is_lsst_images(thing: Any) -> bool:
    """Return whether an object has the attributes of an lsst.images image."""
    return hasattr(getattr(thing, "bbox", None), "y") and (hasattr(thing, "image") or hasattr(thing, "array"))
