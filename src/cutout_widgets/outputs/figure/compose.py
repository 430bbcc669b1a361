"""The figure as a raster, composed instead of laid out, a hundred times faster.

Everything that is the same in all figures of a run is drawn once; panels are filled by table lookup,
text is assembled from the glyph atlas, and the result is an indexed image whose palette holds the
colormap, the marks and the text colours.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.outputs.figure.figure import (
    BLACK,
    GREY,
    LINES,
    PANEL_PX,
    Canvas,
    Text,
    fixed_labels,
    titles,
)
from cutout_widgets.outputs.figure.glyphs import LEVELS, NUMERALS, Face, Strip, font
from cutout_widgets.palette import colormap_table
from cutout_widgets.pixels.image import PANELS

if TYPE_CHECKING:
    from cutout_widgets.display.look import Look
    from cutout_widgets.outputs.figure.picture import Picture, Shown

__all__ = [
    "BAR_COLOURS",
    "HATCH_COLOURS",
    "OUTLINE_COLOUR",
    "Composer",
    "Raster",
    "bar",
    "hatch",
    "lookup",
    "outline",
]

COLOURS = 184
"""Palette entries for colormaps; 72 remain for text colours and marks."""
BLUE, YELLOW, PALE, DARK, LINE = 184, 185, 186, 187, 188
_INKS = 190
_INK_LEVELS = 7
_N_INKS = 7
WHITE = 240
"""Index of white; the 15 indices above it are its mixtures with black, so glyphs can be or-ed in."""

BAR_COLOURS = ("#0000ff", "#ffff00")
"""Outer and inner colour of the scale bar."""
HATCH_COLOURS = ("#ffffff", "#c8553d")
"""Background and lines of the no-data pattern."""
OUTLINE_COLOUR = "#ff7f0e"
"""Colour of footprints: orange differs from any grey and from the blue and yellow of data and bar."""


class Raster(NamedTuple):
    """An indexed image."""

    rows: NDArray[np.uint8]
    """Shape (height, 1 + width): PNG scanlines, each starting with its filter byte (0)."""
    palette: NDArray[np.uint8]
    """Shape (256, 3)."""


class Composer:
    """Draws figures with the same geometry and look; not thread-safe.

    Parameters
    ----------
    canvas
        The geometry.
    look
        Its colormaps; levels are already stretched.
    """

    def __init__(self, canvas: Canvas, look: Look) -> None:
        self.canvas = canvas
        maps = [look.colormap_of(panel) for panel in PANELS]
        names = list(dict.fromkeys(maps))
        each = COLOURS // len(names)
        self._palette = np.full((256, 3), 255, dtype=np.uint8)
        for number, name in enumerate(names):
            self._palette[number * each : (number + 1) * each] = colormap_table(name, each)
        for index, colour in zip(
            (BLUE, YELLOW, PALE, DARK, LINE), (*BAR_COLOURS, *HATCH_COLOURS, OUTLINE_COLOUR), strict=True
        ):
            self._palette[index] = _rgb(colour)
        self._palette[WHITE:] = np.rint(np.linspace(255, 0, LEVELS + 1))[:, None]
        _ink(self._palette, 0, GREY)
        # Level 0 becomes the index of "dark hatch", which no data has; it marks the pixels to hatch.
        steps = np.rint(np.linspace(0, each - 1, 255)).astype(np.uint8)
        self._tables = [
            np.concatenate([np.array([DARK], dtype=np.uint8), steps + np.uint8(names.index(name) * each)])
            for name in maps
        ]
        self._ground = self._draw_ground()
        self._sheet = self._ground.copy()

    def _draw_ground(self) -> NDArray[np.uint8]:
        """Draw everything that is the same in every figure."""
        ground = np.full((self.canvas.height, self.canvas.width + 1), WHITE, dtype=np.uint8)
        ground[:, 0] = 0
        for text in titles(self.canvas):
            _put_black(ground, text)
        if self.canvas.with_header:
            for label in fixed_labels(self.canvas.style):
                _put(ground, _coloured(label.text, "regular", 0), label.x, LINES[label.line])
        return ground

    def compose(self, picture: Picture) -> Raster:
        """Draw one figure.

        Returns
        -------
        Raster
            Its rows are the composer's own buffer, valid until the next figure is drawn.
        """
        sheet = self._sheet
        np.copyto(sheet, self._ground)
        for row, panels in enumerate(picture.rows):
            top = self.canvas.top(row)
            for column, shown in enumerate(panels):
                left = 1 + self.canvas.left(column)
                part = sheet[top : top + PANEL_PX, left : left + PANEL_PX]
                self._draw_panel(part, shown, self._tables[column])
        return Raster(sheet, self._write(sheet, picture.texts))

    def _draw_panel(self, part: NDArray[np.uint8], shown: Shown, table: NDArray[np.uint8]) -> None:
        """Draw an image and its scale bar, hatched where there is no data."""
        if shown.levels is None or not shown.levels.size:
            part[:] = hatch()
            return
        ny, nx = shown.levels.shape
        rows, columns, area = lookup(ny, nx)
        inside = part[area]
        coloured = table.take(shown.levels).take(columns, axis=1)
        coloured.take(rows, axis=0, out=inside, mode="clip")  # "clip" writes without a temporary buffer
        if not shown.levels.all():
            np.copyto(inside, hatch()[area], where=inside == DARK)
        if shown.footprint is not None:
            inside[outline(shown.footprint)] = LINE
        if shown.arcsec_px is not None:
            for index, (y0, y1, x0, x1) in zip((BLUE, YELLOW), bar(nx, ny, shown.arcsec_px), strict=False):
                inside[y0:y1, x0:x1] = index

    def _write(self, sheet: NDArray[np.uint8], texts: tuple[Text, ...]) -> NDArray[np.uint8]:
        """Write the texts; return the palette with the colours they need."""
        inks = {GREY: 0}
        palette = self._palette
        for text in texts:
            if text.colour == BLACK:
                _put_black(sheet, text)
                continue
            if text.colour not in inks:
                if len(inks) == _N_INKS:  # the palette is full: use the nearest colour
                    inks[text.colour] = _nearest(text.colour, inks)
                else:
                    if len(inks) == 1:
                        palette = palette.copy()
                    inks[text.colour] = len(inks)
                    _ink(palette, inks[text.colour], text.colour)
            _put(sheet, _coloured(text.text, text.face, inks[text.colour]), text.x, text.y)
        return palette


@lru_cache(maxsize=64)
def lookup(ny: int, nx: int) -> tuple[NDArray[np.intp], NDArray[np.intp], tuple[slice, slice]]:
    """Return how an image fills a panel by nearest-neighbour lookup, with its first row at the bottom.

    Parameters
    ----------
    ny, nx
        Shape of the image; its longer side fills the panel, the other is centred.

    Returns
    -------
    rows, columns
        Image row and column of each pixel of `area`.
    area
        Slices of the panel, (y, x).
    """
    scale = PANEL_PX / max(ny, nx)
    height, width = max(1, round(ny * scale)), max(1, round(nx * scale))
    rows = ny - 1 - np.floor((np.arange(height) + 0.5) * ny / height).astype(np.intp)
    columns = np.floor((np.arange(width) + 0.5) * nx / width).astype(np.intp)
    y, x = (PANEL_PX - height) // 2, (PANEL_PX - width) // 2
    for one in (rows, columns):
        one.setflags(write=False)
    return rows, columns, (slice(y, y + height), slice(x, x + width))


def outline(footprint: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a footprint's outline, in an image's area of the panel."""
    ny, nx = footprint.shape
    rows, columns, _ = lookup(ny, nx)
    inside = footprint[rows][:, columns]
    around = np.pad(inside, 1, mode="edge")  # a footprint is not outlined at the cutout's edge
    inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    return inside & ~inner


