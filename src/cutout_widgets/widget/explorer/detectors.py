"""A map of the detectors of a grid's table, whose brush filters the grid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.filters.facets import name_in_query
from cutout_widgets.catalog.filters.terms import choice_of, replaced, terms_of
from cutout_widgets.errors import CutoutError
from cutout_widgets.outputs.figure.focal_plane import corners_of
from cutout_widgets.palette import colormap_table
from cutout_widgets.widget.explorer.brush import HINT, Brush, Rectangle
from cutout_widgets.widget.explorer.columns import column_for, number_columns, numbers
from cutout_widgets.widget.explorer.density import AxisRange
from cutout_widgets.widget.explorer.focus import focus_of
from cutout_widgets.widget.explorer.words import Words

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.widget.grid import CutoutGrid

__all__ = ["ROWS", "DetectorMap"]

ROWS = "number of rows"
"""The default choice of the map."""

COLORMAP = "viridis"
MOST_NAMED = 24
"""Up to this many detectors, numbers are written beside the values; with more there is no space."""
MOST_NUMBERED = 60
MOST = 1000
"""More detectors than any camera has."""


class DetectorMap:
    """The widget: a menu of quantities and the figure.

    Parameters
    ----------
    grid
        Provides the table; the brush sets its filter.
    camera
        As for `plot_focal_plane`; None: detectors are arranged in numerical order.
    mean
        The column whose mean is shown; None: the number of rows.

    Raises
    ------
    BadOption
        If `camera` is invalid, or `mean` is not a column of numbers or flags.
    """

    def __init__(self, grid: CutoutGrid, camera: Any, mean: str | None) -> None:
        import bqplot
        import ipywidgets

        self._grid = grid
        self._column = grid.sources.names.get("detector")
        present, self._why = _detectors(grid.sources, self._column)
        self._corners = _in_order(present) if camera is None else corners_of(camera)
        self._numbers = np.array(sorted(self._corners), dtype=np.int64)
        self._is_to_scale = camera is not None
        columns = number_columns(grid.sources, flags=True)
        chosen = ROWS if mean is None else column_for(grid.sources, mean, columns, "mean")
        self.shows = ipywidgets.Dropdown(
            options=[(ROWS, ROWS), *((f"mean of {one}", one) for one in columns)],
            value=chosen,
            description="colour",
            tooltip="What the colours of the detectors mean",
            style={"description_width": "initial"},
            layout={"width": "auto", "flex": "1 1 auto", "min_width": "80px"},
        )
        self._scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale()}
        self._colours = bqplot.ColorScale(scheme=COLORMAP)
        self.figure = bqplot.Figure(
            fig_margin={"top": 12, "bottom": 44, "left": 16, "right": 16},
            min_aspect_ratio=0.2,
            max_aspect_ratio=6.0,
            layout={"width": "100%", "height": "258px", "min_width": "0"},
        )
        self.figure.add_class("cw-curve")
        self.words = Words()
        self.widget = ipywidgets.VBox(
            [ipywidgets.HBox([self.shows]), self.words, self.figure],
            layout={"flex": "1 1 240px", "min_width": "230px", "overflow": "hidden"},
        )
        self._brush: Brush | None = None
        if self._why:
            self.words.say(self._why)
            return
        self._frame()
        self.shows.observe(lambda _: self.draw(), "value")
        self.draw()
        self._brush = Brush(self.figure, self._scales, self._filter)

    def draw(self) -> None:
        """Redraw the detectors after a change of the filter."""
        if self._why:
            return
        import bqplot

        assert self._column is not None
        # Detectors that the filter excludes keep their values, so that they can still be chosen.
        where = replaced(self._grid.where, choice_of(self._column))
        rows = self._grid._pages.rows(where, None)
        values = self._values(rows)
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        low = 0.0 if self.shows.value == ROWS else low
        high = high if high > low else low + 1.0
        table = colormap_table(COLORMAP)
        places = np.nan_to_num((values - low) / (high - low))
        colours = table[np.rint(places * (len(table) - 1)).astype(int)]
        fills = [
            "#{:02x}{:02x}{:02x}".format(*colour) if math.isfinite(value) else "none"
            for colour, value in zip(colours, values, strict=True)
        ]
        chosen = self._chosen()
        edges = ["#e68a00" if number in chosen else "#808080" for number in self._numbers.tolist()]
        polygons = [self._corners[number] for number in self._numbers.tolist()]
        with self.figure.hold_sync():
            self._colours.min, self._colours.max = low, high
            outlines = bqplot.Lines(
                x=_padded([one[:, 0] for one in polygons]),
                y=_padded([one[:, 1] for one in polygons]),
                scales=self._scales,
                colors=edges,
                fill="inside",
                fill_colors=fills,
                close_path=True,
                stroke_width=1.5 if chosen else 1.0,
            )
            self.figure.marks = [outlines, *self._names(values, colours), self._ring()]
            self.figure.axes = [
                bqplot.ColorAxis(
                    scale=self._colours,
                    side="bottom",
                    label=self._label(),
                    tick_values=_outer_ticks(low, high),
                )
            ]
            self.words.say(self._title(rows, chosen))
        if self._brush is not None and self._brush.rectangle is not None and not chosen:
            self._brush.reset()

    def ring(self) -> None:
        """Update the outline of the current source's detector."""
        if self.figure.marks:
            self.figure.marks = [*self.figure.marks[:-1], self._ring()]

    # --- inside -----------------------------------------------------------------------------------

    def _frame(self) -> None:
        """Fit the axes to all detectors."""
        every = np.concatenate(list(self._corners.values()))
        for axis, scale in enumerate((self._scales["x"], self._scales["y"])):
            low, high = float(every[:, axis].min()), float(every[:, axis].max())
            margin = 0.02 * (high - low)
            scale.min, scale.max = low - margin, high + margin

    def _values(self, rows: SourceTable) -> NDArray[np.float64]:
        """Return the value of each detector: a number of rows or a mean, NaN where there is none."""
        assert self._column is not None
        found = numbers(rows, self._column)
        place = np.searchsorted(self._numbers, found)
        place[place == len(self._numbers)] = 0
        is_known = self._numbers[place] == found
        if self.shows.value == ROWS:
            return np.bincount(place[is_known], minlength=len(self._numbers)).astype(np.float64)
        weights = numbers(rows, self.shows.value)
        is_known &= np.isfinite(weights)
        counts = np.bincount(place[is_known], minlength=len(self._numbers))
        sums = np.bincount(place[is_known], weights[is_known], minlength=len(self._numbers))
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(counts > 0, sums / counts, np.nan))

    def _chosen(self) -> set[int]:
        """Return the detectors that the filter selects; empty if it does not restrict them."""
        assert self._column is not None
        mine = next(filter(choice_of(self._column), terms_of(self._grid.where)), None)
        inside = "" if mine is None else mine[mine.rindex("[") + 1 : -1]
        return {int(one) for one in inside.split(",") if one.strip()}

    def _filter(self, area: Rectangle | None) -> None:
        """Restrict the grid to the detectors that the brush touches; keep the other terms of the filter."""
        assert self._column is not None
        touched = [] if area is None else [
            number for number in self._numbers.tolist() if _touches(area, self._corners[number])
        ]  # fmt: skip
        is_all = len(touched) in (0, len(self._numbers))
        new = [] if is_all else [f"{name_in_query(self._column)} in {touched}"]
        try:
            self._grid.where = replaced(self._grid.where, choice_of(self._column), *new)
        except CutoutError as err:  # keep a wrong filter that the user typed
            self.words.say(str(err))
        if is_all and area is not None and self._brush is not None:
            self._brush.reset()

    def _names(self, values: NDArray[np.float64], colours: NDArray[np.uint8]) -> list[Any]:
        """Return the detector numbers, with their values where there is space."""
        import bqplot

        if len(self._numbers) > MOST_NUMBERED:
            return []
        middles = np.array([self._corners[number].mean(axis=0) for number in self._numbers.tolist()])
        bright = colours.astype(float) @ [0.299, 0.587, 0.114] > 128
        inks = [
            "#808080" if not math.isfinite(value) else "#000000" if is_bright else "#ffffff"
            for value, is_bright in zip(values, bright, strict=True)
        ]
        lines = [([f"{number}" for number in self._numbers.tolist()], 0)]
        if len(self._numbers) <= MOST_NAMED:
            lines = [(lines[0][0], -9), ([_short(one) for one in values], 9)]
        return [
            bqplot.Label(
                text=texts,
                x=middles[:, 0],
                y=middles[:, 1],
                y_offset=offset,
                scales=self._scales,
                colors=inks,
                align="middle",
                default_size=12.0,
                font_weight="bold" if offset < 0 else "normal",
            )
            for texts, offset in lines
        ]

    def _ring(self) -> Any:
        """Return the outline of the detector of the inspected or last selected source."""
        import bqplot

        row = focus_of(self._grid)
        mine = None if row is None or row.detector is None else self._corners.get(row.detector)
        corners = np.full((1, 2), np.nan) if mine is None else np.concatenate([mine, mine[:1]])
        return bqplot.Lines(
            x=corners[:, 0], y=corners[:, 1], scales=self._scales, colors=["#e68a00"], stroke_width=4
        )

    def _label(self) -> str:
        """Return the quantity that the colours show, with its unit."""
        if self.shows.value == ROWS:
            return "rows of a detector"
        unit = self._grid.sources.units.get(self.shows.value)
        of = "fraction with" if self.shows.value in self._grid.sources.flag_columns else "mean of"
        return f"{of} {self.shows.value}" + (f" ({unit})" if unit else "")

    def _title(self, rows: SourceTable, chosen: set[int]) -> str:
        """Return a caption: how many rows are counted, how many are not, and how detectors are placed."""
        assert self._column is not None
        n, n_on = len(self._numbers), int(np.isin(numbers(rows, self._column), self._numbers).sum())
        words = [f"{n_on:,} row{'' if n_on == 1 else 's'} on {n} detector{'' if n == 1 else 's'}"]
        words += [f"{len(rows) - n_on:,} on none of them"] if len(rows) > n_on else []
        words += [f"{len(chosen)} chosen"] if chosen else []
        words += [HINT] if not self._grid.where else []
        words += [] if self._is_to_scale else ["in numerical order"]
        return "; ".join(words)


