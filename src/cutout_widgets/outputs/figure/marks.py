"""Catalogue positions on an exposure, in the user's style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import names_of
from cutout_widgets.catalog.reading.intake import is_table, take_in
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.pixels.position import locate, project

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cutout_widgets.pixels.geometry import Box
    from cutout_widgets.pixels.image import Image

__all__ = ["Marks", "column_floats", "draw_catalogues"]

STYLES = (
    ("#ff2d55", "o"),
    ("#2ad4ff", "+"),
    ("#b6f22a", "s"),
    ("#ff9ff3", "x"),
    ("#ffd60a", "^"),
    ("#7d8cff", "D"),
)
"""Default colours and symbols of the first catalogue, the second and so on; symbols alone differ too."""

OPEN = frozenset(["o", "s", "^", "v", "<", ">", "D", "d", "p", "h", "H", "8", "*"])
"""Symbols that are drawn unfilled, so that the source stays visible."""


@dataclass(frozen=True, eq=False)
class Marks:
    """A catalogue and its style on an exposure.

    Examples
    --------
    >>> import numpy as np
    >>> stars = cw.Marks({"x": [3.0], "y": [4.0]}, colour="red", symbol="+")
    >>> figure = cw.plot_exposure(np.ones((9, 9)), sources={"stars": stars})
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['1 stars']
    """

    sources: Any
    """Rows with ``ra`` and ``dec`` or ``x`` and ``y``: a `SourceTable` or any table that it accepts, a page
    of one, or any objects with these attributes."""
    colour: str | None = None
    """Any matplotlib colour; None = the next one of `STYLES`."""
    symbol: str | None = None
    """Any matplotlib marker: ``"+"``, ``"o"``; None = the next one."""
    size: float = 60.0
    """Area, in points squared."""


def draw_catalogues(ax: Axes, image: Image, sources: Any, shown: Box) -> list[Any]:
    """Draw each catalogue; return their legend entries.

    Parameters
    ----------
    ax
        Axes in parent pixels.
    image
        The whole exposure.
    sources
        A catalogue, or label -> catalogue, or several catalogues.
    shown
        Positions outside are not drawn.
    """
    drawn = sum(1 for one in ax.collections if str(one.get_gid()).startswith("catalogue"))
    entries = []
    for number, (label, given) in enumerate(_catalogues(sources), start=drawn):
        colour, symbol = STYLES[number % len(STYLES)]
        marks = given if isinstance(given, Marks) else Marks(given)
        entries += _draw(ax, image, marks, label, (marks.colour or colour, marks.symbol or symbol), shown)
    return entries


def _draw(ax: Axes, image: Image, marks: Marks, label: str, style: tuple[str, str], shown: Box) -> list[Any]:
    """Draw one catalogue."""
    places = _places(image, marks.sources)
    if not len(places):
        return []
    inside = (places[:, 0] >= shown.x0 - 0.5) & (places[:, 0] < shown.x1 - 0.5)
    inside &= (places[:, 1] >= shown.y0 - 0.5) & (places[:, 1] < shown.y1 - 0.5)
    colour, symbol = style
    face: dict[str, Any] = {"facecolors": "none", "edgecolors": colour} if symbol in OPEN else {"c": colour}
    try:
        points = ax.scatter(
            places[inside, 0],
            places[inside, 1],
            s=marks.size,
            marker=symbol,
            linewidths=0.9,
            label=f"{int(inside.sum())} {label}",
            gid="catalogue",
            **face,
        )
    except ValueError as err:
        raise BadOption(
            f"the {label} cannot be drawn with colour {colour!r} and symbol {symbol!r}: {err}"
        ) from err
    return [points]


def _catalogues(sources: Any) -> list[tuple[str, Any]]:
    """Return label and catalogue of each."""
    if isinstance(sources, Mapping) and not _is_columns(sources):
        return [(str(label), one) for label, one in sources.items()]
    if isinstance(sources, (list, tuple)) and sources and all(_is_catalogue(one) for one in sources):
        return [("sources", one) for one in sources]
    return [("sources", sources)]


def _is_columns(given: Mapping[Any, Any]) -> bool:
    """Return whether a mapping is one table's columns, not catalogues by label."""
    return any(name in given for name in (*names_of("ra"), "x"))


def _is_catalogue(one: Any) -> bool:
    """Return whether an object is a catalogue, not a row."""
    return isinstance(one, Marks) or is_table(one)


def _places(image: Image, sources: Any) -> NDArray[np.float64]:
    """Return x and y of the rows, shape (n, 2), NaN if unknown."""
    if not is_table(sources):
        rows: Sequence[Any] = list(sources) if isinstance(sources, Iterable) else [sources]
        return locate(image, rows) if rows else np.empty((0, 2))
    columns = take_in(sources).columns
    ra, dec, x, y = (
        next((columns[name] for name in names if name in columns), None)
        for names in (names_of("ra"), names_of("dec"), ("x",), ("y",))
    )
    found = None
    if image.projection is not None and ra is not None and dec is not None:
        found = project(image.projection, column_floats(ra), column_floats(dec))
    if x is not None and y is not None:
        there = np.column_stack([column_floats(x), column_floats(y)])
        return there if found is None else np.where(np.isfinite(found), found, there)
    if found is None:
        raise BadTable(
            "a catalogue over an exposure needs ra and dec, or x and y (and of an exposure without WCS, x "
            f"and y); it has {', '.join(columns) or 'no columns'}"
        )
    return found


def column_floats(column: Any) -> NDArray[np.float64]:
    """Return a column as floats, NaN for values that are not numbers."""
    import pandas as pd

    return np.asarray(pd.to_numeric(column.to_pandas(), errors="coerce"), dtype=float)
