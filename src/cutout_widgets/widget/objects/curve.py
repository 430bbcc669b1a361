"""The light curve of the inspected source: a bqplot figure that follows a grid."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.lightcurve import empty_history
from cutout_widgets.errors import CutoutError, sentence
from cutout_widgets.palette import band_colour
from cutout_widgets.widget.objects.curve_axes import CurveAxes, ticks_between, vertical_axis, words_of
from cutout_widgets.widget.objects.histories import history_from, own_history

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.stores.base import HasEpochs, HasHistory
    from cutout_widgets.widget.interface import Grid

__all__ = ["light_curve"]

SIZE, FORCED_SIZE = 36, 104
"""Area of symbols in square pixels: forced photometry is larger, for a detection may be at the same place."""

MOST_TICKS = (5, 7)
"""Ticks of the time and the flux axis."""

LEGEND_STEP = 0.09
"""Spacing of the legend's lines, as a fraction of the plot height."""

MARKERS = {
    "u": "circle",
    "g": "triangle-up",
    "r": "triangle-down",
    "i": "square",
    "z": "cross",
    "y": "diamond",
}
"""bqplot's closest equivalents of `palette.BAND_SYMBOLS`, so that bands differ without colour too."""

ARROW_SKEW = 0.65
"""How narrow the arrow of a limit is, from 0 to 1."""


def light_curve(
    grid: Grid,
    history: HasHistory | HasEpochs | str | os.PathLike[str] | None = None,
    chosen: CurveAxes | None = None,
    *,
    most_ticks: tuple[int, int] = MOST_TICKS,
) -> Any:
    """Draw the history of the inspected source, or of the one selected last.

    With error bars: detections filled, forced photometry hollow, limits as arrows, a ring around the current
    source. The flux axis fits the measured values: limits far above it are counted in the title, not drawn.
    Under the pointer a point says all that is known of it; a click on a detection of the table inspects it.

    Parameters
    ----------
    grid
        The figure follows its traits as long as it exists.
    history
        Source of light curves: an `Apdb`, its address or path, an image store, a table; None = the grid's
        own `history`, else its image store if it has light curves, else the rows of the same object in
        its table.
    chosen
        The axes; by default difference flux in nJy against MJD.
    most_ticks
        Ticks of the time and the flux axis: dates are long, so a narrow figure takes two.

    Returns
    -------
    bqplot.Figure
        Combine it with the grid like any widget: ``ipywidgets.VBox([grid, grid.light_curve()])``.

    Raises
    ------
    BadOption
        If `history` has no light curves.
    BadTable
        If an address is not that of a database.
    """
    import bqplot

    if history is None:
        known, _ = own_history(grid.sources, grid.images, grid._history)
    else:
        known = history_from(history)
    on = CurveAxes() if chosen is None else chosen
    # Bright is up, which is the lower end of magnitudes.
    scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale(reverse=on.unit == "mag")}
    axes = [
        bqplot.Axis(scale=scales["x"]),
        vertical_axis(scales["y"], label_offset="60px"),
    ]
    figure = bqplot.Figure(
        fig_margin={"top": 36, "bottom": 44, "left": 80, "right": 130},
        min_aspect_ratio=2.0,
        max_aspect_ratio=4.0,
        layout={"width": "100%", "height": "300px"},
    )

    def follow(_: Any = None) -> None:
        wanted = grid.inspected if grid.inspected is not None else next(reversed(grid.selected), None)
        if wanted is None:
            figure.marks, figure.axes, figure.title = [], [], "Click a source to see its light curve"
            return
        history, problem = _history(known, grid, wanted)
        points = on.drawn(history)
        with figure.hold_sync():
            scales["x"].min, scales["x"].max = on.across(points)
            low, high = on.up(points)
            scales["y"].min, scales["y"].max = low, high
            described = zip(axes, on.labels(history), scales.values(), most_ticks, strict=True)
            for axis, label, scale, most in described:
                axis.label = label
                for name, value in ticks_between(scale.min, scale.max, most).items():
                    setattr(axis, name, value)
            figure.axes = axes if len(points) else []
            marks = _marks(points, scales, grid)
            known_points = [one for one in marks if isinstance(one, bqplot.Scatter)]
            figure.marks = [*marks, _ring(points, scales, wanted), *_legend(known_points)]
            figure.title = problem or _title(wanted, points, high if on.unit == "nJy" else None, len(history))

    figure.add_class("cw-curve")  # uses the colours of the grid's style sheet
    grid.observe(follow, ["inspected", "selected"])
    follow()
    return figure


def _history(known: HasHistory, grid: Grid, id: int) -> tuple[pd.DataFrame, str]:
    """Return the light curve of a source, and if it is empty the reason."""
    try:
        points = known.history(grid.sources.row(id))
    except (CutoutError, OSError) as err:
        return empty_history(), f"{id}: {sentence(err)}"
    return points, ""


