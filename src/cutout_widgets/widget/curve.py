"""The light curve of the inspected source: a bqplot figure that follows a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.lightcurve import empty_history
from cutout_widgets.errors import BadOption, CutoutError, sentence
from cutout_widgets.palette import band_colour
from cutout_widgets.stores.base import HasHistory

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.widget.grid import CutoutGrid

__all__ = ["light_curve"]

MARKERS = {
    "u": "circle",
    "g": "triangle-up",
    "r": "triangle-down",
    "i": "square",
    "z": "cross",
    "y": "diamond",
}
"""bqplot's nearest to the symbols of `palette.BAND_SYMBOLS`, so that bands differ without colour too."""


def light_curve(grid: CutoutGrid) -> Any:
    """Draw the history of the inspected source, or of the one selected last.

    Difference flux in nJy with error bars against MJD: detections filled, forced photometry hollow.
    A click on a detection that is in the table inspects it.

    Parameters
    ----------
    grid
        Whose traits it follows, for as long as it lives.

    Returns
    -------
    bqplot.Figure
        Compose it with the grid as any widget: ``ipywidgets.VBox([grid, grid.light_curve()])``.

    Raises
    ------
    BadOption
        If the image store knows no histories.
    """
    import bqplot

    if not isinstance(grid.images, HasHistory):
        raise BadOption(f"{grid.images!r} knows no light curves; alert packets and a Butler do")
    scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale()}
    axes = [
        bqplot.Axis(scale=scales["x"], label="MJD", tick_format=".1f"),
        bqplot.Axis(
            scale=scales["y"], label="difference flux (nJy)", orientation="vertical", label_offset="60px"
        ),
    ]
    figure = bqplot.Figure(
        axes=axes,
        fig_margin={"top": 36, "bottom": 44, "left": 80, "right": 20},
        legend_location="top-right",
        min_aspect_ratio=2.0,
        max_aspect_ratio=4.0,
        layout={"width": "100%", "height": "300px"},
    )

    def follow(_: Any = None) -> None:
        wanted = grid.inspected if grid.inspected is not None else next(reversed(grid.selected), None)
        if wanted is None:
            figure.marks, figure.title = [], "Click a source to see its light curve"
            return
        points, problem = _history(grid, wanted)
        with figure.hold_sync():
            figure.marks = _marks(points, scales, grid)
            figure.title = problem or f"{wanted}: {len(points)} points"

    grid.observe(follow, ["inspected", "selected"])
    follow()
    return figure


def _history(grid: CutoutGrid, id: int) -> tuple[pd.DataFrame, str]:
    """Return the history of a source, or a sentence about why there is none."""
    images = grid.images
    assert isinstance(images, HasHistory)
    try:
        points = images.history(grid.sources.row(id))
    except (CutoutError, OSError) as err:
        return empty_history(), f"{id}: {sentence(err)}"
    return points[np.isfinite(points["flux"].to_numpy(dtype=float))], ""


def _marks(points: pd.DataFrame, scales: dict[str, Any], grid: CutoutGrid) -> list[Any]:
    """Return the points of each band and kind, over their error bars."""
    import bqplot

    marks: list[Any] = []
    for names, some in points.groupby([points["band"].fillna("?"), "kind"], sort=True):
        band, kind = (str(name) for name in names)
        time, flux = some["time"].to_numpy(dtype=float), some["flux"].to_numpy(dtype=float)
        error = some["flux_err"].to_numpy(dtype=float)
        colour = band_colour(band)
        marks.append(
            bqplot.Lines(
                # One stroke a bar: bqplot lifts the pen at a gap.
                x=np.column_stack([time, time]),
                y=np.column_stack([flux - error, flux + error]),
                scales=scales,
                colors=[colour],
                stroke_width=1,
                opacities=[0.5] * len(some),
            )
        )
        scatter = bqplot.Scatter(
            x=time,
            y=flux,
            names=np.array(["" if one is None else str(one) for one in some["id"].astype(object)]),
            display_names=False,
            scales=scales,
            colors=[colour],
            marker=MARKERS.get(band, "circle"),
            fill=kind == "detection",
            default_size=36,
            display_legend=True,
            labels=[f"{band} {kind}"],
        )
        scatter.on_element_click(
            _inspects(grid, [None if one is None else one for one in some["id"].astype(object)])
        )
        marks.append(scatter)
    return marks


def _inspects(grid: CutoutGrid, ids: list[Any]) -> Any:
    """Return what a click on a point does."""

    def act(_: Any, event: dict[str, Any]) -> None:
        index = event.get("data", {}).get("index")
        id = ids[index] if isinstance(index, int) and index < len(ids) else None
        if isinstance(id, (int, np.integer)) and int(id) in grid.sources:
            grid.inspect(int(id))

    return act
