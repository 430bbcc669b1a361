"""The look of tiles: their size, panels and captions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets as t

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.widget.traits import refusing

__all__ = ["LARGEST_PANEL_PX", "SHAPE_OPTIONS", "SMALLEST_PANEL_PX", "Shape"]

SHAPE_OPTIONS = ("tile_size", "panels", "compact", "captions")
"""Traits that can be set when a grid is created."""

SMALLEST_PANEL_PX, LARGEST_PANEL_PX = 48, 320

OF_EVERY_TABLE = ("band", "snr")
"""Captions that do not need a column of that name; they are empty if the value is unknown."""


class Shape(t.HasTraits):
    """The synced state of a grid for the look of tiles."""

    tile_size = t.Int(96, help="side of a panel on the screen in CSS pixels, 48 to 320").tag(sync=True)
    panels = t.List(t.Unicode(), [*map(str, PANELS)], help="which panels tiles show, from left to right").tag(
        sync=True
    )
    compact = t.Bool(False, help="whether titles and captions are hidden").tag(sync=True)
    captions = t.List(
        t.Unicode(), ["band", "snr"], help="what tiles show beside the id, in this order: columns, and snr"
    ).tag(sync=True)

    @t.validate("tile_size")
    @refusing
    def _check_tile_size(self, proposal: Any) -> int:
        if not SMALLEST_PANEL_PX <= proposal["value"] <= LARGEST_PANEL_PX:
            raise BadOption(
                f"a panel has {SMALLEST_PANEL_PX} to {LARGEST_PANEL_PX} pixels a side; "
                f"got tile_size={proposal['value']}"
            )
        return int(proposal["value"])

    @t.validate("panels")
    @refusing
    def _check_panels(self, proposal: Any) -> list[str]:
        names = list(proposal["value"])
        if not names or len(set(names)) < len(names) or not set(names) <= set(PANELS):
            raise BadOption(f"panels are one or more of {', '.join(PANELS)}, each once; got {names}")
        return names

    @t.validate("captions")
    @refusing
    def _check_captions(self, proposal: Any) -> list[str]:
        return _known(list(proposal["value"]), self._table_of_captions)

    @property
    def _table_of_captions(self) -> SourceTable:
        """The table whose columns can be captions."""
        raise NotImplementedError


def _known(names: Sequence[str], table: SourceTable) -> list[str]:
    wrong = [name for name in names if name not in (*OF_EVERY_TABLE, *table.columns)]
    if wrong:
        raise BadOption(f"captions are columns of the table, or snr; it has no {', '.join(map(repr, wrong))}")
    return list(names)