def _outer_ticks(low: float, high: float) -> NDArray[np.float64]:
    """Return the first and the last round number of a colour bar: it may be as narrow as two labels."""
    ticks = AxisRange(low, high).ticks(4)
    return np.array(ticks if len(ticks) < 2 else [ticks[0], ticks[-1]])


def _detectors(sources: SourceTable, column: str | None) -> tuple[list[int], str]:
    """Return the detectors that have rows, and if there are none the reason."""
    if column is None:
        return [], "No map: the table has no detector column"
    if len(sources) == 0:
        return [], "The table has no rows"
    if sources.values(column).dtype.kind not in "iuf":
        return [], f"No map: {column} has no numbers"
    found = numbers(sources, column)
    distinct = np.unique(found[np.isfinite(found)])
    if not len(distinct):
        return [], f"No map: {column} has no number in any row"
    if (distinct != np.floor(distinct)).any():
        return [], f"No map: {column} contains numbers that are not whole"
    if len(distinct) > MOST:
        return [], f"No map: {column} has {len(distinct):,} different values"
    return [int(one) for one in distinct], ""


def _in_order(numbers: list[int]) -> dict[int, NDArray[np.float64]]:
    """Return squares for detectors of unknown position, row by row from the top."""
    n_columns = max(1, math.ceil(math.sqrt(1.6 * len(numbers))))
    square = np.array([[0.04, 0.04], [0.96, 0.04], [0.96, 0.96], [0.04, 0.96]])
    return {
        number: square + np.array([place % n_columns, -(place // n_columns)])
        for place, number in enumerate(numbers)
    }


def _touches(area: Rectangle, corners: NDArray[np.float64]) -> bool:
    """Return whether a rectangle overlaps the bounding box of a detector."""
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return bool(area.x0 < x1 and area.x1 > x0 and area.y0 < y1 and area.y1 > y0)


def _padded(rows: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return rows of different lengths as one array, padded by repeating a polygon's last corner."""
    longest = max(map(len, rows))
    return np.array([np.concatenate([one, np.repeat(one[-1:], longest - len(one))]) for one in rows])


def _short(value: float) -> str:
    """Return a value as a short text that fits in a detector."""
    if not math.isfinite(value):
        return "n/a"
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e6 else f"{value:.3g}"
