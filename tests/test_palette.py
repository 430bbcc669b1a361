"""Colours of mask planes, bands, flags and colormaps."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest
from matplotlib import colormaps

from cutout_widgets import palette
from cutout_widgets.errors import BadOption


def test_old_and_new_mask_plane_names_share_colours():
    afw = palette.mask_plane_colours(["SAT", "INTRP", "CR", "EDGE"])
    images = palette.mask_plane_colours(["SATURATED", "INTERPOLATED", "COSMIC_RAY", "DETECTION_EDGE"])
    assert list(afw.values()) == list(images.values())
    assert afw["CR"] == "#ff00ff"


def test_unknown_planes_do_not_shift_the_colours_of_known_ones():
    planes = ["VIGNETTED", "BAD", "CROSSTALK", *(f"X{k}" for k in range(6))]
    found = palette.mask_plane_colours(planes)
    assert [found[name] for name in planes if name != "BAD"] == [
        *palette.MASK_PLANE_CYCLE,
        palette.MASK_PLANE_CYCLE[0],
    ]


@pytest.mark.parametrize("background", ["light", "dark"])
def test_every_band_of_rubin_has_a_colour_and_a_symbol(background):
    colours = [palette.band_colour(band, background) for band in "ugrizy"]
    assert len(set(colours)) == 6
    assert set(palette.BAND_SYMBOLS) == set("ugrizy")


def test_a_band_without_colour_is_grey():
    assert palette.band_colour("w") == palette.band_colour(None) == palette.MUTED_TEXT


def test_reliability_turns_green_at_one_half():
    assert palette.reliability_colour(0.499) == "#e41a1c"
    assert palette.reliability_colour(0.5) == "#4daf4a"


def test_every_colour_is_hex():
    tables = [palette.BADGE_COLOURS, palette.MASK_PLANE_COLOURS, *palette.BAND_COLOURS.values()]
    for colour in (one for table in tables for one in table.values()):
        assert re.fullmatch("#[0-9a-fA-F]{6}", colour)


@pytest.mark.parametrize("levels", [1, 2, 31, 184, 255, 256, 1000])
@pytest.mark.parametrize("name", [*palette.COLORMAPS, "plasma"])
def test_colormaps_agree_with_matplotlib(name, levels):
    expected = colormaps[name](np.linspace(0, 1, levels), bytes=True)[:, :3]
    assert np.array_equal(palette.colormap_table(name, levels), expected)


def test_colormaps_of_the_menu_and_the_looks_need_no_matplotlib():
    code = (
        "import sys; from cutout_widgets.palette import COLORMAPS, colormap_table\n"
        "from cutout_widgets.display.look import LOOKS, Look\n"
        "looks = [Look.of(name) for name in LOOKS]\n"
        "shown = {look.colormap_of(panel) for look in looks for panel in ('template', 'difference')}\n"
        "tables = [colormap_table(name, 255) for name in {*COLORMAPS, *shown}]\n"
        "print(sum(map(len, tables)), 'matplotlib' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(255 * len(palette.COLORMAPS)), "False"]


def test_a_colormap_table_is_shared_and_read_only():
    table = palette.colormap_table("bone")
    assert table is palette.colormap_table("bone")
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0


def test_an_unknown_colormap_is_refused_with_similar_names():
    with pytest.raises(BadOption, match="'viridis'"):
        palette.colormap_table("virids")
    with pytest.raises(BadOption, match="at least one"):
        palette.colormap_table("bone", 0)


def test_every_colormap_name_has_a_table():
    names = palette.colormap_names()
    assert {"bone", "gray_r", "RdBu_r"} <= set(names)
    assert list(names) == sorted(names, key=str.lower)


def test_the_palette_imports_nothing_heavy():
    code = "import sys, cutout_widgets.palette; print({'numpy', 'matplotlib', 'astropy'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
