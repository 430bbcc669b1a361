"""Outlines of images on the sky from the columns of an index, so that only files there are opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.hats.healpix import separations_deg
from cutout_widgets.catalog.services.coverage import circumscribed, covered

__all__ = ["Outlines"]

_CORNERS = (("llcra", "llcdec"), ("lrcra", "lrcdec"), ("urcra", "urcdec"), ("ulcra", "ulcdec"))
"""Columns of the four corners in Rubin's tables of visits and detectors."""

_LISTS = ("raCorners", "decCorners")
"""Columns of the corners in Rubin's visit summaries."""


class Outlines:
    """The outlines of the images in the rows of a table.

    Parameters
    ----------
    columns
        Those of ObsCore (``s_region``; ``s_ra``, ``s_dec`` and ``s_fov``), or the corners of detectors as
        Rubin's tables have them (``llcra`` ...; ``raCorners``, ``decCorners``), degrees.
    rows
        Number of rows.
    """

    def __init__(self, columns: Mapping[str, Sequence[Any]], rows: int) -> None:
        self._records = [_record(columns, row) for row in range(rows)] if _has_outlines(columns) else []
        circles = [circumscribed(one) for one in self._records]
        self._circles: NDArray[np.float64] = np.array(
            [(np.nan, np.nan, np.nan) if one is None else one for one in circles], dtype=float
        ).reshape(-1, 3)

    def may_cover(self, ra: float, dec: float) -> NDArray[np.bool_] | None:
        """Return which images may cover a position, True if an outline is unknown; None without outlines."""
        if not self._records:
            return None
        lon, lat, radius = self._circles.T
        found: NDArray[np.bool_] = ~(separations_deg(lon, lat, ra, dec) > radius)
        for row in np.flatnonzero(found):
            inside = covered(self._records[row], np.array([ra]), np.array([dec]))
            found[row] = inside is None or inside[0]
        return found


def _has_outlines(columns: Mapping[str, Sequence[Any]]) -> bool:
    """Return whether a table has columns of outlines."""
    return (
        "s_region" in columns
        or {"s_ra", "s_dec", "s_fov"} <= columns.keys()
        or set(_LISTS) <= columns.keys()
        or {name for pair in _CORNERS for name in pair} <= columns.keys()
    )


def _record(columns: Mapping[str, Sequence[Any]], row: int) -> dict[str, Any]:
    """Return the outline of a row in the form of ObsCore."""
    record = {name: columns[name][row] for name in ("s_region", "s_ra", "s_dec", "s_fov") if name in columns}
    if record.get("s_region"):
        return record
    if set(_LISTS) <= columns.keys():
        ra, dec = (columns[name][row] for name in _LISTS)
        pairs = [] if ra is None or dec is None else list(zip(ra, dec, strict=False))
    elif _CORNERS[0][0] in columns:
        pairs = [(columns[ra][row], columns[dec][row]) for ra, dec in _CORNERS]
    else:
        return record
    if pairs and all(one is not None for pair in pairs for one in pair):
        record["s_region"] = [float(one) for pair in pairs for one in pair]
    return record
