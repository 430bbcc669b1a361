"""The light curve of the inspector: its points, ready for the browser."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.lightcurve import empty_history
from cutout_widgets.errors import CutoutError, sentence
from cutout_widgets.widget.objects.histories import own_history
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid

__all__ = ["light_curve_answer"]


def light_curve_answer(grid: Grid, id: int) -> protocol.LightCurveAnswer:
    """Return the light curve of a source, from the grid's history, its image store or its own rows.

    Parameters
    ----------
    grid
        The grid with the source.
    id
        A row of its table.

    Raises
    ------
    BadTable
        If the table has no such row.
    """
    source = grid.sources.row(id)
    known, origin = own_history(grid.sources, grid.images, grid._history)
    reason = ""
    try:
        frame = known.history(source)
    except (CutoutError, OSError) as err:
        frame, reason = empty_history(), sentence(err)
    points = [_point(one, grid) for one in frame.to_dict("records")]
    points = [one for one in points if one["flux"] is not None or one["science"] is not None]
    if not points and not reason:
        reason = "this source has no flux with a time and a unit of flux density"
    return protocol.LightCurveAnswer(
        kind="done",
        of="curve",
        id=str(source.id),
        origin=origin,
        points=points,
        reason=reason,
    )


def _point(row: dict[Any, Any], grid: Grid) -> protocol.LightCurvePoint:
    """Return one row of a light curve in wire form."""
    id = _whole(row.get("id"))
    return protocol.LightCurvePoint(
        time=float(row["time"]),
        band=None if row["band"] is None or row["band"] != row["band"] else str(row["band"]),
        kind=row["kind"],
        source=None if id is None else str(id),
        in_table=row["kind"] == "detection" and id is not None and id in grid.sources,
        flux=_finite(row["flux"]),
        flux_err=_finite(row["flux_err"]),
        science=_finite(row.get("science_flux")),
        science_err=_finite(row.get("science_flux_err")),
        visit=_text(row.get("visit")),
        detector=_text(row.get("detector")),
    )


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, np.integer)) else None


def _text(value: Any) -> str | None:
    whole = _whole(value)
    return None if whole is None else str(whole)
