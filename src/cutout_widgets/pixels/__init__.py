"""Images with mask, variance and WCS; boxes, cutting, and sky positions on images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.pixels.cutting import cut, cut_stack
    from cutout_widgets.pixels.geometry import XY, YX, Box
    from cutout_widgets.pixels.image import EXTRAS, NO_DATA, PANELS, Image, Triplet
    from cutout_widgets.pixels.image_file import write_image
    from cutout_widgets.pixels.mapping import MappedBox, map_boxes
    from cutout_widgets.pixels.photometry import ABMagnitudes, flux_to_abmag, in_unit
    from cutout_widgets.pixels.projection import pixels_at, same_grid, shifted, world_at
    from cutout_widgets.pixels.psf import PsfModel
    from cutout_widgets.pixels.region import Region
    from cutout_widgets.pixels.resampling import resampled

_MODULES = {
    "XY": "geometry",
    "YX": "geometry",
    "Box": "geometry",
    "EXTRAS": "image",
    "NO_DATA": "image",
    "PANELS": "image",
    "Image": "image",
    "Triplet": "image",
    "PsfModel": "psf",
    "Region": "region",
    "cut": "cutting",
    "cut_stack": "cutting",
    "MappedBox": "mapping",
    "map_boxes": "mapping",
    "pixels_at": "projection",
    "same_grid": "projection",
    "shifted": "projection",
    "world_at": "projection",
    "resampled": "resampling",
    "write_image": "image_file",
    "ABMagnitudes": "photometry",
    "flux_to_abmag": "photometry",
    "in_unit": "photometry",
}
"""Public name -> its module."""

__all__ = [
    "EXTRAS",
    "NO_DATA",
    "PANELS",
    "XY",
    "YX",
    "ABMagnitudes",
    "Box",
    "Image",
    "MappedBox",
    "PsfModel",
    "Region",
    "Triplet",
    "cut",
    "cut_stack",
    "flux_to_abmag",
    "in_unit",
    "map_boxes",
    "pixels_at",
    "resampled",
    "same_grid",
    "shifted",
    "world_at",
    "write_image",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
