"""The choices offered by the controls of a grid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.display.look import LOOKS, Look
from cutout_widgets.palette import COLORMAPS, colormap_table
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.widget.labelling.labelling import Labelling

__all__ = ["choices_for", "palettes_of"]

PAGE_SIZES = (6, 12, 24, 48, 96)

LABEL_COLUMNS = (
    "the label given here", "what was noted here", "who gave the label", "seen for a while",
    "people label it differently",
)  # fmt: skip
"""Descriptions of the journal's columns: label, note, who, seen, conflict."""

OFTEN = ("id", "time", "band", "snr", "score", "flux", "science_flux", "magnitude", "ra", "dec")
"""Meanings of columns to sort by, in menu order."""

TITLES = {
    "documented": "documented: min-max asinh, zscale difference",
    "analysis_ap": "analysis_ap: central 15 px, asinh",
    "rubin": "rubin: zscale asinh, grey",
    "ztf": "ztf: log, 1-100 %",
    "fink": "fink: asinh, 0.5-99.95 %",
    "sigma": "sigma: difference \N{PLUS-MINUS SIGN}5\N{GREEK SMALL LETTER SIGMA}, diverging",
}


def choices_for(
    sources: SourceTable,
    look: Look,
    labelling: Labelling,
    label_choices: Iterable[protocol.LabelChoice],
    extra_colormap: str | None = None,
) -> protocol.Choices:
    """Return the choices that the controls offer for a table.

    Parameters
    ----------
    sources
        Provides the columns to sort by.
    look
        The current look; a custom look is added to the presets.
    labelling
        Adds the journal's columns, if there is a journal.
    label_choices
        Labels with keys and buttons.
    extra_colormap
        A colormap to add to the menu.
    """
    looks = [Look.of(name) for name in LOOKS]
    looks += [look] if look.name not in LOOKS else []
    wanted = [*COLORMAPS, *(one for each in looks for one in (each.colormap, each.colormap_of("difference")))]
    wanted += [extra_colormap] if extra_colormap else []
    often = [sources.names[meaning] for meaning in OFTEN if meaning in sources.names]
    rest = [name for name in sources.columns if name not in often]
    units, descriptions = sources.units, sources.descriptions
    own = [str(name) for name in labelling.column_names.values()] if labelling.is_open else []
    descriptions |= dict(zip(own, LABEL_COLUMNS, strict=False))
    return protocol.Choices(
        looks=[
            protocol.LookChoice(
                name=one.name,
                title=TITLES.get(one.name, one.name),
                template=one.colormap_of("template"),
                science=one.colormap_of("science"),
                difference=one.colormap_of("difference"),
            )
            for one in looks
        ],
        colormaps=list(dict.fromkeys(wanted)),
        columns=[
            protocol.ColumnChoice(
                name=name,
                unit=units.get(name, ""),
                description=descriptions.get(name, ""),
                often=name in often,
            )
            for name in (*often, *rest, *own)
        ],
        page_sizes=list(PAGE_SIZES),
        label_choices=list(label_choices),
        label_columns=labelling.column_names,
    )


def palettes_of(colormaps: Iterable[str]) -> bytes:
    """Return the colours of levels 1 to 255 of each colormap, one table after another."""
    return b"".join(
        np.ascontiguousarray(colormap_table(name, protocol.LEVELS)).tobytes() for name in colormaps
    )
