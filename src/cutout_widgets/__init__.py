"""Look at difference imaging: rows of DiaSources in; template, science and difference cutouts out.

::

    import cutout_widgets as cw
    images = cw.open_images("alerts:alerts/*.avro")
    sources = cw.SourceTable.read(images)
    cw.CutoutGrid(sources, images, size=30)

Names are imported when they are first used, so ``import cutout_widgets`` is quick and pulls in
neither matplotlib nor bqplot nor anything of the LSST stack.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from cutout_widgets._version import __version__

if TYPE_CHECKING:
    from cutout_widgets.catalog.apdb import Apdb, read_apdb
    from cutout_widgets.catalog.matching import compare_sources
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.errors import (
        BadOption,
        BadTable,
        CutoutError,
        CutoutWarning,
        ImageNotFound,
        MissingDependency,
        NoOverlap,
        NotWritable,
        PartialOverlap,
        UnreadableImage,
    )
    from cutout_widgets.exposure import measure
    from cutout_widgets.labels import LabelJournal
    from cutout_widgets.outputs.batch import Report, save_cutouts
    from cutout_widgets.outputs.exposure_plot import plot_exposure
    from cutout_widgets.outputs.verify import verify
    from cutout_widgets.pixels.background import add_background, subtract_background
    from cutout_widgets.pixels.cutting import cut
    from cutout_widgets.pixels.deblending import deblend
    from cutout_widgets.pixels.detection import detect
    from cutout_widgets.pixels.footprint import Footprint
    from cutout_widgets.pixels.geometry import XY, YX, Box
    from cutout_widgets.pixels.heavy import HeavyFootprint
    from cutout_widgets.pixels.image import Image, Triplet
    from cutout_widgets.pixels.image_file import read_image, write_image
    from cutout_widgets.pixels.look import Look
    from cutout_widgets.pixels.mapping import map_boxes
    from cutout_widgets.pixels.photometry import flux_to_abmag, in_unit
    from cutout_widgets.pixels.projection import shifted
    from cutout_widgets.pixels.region import Region
    from cutout_widgets.pixels.segmentation import footprints_of_labels
    from cutout_widgets.pixels.sky import corners, pixel_scale, sky_statistics
    from cutout_widgets.pixels.stretch import Stretch
    from cutout_widgets.reader import read
    from cutout_widgets.stores.alerts import AlertImages
    from cutout_widgets.stores.arrays import ArrayImages
    from cutout_widgets.stores.butler import ButlerImages
    from cutout_widgets.stores.fits import FitsImages
    from cutout_widgets.stores.registry import open_images
    from cutout_widgets.stores.soda import SodaImages
    from cutout_widgets.widget.grid import CutoutGrid

_ROOMS = {
    "BadOption": "errors",
    "BadTable": "errors",
    "CutoutError": "errors",
    "CutoutWarning": "errors",
    "ImageNotFound": "errors",
    "MissingDependency": "errors",
    "NoOverlap": "errors",
    "NotWritable": "errors",
    "PartialOverlap": "errors",
    "UnreadableImage": "errors",
    "Box": "pixels.geometry",
    "XY": "pixels.geometry",
    "YX": "pixels.geometry",
    "Image": "pixels.image",
    "Triplet": "pixels.image",
    "cut": "pixels.cutting",
    "Region": "pixels.region",
    "ArrayImages": "stores.arrays",
    "FitsImages": "stores.fits",
    "ButlerImages": "stores.butler",
    "open_images": "stores.registry",
    "Look": "pixels.look",
    "Stretch": "pixels.stretch",
    "DiaSource": "catalog.source",
    "SourceTable": "catalog.table",
    "compare_sources": "catalog.matching",
    "Apdb": "catalog.apdb",
    "read_apdb": "catalog.apdb",
    "LabelJournal": "labels",
    "read": "reader",
    "Report": "outputs.batch",
    "save_cutouts": "outputs.batch",
    "verify": "outputs.verify",
    "AlertImages": "stores.alerts",
    "SodaImages": "stores.soda",
    "CutoutGrid": "widget.grid",
    "Footprint": "pixels.footprint",
    "HeavyFootprint": "pixels.heavy",
    "footprints_of_labels": "pixels.segmentation",
    "map_boxes": "pixels.mapping",
    "shifted": "pixels.projection",
    "read_image": "pixels.image_file",
    "write_image": "pixels.image_file",
    "in_unit": "pixels.photometry",
    "flux_to_abmag": "pixels.photometry",
    "subtract_background": "pixels.background",
    "add_background": "pixels.background",
    "detect": "pixels.detection",
    "deblend": "pixels.deblending",
    "corners": "pixels.sky",
    "pixel_scale": "pixels.sky",
    "sky_statistics": "pixels.sky",
    "measure": "exposure",
    "plot_exposure": "outputs.exposure_plot",
}
"""Public name -> the room it lives in."""

__all__ = [
    "XY",
    "YX",
    "AlertImages",
    "Apdb",
    "ArrayImages",
    "BadOption",
    "BadTable",
    "Box",
    "ButlerImages",
    "CutoutError",
    "CutoutGrid",
    "CutoutWarning",
    "DiaSource",
    "FitsImages",
    "Footprint",
    "HeavyFootprint",
    "Image",
    "ImageNotFound",
    "LabelJournal",
    "Look",
    "MissingDependency",
    "NoOverlap",
    "NotWritable",
    "PartialOverlap",
    "Region",
    "Report",
    "SodaImages",
    "SourceTable",
    "Stretch",
    "Triplet",
    "UnreadableImage",
    "__version__",
    "add_background",
    "compare_sources",
    "corners",
    "cut",
    "deblend",
    "detect",
    "flux_to_abmag",
    "footprints_of_labels",
    "in_unit",
    "map_boxes",
    "measure",
    "open_images",
    "pixel_scale",
    "plot_exposure",
    "read",
    "read_apdb",
    "read_image",
    "save_cutouts",
    "shifted",
    "sky_statistics",
    "subtract_background",
    "verify",
    "write_image",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its room on first use (PEP 562)."""
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
