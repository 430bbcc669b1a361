"""The figure drawn by matplotlib, for PDF and SVG, and as the reference in tests.

Geometry and texts are those of `figure.py`; there is no layout here.
"""

from __future__ import annotations

import io
import re
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import require
from cutout_widgets.outputs.figure.compose import (
    BAR_COLOURS,
    DARK,
    HATCH_COLOURS,
    OUTLINE_COLOUR,
    bar,
    hatch,
    lookup,
    outline,
)
from cutout_widgets.outputs.figure.figure import GREY, LINES, Canvas, Text, fixed_labels, titles
from cutout_widgets.palette import colormap_table
from cutout_widgets.pixels.image import PANELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from cutout_widgets.display.look import Look
    from cutout_widgets.outputs.figure.picture import Picture, Shown
    from cutout_widgets.outputs.layout import Format

__all__ = ["draw", "render"]

DPI = 100
_POINTS = {"regular": 10, "bold": 10, "title": 12}
_RISE_PX = 0.2
"""Offset in px: Agg rounds baselines by each text's descent; with this all texts of a line agree."""

_NUDGE_PX = 0.005
"""Offset that rounds half pixels up, independent of floating-point error."""

_ONE_AT_A_TIME = threading.Lock()
"""matplotlib's font cache is not thread-safe."""

_SVG_ID = re.compile(rb'\bid="([a-z]+[0-9a-f]{10})"')


def render(picture: Picture, canvas: Canvas, look: Look, format: Format, notes: Mapping[str, str]) -> bytes:
    """Return a figure as a file's content.

    Parameters
    ----------
    picture
        The content.
    canvas
        Its geometry.
    look
        Its colormaps.
    format
        ``"png-matplotlib"``, ``"pdf"`` or ``"svg"``.
    notes
        Metadata to store in the file, if the format supports it.

    Notes
    -----
    The output is reproducible: no dates, no random names.
    """
    stream = io.BytesIO()
    kind = "png" if format == "png-matplotlib" else format
    metadata: dict[str, Any] = dict(notes) if kind == "png" else {}
    if kind == "pdf":
        metadata = {"CreationDate": None, "Subject": "; ".join(f"{k}: {v}" for k, v in notes.items()) or None}
    elif kind == "svg":
        metadata = {"Date": None, "Description": "; ".join(f"{k}: {v}" for k, v in notes.items()) or None}
    with _ONE_AT_A_TIME:
        draw(picture, canvas, look).savefig(stream, format=kind, dpi=DPI, metadata=metadata)
    data = stream.getvalue()
    return _with_lasting_names(data) if kind == "svg" else data


def draw(picture: Picture, canvas: Canvas, look: Look) -> Figure:
    """Return a matplotlib figure, without pyplot and without changing any setting."""
    require("matplotlib", "a figure")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(canvas.width / DPI, canvas.height / DPI), dpi=DPI, facecolor="white")
    for row, panels in enumerate(picture.rows):
        for column, (panel, shown) in enumerate(zip(PANELS, panels, strict=True)):
            left, top = canvas.left(column), canvas.top(row)
            _draw_panel(figure, canvas, left, top, shown, look.colormap_of(panel))
    labels = [Text(one.text, one.x, LINES[one.line], "regular", GREY) for one in fixed_labels(canvas.style)]
    fixed = titles(canvas) + (labels if canvas.with_header else [])
    for text in (*fixed, *picture.texts):
        figure.text(
            (text.x + _NUDGE_PX) / canvas.width,
            1 - (text.y - _RISE_PX) / canvas.height,
            text.text,
            fontfamily="DejaVu Sans",
            fontsize=_POINTS[text.face],
            fontweight="bold" if text.face == "bold" else "normal",
            color=text.colour,
            parse_math=False,
        )
    return figure


def _draw_panel(figure: Figure, canvas: Canvas, left: int, top: int, shown: Shown, colormap: str) -> None:
    """Draw an image and its scale bar, hatched where there is no data."""
    from matplotlib.patches import Rectangle

    ny, nx = (1, 1) if shown.levels is None else shown.levels.shape
    _, _, area = lookup(ny, nx)
    (y0, y1), (x0, x1) = ((one.start, one.stop) for one in area)
    height, width = y1 - y0, x1 - x0
    # Slightly inside the pixel grid, so that rounding errors do not make the image a row taller.
    hair = 1e-6
    axes = figure.add_axes(
        (
            (left + x0 + hair) / canvas.width,
            1 - (top + y1 - hair) / canvas.height,
            (width - 2 * hair) / canvas.width,
            (height - 2 * hair) / canvas.height,
        )
    )
    axes.set_axis_off()
    place: dict[str, Any] = {"extent": (0, width, height, 0), "interpolation": "nearest", "aspect": "auto"}
    if shown.levels is None or not shown.levels.all():
        colours = np.array([_rgb(one) for one in HATCH_COLOURS], dtype=np.uint8)
        axes.imshow(colours[(hatch()[area] == DARK).astype(int)], **place)
    if shown.levels is not None:
        pixels = np.zeros((ny, nx, 4), dtype=np.uint8)
        pixels[..., :3] = colormap_table(colormap, 255)[np.maximum(shown.levels, 1) - 1]
        pixels[..., 3] = np.where(shown.levels > 0, 255, 0)
        axes.imshow(pixels[::-1], **place)
        if shown.footprint is not None:
            border = np.zeros((height, width, 4), dtype=np.uint8)
            border[outline(shown.footprint)] = (*_rgb(OUTLINE_COLOUR), 255)
            axes.imshow(border, **place)
        if shown.arcsec_px is not None:
            for colour, (a, b, c, d) in zip(BAR_COLOURS, bar(nx, ny, shown.arcsec_px), strict=False):
                axes.add_patch(Rectangle((c, a), d - c, b - a, facecolor=colour, linewidth=0))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)


def _with_lasting_names(data: bytes) -> bytes:
    """Number the random names in an SVG file, so that its output is reproducible."""
    for number, name in enumerate(dict.fromkeys(_SVG_ID.findall(data))):
        data = data.replace(name, b"n%d" % number)
    return data


def _rgb(colour: str) -> tuple[int, ...]:
    """Return the RGB values of ``#rrggbb``."""
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
