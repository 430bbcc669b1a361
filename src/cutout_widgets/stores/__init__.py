"""Image stores: sources of pixels.

`open_images` opens a store from a short string; each class is one kind of source. Your own store needs
two methods, see `ImageStore` and ``docs/stores.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.stores.alerts.store import AlertImages
    from cutout_widgets.stores.arrays.store import ArrayImages
    from cutout_widgets.stores.base import (
        HasEpochs,
        HasFootprints,
        HasHistory,
        HasTable,
        HasVisits,
        HoldsPixels,
        ImageStore,
        OpensPanels,
        cut_group,
        cut_panel,
        key_of,
        reading_cancelled,
    )
    from cutout_widgets.stores.butler.store import ButlerImages
    from cutout_widgets.stores.exposures import read_image
    from cutout_widgets.stores.fits.store import FitsImages
    from cutout_widgets.stores.footprints import FootprintImages
    from cutout_widgets.stores.group_cutting import cut_open_group
    from cutout_widgets.stores.handles import Handles
    from cutout_widgets.stores.open_image import ClosableImage, OpenImage, frame_of
    from cutout_widgets.stores.registry import open_images
    from cutout_widgets.stores.soda.options import SodaOptions
    from cutout_widgets.stores.soda.store import SodaImages
    from cutout_widgets.stores.stamps.store import StampImages

_MODULES = {
    "AlertImages": "alerts.store",
    "ArrayImages": "arrays.store",
    "ButlerImages": "butler.store",
    "FitsImages": "fits.store",
    "SodaImages": "soda.store",
    "StampImages": "stamps.store",
    "SodaOptions": "soda.options",
    "FootprintImages": "footprints",
    "HasEpochs": "base",
    "HasFootprints": "base",
    "HasHistory": "base",
    "HasTable": "base",
    "HasVisits": "base",
    "HoldsPixels": "base",
    "ImageStore": "base",
    "OpensPanels": "base",
    "cut_group": "base",
    "cut_panel": "base",
    "key_of": "base",
    "reading_cancelled": "base",
    "ClosableImage": "open_image",
    "OpenImage": "open_image",
    "cut_open_group": "group_cutting",
    "frame_of": "open_image",
    "Handles": "handles",
    "read_image": "exposures",
    "open_images": "registry",
}
"""Public name -> its module."""

__all__ = [
    "AlertImages",
    "ArrayImages",
    "ButlerImages",
    "ClosableImage",
    "FitsImages",
    "FootprintImages",
    "Handles",
    "HasEpochs",
    "HasFootprints",
    "HasHistory",
    "HasTable",
    "HasVisits",
    "HoldsPixels",
    "ImageStore",
    "OpenImage",
    "OpensPanels",
    "SodaImages",
    "SodaOptions",
    "StampImages",
    "cut_group",
    "cut_open_group",
    "cut_panel",
    "frame_of",
    "key_of",
    "open_images",
    "read_image",
    "reading_cancelled",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
