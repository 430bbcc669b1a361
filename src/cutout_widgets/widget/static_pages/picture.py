"""A picture of a grid's page, for viewers without front end and for papers."""

from __future__ import annotations

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

__all__ = ["BLANK", "NO_DATA_COLOUR", "Sheet", "draw_sheet", "sheet_of"]

PANEL_PX = 88
"""Approximate side of a panel: pixels of small cutouts are repeated, large cutouts are subsampled."""
NARROWEST_PX = 265
"""Minimum width of a tile, for id, band and signal to noise in one line."""
GAP_PX = 3
TILE_GAP_PX = 14
SPACE = "  "
LINE_PX = 16
MARGIN_PX = 6
WIDEST_PX = 1100
"""The width of a JupyterLab output in a window of 1500 px."""
NO_DATA = LEVELS + 1
"""Palette index of no data, after the mixtures of black and white."""
NO_DATA_COLOUR = (236, 211, 205)
_FIRST_COLOUR = NO_DATA + 1


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
    """One value for each dot of the sheet, highest row first; 0 is no data."""
    colormap: str
    compass: protocol.Compass | None
    """With the scale per pixel of the sheet; None without a WCS."""


@dataclass(frozen=True)
class Sheet:
    """The layout of a page."""

    width: int
    """px."""
    height: int
    """px."""
    dots: int
    """Dots of the panels for each px."""
    panels: Sequence[PlacedPanel]
    words: Sequence[Words]


BLANK = Sheet(1, 1, 1, (), ())
"""One white pixel."""


def sheet_of(
    page: Mapping[str, Any],
    pixels: bytes,
    look: Look,
    colormap: str | None,
    panels: Sequence[Panel],
    labels: Mapping[int, protocol.JournalState],
    most: int | None = None,
    dots: int = 1,
) -> Sheet:
    """Lay out a page: names of the panels once, then for each source id, band, captions, label and flags.

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
    most
        Maximum number of sources, the first of the page; None: all.
    dots
        Dots of the panels for each px, for print: with more of them a pixel of an image is a finer multiple.
    """
    in_order = sorted(page["tiles"], key=lambda tile: tile["place"])  # they come as they are read
    tiles = [tile for tile in in_order[:most] if not tile["waiting"]]
    side = max(
        (max(panel["shape"]) for tile in tiles for panel in tile["panels"].values() if "shape" in panel),
        default=1,
    )
    repeat, every = max(1, round(PANEL_PX * dots / side)), max(1, round(side / (PANEL_PX * dots)))
    drawn = -(-(-(-side // every) * repeat) // dots)
    width = max(len(panels) * (drawn + GAP_PX) - GAP_PX, NARROWEST_PX)
    columns = max(1, min(len(tiles), (WIDEST_PX + TILE_GAP_PX) // (width + TILE_GAP_PX)))
    placed: list[PlacedPanel] = []
    words: list[Words] = []
    for column in range(columns):
        for place, name in enumerate(panels):
            left = MARGIN_PX + column * (width + TILE_GAP_PX) + place * (drawn + GAP_PX)
            room = drawn if place < len(panels) - 1 else width - place * (drawn + GAP_PX)
            shown = font("regular").fit(name, room).text
            words.append(Words(left, MARGIN_PX + LINE_PX - 4, shown, "regular"))
    top = MARGIN_PX + (LINE_PX + 2 if tiles and panels else 0)
    for first in range(0, len(tiles), columns):
        row = tiles[first : first + columns]
        above = [_lines(tile, labels.get(int(tile["id"]), tile["journal"])["label"], width) for tile in row]
        head = max(map(len, above)) * LINE_PX + 4
        for column, (tile, lines) in enumerate(zip(row, above, strict=True)):
            left = MARGIN_PX + column * (width + TILE_GAP_PX)
            for line, (face, text) in enumerate(lines):
                words.append(Words(left, top + (line + 1) * LINE_PX - 4, text, face))
            for place, name in enumerate(panels):
                panel = tile["panels"][name]
                levels, compass = np.zeros((drawn * dots, drawn * dots), dtype=np.uint8), None
                if "shape" in panel:
                    ny, nx = panel["shape"]
                    levels = np.frombuffer(pixels, np.uint8, ny * nx, panel["offset"]).reshape(ny, nx)
                    levels = levels[::-1][::every, ::every].repeat(repeat, axis=0).repeat(repeat, axis=1)
                    compass = _scaled(panel["compass"], dots * every / repeat)
                x = left + place * (drawn + GAP_PX)
                placed.append(PlacedPanel(x, top + head, levels, colormap or look.colormap_of(name), compass))
        top += head + drawn + TILE_GAP_PX
    return Sheet(
        columns * (width + TILE_GAP_PX) - TILE_GAP_PX + 2 * MARGIN_PX,
        max(top - TILE_GAP_PX, LINE_PX) + MARGIN_PX,
        dots,
        placed,
        words,
    )


def _scaled(compass: protocol.Compass | None, by: float) -> protocol.Compass | None:
    """Return a compass of pixels that are `by` times as large."""
    return compass and {**compass, "arcsec_per_px": compass["arcsec_per_px"] * by}


def _lines(tile: Mapping[str, Any], label: str | None, width: int) -> list[tuple[Face, str]]:
    """Return the lines above a tile's panels: id, band and captions; then label and flags, at least one."""
    facts = [fact["text"] for fact in tile["facts"]]
    first = SPACE.join([tile["id"], *([tile["band"]] if tile["band"] else []), *facts])
    regular, bold = font("regular"), font("bold")
    lines = [""]
    for word in ([label] if label else []) + [badge["text"] for badge in tile["badges"]]:
        longer = f"{lines[-1]}{SPACE}{word}" if lines[-1] else word
        if lines[-1] and bold.width(plain(longer)) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [
        ("regular", regular.fit(first, width).text),
        *(("bold", bold.fit(one, width).text) for one in lines),
    ]


def draw_sheet(sheet: Sheet, texts: Mapping[str, str]) -> bytes:
    """Return a PNG with the size of the sheet; this is fast and does not need matplotlib.

    Parameters
    ----------
    sheet
        The layout, of one dot for each px.
    texts
        Keyword -> text, stored in the file.
    """
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
    for x, y, levels, colormap, _ in sheet.panels:
        ny, nx = levels.shape
        rows[y : y + ny, 1 + x : 1 + x + nx] = tables[colormap][levels]
    for x, y, text, face in sheet.words:
        ink, left, top, _ = font(face).draw(plain(text))
        part = rows[y - top : y - top + ink.shape[0], 1 + x + left : 1 + x + left + ink.shape[1]]
        np.bitwise_or(part, ink[:, : part.shape[1]], out=part)
    return encode(Raster(rows, palette), texts)
