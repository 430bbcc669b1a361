"""Figures that are independent of pyplot, but are still displayed in notebooks."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["axes_for", "figure_class", "figure_of"]


@cache
def figure_class() -> type[Figure]:
    """Return a Figure class that notebooks display without pyplot."""
    require("matplotlib", "a figure")
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        def _repr_png_(self) -> bytes:
            buffer = BytesIO()
            self.savefig(buffer, format="png")
            return buffer.getvalue()

    return NotebookFigure


def axes_for(ax: Axes | None, size_inches: tuple[float, float]) -> Axes:
    """Return the given axes, or those of a new figure."""
    if ax is not None:
        return ax
    return figure_class()(figsize=size_inches, layout="constrained").add_subplot()


def figure_of(ax: Axes) -> Figure:
    """Return the figure or subfigure that contains axes."""
    drawn: Any = ax.figure  # matplotlib 3.8 has no get_figure(root=True)
    return drawn  # type: ignore[no-any-return]  # a Figure or SubFigure
