"""A picture of a grid's page for papers: text set by matplotlib, with scale bars and compasses."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import require
from cutout_widgets.palette import colormap_table
from cutout_widgets.widget.static_pages.picture import NO_DATA_COLOUR, PlacedPanel, Sheet

if TYPE_CHECKING:
    from cutout_widgets.widget.protocol import messages as protocol

__all__ = ["bar_length", "dots_of", "print_sheet"]

DPI = 100
BAR_LENGTHS = (0.01, 0.1, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Arcsec."""
NORTH_PX, EAST_PX = 16, 11
_ONE_AT_A_TIME = threading.Lock()
"""matplotlib's font cache is not thread-safe."""


def dots_of(dpi: int) -> int:
    """Return the dots for each px of a sheet."""
    return max(1, round(dpi / DPI))


def print_sheet(sheet: Sheet, n_panels: int) -> bytes:
    """Return a PNG for print: each pixel is a whole number of dots.

    The first source of each pixel scale has a scale bar, the first of each orientation a compass.

    Parameters
    ----------
    sheet
        The layout.
    n_panels
        Number of panels of a source.
    """
    require("matplotlib", "a picture for print")
    from matplotlib.figure import Figure

    times = sheet.dots
    canvas = np.full((sheet.height * times, sheet.width * times, 3), 255, dtype=np.uint8)
    for x, y, levels, colormap, _ in sheet.panels:
        table = np.concatenate([np.array([NO_DATA_COLOUR], np.uint8), colormap_table(colormap, 255)])
        ny, nx = levels.shape
        canvas[y * times : y * times + ny, x * times : x * times + nx] = table[levels]
    dots = DPI * times
    # matplotlib cuts a size in dots off: a quarter of a dot keeps rounding from costing a whole one
    inches = ((canvas.shape[1] + 0.25) / dots, (canvas.shape[0] + 0.25) / dots)
    figure = Figure(figsize=inches, dpi=dots, facecolor="white")
    figure.figimage(canvas, 0, 0, origin="upper")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, sheet.width), ylim=(sheet.height, 0), zorder=1)
    axes.set_axis_off()
    for x, y, text, face in sheet.words:
        _write(axes, x, y, text, fontsize=10, fontweight="bold" if face == "bold" else "normal")
    scales: set[str] = set()
    directions: set[str] = set()
    for start in range(0, len(sheet.panels), max(1, n_panels)):
        source = sheet.panels[start : start + n_panels]
        if _is_new(scales, (f"{one.compass['arcsec_per_px']:.2g}" for one in source if one.compass)):
            _draw_bar(axes, next(one for one in source if one.compass), times)
        if _is_new(directions, (_direction(one.compass) for one in source if one.compass)):
            _draw_compass(axes, next(one for one in reversed(source) if one.compass), times)
    stream = io.BytesIO()
    with _ONE_AT_A_TIME:
        figure.savefig(stream, format="png", dpi=dots, metadata={"Software": None})
    return stream.getvalue()


def bar_length(width_arcsec: float) -> float:
    """Return the length of the scale bar for a panel: one arcsec, unless that is too short or too long."""
    fits = [one for one in BAR_LENGTHS if 0.04 * width_arcsec <= one <= 0.8 * width_arcsec]
    return 1.0 if 1.0 in fits or not fits else fits[0]


def _is_new(known: set[str], parts: Iterable[str]) -> bool:
    text = " ".join(parts)
    if not text or text in known:
        return False
    known.add(text)
    return True


def _direction(compass: protocol.Compass) -> str:
    """Return the orientation, rounded to five degrees."""
    (nx, ny), (ex, ey) = compass["north"], compass["east"]
    angles = np.degrees(np.arctan2((ny, ey), (nx, ex)))
    return ",".join(str(round(float(angle) / 5) % 72) for angle in angles)


def _draw_bar(axes: Any, panel: PlacedPanel, dots: int) -> None:
    """Draw a scale bar in the lower left corner, yellow on blue as in saved figures."""
    assert panel.compass is not None
    ny, nx = (side / dots for side in panel.levels.shape)
    scale = panel.compass["arcsec_per_px"]
    length = bar_length(nx * scale)
    x, y = panel.x + 5, panel.y + ny - 6
    for colour, width in (("#0000c8", 3.0), ("#ffe600", 1.2)):
        axes.plot([x, x + length / scale], [y, y], color=colour, lw=width, solid_capstyle="butt")
    said = f"{length / 60:g}\N{PRIME}" if length >= 60 else f"{length:g}\N{DOUBLE PRIME}"
    _write(axes, x, y - 4, said, fontsize=8, **_outlined())


def _draw_compass(axes: Any, panel: PlacedPanel, dots: int) -> None:
    """Draw north and east in the upper right corner, entirely inside the panel."""
    assert panel.compass is not None
    arms = [("E", panel.compass["east"], EAST_PX), ("N", panel.compass["north"], NORTH_PX)]
    ends = np.array([[(reach + 7) * x, -(reach + 7) * y] for _, (x, y), reach in arms])
    x0 = panel.x + panel.levels.shape[1] / dots - 7 - max(0.0, ends[:, 0].max())
    y0 = panel.y + 8 - min(0.0, ends[:, 1].min())
    for colour, width in (("black", 2.6), ("white", 1.2)):
        for _, (x, y), reach in arms:
            axes.plot([x0, x0 + reach * x], [y0, y0 - reach * y], color=colour, lw=width)
    for (name, _, _), (x, y) in zip(arms, ends, strict=True):
        _write(axes, x0 + x, y0 + y, name, fontsize=8, ha="center", va="center_baseline", **_outlined())


def _outlined() -> dict[str, Any]:
    """Return the look of a text over an image."""
    from matplotlib.patheffects import withStroke

    return {
        "color": "white",
        "fontweight": "bold",
        "path_effects": [withStroke(linewidth=1.6, foreground="black")],
    }


def _write(axes: Any, x: float, y: float, text: str, **look: Any) -> None:
    axes.text(x, y, text, fontfamily="DejaVu Sans", parse_math=False, clip_on=False, **look)
