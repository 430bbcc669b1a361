"""Render the glyph atlas of the saved figure: ``outputs/figure/glyphs.npz``.

Run it once with the matplotlib whose text the figure should look like (3.10; 3.11 renders text differently)::

    uv run --no-project --python 3.13 --with "matplotlib==3.10.9" python tools/make_glyphs.py

A line of text in matplotlib's Agg canvas is a row of glyph bitmaps, each rendered where the pen
stands to an eighth of a pixel (its ``text.hinting_factor`` is 8). So 8 bitmaps for each character
are enough to compose any text without a font library.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font, LoadFlags

OUT = Path(__file__).parents[1] / "src" / "cutout_widgets" / "outputs" / "figure"
CHARACTERS = [chr(code) for code in range(32, 127)] + ["…"]
FONTS = {"regular": (10, "normal"), "bold": (10, "bold"), "title": (12, "normal")}
"""Name -> size in points at 100 dots an inch, weight."""
PHASES = 8
LEVELS = 15
"""Coverage is kept in 16 levels: as many as the figure's palette has for black."""


def main() -> None:
    """Write the atlas and the font's licence beside it."""
    arrays: dict[str, np.ndarray] = {"characters": np.array([ord(c) for c in CHARACTERS], dtype=np.uint16)}
    for name, (points, weight) in FONTS.items():
        path = findfont(FontProperties(family="DejaVu Sans", weight=weight))
        font = FT2Font(path, hinting_factor=8)
        font.set_size(points, 100)
        for key, array in render(font).items():
            arrays[f"{name}_{key}"] = array
    np.savez_compressed(OUT / "glyphs.npz", **arrays)
    licence = Path(path).parent / "LICENSE_DEJAVU"
    (OUT / "glyphs-licence.txt").write_text(
        "glyphs.npz holds bitmaps of DejaVu Sans and DejaVu Sans Bold, under this licence:\n\n"
        + licence.read_text(encoding="utf-8")
    )
    sys.stderr.write(f"{OUT / 'glyphs.npz'}: {(OUT / 'glyphs.npz').stat().st_size} bytes\n")


def render(font: FT2Font) -> dict[str, np.ndarray]:
    """Return everything needed to set text in one font, as small arrays."""
    n = len(CHARACTERS)
    advance = np.array([_advance(font, c) for c in CHARACTERS])
    kern = np.array(
        [
            [_advance(font, a + b) - alone - other for b, other in zip(CHARACTERS, advance, strict=True)]
            for a, alone in zip(CHARACTERS, advance, strict=True)
        ]
    )
    blank = next(b for b in (" ", "\u2009", "\u200a", "\u2006") if _advance(font, b) % 2)
    left, top, height, width = (np.zeros((n, PHASES), dtype=np.int8) for _ in range(4))
    bitmaps = []
    for i, character in enumerate(CHARACTERS):
        for blanks in range(1, PHASES + 1):
            text = blank * blanks + character
            pen = _advance(font, text) - advance[i]  # includes kerning with the space, if any
            phase = pen % PHASES
            font.set_text(text, 0.0, flags=LoadFlags.FORCE_AUTOHINT)
            font.draw_glyphs_to_bitmap(antialiased=True)
            image = np.asarray(font.get_image())
            baseline = int(font.get_width_height()[1] / 64 - font.get_descent() / 64) + 1
            ink = np.argwhere(image)
            if len(ink):
                (y0, x0), (y1, x1) = ink.min(axis=0), ink.max(axis=0) + 1
                left[i, phase], top[i, phase] = x0 - pen // PHASES, baseline - y0
                height[i, phase], width[i, phase] = y1 - y0, x1 - x0
                part = np.rint(image[y0:y1, x0:x1] * (LEVELS / 255)).astype(np.uint8)
            else:
                part = np.zeros((0, 0), dtype=np.uint8)
            bitmaps.append((i, int(phase), part))
    assert len({(i, phase) for i, phase, _ in bitmaps}) == n * PHASES, "a phase was not reached"
    first = []
    for character in CHARACTERS:
        font.set_text(character, 0.0, flags=LoadFlags.FORCE_AUTOHINT)
        first.append(font.get_bitmap_offset()[0])
    bitmaps.sort(key=lambda one: one[:2])
    return {
        "advance": advance.astype(np.uint8),  # eighths of a pixel
        "kern": kern.astype(np.int8),  # eighths of a pixel
        "first": np.array(first, dtype=np.int16),  # 64ths: where the ink of a line's first glyph begins
        "left": left,
        "top": top,
        "height": height,
        "width": width,
        "ink": np.concatenate([part.ravel() for _, _, part in bitmaps]),
    }


def _advance(font: FT2Font, text: str) -> int:
    """Return how far a text moves the pen, in eighths of a pixel."""
    font.set_text(text, 0.0, flags=LoadFlags.FORCE_AUTOHINT)
    eighths = font.get_width_height()[0] / 8
    assert eighths == int(eighths), text
    return int(eighths)


if __name__ == "__main__":
    main()
