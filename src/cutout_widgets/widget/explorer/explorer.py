"""`Explorer`: a grid with linked plots: a scatter plot, a detector map and a light curve."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import ipywidgets

from cutout_widgets.errors import BadOption, CutoutError
from cutout_widgets.widget.explorer.detectors import ROWS, DetectorMap
from cutout_widgets.widget.explorer.scatter import Scatter
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.objects.curve import light_curve

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Explorer"]


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A grid with plots of its table above it; each filters the others.

    Dragging over the scatter plot or the map writes a range or a list of detectors into the grid's
    filter, where it can be read, edited and removed. The inspected source, or the one selected last,
    is marked by a ring in the scatter plot and an outlined detector on the map.

    Parameters
    ----------
    sources
        Rows: a `SourceTable`, or anything that `SourceTable.read` accepts.
    images
        An image store, or a string that `open_images` accepts.
    x, y
        Columns of numbers, or meanings such as ``"flux"``, for the scatter plot.
    mean
        The column, of numbers or a flag, whose mean colours the detectors; None: the number of rows.
    camera
        Detector positions as for `plot_focal_plane`: detector -> its corners, or
        ``butler.get("camera")``. None: squares in numerical order.
    options
        As for `CutoutGrid`: `size`, `labels`, `history`, `page_size` and so on.

    Attributes
    ----------
    grid : CutoutGrid
        The grid with all its methods: ``explorer.grid.selected``, ``explorer.grid.save(...)``.

    Raises
    ------
    BadTable
        If the rows cannot be read.
    BadOption
        If an option is invalid, `x`, `y` or `mean` is not a column of numbers, or the grid shall be blind.

    Examples
    --------
    >>> import numpy as np
    >>> stamps = np.random.default_rng(1).normal(size=(3, 2, 30, 30))
    >>> images = cw.ArrayImages.from_stamps([7, 8], *stamps)
    >>> rows = {"id": [7, 8], "ra": [10.0, 10.1], "dec": [0.0, 0.1], "snr": [5.0, 9.0], "chi2": [1.0, 3.0]}
    >>> explorer = cw.Explorer(rows, images, x="snr", y="chi2")
    >>> explorer.grid.where = "chi2 > 2"
    >>> explorer
    <Explorer: 1 of 2 sources, chi2 against snr>
    """

    def __init__(
        self,
        sources: Any,
        images: ImageStore | str,
        size: Any = 30,
        *,
        x: str | None = None,
        y: str | None = None,
        mean: str | None = None,
        camera: Any = None,
        **options: Any,
    ) -> None:
        if options.get("blind"):
            raise BadOption(
                "an explorer plots the columns that a blind grid hides; make a CutoutGrid instead"
            )
        self.grid = CutoutGrid(sources, images, size, **options)
        try:
            self._scatter = Scatter(self.grid, x, y)
            self._map = DetectorMap(self.grid, camera, mean)
            curve = light_curve(self.grid, most_ticks=(2, 7))
        except CutoutError:
            self.grid.close()
            raise
        curve.min_aspect_ratio, curve.max_aspect_ratio = 0.2, 6.0
        curve.layout = {"width": "100%", "height": "312px", "min_width": "0"}
        beside = ipywidgets.Box(
            [curve], layout={"flex": "1 1 260px", "min_width": "230px", "overflow": "hidden"}
        )
        plots = ipywidgets.Box(
            [self._scatter.widget, self._map.widget, beside],
            layout={"display": "flex", "flex_flow": "row wrap", "width": "100%", "grid_gap": "8px"},
        )
        super().__init__([plots, self.grid], layout={"width": "100%"})
        self._lock = threading.Lock()
        self._drawn = self.grid.where, self.grid.n_rows
        self.grid.observe(self._redraw, ["where", "n_rows"])
        self.grid.observe(self._ring, ["inspected", "selected"])

    @property
    def x(self) -> str | None:
        """The column of the scatter plot's horizontal axis; can be set."""
        return self._scatter.x.value  # type: ignore[no-any-return]  # ipywidgets has no types

    @x.setter
    def x(self, column: str) -> None:
        self._scatter.x.value = column

    @property
    def y(self) -> str | None:
        """The column of the scatter plot's vertical axis; can be set."""
        return self._scatter.y.value  # type: ignore[no-any-return]  # as above

    @y.setter
    def y(self, column: str) -> None:
        self._scatter.y.value = column

    @property
    def mean(self) -> str | None:
        """The column whose mean colours the detectors; None: the number of rows. Can be set."""
        shown = self._map.shows.value
        return None if shown == ROWS else shown

    @mean.setter
    def mean(self, column: str | None) -> None:
        self._map.shows.value = ROWS if column is None else column

    def close(self) -> None:
        """Stop the grid's threads and remove the explorer from the notebook."""
        if "grid" in vars(self):  # ipywidgets also closes a widget whose constructor failed
            self.grid.close()
        super().close()

    def __repr__(self) -> str:
        grid = self.grid
        return f"<Explorer: {grid.n_rows:,} of {grid.n_total:,} sources, {self.y} against {self.x}>"

    # --- inside -----------------------------------------------------------------------------------

    def _redraw(self, _: Any) -> None:
        with self._lock:  # filters come from the grid's threads and from the notebook's
            now = self.grid.where, self.grid.n_rows
            if now == self._drawn:
                return
            self._drawn = now
            self._scatter.draw()
            self._map.draw()

    def _ring(self, _: Any) -> None:
        with self._lock:
            self._scatter.ring()
            self._map.ring()