def _title(id: int, points: pd.DataFrame, high: float | None, known: int) -> str:
    """Return the title of the figure."""
    beyond = 0 if high is None else int((points["y"] > high).sum())
    words = [f"{len(points)} point{'' if len(points) == 1 else 's'}"]
    words += [f"{beyond} limit{'' if beyond == 1 else 's'} above the frame"] if beyond else []
    words += [f"{known - len(points)} without a value on this axis"] if known > len(points) else []
    return f"{id}: {', '.join(words)}"


def _legend(shown: list[Any]) -> list[Any]:
    """Return a symbol and a name beside the plot for each kind of point, from the top down.

    bqplot's own legend would cover the data; marks that are not clipped can be drawn in the margin.
    """
    import bqplot

    frame = {"x": bqplot.LinearScale(min=0, max=1), "y": bqplot.LinearScale(min=0, max=1)}
    marks: list[Any] = []
    for row, one in enumerate(shown):
        (name,) = one.labels
        band, kind = name.rsplit(" ", 1)
        place = {"x": np.array([1.03]), "y": np.array([0.95 - row * LEGEND_STEP]), "apply_clip": False}
        symbol = {**_symbol(band, kind, 1, frame), "default_size": SIZE}  # a larger one would cover its words
        marks.append(bqplot.Scatter(**place, **symbol, colors=one.colors, fill=one.fill, display_names=False))
        # Words of their own, as bqplot turns a symbol with its words.
        words = np.array([f"\N{EM SPACE}{name}"])
        marks.append(
            bqplot.Scatter(
                **place, scales=frame, colors=one.colors, names=words, display_names=True, default_size=0
            )
        )
    return marks


def _symbol(band: str, kind: str, n: int, scales: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a bqplot scatter for `n` points of a band and kind: symbol, size, scales."""
    import bqplot

    if kind == "limit":  # bqplot's arrow is a narrow triangle that points up; this turns it by half a circle
        half_turn = {
            "rotation": np.ones(n),
            "scales": scales | {"rotation": bqplot.LinearScale(min=0, max=1)},
        }
        return {"marker": "arrow", "default_skew": ARROW_SKEW, "default_size": SIZE, **half_turn}
    size = FORCED_SIZE if kind == "forced" else SIZE
    return {"marker": MARKERS.get(band, "circle"), "default_size": size, "scales": scales}


def _colour(band: str) -> str:
    """Return the CSS colour of a band, which follows the theme; without a style sheet, the light one."""
    return f"var(--cw-{band}, {band_colour(band)})" if band in MARKERS else band_colour(band)


def _marks(points: pd.DataFrame, scales: dict[str, Any], grid: Grid) -> list[Any]:
    """Return the points of each band and kind, on top of their error bars."""
    import bqplot

    marks: list[Any] = []
    for names, some in points.groupby([points["band"].fillna("?"), "kind"], sort=True):
        band, kind = (str(name) for name in names)
        time, flux, error = (some[name].to_numpy(dtype=float) for name in ("x", "y", "error"))
        colour = _colour(band)
        bars = bqplot.Lines(
            # One line for each bar: bqplot breaks lines at gaps.
            x=np.column_stack([time, time]),
            y=np.column_stack([flux - error, flux + error]),
            scales=scales,
            colors=[colour],
            stroke_width=1,
            opacities=[0.5] * len(some),
        )
        marks += [bars] if kind != "limit" else []
        scatter = bqplot.Scatter(
            x=time,
            y=flux,
            names=np.array([words_of(one) for one in some.itertuples()]),
            display_names=False,
            tooltip=bqplot.Tooltip(fields=["name"], show_labels=False),
            colors=[colour],
            fill=kind == "detection",
            labels=[f"{band} {kind}"],
            **_symbol(band, kind, len(some), scales),
        )
        scatter.on_element_click(
            _inspects(grid, [None if one is None else one for one in some["id"].astype(object)])
        )
        marks.append(scatter)
    return marks


def _ring(points: pd.DataFrame, scales: dict[str, Any], id: int) -> Any:
    """Return the ring around the points of a source."""
    import bqplot

    here = points[(points["id"] == id).fillna(value=False).to_numpy(dtype=bool)]
    return bqplot.Scatter(
        x=here["x"].to_numpy(dtype=float),
        y=here["y"].to_numpy(dtype=float),
        scales=scales,
        colors=["var(--cw-brand, #1976d2)"],
        display_names=False,
        fill=False,
        stroke_width=2,
        default_size=300,
    )


def _inspects(grid: Grid, ids: list[Any]) -> Any:
    """Return the click handler of points."""

    def act(_: Any, event: dict[str, Any]) -> None:
        index = event.get("data", {}).get("index")
        id = ids[index] if isinstance(index, int) and index < len(ids) else None
        if isinstance(id, (int, np.integer)) and int(id) in grid.sources:
            grid.inspect(int(id))

    return act
