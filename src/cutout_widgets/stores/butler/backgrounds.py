"""The sky background that a pipeline subtracted from an exposure, as stored in a Butler repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import ImageNotFound, UnreadableImage, sentence
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.stores.butler.afw import OpenExposure, afw_is_here, box_of_afw
from cutout_widgets.stores.open_image import as_float32

if TYPE_CHECKING:
    from cutout_widgets.stores.butler.datasets import Located
    from cutout_widgets.stores.butler.lsst_images import OpenArchive
    from cutout_widgets.stores.open_image import OpenImage

__all__ = ["background_of_archive", "stored_background"]


def background_of_archive(image: OpenArchive, name: str | None) -> Image:
    """Return a background model in a file of lsst.images.

    Raises
    ------
    ImageNotFound
        If there is none of that name; without a name, if none was subtracted and there are several or none.
    """
    models = image.backgrounds()
    chosen = models.get(name) if name is not None else models.subtracted if models is not None else None
    if chosen is None and name is None and models is not None and len(models) == 1:
        chosen = next(iter(models.values()))
    if chosen is None:
        known = ", ".join(models or ()) or "none"
        raise ImageNotFound(f"no background{f' {name!r}' if name else ''} in {image.origin}; it has {known}")
    return image.rendered(chosen.field)


def stored_background(
    located: Located, collections: Sequence[str], name: str | None, image: OpenImage
) -> Image:
    """Return a background that is a separate dataset, as written by afw.

    Parameters
    ----------
    located
        Dataset of the image.
    collections
        Collections to search.
    name
        Dataset type; None = that of the image followed by ``_background`` or ``Background``.
    image
        The open image, whose calibration also applies to its background.

    Raises
    ------
    ImageNotFound
        If there is none.
    UnreadableImage
        If it cannot be read, which needs lsst.afw.
    """
    kind = located.ref.datasetType.name
    butler = located.butlers.mine
    names = (name,) if name is not None else (f"{kind}_background", f"{kind}Background")
    ref, why = None, "there is no such dataset"
    for one in names:
        try:
            ref = ref or butler.find_dataset(one, located.ref.dataId, collections=list(collections))
        except Exception as err:  # noqa: BLE001  the Butler raises some forty types of errors
            why = sentence(err)
    if ref is None:
        raise ImageNotFound(f"no {' or '.join(names)} for {located.data_id}: {why}")
    if not afw_is_here() or not isinstance(image, OpenExposure):
        raise UnreadableImage(
            f"{ref.datasetType.name} for {located.data_id} can only be read by lsst.afw of the LSST "
            "stack, which is not installed; cw.subtract_background estimates a background"
        )
    try:
        drawn = butler.get(ref).getImage()
        pixels, box = np.array(drawn.array), box_of_afw(drawn.getBBox())
    except Exception as err:  # afw's C++ errors derive directly from Exception
        raise UnreadableImage(
            f"{ref.datasetType.name} for {located.data_id} cannot be read: {sentence(err)}"
        ) from err
    return _on_frame(pixels, box, image)


def _on_frame(pixels: Any, box: Box, image: OpenExposure) -> Image:
    """Return a background with the pixel grid and the unit of its image."""
    frame = image.frame
    if box.shape != frame.box.shape:
        raise UnreadableImage(f"the background covers {box}, its image {frame.box}")
    return replace(frame, pixels=as_float32(pixels * image.scale_on(frame.box)))
