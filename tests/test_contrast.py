"""Texts of badges and bands are readable in the browser: contrast 4.5 or more (WCAG 2.2, level AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cutout_widgets.palette import BADGE_COLOURS, MUTED_TEXT, RELIABILITY_COLOURS

JS = Path(__file__).parent.parent / "js" / "src"
BADGE_CSS = "".join((JS / name).read_text("utf-8") for name in ("draw/badge.css", "grid/facets.css"))
THEME_CSS = (JS / "theme.css").read_text("utf-8")

Colour = tuple[float, float, float]

THEMES = {
    # Ground, sunk ground, ink, muted ink: our own, then JupyterLab's, whose inks are black or white of 87 and
    # 54 per cent: here as they are on the sunk ground.
    "own light": ("#ffffff", "#f1f3f5", "#1c2024", "#5a636d"),
    "own dark": ("#15181c", "#20252b", "#e4e8ec", "#9da7b1"),
    "Lab light": ("#ffffff", "#eeeeee", "#212121", "#6d6d6d"),
    "Lab dark": ("#212121", "#424242", "#ffffff", "#a8a8a8"),
}
BRAND = {"light": "#1976d2", "dark": "#2196f3"}
"""Selected tiles are tinted with it."""


def rgb(colour: str) -> Colour:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


def mix(one: Colour, share: float, other: Colour) -> Colour:
    """Return the result of CSS ``color-mix(in srgb, one share, other)``."""
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(one, other, strict=True))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""

    def luminance(colour: Colour) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def share(pattern: str) -> float:
    """Return the mixing fraction that follows a text in the styles of badges and chips."""
    found = set(re.findall(pattern, BADGE_CSS))
    assert len(found) == 1, f"{pattern}: {found}"
    return float(found.pop()) / 100


BADGE = r"color-mix\(in srgb, var\(--cw-badge(?:, (?:var\(--cw-fg\)|#\w+))?\) ([\d.]+)%, "
INK = share(BADGE + r"var\(--cw-fg\)\)")
TINT = share(BADGE + r"transparent\)")
FILL = share(BADGE + r"#000000\)")
HOVER = float(re.findall(r"--cw-hover: color-mix\(in srgb, var\(--cw-sunk\) (\d+)%", THEME_CSS)[0]) / 100
MUTED = float(re.findall(r"--cw-muted: color-mix\(.*? (\d+)%, var\(--cw-fg\)\)", THEME_CSS)[0]) / 100
COLOURS = sorted({*BADGE_COLOURS.values(), *RELIABILITY_COLOURS, MUTED_TEXT})


def test_black_on_white_is_21_to_1():
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("colour", COLOURS)
def test_badges_are_readable_on_normal_hovered_and_selected_tiles(theme: str, colour: str):
    ground, sunk, ink, _ = (rgb(one) for one in THEMES[theme])
    hovered = mix(sunk, HOVER, ground)
    selected = mix(rgb(BRAND[theme.split()[-1]]), 0.12, ground)
    word = mix(rgb(colour), INK, ink)
    for behind in (ground, hovered, selected):
        assert contrast(word, mix(rgb(colour), TINT, behind)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("colour", COLOURS)
def test_flag_chips_are_readable(theme: str, colour: str):
    ground, sunk, ink, _ = (rgb(one) for one in THEMES[theme])
    word = mix(rgb(colour), INK, ink)
    for behind in (ground, mix(sunk, HOVER, ground)):
        assert contrast(word, behind) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_muted_words_are_readable_on_a_sunk_ground(theme: str):
    ground, sunk, ink, muted = (rgb(one) for one in THEMES[theme])
    word = mix(muted, MUTED, ink)
    for behind in (ground, sunk):
        assert contrast(word, behind) >= 4.5


@pytest.mark.parametrize("colour", COLOURS)
def test_white_text_on_coloured_badges_is_readable(colour: str):
    assert contrast(rgb("#ffffff"), mix(rgb(colour), FILL, rgb("#000000"))) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("band", "ugrizy")
def test_band_names_are_readable(theme: str, band: str):
    light, dark, *_ = re.findall(rf"--cw-{band}: (#[0-9a-f]{{6}});", THEME_CSS)
    ground, sunk, *_ = (rgb(one) for one in THEMES[theme])
    for behind in (ground, mix(sunk, HOVER, ground)):
        assert contrast(rgb(light if "light" in theme else dark), behind) >= 4.5
