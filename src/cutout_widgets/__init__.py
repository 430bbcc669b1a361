"""Inspect difference imaging: DiaSource rows in; template, science and difference cutouts out.

::

    import cutout_widgets as cw
    images = cw.open_images("alerts:alerts/*.avro")
    sources = cw.SourceTable.read(images)
    cw.CutoutGrid(sources, images, size=30)

Names are imported when they are first used, so ``import cutout_widgets`` is fast and does not import
matplotlib, bqplot or the LSST stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names
from cutout_widgets._version import __version__

if TYPE_CHECKING:
    from cutout_widgets import catalog, compat, demo, detection, display, footprints, pixels, stores, testing
    from cutout_widgets.catalog.databases.apdb import Apdb, read_apdb
    from cutout_widgets.catalog.hats.catalogue import Hats
    from cutout_widgets.catalog.identifiers.packed_ids import unpack_id
    from cutout_widgets.catalog.matching import compare_sources
    from cutout_widgets.catalog.services.samp import Samp
    from cutout_widgets.catalog.services.tap import Tap, read_tap
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.detection.background import add_background, subtract_background
    from cutout_widgets.detection.deblending import deblend
    from cutout_widgets.detection.detection import detect
    from cutout_widgets.detection.exposure import measure
    from cutout_widgets.detection.sky import corners, pixel_scale, sky_statistics
    from cutout_widgets.display.look import Look
    from cutout_widgets.display.stretch import Stretch
    from cutout_widgets.errors import (
        BadOption,
        BadTable,
        CutoutError,
        CutoutWarning,
        ImageNotFound,
        MissingDependency,
        NoOverlap,
        NotInTable,
        NotWritable,
        PartialOverlap,
        UnknownOption,
        UnreadableImage,
    )
    from cutout_widgets.footprints.footprint import Footprint
    from cutout_widgets.footprints.heavy import HeavyFootprint
    from cutout_widgets.footprints.segmentation import footprints_of_labels
    from cutout_widgets.labels import LabelJournal, agreement
    from cutout_widgets.outputs.batch import save_cutouts
    from cutout_widgets.outputs.figure.exposure_plot import plot_exposure
    from cutout_widgets.outputs.figure.focal_plane import plot_focal_plane
    from cutout_widgets.outputs.figure.light_curve_plot import plot_light_curve
    from cutout_widgets.outputs.figure.marks import Marks
    from cutout_widgets.outputs.figure.sky_histogram import plot_sky_histogram
    from cutout_widgets.outputs.figure.table_plots import plot_flag_histogram, plot_flux_histogram, plot_sky
    from cutout_widgets.outputs.movie.movie import Movie, save_movie
    from cutout_widgets.outputs.options import SaveOptions
    from cutout_widgets.outputs.report import Report
    from cutout_widgets.outputs.stamps.fetching import fetch_stamps
    from cutout_widgets.outputs.verify import verify
    from cutout_widgets.pixels.geometry import XY, YX, Box
    from cutout_widgets.pixels.image import Image, Triplet
    from cutout_widgets.pixels.image_file import write_image
    from cutout_widgets.pixels.mapping import map_boxes
    from cutout_widgets.pixels.photometry import flux_to_abmag, in_unit
    from cutout_widgets.pixels.projection import shifted
    from cutout_widgets.pixels.region import Region
    from cutout_widgets.reader import read
    from cutout_widgets.remote.options import RemoteOptions
    from cutout_widgets.stacking import CutoutStack, stack
    from cutout_widgets.stores.alerts.store import AlertImages
    from cutout_widgets.stores.arrays.store import ArrayImages
    from cutout_widgets.stores.butler.store import ButlerImages
    from cutout_widgets.stores.exposures import read_image
    from cutout_widgets.stores.fits.store import FitsImages
    from cutout_widgets.stores.images_at import images_at
    from cutout_widgets.stores.in_hand import as_image, cut
    from cutout_widgets.stores.registry import open_images
    from cutout_widgets.stores.soda.options import SodaOptions
    from cutout_widgets.stores.soda.store import SodaImages
    from cutout_widgets.stores.stamps.store import StampImages
    from cutout_widgets.unpacking import set_largest_unpacked
    from cutout_widgets.widget.explorer.explorer import Explorer
    from cutout_widgets.widget.grid import CutoutGrid

_MODULES = {
    "catalog": "catalog",
    "compat": "compat",
    "demo": "demo",
    "detection": "detection",
    "display": "display",
    "footprints": "footprints",
    "pixels": "pixels",
    "stores": "stores",
    "testing": "testing",
    "BadOption": "errors",
    "BadTable": "errors",
    "CutoutError": "errors",
    "CutoutWarning": "errors",
    "ImageNotFound": "errors",
    "MissingDependency": "errors",
    "NoOverlap": "errors",
    "NotInTable": "errors",
    "NotWritable": "errors",
    "UnknownOption": "errors",
    "PartialOverlap": "errors",
    "UnreadableImage": "errors",
    "Box": "pixels.geometry",
    "XY": "pixels.geometry",
    "YX": "pixels.geometry",
    "Image": "pixels.image",
    "Triplet": "pixels.image",
    "cut": "stores.in_hand",
    "Region": "pixels.region",
    "RemoteOptions": "remote.options",
    "ArrayImages": "stores.arrays.store",
    "FitsImages": "stores.fits.store",
    "ButlerImages": "stores.butler.store",
    "images_at": "stores.images_at",
    "open_images": "stores.registry",
    "Look": "display.look",
    "Stretch": "display.stretch",
    "DiaSource": "catalog.source",
    "SourceTable": "catalog.table",
    "compare_sources": "catalog.matching",
    "Apdb": "catalog.databases.apdb",
    "read_apdb": "catalog.databases.apdb",
    "Hats": "catalog.hats.catalogue",
    "Tap": "catalog.services.tap",
    "Samp": "catalog.services.samp",
    "unpack_id": "catalog.identifiers.packed_ids",
    "read_tap": "catalog.services.tap",
    "LabelJournal": "labels",
    "agreement": "labels",
    "read": "reader",
    "CutoutStack": "stacking",
    "stack": "stacking",
    "Report": "outputs.report",
    "SaveOptions": "outputs.options",
    "save_cutouts": "outputs.batch",
    "fetch_stamps": "outputs.stamps.fetching",
    "verify": "outputs.verify",
    "Movie": "outputs.movie.movie",
    "save_movie": "outputs.movie.movie",
    "AlertImages": "stores.alerts.store",
    "SodaImages": "stores.soda.store",
    "StampImages": "stores.stamps.store",
    "SodaOptions": "stores.soda.options",
    "CutoutGrid": "widget.grid",
    "Explorer": "widget.explorer.explorer",
    "Footprint": "footprints.footprint",
    "HeavyFootprint": "footprints.heavy",
    "footprints_of_labels": "footprints.segmentation",
    "map_boxes": "pixels.mapping",
    "shifted": "pixels.projection",
    "read_image": "stores.exposures",
    "as_image": "stores.in_hand",
    "write_image": "pixels.image_file",
    "set_largest_unpacked": "unpacking",
    "in_unit": "pixels.photometry",
    "flux_to_abmag": "pixels.photometry",
    "subtract_background": "detection.background",
    "add_background": "detection.background",
    "detect": "detection.detection",
    "deblend": "detection.deblending",
    "corners": "detection.sky",
    "pixel_scale": "detection.sky",
    "sky_statistics": "detection.sky",
    "measure": "detection.exposure",
    "plot_light_curve": "outputs.figure.light_curve_plot",
    "plot_sky_histogram": "outputs.figure.sky_histogram",
    "Marks": "outputs.figure.marks",
    "plot_exposure": "outputs.figure.exposure_plot",
    "plot_flag_histogram": "outputs.figure.table_plots",
    "plot_flux_histogram": "outputs.figure.table_plots",
    "plot_focal_plane": "outputs.figure.focal_plane",
    "plot_sky": "outputs.figure.table_plots",
}
"""Public name -> its module."""

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
    "CutoutStack",
    "CutoutWarning",
    "DiaSource",
    "Explorer",
    "FitsImages",
    "Footprint",
    "Hats",
    "HeavyFootprint",
    "Image",
    "ImageNotFound",
    "LabelJournal",
    "Look",
    "Marks",
    "MissingDependency",
    "Movie",
    "NoOverlap",
    "NotInTable",
    "NotWritable",
    "PartialOverlap",
    "Region",
    "RemoteOptions",
    "Report",
    "Samp",
    "SaveOptions",
    "SodaImages",
    "SodaOptions",
    "SourceTable",
    "StampImages",
    "Stretch",
    "Tap",
    "Triplet",
    "UnknownOption",
    "UnreadableImage",
    "__version__",
    "add_background",
    "agreement",
    "as_image",
    "catalog",
    "compare_sources",
    "compat",
    "corners",
    "cut",
    "deblend",
    "demo",
    "detect",
    "detection",
    "display",
    "fetch_stamps",
    "flux_to_abmag",
    "footprints",
    "footprints_of_labels",
    "images_at",
    "in_unit",
    "map_boxes",
    "measure",
    "open_images",
    "pixel_scale",
    "pixels",
    "plot_exposure",
    "plot_flag_histogram",
    "plot_flux_histogram",
    "plot_focal_plane",
    "plot_light_curve",
    "plot_sky",
    "plot_sky_histogram",
    "read",
    "read_apdb",
    "read_image",
    "read_tap",
    "save_cutouts",
    "save_movie",
    "set_largest_unpacked",
    "shifted",
    "sky_statistics",
    "stack",
    "stores",
    "subtract_background",
    "testing",
    "unpack_id",
    "verify",
    "write_image",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
