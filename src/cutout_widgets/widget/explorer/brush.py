"""A rectangle selector for bqplot figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["HINT", "Brush", "Rectangle"]

HINT = "drag to filter"
"""Shown in a figure with a brush while nothing is selected."""


class Rectangle(NamedTuple):
    """The area of a brush, in axis values."""

    x0: float
    x1: float
    y0: float
    y1: float


class Brush:
    """The rectangle selector of one figure; it reports its area at the end of a drag.

    Parameters
    ----------
    figure
        A bqplot figure; its `interaction` becomes the brush.
    scales
        Its scales, ``"x"`` and ``"y"``.
    act
        Called with the rectangle, or with None when the user clears the brush.
    """

    def __init__(self, figure: Any, scales: dict[str, Any], act: Callable[[Rectangle | None], None]) -> None:
        from bqplot.interacts import BrushSelector

        self._act = act
        self._last: Rectangle | None = None
        self._is_silent = False
        self.selector = BrushSelector(x_scale=scales["x"], y_scale=scales["y"], marks=[], color="#e68a00")
        # The front end may merge a short drag into one message, in which `brushing` was never True.
        self.selector.observe(self._follow, ["brushing", "selected_x", "selected_y"])
        figure.interaction = self.selector

    @property
    def rectangle(self) -> Rectangle | None:
        """The current area."""
        x, y = self.selector.selected_x, self.selector.selected_y
        if x is None or y is None or len(x) < 2 or len(y) < 2:
            return None
        found = Rectangle(float(min(x)), float(max(x)), float(min(y)), float(max(y)))
        return found if found.x1 > found.x0 and found.y1 > found.y0 else None

    def reset(self) -> None:
        """Clear the rectangle without calling `act`."""
        if self._last is None and self.rectangle is None:
            return
        self._is_silent = True
        try:
            with self.selector.hold_sync():
                self.selector.selected_x = self.selector.selected_y = None
                self._last = None
            self.selector.reset()
        finally:
            self._is_silent = False

    def _follow(self, _: Any) -> None:
        if self._is_silent or self.selector.brushing:
            return
        now = self.rectangle
        if now != self._last:
            self._last = now
            self._act(now)