@lru_cache(maxsize=1)
def hatch() -> NDArray[np.uint8]:
    """Return the no-data pattern, as wide as a panel: diagonals finer than any pixel of data."""
    y, x = np.indices((PANEL_PX, PANEL_PX))
    pattern = np.where((x + y) % 8 < 2, np.uint8(DARK), np.uint8(PALE))
    pattern.setflags(write=False)
    return pattern


@lru_cache(maxsize=256)
def bar(nx: int, ny: int, arcsec_px: float) -> tuple[tuple[int, int, int, int], ...]:
    """Return the scale bar of one arcsecond as two rectangles: blue, and yellow on top.

    Parameters
    ----------
    nx, ny
        Shape of the image.
    arcsec_px
        Length of an arcsecond in its pixels.

    Returns
    -------
    tuple
        ``(y0, y1, x0, x1)`` in pixels of the image's area in the panel, clipped to it. Empty if the
        bar would be longer than the image: a part of it would show a wrong length.

    Notes
    -----
    analysis_ap draws a line from (1, 1) px, 6 pt wide in blue and 2 pt in yellow, with projecting
    caps; here it is moved so that it is drawn completely, even in images so large that it would not be.
    """
    scale = PANEL_PX / max(ny, nx)
    height, width = max(1, round(ny * scale)), max(1, round(nx * scale))
    start = max(scale, 5.0)
    length = arcsec_px * scale
    if start + length > width or height < 10:
        return ()
    middle = height - round(start)
    x0, x1 = round(start), round(start + length)
    return tuple(
        (max(0, middle - below), min(height, middle + above), max(0, x0 - cap), min(width, x1 + cap))
        for below, above, cap in ((4, 4, 4), (1, 2, 1))
    )


