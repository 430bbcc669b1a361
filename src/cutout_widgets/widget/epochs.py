"""All epochs of one object: which rows they are, and limits that all of them share."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.catalog.databases.apdb import Apdb
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.widget.histories import rows_of_object

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.display.look import Look
    from cutout_widgets.pixels.image import Triplet

__all__ = ["epoch_rows", "shared_limits"]


def epoch_rows(sources: SourceTable, source: DiaSource, history: object) -> SourceTable:
    """Return the rows of a source's object ordered by time, from an APDB if there is one, else the table.

    Parameters
    ----------
    sources
        The table.
    source
        One of its rows.
    history
        What the grid was told to ask for light curves; only an `Apdb` has rows.

    Raises
    ------
    BadTable
        If the database fails.
    """
    object = meaning_of(source.row, "object")
    if isinstance(history, Apdb) and object:
        rows = history.sources_of(int(object))
        if len(rows):
            return rows.sort("time")
    return rows_of_object(sources, source)


def shared_limits(look: Look, triplet: Triplet) -> Look:
    """Return a look whose limits are those that it has for one triplet.

    Limits in standard deviations stay: they mean the same at every epoch. So do those of a panel
    that the triplet lacks.
    """
    fixed: dict[str, Stretch] = {}
    for panel in PANELS:
        image, stretch = getattr(triplet, panel), look.stretch(panel)
        if image is None or stretch.limits == "sigma":
            continue
        ((low, high),) = stretch.limits_of(image.pixels).tolist()
        if math.isfinite(low) and math.isfinite(high) and low < high:
            fixed[panel] = Stretch("user", stretch.curve, vmin=low, vmax=high, a=stretch.a)
    return replace(look, name=f"{look.name}, the same limits", **fixed) if fixed else look  # type: ignore[arg-type]
