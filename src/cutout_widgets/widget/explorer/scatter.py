"""A scatter plot of any two columns of a grid's table, whose brush filters the grid."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.filters.terms import range_of, replaced, terms_of, within_range
from cutout_widgets.catalog.values import number_of
from cutout_widgets.errors import CutoutError
from cutout_widgets.widget.explorer.brush import HINT, Brush, Rectangle
from cutout_widgets.widget.explorer.columns import column_for, named, number_columns, numbers
from cutout_widgets.widget.explorer.density import (
    ALL_COLOUR,
    PASSING_COLOUR,
    AxisRange,
    Layer,
    density_png,
    ends_of,
    is_long_tailed,
    written,
)
from cutout_widgets.widget.explorer.focus import focus_of
from cutout_widgets.widget.explorer.lasso import Lasso
from cutout_widgets.widget.explorer.words import Words
from cutout_widgets.widget.objects.curve_axes import vertical_axis

if TYPE_CHECKING:
    from cutout_widgets.widget.grid import CutoutGrid

__all__ = ["Scatter"]

MOST_POINTS = 5000
"""Up to this many rows are drawn as points, more as a density image."""


class Scatter:
    """The widget: menus of columns and scales, and the figure.

    Parameters
    ----------
    grid
        Provides the table; the brush sets its filter.
    x, y
        Columns or meanings; None: signal to noise and score if the table has them.

    Raises
    ------
    BadOption
        If `x` or `y` is not a column of numbers.
    """

    def __init__(self, grid: CutoutGrid, x: str | None, y: str | None) -> None:
        import bqplot
        import ipywidgets

        self._grid = grid
        columns = number_columns(grid.sources)
        across, up = _first_two(grid, columns)
        chosen = [
            usual if name is None else column_for(grid.sources, name, columns, axis)
            for axis, name, usual in (("x", x, across), ("y", y, up))
        ]
        narrow = {"width": "auto", "flex": "1 1 84px", "min_width": "84px"}
        self.x, self.y = (
            ipywidgets.Dropdown(
                options=columns,
                value=one,
                description=axis,
                tooltip=f"Column for the {where} axis",
                layout=narrow,
                style={"description_width": "initial"},
            )
            for one, axis, where in zip(chosen, "xy", ("horizontal", "vertical"), strict=True)
        )
        self.log_x, self.log_y = (
            ipywidgets.ToggleButton(
                value=one is not None and is_long_tailed(numbers(grid.sources, one)),
                description="log",
                tooltip=f"Logarithmic {side} axis",
                layout={"width": "44px"},
            )
            for one, side in zip(chosen, ("horizontal", "vertical"), strict=True)
        )
        self.lasso = ipywidgets.ToggleButton(
            description="lasso",
            tooltip="On: draw around points to select them in the grid. Off: drag a rectangle to filter",
            layout={"width": "58px"},
        )
        self.figure = bqplot.Figure(
            fig_margin={"top": 12, "bottom": 44, "left": 74, "right": 16},
            min_aspect_ratio=0.2,
            max_aspect_ratio=6.0,
            layout={"width": "100%", "height": "258px", "min_width": "0"},
        )
        self.figure.add_class("cw-curve")
        self.words = Words()
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HBox(
                    [self.y, self.log_y, self.x, self.log_x, self.lasso],
                    layout={"flex_flow": "row wrap"},
                ),
                self.words,
                self.figure,
            ],
            layout={"flex": "1 1 260px", "min_width": "230px", "overflow": "hidden"},
        )
        self._ends: tuple[AxisRange, AxisRange] | None = None
        self._brush: Brush | None = None
        self._scales: dict[str, Any] = {}
        for control in (self.x, self.y, self.log_x, self.log_y, self.lasso):
            control.observe(self._renew, "value")
        for column, log in ((self.x, self.log_x), (self.y, self.log_y)):
            column.observe(lambda change, log=log: self._suit(change["new"], log), "value")
        self._renew()

    def draw(self) -> None:
        """Redraw the rows after a change of the filter."""
        sources, shown = self._grid.sources, self._grid.shown
        if self._ends is None or self.x.value is None:
            return
        across, up = self._ends
        every = Layer(numbers(sources, self.x.value), numbers(sources, self.y.value), ALL_COLOUR)
        passing = Layer(numbers(shown, self.x.value), numbers(shown, self.y.value), PASSING_COLOUR)
        layers = [passing] if len(shown) == len(sources) else [every, passing]
        with self.figure.hold_sync():
            is_picture = len(sources) > MOST_POINTS
            can_lasso = self.lasso.value and len(shown) <= MOST_POINTS
            if not is_picture:
                rows = [self._points(one) for one in layers]
            elif can_lasso:  # points on the density of all rows
                rows = [*self._picture([every]), self._points(passing)]
            else:
                rows = self._picture(layers)
            self.figure.marks = [*rows, self._ring()]
            hint = _hint(self.lasso.value, can_lasso, is_filtered=len(layers) > 1)
            self.words.say(_title(passing, len(sources), across, up, hint, is_picture=is_picture))
        if can_lasso:
            Lasso(self.figure, rows[-1], partial(self._select, shown.ids[_finite(passing)]))
        elif self.lasso.value:
            self.figure.interaction = None
        if self._brush is not None and self._brush.rectangle is not None and not self._is_filtered():
            self._brush.reset()

    def ring(self) -> None:
        """Redraw the ring around the grid's current source."""
        if self.figure.marks:
            self.figure.marks = [*self.figure.marks[:-1], self._ring()]

    # --- inside -----------------------------------------------------------------------------------

    def _renew(self, _: Any = None) -> None:
        """Create axes for the selected columns, and draw."""
        import bqplot

        self.figure.interaction = self._brush = self._ends = None
        sources = self._grid.sources
        found: list[AxisRange] = []
        for column, log in ((self.x, self.log_x), (self.y, self.log_y)):
            ends = None if column.value is None else ends_of(numbers(sources, column.value), is_log=log.value)
            if ends is None:
                with self.figure.hold_sync():
                    self.figure.marks, self.figure.axes = [], []
                    self.words.say(_why_empty(column.value, len(sources), is_log=log.value))
                return
            found.append(ends)
        self._ends = found[0], found[1]
        self._scales = {
            name: (bqplot.LogScale if one.is_log else bqplot.LinearScale)(min=one.low, max=one.high)
            for name, one in zip("xy", found, strict=True)
        }
        self.figure.axes = [
            bqplot.Axis(scale=self._scales["x"], label=named(sources, self.x.value), **_ticks(found[0])),
            vertical_axis(
                self._scales["y"],
                label=named(sources, self.y.value),
                label_offset="56px",
                **_ticks(found[1]),
            ),
        ]
        self.draw()
        if not self.lasso.value:
            self._brush = Brush(self.figure, self._scales, self._filter)

    def _suit(self, column: str, log: Any) -> None:
        """Choose the scale that suits a column."""
        log.value = is_long_tailed(numbers(self._grid.sources, column))

    def _filter(self, area: Rectangle | None) -> None:
        """Restrict the grid to the brushed rows; keep the other terms of the filter."""
        assert self._ends is not None
        new: list[str] = []
        if area is not None:
            pairs = zip(
                (self.x.value, self.y.value),
                ((area.x0, area.x1), (area.y0, area.y1)),
                self._ends,
                strict=True,
            )
            new = [
                within_range(column, written(low, ends), written(high, ends))
                for column, (low, high), ends in pairs
            ]
        try:
            self._grid.where = replaced(self._grid.where, self._is_mine, *dict.fromkeys(new))
        except CutoutError as err:  # keep a wrong filter that the user typed
            self.words.say(str(err))

    def _select(self, ids: NDArray[np.int64], inside: list[int]) -> None:
        """Select the rows in the lasso."""
        self._grid.selected = ids[inside].tolist()

    def _is_mine(self, term: str) -> bool:
        return range_of(self.x.value)(term) or range_of(self.y.value)(term)

    def _is_filtered(self) -> bool:
        """Return whether the filter contains a term that a brush would write."""
        terms = terms_of(self._grid.where)
        return all(any(map(range_of(column.value), terms)) for column in (self.x, self.y))

    def _points(self, layer: Layer) -> Any:
        """Return the marks that draw rows as points."""
        import bqplot

        there = _finite(layer)
        return bqplot.Scatter(
            x=layer.x[there],
            y=layer.y[there],
            scales=self._scales,
            colors=[layer.hex],
            default_size=14,
            opacities=[0.35 if layer.colour == ALL_COLOUR else 0.8],
        )

    def _picture(self, layers: list[Layer]) -> list[Any]:
        """Return the marks that draw rows as a density image."""
        import bqplot
        import ipywidgets

        assert self._ends is not None
        across, up = self._ends
        return [
            bqplot.Image(
                image=ipywidgets.Image(value=density_png(layers, across, up), format="png"),
                x=[across.low, across.high],
                y=[up.low, up.high],
                scales=self._scales,
            )
        ]

    def _ring(self) -> Any:
        """Return the ring around the inspected or last selected source."""
        import bqplot

        row = focus_of(self._grid)
        place = [] if row is None else [number_of(row.row.get(one.value)) for one in (self.x, self.y)]
        known = [one for one in place if one is not None]
        return bqplot.Scatter(
            x=np.array(known[:1] if len(known) == 2 else []),
            y=np.array(known[1:] if len(known) == 2 else []),
            scales=self._scales,
            colors=["#e68a00"],
            fill=False,
            stroke_width=3,
            default_size=220,
        )


