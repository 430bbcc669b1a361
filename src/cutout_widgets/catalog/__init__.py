"""Tables of DiaSources: columns and their meanings, flags, databases, matching of two tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.catalog.databases.apdb import DEFAULT_EXCLUDED, Apdb, Selection, read_apdb
    from cutout_widgets.catalog.flags import BADGES, Badge, badges_of
    from cutout_widgets.catalog.hats.catalogue import Hats
    from cutout_widgets.catalog.identifiers.packed_ids import PackedId, unpack_id
    from cutout_widgets.catalog.lightcurve import history_frame
    from cutout_widgets.catalog.matching import Comparison, compare_sources
    from cutout_widgets.catalog.photometry.magnitudes import ab_flux, ab_magnitude, ab_magnitude_err
    from cutout_widgets.catalog.services.samp import Samp
    from cutout_widgets.catalog.services.tap import Tap, read_tap
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable

_MODULES = {
    "SourceTable": "table",
    "DiaSource": "source",
    "BADGES": "flags",
    "Badge": "flags",
    "badges_of": "flags",
    "DEFAULT_EXCLUDED": "databases.apdb",
    "Apdb": "databases.apdb",
    "Selection": "databases.apdb",
    "read_apdb": "databases.apdb",
    "Hats": "hats.catalogue",
    "Tap": "services.tap",
    "Samp": "services.samp",
    "unpack_id": "identifiers.packed_ids",
    "PackedId": "identifiers.packed_ids",
    "read_tap": "services.tap",
    "Comparison": "matching",
    "compare_sources": "matching",
    "ab_flux": "photometry.magnitudes",
    "ab_magnitude": "photometry.magnitudes",
    "ab_magnitude_err": "photometry.magnitudes",
    "history_frame": "lightcurve",
}
"""Public name -> its module."""

__all__ = [
    "BADGES",
    "DEFAULT_EXCLUDED",
    "Apdb",
    "Badge",
    "Comparison",
    "DiaSource",
    "Hats",
    "PackedId",
    "Samp",
    "Selection",
    "SourceTable",
    "Tap",
    "ab_flux",
    "ab_magnitude",
    "ab_magnitude_err",
    "badges_of",
    "compare_sources",
    "history_frame",
    "read_apdb",
    "read_tap",
    "unpack_id",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
