"""Text without a font library, assembled from bitmaps that are stored in the package.

The atlas ``glyphs.npz`` is written by ``tools/make_glyphs.py``; it holds every character at the 8
subpixel positions, so that a word here is, pixel for pixel, what matplotlib 3.10 draws.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS", "NUMERALS", "Face", "Fitted", "Font", "Strip", "font", "plain"]

LEVELS = 15
"""Maximum coverage of a pixel, from 0."""

Face = Literal["regular", "bold", "title"]
"""DejaVu Sans at 10 pt, bold at 10 pt, and at 12 pt, all at 100 dots per inch."""

NUMERALS = "0123456789.+-e"
"""Characters of numbers."""

_EIGHTHS = 8
_PIECE = 3


class Strip(NamedTuple):
    """A text as a bitmap."""

    ink: NDArray[np.uint8]
    """Coverage, 0 to `LEVELS`, shape (height, width)."""
    left: int
    """Column of the bitmap's first pixel, relative to the start of the text."""
    top: int
    """Rows of the bitmap above the baseline."""
    advance: float
    """Advance width, px."""


class Fitted(NamedTuple):
    """A text, shortened to fit a width."""

    text: str
    width: float
    """Its advance width, px."""


class _Glyph(NamedTuple):
    """One character at one subpixel position."""

    ink: NDArray[np.uint8]
    left: int
    top: int


