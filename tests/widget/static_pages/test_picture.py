"""The layout of a page as a picture, and its form for print."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.display.look import Look
from cutout_widgets.widget.static_pages.picture import sheet_of
from cutout_widgets.widget.static_pages.print_sheet import bar_length

PANELS = ("template", "science", "difference")
SIDE = 44


def tile(place: int, badges: list[str], side: int = SIDE, **more):
    panel = {
        "shape": [side, side],
        "offset": 0,
        "compass": {"north": [0, 1], "east": [-1, 0], "arcsec_per_px": 0.2},
    }
    return {
        "id": str(100 + place), "place": place, "waiting": False, "band": "r", "facts": [],
        "badges": [{"text": text} for text in badges], "journal": {"label": None},
        "panels": dict.fromkeys(PANELS, panel), **more,
    }  # fmt: skip


def laid_out(*tiles, most=None, dots=1):
    return sheet_of({"tiles": tiles}, bytes(64 * 64), Look.of("documented"), None, PANELS, {}, most, dots)


def texts(sheet):
    return [one.text for one in sheet.words if one.text not in PANELS]


def test_sources_stand_in_the_order_of_the_page_in_which_they_need_not_come():
    assert texts(laid_out(tile(2, []), tile(0, []), tile(1, []))) == [
        "100  r",
        "",
        "101  r",
        "",
        "102  r",
        "",
    ]
    assert texts(laid_out(tile(2, []), tile(0, []), tile(1, []), most=1)) == ["100  r", ""]


def test_the_names_of_the_panels_stand_once_above_each_column():
    sheet = laid_out(*(tile(n, []) for n in range(7)))
    names = [one for one in sheet.words if one.text in PANELS]
    assert len(names) == 3 * 3
    assert {one.y for one in names} == {min(one.y for one in sheet.words)}


def test_flags_that_fill_more_than_a_line_are_all_there():
    flags = ["INTERP", "SAT", "BAD", "SUSPECT", "CENTROID", "SHAPE", "TRAIL", "DIPOLE"]
    sheet = laid_out(tile(0, flags), tile(1, []))
    above = [one.text for one in sheet.words if one.face == "bold" and one.x < 100]
    assert len(above) > 1
    assert "  ".join(above).split() == flags
    assert len({one.y for one in sheet.panels}) == 1, "the panels of one row are in one line"


def test_a_panel_knows_its_scale_on_the_sheet():
    (panel, *_) = laid_out(tile(0, [])).panels
    assert panel.levels.shape == (2 * SIDE, 2 * SIDE)
    assert panel.compass["arcsec_per_px"] == pytest.approx(0.1)


def test_a_print_magnifies_pixels_in_steps_of_a_dot_and_names_the_panels_in_full():
    sheet = laid_out(tile(0, [], side=64), dots=3)
    (panel, *_) = sheet.panels
    assert panel.levels.shape == (4 * 64, 4 * 64), "of 64 x 3 dots it would be less than of 88 px"
    assert panel.compass["arcsec_per_px"] == pytest.approx(0.2 * 3 / 4)
    assert [one.text for one in sheet.words[:3]] == list(PANELS)
    assert [one.text for one in laid_out(tile(0, [], side=64)).words[:3]] == list(PANELS)


@pytest.mark.parametrize(("width", "length"), [(6, 1), (1, 0.1), (300, 30), (1e-6, 1)])
def test_the_scale_bar_is_an_arcsecond_unless_that_is_too_short_or_too_long(width, length):
    assert bar_length(width) == length


def test_the_first_source_of_a_print_has_a_bar_and_a_compass(grid, tmp_path):
    image = pytest.importorskip("PIL.Image")
    picture = np.asarray(image.open(grid.to_png(tmp_path / "page.png", dpi=100)).convert("RGB")).astype(int)
    yellow = (picture[..., 0] > 200) & (picture[..., 1] > 180) & (picture[..., 2] < 120)
    rows, columns = np.nonzero(yellow)
    assert len(rows), "there is a bar"
    assert rows.max() - rows.min() < 4, "and one only, because all sources have the same scale"
    assert columns.max() < 100
