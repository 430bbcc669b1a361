"""Which pixels belong to a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.footprints.footprint import Footprint, Peak
    from cutout_widgets.footprints.heavy import FootprintFlux, HeavyFootprint
    from cutout_widgets.footprints.segmentation import footprints_above, footprints_of_labels, labels_of
    from cutout_widgets.footprints.tracked import (
        SourceCut,
        SourceStatus,
        cut_mapped,
        cut_segments,
        segment_boxes,
    )

_MODULES = {
    "Footprint": "footprint",
    "Peak": "footprint",
    "FootprintFlux": "heavy",
    "HeavyFootprint": "heavy",
    "footprints_above": "segmentation",
    "footprints_of_labels": "segmentation",
    "labels_of": "segmentation",
    "SourceCut": "tracked",
    "SourceStatus": "tracked",
    "cut_mapped": "tracked",
    "cut_segments": "tracked",
    "segment_boxes": "tracked",
}
"""Public name -> its module."""

__all__ = [
    "Footprint",
    "FootprintFlux",
    "HeavyFootprint",
    "Peak",
    "SourceCut",
    "SourceStatus",
    "cut_mapped",
    "cut_segments",
    "footprints_above",
    "footprints_of_labels",
    "labels_of",
    "segment_boxes",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
