"""Exposures that somebody has in hand - from a Butler, from astropy - as images, told by what they can do."""

from __future__ import annotations

from typing import Any

import numpy as np

from cutout_widgets.errors import BadOption, CutoutError, UnreadableImage, sentence
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.plain import plain_pixels

__all__ = ["as_image", "is_exposure"]


def is_exposure(thing: Any) -> bool:
    """Tell whether something is an exposure or image of the LSST stack or of lsst.images."""
    return _is_afw(thing) or _is_lsst_images(thing)


def as_image(thing: Any) -> Image:
    """Return an exposure that was read by other packages as an image.

    Parameters
    ----------
    thing
        An `Image`, which is returned as it is; what ``butler.get`` answers with: an ``ExposureF``,
        ``MaskedImage`` or ``Image`` of lsst.afw, a ``VisitImage``, ``DifferenceImage``, ``MaskedImage`` or
        ``Image`` of lsst.images; astropy's ``CCDData`` or ``NDData``; a two-dimensional array.

    Returns
    -------
    Image
        In the parent pixels of the exposure, with mask planes, variance, WCS and the PSF at its middle
        where it has them, in nJy where it has a calibration. Pixels are float32, but those of astropy and
        arrays, which are not copied.

    Raises
    ------
    BadOption
        If it is none of these.
    UnreadableImage
        If it does not answer as such an exposure does.

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
            from cutout_widgets.stores.butler.afw import image_of_exposure

            return image_of_exposure(thing)
        if _is_lsst_images(thing):
            from cutout_widgets.stores.butler.lsst_in_hand import image_of_lsst

            return image_of_lsst(thing)
    except CutoutError:
        raise
    except Exception as err:  # the errors of the stack come from C++ and derive from Exception alone
        raise UnreadableImage(
            f"a {type(thing).__name__} cannot be read as an image: {sentence(err)}"
        ) from err
    if hasattr(thing, "uncertainty") and hasattr(thing, "wcs"):
        return Image.from_nddata(thing)
    if isinstance(thing, np.ndarray):
        pixels, unit = plain_pixels(thing)
        if pixels.ndim == 2 and pixels.dtype.kind in "fiub":
            return Image(pixels, box=Box.from_shape((pixels.shape[0], pixels.shape[1])), unit=unit)
    raise BadOption(
        "an image is a cutout_widgets.Image, an exposure of lsst.afw or lsst.images, a CCDData or a 2-d "
        f"array; got {type(thing).__name__}"
    )


def _is_afw(thing: Any) -> bool:
    """Tell whether it speaks as afw's images do."""
    return hasattr(thing, "getBBox") and (hasattr(thing, "image") or hasattr(thing, "array"))


def _is_lsst_images(thing: Any) -> bool:
    """Tell whether it speaks as those of lsst.images do."""
    return hasattr(getattr(thing, "bbox", None), "y") and (hasattr(thing, "image") or hasattr(thing, "array"))
