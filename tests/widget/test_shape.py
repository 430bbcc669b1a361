"""How tiles look: size, panels, captions."""

from __future__ import annotations

import numpy as np
import pytest
from tests.widget.other_end import snapshot_of

import cutout_widgets as cw
from cutout_widgets.errors import BadOption
from cutout_widgets.widget.pages.tiles import facts_of


def make(**options):
    stamps = np.zeros((3, 2, 8, 8), dtype=np.float32)
    rows = {"id": [7, 8], "ra": [10.0, 10.1], "dec": [0.0, 0.1], "snr": [5.0, 9.0], "band": ["g", "r"]}
    rows["reliability"] = [0.25, 0.5]
    return cw.CutoutGrid(rows, cw.ArrayImages.from_stamps([7, 8], *stamps), **options)


def test_the_tile_shape_is_set_initially_and_can_be_changed():
    grid = make(tile_size=48, panels=["difference", "science"], compact=True)
    assert (grid.tile_size, grid.panels, grid.compact) == (48, ["difference", "science"], True)
    grid.tile_size = 320
    assert grid.tile_size == 320


@pytest.mark.parametrize(
    "wrong",
    [
        {"tile_size": 47},
        {"tile_size": 321},
        {"panels": []},
        {"panels": ["science", "science"]},
        {"panels": ["visit"]},
        {"captions": ["reliabilty"]},
    ],
)
def test_an_invalid_tile_shape_is_refused_and_the_old_one_kept(wrong):
    with pytest.raises(BadOption):
        make(**wrong)
    grid = make()
    (name, value), *_ = wrong.items()
    before = getattr(grid, name)
    with pytest.raises(BadOption):
        setattr(grid, name, value)
    assert getattr(grid, name) == before


def test_captions_determine_the_values_next_to_the_id_and_their_order():
    source = make().sources[0]
    texts = [one["text"] for one in facts_of(source, None, ["reliability", "snr", "band"])]
    assert texts == ["reliability 0.25", "S/N 5.0"]
    assert facts_of(source, None, []) == []


def test_the_sort_value_is_not_shown_twice():
    source = make().sources[0]
    texts = [one["text"] for one in facts_of(source, "-ra", ["ra"])]
    assert [text.split()[:2] for text in texts] == [["ra", "10"]]


def test_page_pictures_have_the_captions_of_the_grid():
    grid = make(captions=["reliability"])
    tile = snapshot_of(grid)["tiles"][1]
    assert (tile["band"], [one["text"] for one in tile["facts"]]) == (None, ["reliability 0.5"])