@dataclass(frozen=True, eq=False)
class Font:
    """One face of the atlas."""

    glyphs: dict[str, tuple[_Glyph, ...]]
    """Character -> its bitmap at each of the 8 subpixel positions."""
    advance: dict[str, int]
    """Character -> its advance width, eighths of a pixel."""
    first: dict[str, float]
    """Character -> left edge of its bitmap, px from its origin."""
    kern: dict[str, int]
    """Pair of characters -> kerning, eighths of a pixel; zeros are omitted."""
    kerned: frozenset[str]
    """First characters of such pairs."""

    def width(self, text: str) -> float:
        """Return the advance width of a text, in pixels; the text must be `plain`."""
        eighths = sum(map(self.advance.__getitem__, text))
        if not self.kerned.isdisjoint(text):  # digits have no kerning, and most texts are numbers
            eighths += sum(self.kern.get(a + b, 0) for a, b in pairwise(text))
        return eighths / _EIGHTHS

    def fit(self, text: str, room_px: float) -> Fitted:
        """Return a text no wider than `room_px`, shortened with an ellipsis if necessary, and its width."""
        text = plain(text)
        if (width := self.width(text)) <= room_px:
            return Fitted(text, width)
        # No glyph is narrower than 3 px, so only the beginning of a long text needs to be measured.
        text = text[: max(0, int(room_px // 3))]
        while text and (width := self.width(f"{text}…")) > room_px:
            text = text[:-1]
        return Fitted(f"{text}…", width) if text else Fitted("", 0.0)

    def pieces(self, number: str) -> list[tuple[NDArray[np.uint8], int, int]]:
        """Return a number as bitmaps of three characters each: there are few of them, so they are cached.

        Parameters
        ----------
        number
            Only `NUMERALS`: characters without kerning.

        Returns
        -------
        list of tuple
            Bitmap, left and top, as in a `Strip`; drawn together they equal the result of `draw`.
        """
        ink, left, top, pen, shift = _beginning(self, number[:_PIECE])
        pieces = [(ink, left, top)]
        for start in range(_PIECE, len(number), _PIECE):
            ink, left, top, advance = _inner(self, number[start : start + _PIECE], pen & 7)
            pieces.append((ink, shift + (pen >> 3) + left, top))
            pen += advance
        return pieces

    def draw(self, text: str) -> Strip:
        """Draw a text, which must be `plain`."""
        pen = 0
        before = ""
        first = self.first.get(text[:1], 0.0)
        if " " in text:  # FT2Font counts the empty outline of a space as ink at the start of the text
            first = min(first, 0.0)
        placed: list[tuple[_Glyph, int]] = []
        for character in text:
            pen += self.kern.get(before + character, 0)
            glyph = self.glyphs[character][pen % _EIGHTHS]
            if glyph.ink.size:
                # Truncated towards zero, as FT2Font does, which moves the first letter closer to the second.
                placed.append((glyph, int(pen // _EIGHTHS + glyph.left - first)))
            pen += self.advance[character]
            before = character
        if not placed:
            return Strip(np.zeros((0, 0), dtype=np.uint8), 0, 0, pen / _EIGHTHS)
        ink, left, top = _together(placed)
        return Strip(ink, left + math.floor(first + 0.5), top, pen / _EIGHTHS)


@lru_cache(maxsize=8192)
def _beginning(face: Font, text: str) -> tuple[NDArray[np.uint8], int, int, int, int]:
    """Return the start of a number: bitmap, left, top, advance (eighths), shift of the rest (px)."""
    strip = face.draw(text)
    first = face.first.get(text[:1], 0.0)
    shift = math.floor(first + 0.5) - math.ceil(first)
    return strip.ink, strip.left, strip.top, round(strip.advance * _EIGHTHS), shift


@lru_cache(maxsize=32768)
def _inner(face: Font, text: str, phase: int) -> tuple[NDArray[np.uint8], int, int, int]:
    """Return a part of a number that starts at `phase` eighths of a pixel: bitmap, left, top, advance."""
    pen = phase
    placed = []
    for character in text:
        glyph = face.glyphs[character][pen % _EIGHTHS]
        placed.append((glyph, pen // _EIGHTHS + glyph.left))
        pen += face.advance[character]
    return *_together(placed), pen - phase


def _together(placed: Sequence[tuple[_Glyph, int]]) -> tuple[NDArray[np.uint8], int, int]:
    """Combine glyphs at their columns into one bitmap: bitmap, left, top."""
    top = max(glyph.top for glyph, _ in placed)
    bottom = min(glyph.top - glyph.ink.shape[0] for glyph, _ in placed)
    left = min(x for _, x in placed)
    right = max(x + glyph.ink.shape[1] for glyph, x in placed)
    ink = np.zeros((top - bottom, right - left), dtype=np.uint8)
    for (bitmap, _, its_top), x in placed:
        height, width = bitmap.shape
        part = ink[top - its_top : top - its_top + height, x - left : x - left + width]
        np.bitwise_or(part, bitmap, out=part)
    return ink, left, top


@cache
def font(face: Face) -> Font:
    """Return a face of the atlas in this package."""
    with (
        (files("cutout_widgets.outputs.figure") / "glyphs.npz").open("rb") as stream,
        np.load(stream) as atlas,
    ):
        characters = [chr(code) for code in atlas["characters"]]
        part = {
            key: atlas[f"{face}_{key}"]
            for key in ("advance", "kern", "first", "left", "top", "height", "width", "ink")
        }
    glyphs: dict[str, tuple[_Glyph, ...]] = {}
    start = 0
    for i, character in enumerate(characters):
        phases = []
        for phase in range(_EIGHTHS):
            height, width = int(part["height"][i, phase]), int(part["width"][i, phase])
            ink = part["ink"][start : start + height * width].reshape(height, width)
            start += height * width
            phases.append(_Glyph(ink, int(part["left"][i, phase]), int(part["top"][i, phase])))
        glyphs[character] = tuple(phases)
    pairs = np.argwhere(part["kern"])
    return Font(
        glyphs,
        {c: int(a) for c, a in zip(characters, part["advance"], strict=True)},
        {c: float(x) / 64 for c, x in zip(characters, part["first"], strict=True)},
        {characters[i] + characters[j]: int(part["kern"][i, j]) for i, j in pairs},
        frozenset(characters[i] for i, _ in pairs),
    )


_LIKE = {ord(one): "-" for one in "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"}
"""Characters drawn as others that look alike, such as the minus sign of a number."""


def plain(text: str) -> str:
    """Return a text in the atlas's characters: accents are dropped, unknown characters become ``?``."""
    if text.isascii() and text.isprintable():
        return text
    known = font("regular").glyphs
    parts = []
    for character in text.translate({code: one for code, one in _LIKE.items() if chr(code) not in known}):
        likeness = unicodedata.normalize("NFKD", character)
        parts.append(
            character
            if character in known
            else "".join(c for c in likeness if c in known) or (" " if character.isspace() else "?")
        )
    return "".join(parts)
