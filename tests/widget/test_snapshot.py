"""The page stored in the notebook is the last one shown, with its labels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.widget.other_end import FIRST_ID, SIDE, View, make_stamps, make_table, snapshot_of

from cutout_widgets.testing import SlowImages
from cutout_widgets.widget.grid import CutoutGrid


@pytest.fixture
def labelled(tmp_path) -> Iterator[CutoutGrid]:
    one = CutoutGrid(make_table(), make_stamps(), SIDE, page_size=6, labels=tmp_path / "labels.jsonl")
    yield one
    one.close()


def test_the_snapshot_follows_pages_turned_by_a_view(grid):
    View(grid).page(1, where="snr >= 10", sort="-snr")
    page = snapshot_of(grid, lambda page: page["target"]["page"] == 1)
    assert page["target"] == grid._target
    assert [int(tile["id"]) - FIRST_ID for tile in page["tiles"]] == [23, 22, 21, 20, 19, 18]
    assert page["n_rows"] == 20
    assert len(grid.snapshot_pixels) == 6 * 3 * SIDE * SIDE


def test_the_snapshot_follows_pages_cached_in_the_view(grid):
    view = View(grid)
    view.page(2, purpose="ahead")
    view.page(2, purpose="kept")
    page = snapshot_of(grid, lambda page: page["target"]["page"] == 2)
    assert int(page["tiles"][0]["id"]) - FIRST_ID == 12


def test_labels_given_before_saving_are_in_the_snapshot(labelled):
    View(labelled).ask("label", ids=[str(FIRST_ID + 2)], label="real")
    page = snapshot_of(labelled, lambda page: page["tiles"][2]["label"] == "real")
    assert page["tiles"][2]["journal"]["label"] == "real"
    assert page["tiles"][3]["label"] is None


def test_with_snapshots_disabled_none_is_stored(tmp_path):
    slow = SlowImages(make_stamps(), is_open=True)
    grid = CutoutGrid(make_table(), slow, SIDE, snapshot=False, page_size=6)
    View(grid).page(1)
    assert grid._service._snapshots._timer is None
    assert grid.snapshot is None
    grid.close()