@lru_cache(maxsize=4096)
def _strip(text: str, face: Face) -> Strip:
    """Return a text as a bitmap, cached because instruments, visits and badges repeat."""
    return font(face).draw(text)


@lru_cache(maxsize=1024)
def _coloured(text: str, face: Face, ink: int) -> Strip:
    """Return a text as a bitmap in a palette colour."""
    strip = _strip(text, face)
    levels = np.rint(np.arange(LEVELS + 1) * (_INK_LEVELS / LEVELS)).astype(np.uint8)
    indices = np.where(levels > 0, levels + np.uint8(_INKS - 1 + ink * _INK_LEVELS), WHITE).astype(np.uint8)
    return strip._replace(ink=indices[strip.ink])


def _put_black(sheet: NDArray[np.uint8], text: Text) -> None:
    """Write text in black: coverage bits are or-ed into white."""
    words, x0, y0, face, _ = text
    # Words, visits and detectors repeat, so their bitmaps are cached; fluxes and ids do not.
    again = words.strip(NUMERALS) or (len(words) < 16 and words.isdigit())
    for ink, left, top in (_strip(words, face)[:3],) if again else font(face).pieces(words):
        height, width = ink.shape
        y, x = y0 - top, x0 + left + 1
        part = sheet[y : y + height, x : x + width]
        np.bitwise_or(part, ink, part)


def _put(sheet: NDArray[np.uint8], strip: Strip, x: int, y: int) -> None:
    """Draw coloured text on white."""
    height, width = strip.ink.shape
    y, x = y - strip.top, 1 + x + strip.left
    sheet[y : y + height, x : x + width] = strip.ink


def _ink(palette: NDArray[np.uint8], number: int, colour: str) -> None:
    """Add a colour to a palette, with its mixtures with white."""
    start = _INKS + number * _INK_LEVELS
    palette[start : start + _INK_LEVELS] = _mixtures(colour)


@lru_cache(maxsize=256)
def _mixtures(colour: str) -> NDArray[np.uint8]:
    """Return the mixtures of a colour with white, palest first."""
    share = np.arange(1, _INK_LEVELS + 1)[:, None] / _INK_LEVELS
    return np.rint(255 + share * (_rgb(colour) - 255.0)).astype(np.uint8)


def _nearest(colour: str, inks: dict[str, int]) -> int:
    """Return the palette colour closest to a colour."""
    return min(inks.items(), key=lambda one: float(np.abs(_rgb(one[0]) - _rgb(colour)).sum()))[1]


def _rgb(colour: str) -> NDArray[np.float64]:
    """Return the RGB values of ``#rrggbb``."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)
