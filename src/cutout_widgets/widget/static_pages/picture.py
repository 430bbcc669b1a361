"""A picture of a grid's page, for viewers without front end and for papers."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.outputs.figure.compose import Raster
from cutout_widgets.outputs.figure.glyphs import LEVELS, Face, font, plain
from cutout_widgets.outputs.figure.png import encode
from cutout_widgets.palette import colormap_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cutout_widgets.display.look import Look
    from cutout_widgets.pixels.image import Panel
    from cutout_widgets.widget.protocol import messages as protocol

__all__ = ["Sheet", "draw_sheet", "print_sheet", "sheet_of"]

PANEL_PX = 88
"""Approximate side of a panel: pixels of small cutouts are repeated, large cutouts are subsampled."""
NARROWEST_PX = 265
"""Minimum width of a tile, for id, band and signal to noise in one line."""
GAP_PX = 3
TILE_GAP_PX = 14
LINE_PX = 16
WIDEST_PX = 1100
"""The width of a JupyterLab output in a window of 1500 px."""
DPI = 100
NO_DATA = LEVELS + 1
"""Palette index of no data, after the mixtures of black and white."""
NO_DATA_COLOUR = (236, 211, 205)
_FIRST_COLOUR = NO_DATA + 1
_ONE_AT_A_TIME = threading.Lock()
"""matplotlib's font cache is not thread-safe."""


class Words(NamedTuple):
    """A text on a sheet, in black."""

    x: int
    y: int
    """The baseline."""
    text: str
    face: Face


class PlacedPanel(NamedTuple):
    """One image on a sheet."""

    x: int
    y: int
    levels: NDArray[np.uint8]
    """One value for each pixel of the sheet, highest row first; 0 is no data."""
    colormap: str


@dataclass(frozen=True)
class Sheet:
    """The layout of a page."""

    width: int
    """px."""
    height: int
    """px."""
    panels: Sequence[PlacedPanel]
    words: Sequence[Words]