def _finite(layer: Layer) -> NDArray[np.bool_]:
    """Return which rows of a layer are drawn as points."""
    return np.isfinite(layer.x) & np.isfinite(layer.y)


def _hint(lasso: bool, can_lasso: bool, *, is_filtered: bool) -> str:
    """Return what a drag does; empty if the filter shows it."""
    if can_lasso:
        return "draw around points to select"
    if lasso:
        return f"filter to {MOST_POINTS} rows for the lasso"
    return "" if is_filtered else HINT


def _ticks(ends: AxisRange) -> dict[str, Any]:
    """Return the tick positions and number format of an axis."""
    ticks = ends.ticks()
    largest = max(map(abs, ticks), default=0.0)
    plain = "~e" if largest >= 1e7 or 0 < largest < 1e-3 else "~f" if largest < 1e4 else "~r"
    return {"tick_values": np.array(ticks), "tick_format": plain}


def _first_two(grid: CutoutGrid, columns: list[str]) -> tuple[str | None, str | None]:
    """Return the columns to start with."""
    names = grid.sources.names
    liked = [names[one] for one in ("snr", "score", "flux", "time") if names.get(one) in columns]
    liked += [one for one in columns if one not in liked]
    return (liked[0], liked[1 if len(liked) > 1 else 0]) if liked else (None, None)


def _why_empty(column: str | None, n_rows: int, *, is_log: bool) -> str:
    """Return the reason why there is nothing to draw."""
    if column is None:
        return "The table has no column of numbers to draw"
    if n_rows == 0:
        return "The table has no rows"
    return f"{column} has no {'positive ' if is_log else ''}number in any row"


def _title(
    passing: Layer, n_all: int, across: AxisRange, up: AxisRange, hint: str, *, is_picture: bool
) -> str:
    """Return a caption: how many rows are drawn, how, and how many are not."""
    n = len(passing.x)
    inside = np.ones(n, dtype=bool)
    for values, ends in ((passing.x, across), (passing.y, up)):
        place = ends.place(values)
        inside &= (place >= 0) & (place <= 1)
    some = f"{n:,}" if n == n_all else f"{n:,} of {n_all:,}"
    words = [f"{some} row{'' if n_all == 1 else 's'}{', as density' if is_picture else ''}"]
    if hint:
        words.append(hint)
    if n and (outside := n - int(np.count_nonzero(inside))):
        words.append(f"{outside:,} not on these axes")
    return "; ".join(words)
