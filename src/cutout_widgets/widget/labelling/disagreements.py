"""Ready-made filters for rows whose label contradicts a flag, the mask or the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets.catalog.filters.facets import name_in_query
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["disagreements"]

MASK_COLUMNS = (
    "pixelFlags_bad", "pixelFlags_saturatedCenter", "pixelFlags_crCenter", "pixelFlags_interpolatedCenter",
    "pixelFlags_nodataCenter", "pixelFlags_streakCenter",
)  # fmt: skip
"""Mask flags that make a source doubtful. Source: the planes of lsst.ip.diffim."""


def disagreements(label: str, sources: SourceTable, words: set[str]) -> list[protocol.NamedFilter]:
    """Return filters for rows whose label contradicts the score, the mask or a flag.

    Parameters
    ----------
    label
        The label column's name in filters.
    sources
        Provides the column names.
    words
        The labels in use; filters about other labels are dropped.

    Returns
    -------
    list
        Filters, without row counts.
    """
    found: list[tuple[str, str, str, str]] = []
    if "score" in sources.names:
        score = name_in_query(sources.names["score"])
        found += [
            ("real", "real, low score", f"label real, {score} below 0.5", f"{score} < 0.5"),
            ("bogus", "bogus, high score", f"label bogus, {score} 0.5 or more", f"{score} >= 0.5"),
        ]
    planes = [name for name in MASK_COLUMNS if name in sources.columns]
    if planes:
        mask = f"({' or '.join(planes)})"
        found += [
            ("real", "real, mask set", f"label real, the mask says bad: {', '.join(planes)}", mask),
            (
                "bogus",
                "bogus, mask clear",
                f"label bogus, the mask says nothing: {', '.join(planes)}",
                f"not {mask}",
            ),
        ]
    filters = [
        (word, name, title, f"{label} == {word!r} and {contradiction}")
        for word, name, title, contradiction in found
    ]
    if "isDipole" in sources.columns:
        filters += [
            ("dipole", "dipole, no flag", "label dipole, flag isDipole not set",
             f"{label} == 'dipole' and not isDipole"),
            ("dipole", "flag, not dipole", "flag isDipole set, another label",
             f"isDipole and not ({label} == 'dipole')"),
        ]  # fmt: skip
    return [
        protocol.NamedFilter(name=name, title=title, query=query, rows=0)
        for word, name, title, query in filters
        if word in words
    ]