def sheet_of(
    page: Mapping[str, Any],
    pixels: bytes,
    look: Look,
    colormap: str | None,
    panels: Sequence[Panel],
    labels: Mapping[int, protocol.Said],
) -> Sheet:
    """Lay out a page: id, band and captions above the panels, label and flags below the id.

    Parameters
    ----------
    page, pixels
        In the form sent to views.
    look
        Its colormaps are used if `colormap` is None.
    colormap
        Colormap of all panels.
    panels
        The panels to draw, from left to right.
    labels
        Id -> its state in the journal.
    """
    tiles = [tile for tile in page["tiles"] if not tile["waiting"]]
    side = max(
        (max(panel["shape"]) for tile in tiles for panel in tile["panels"].values() if "shape" in panel),
        default=1,
    )
    repeat, every = max(1, round(PANEL_PX / side)), max(1, round(side / PANEL_PX))
    drawn = -(-side // every) * repeat
    width = max(len(panels) * (drawn + GAP_PX) - GAP_PX, NARROWEST_PX)
    columns = max(1, min(len(tiles), (WIDEST_PX + TILE_GAP_PX) // (width + TILE_GAP_PX)))
    height = 2 * LINE_PX + 4 + drawn
    placed: list[PlacedPanel] = []
    words: list[Words] = []
    for number, tile in enumerate(tiles):
        left = (number % columns) * (width + TILE_GAP_PX)
        top = (number // columns) * (height + TILE_GAP_PX)
        said = labels.get(int(tile["id"]), tile["said"])
        for line, (face, text) in enumerate(_lines(tile, said["label"])):
            fitted = font(face).fit(text, width).text
            words.append(Words(left, top + (line + 1) * LINE_PX - 4, fitted, face))
        for place, name in enumerate(panels):
            panel = tile["panels"][name]
            x, y = left + place * (drawn + GAP_PX), top + 2 * LINE_PX + 4
            if "shape" in panel:
                ny, nx = panel["shape"]
                levels = np.frombuffer(pixels, np.uint8, ny * nx, panel["offset"]).reshape(ny, nx)
                levels = levels[::-1][::every, ::every].repeat(repeat, axis=0).repeat(repeat, axis=1)
            else:
                levels = np.zeros((drawn, drawn), dtype=np.uint8)
            placed.append(PlacedPanel(x, y, levels, colormap or look.colormap_of(name)))
    rows = -(-len(tiles) // columns)
    return Sheet(
        columns * (width + TILE_GAP_PX) - TILE_GAP_PX,
        max(LINE_PX, rows * (height + TILE_GAP_PX) - TILE_GAP_PX),
        placed,
        words,
    )


def _lines(tile: Mapping[str, Any], label: str | None) -> list[tuple[Face, str]]:
    """Return the two lines above a tile's panels."""
    facts = [fact["text"] for fact in tile["facts"]]
    first = "  ".join([tile["id"], *([tile["band"]] if tile["band"] else []), *facts])
    flags = [badge["name"] for badge in tile["badges"]]
    return [("regular", first), ("bold", "  ".join([*([label] if label else []), *flags]))]


def draw_sheet(sheet: Sheet) -> bytes:
    """Return a PNG with the size of the sheet; this is fast and does not need matplotlib."""
    names = list(dict.fromkeys(panel.colormap for panel in sheet.panels))
    each = (256 - _FIRST_COLOUR) // max(1, len(names))
    palette = np.full((256, 3), 255, dtype=np.uint8)
    palette[: LEVELS + 1] = np.rint(np.linspace(255, 0, LEVELS + 1))[:, None]
    palette[NO_DATA] = NO_DATA_COLOUR
    tables: dict[str, NDArray[np.uint8]] = {}
    steps = np.rint(np.linspace(0, each - 1, 255)).astype(np.uint8)
    for number, name in enumerate(names):
        start = _FIRST_COLOUR + number * each
        palette[start : start + each] = colormap_table(name, each)
        tables[name] = np.concatenate([np.array([NO_DATA], np.uint8), steps + np.uint8(start)])
    rows = np.zeros((sheet.height, 1 + sheet.width), dtype=np.uint8)  # each row starts with PNG's filter byte
    for x, y, levels, colormap in sheet.panels:
        ny, nx = levels.shape
        rows[y : y + ny, 1 + x : 1 + x + nx] = tables[colormap][levels]
    for x, y, text, face in sheet.words:
        ink, left, top, _ = font(face).draw(plain(text))
        part = rows[y - top : y - top + ink.shape[0], 1 + x + left : 1 + x + left + ink.shape[1]]
        np.bitwise_or(part, ink[:, : part.shape[1]], out=part)
    return encode(Raster(rows, palette), {})


def print_sheet(sheet: Sheet, dpi: int) -> bytes:
    """Return a PNG for print: text is set by matplotlib, and each pixel is a whole number of dots."""
    from cutout_widgets.errors import require

    require("matplotlib", "a picture for print")
    from matplotlib.figure import Figure

    times = max(1, round(dpi / DPI))
    canvas = np.full((sheet.height * times, sheet.width * times, 3), 255, dtype=np.uint8)
    for x, y, levels, colormap in sheet.panels:
        table = np.concatenate([np.array([NO_DATA_COLOUR], np.uint8), colormap_table(colormap, 255)])
        large = table[levels.repeat(times, axis=0).repeat(times, axis=1)]
        canvas[y * times : y * times + large.shape[0], x * times : x * times + large.shape[1]] = large
    dots = DPI * times
    # matplotlib cuts a size in dots off: a quarter of a dot keeps rounding from costing a whole one
    inches = ((canvas.shape[1] + 0.25) / dots, (canvas.shape[0] + 0.25) / dots)
    figure = Figure(figsize=inches, dpi=dots, facecolor="white")
    figure.figimage(canvas, 0, 0, origin="upper")
    for x, y, text, face in sheet.words:
        figure.text(
            x / sheet.width,
            1 - y / sheet.height,
            text,
            fontfamily="DejaVu Sans",
            fontsize=10,
            fontweight="bold" if face == "bold" else "normal",
            parse_math=False,
        )
    stream = io.BytesIO()
    with _ONE_AT_A_TIME:
        figure.savefig(stream, format="png", dpi=dots, metadata={"Software": None})
    return stream.getvalue()
