"""A lasso for the points of a bqplot figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Lasso"]


class Lasso:
    """The lasso of one figure; it reports the points inside at the end of a drag. Several lassos add up.

    Parameters
    ----------
    figure
        A bqplot figure; its `interaction` becomes the lasso.
    points
        Its mark with the points, a ``bqplot.Scatter``.
    act
        Called with the positions of the points inside.
    """

    def __init__(self, figure: Any, points: Any, act: Callable[[list[int]], None]) -> None:
        from bqplot.interacts import LassoSelector

        self._act = act
        self.selector = LassoSelector(marks=[points], color="#e68a00")
        points.unselected_style = {"opacity": 0.2}
        points.observe(self._follow, "selected")
        figure.interaction = self.selector

    def _follow(self, change: dict[str, Any]) -> None:
        inside = change["new"]
        self._act([] if inside is None else np.asarray(inside, dtype=int).tolist())
