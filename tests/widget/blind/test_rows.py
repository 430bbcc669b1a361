"""Blind grids: nothing sent by the kernel identifies a source, and some sources are repeated."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.widget.other_end import FIRST_ID, SIDE, N, View, make_stamps, make_table

import cutout_widgets as cw
from cutout_widgets.labels import LabelJournal
from cutout_widgets.widget.grid import CutoutGrid

HALF = N // 2


def blind(path: Path, **options: Any) -> CutoutGrid:
    journal = LabelJournal(path, who="vera")
    usual = {"labels": journal, "blind": True, "page_size": 100, "snapshot": False}
    return CutoutGrid(make_table(), make_stamps(), SIDE, **usual | options)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


@pytest.fixture
def grid(path: Path) -> Iterator[CutoutGrid]:
    one = blind(path, repeats=0.1)
    yield one
    one.close()


def again_of(grid: CutoutGrid) -> list[tuple[int, int]]:
    """Return the numbers of each source that is repeated."""
    ids = grid.ids_of(list(range(1, grid.n_total + 1)))
    return [(ids.index(id) + 1, place + 1) for place, id in enumerate(ids) if id in ids[:place]]


def test_blind_messages_do_not_identify_the_source(path):
    grid = blind(path, snapshot=True)
    view = View(grid)
    page, _ = view.page(0)
    sent = [page, view.ask("inspect", id="7", look="documented")[0], view.ask("facets", where=None)[0],
            view.ask("curve", id="7")[0], view.ask("find", text="3")[0],
            view.ask("label", ids=["7"], label="real")[0], grid._wire_state]  # fmt: skip
    grid.selected, grid.inspected = [7, 8], 9
    sent.append(grid._wire_state)
    grid.close()
    text = json.dumps(sent, default=lambda one: "bytes" if isinstance(one, memoryview) else str(one))
    for told in (str(FIRST_ID)[:8], "isDipole", "DIPOLE", "53.0", "-28.0", "S/N "):
        assert told not in text, told
    assert [tile["id"] for tile in page["tiles"]] == [str(key + 1) for key in range(N)]
    assert {panel["mask"] is None for tile in page["tiles"] for panel in tile["panels"].values()} == {True}
    assert {(tile["band"], len(tile["badges"]), len(tile["facts"])) for tile in page["tiles"]} == {
        (None, 0, 0)
    }


def test_the_saved_page_does_not_identify_the_source(path, tmp_path):
    grid = blind(path)
    text = grid.to_html(tmp_path / "page.html").read_text()
    grid.close()
    assert str(FIRST_ID)[:8] not in text
    assert "isDipole" not in text.partition('id="cutouts-state">')[2].partition("</script>")[0]


def test_blind_labels_are_stored_with_the_real_ids(grid, path):
    grid.label(3, "real")
    [id] = grid.ids_of(3)
    assert LabelJournal(path).of(id) == "real"
    assert grid.labels[["id", "label"]].to_numpy().tolist() == [[id, "real"]]
    assert "snr" in grid.labels
    assert [(one.id, one.was, one.now) for one in grid.undo()] == [(3, "real", None)]
    assert len(LabelJournal(path)) == 0


def test_each_blind_number_shows_the_pixels_of_its_source(grid):
    stamps = make_stamps()
    for source in grid.sources[:5]:
        [own] = (next(iter(grid.images.read([source], grid._pages.region))),)
        [id] = grid.ids_of(source.id)
        true = next(iter(stamps.read([make_table().row(id)], grid._pages.region)))
        np.testing.assert_array_equal(own.science.pixels, true.science.pixels)
        assert own.science.wcs is None
        (whole,) = grid.images.whole_stamps([source], frozenset())
        np.testing.assert_array_equal(whole.science.pixels, true.science.pixels)
        assert whole.science.wcs is None


def test_the_order_is_random_reproducible_and_different_per_person(path, tmp_path):
    everybody = [
        blind(path),
        blind(path),
        blind(path, labels=LabelJournal(tmp_path / "m.jsonl", who="maria")),
    ]
    orders = [one.ids_of(list(range(1, N + 1))) for one in everybody]
    for one in everybody:
        one.close()
    assert orders[0] == orders[1]
    assert sorted(orders[2]) == sorted(orders[0]) == (np.arange(N) + FIRST_ID).tolist()
    assert orders[0] not in (sorted(orders[0]), orders[2])


def test_some_sources_of_the_first_half_are_repeated_in_the_second(grid):
    pairs = again_of(grid)
    assert grid.n_total == N + 3
    assert len(pairs) == 3  # a tenth of 30
    assert all(first <= HALF < second for first, second in pairs)


def test_a_repeat_label_never_replaces_the_first(grid, path):
    (first, second), *_ = again_of(grid)
    [id] = grid.ids_of(first)
    grid.label(first, "real")
    assert grid.progress["unlabelled"] == N + 3 - 1
    grid.label(second, "bogus")
    assert grid.progress["labels"]["bogus"] == 1
    assert LabelJournal(path).of(id) == "real"
    assert [one.label for one in LabelJournal(path).history()] == ["real"]
    line = json.loads(path.read_text().splitlines()[1])
    assert (line["id"], line["again"], "label" in line) == (str(id), "bogus", False)
    assert LabelJournal(path).repeats()[["id", "who", "label"]].to_numpy().tolist() == [[id, "vera", "bogus"]]
    assert LabelJournal(path).unreadable == ()


def test_labelling_first_and_repeated_sources_together_is_undone_together(grid, path):
    (first, second), *_ = again_of(grid)
    grid.label([first, second], "real")
    assert len(LabelJournal(path)) == len(LabelJournal(path).repeats()) == 1
    assert [one.now for one in grid.undo()] == [None, None]
    assert len(LabelJournal(path)) == len(LabelJournal(path).repeats()) == 0
    grid.redo()
    assert len(LabelJournal(path).repeats()) == 1


def test_repeat_labels_are_kept_after_a_restart(grid, path):
    (first, second), *_ = again_of(grid)
    grid.label(first, "real")
    grid.label(second, "bogus")
    later = blind(path, repeats=0.1)
    assert [later._journal[key]["label"] for key in (first, second)] == ["real", "bogus"]
    later.close()


def test_consistency_compares_first_and_repeat_labels(grid, path):
    with pytest.raises(cw.BadOption, match="second time"):
        grid.consistency()
    for (first, second), word in zip(again_of(grid), ("real", "bogus", "bogus"), strict=True):
        grid.label(first, "real")
        grid.label(second, word)
    grid.label(again_of(grid)[1][1], "real")  # thought better of it: the last second label counts
    found = grid.consistency()
    assert (found.n, round(found.observed, 3)) == (3, 0.667)
    assert found.people == ("first", "again")
    assert cw.agreement(LabelJournal(path, who="vera"), repeats=True).n == 3


def test_blind_filters_can_only_use_labels(grid):
    grid.label([1, 2], "real")
    grid.where = "label == 'real'"
    assert grid.n_rows == 2
    with pytest.raises(cw.BadTable, match="snr"):
        grid.where = "snr > 5"


def test_a_blind_grid_requires_a_journal_and_a_valid_repeat_fraction(path):
    with pytest.raises(cw.BadOption, match="label journal"):
        CutoutGrid(make_table(), make_stamps(), SIDE, blind=True)
    with pytest.raises(cw.BadOption, match="blind=True"):
        CutoutGrid(make_table(), make_stamps(), SIDE, labels=path, repeats=0.1)
    for wrong in (-0.1, 1.5, True, "0.1"):
        with pytest.raises(cw.BadOption, match="0 to 1"):
            blind(path, repeats=wrong)


def test_labels_of_others_are_hidden(grid, path):
    [id] = grid.ids_of(4)
    LabelJournal(path, who="maria").label(id, "bogus")
    LabelJournal(path, who="maria").note(id, "a comet")
    grid.refresh()
    assert grid.progress["unlabelled"] == N + 3
    grid.label(4, "real")
    assert grid.undo()[0].was == "real"
    assert LabelJournal(path).of(id) == "bogus"


def test_foreign_ids_and_damaged_lines_in_the_journal_are_ignored(path):
    LabelJournal(path, who="vera").label([1, 2, 3], "real")
    grid = blind(path, repeats=0.5)
    grid.label(grid.sources.ids, "real")
    with path.open("a") as file:
        file.write('{"again": "real"}\n{"ids": "17", "again": "x", "who": "vera"}\n[]\n')
    with pytest.warns(cw.CutoutWarning, match="not labels"):
        grid.refresh()
    assert grid.progress["labels"]["real"] == N + N // 2
    with pytest.warns(cw.CutoutWarning, match="not labels"):
        assert len(LabelJournal(path)) == N + 3
    grid.close()


HIDDEN = r"no column '(snr|ra)' in a blind grid, which hides .*; choose the rows beforehand: CutoutGrid"


@pytest.mark.parametrize(
    "option",
    [{"sort": "-snr"}, {"where": "snr > 5"}, {"where": "`snr` > 5 and label == 'real'"}, {"facets": ["snr"]},
     {"sort": "ra"}, {"where": "ra > 5"}, {"facets": ["ra"]}],
)  # fmt: skip
def test_a_column_that_a_blind_grid_hides_is_refused_with_the_way_out(path, option):
    with pytest.raises(cw.BadTable, match=HIDDEN):
        blind(path, **option)


def test_a_view_of_a_blind_grid_is_told_that_the_column_is_hidden(grid):
    for where in ("snr > 5", "ra > 5"):
        answer, _ = View(grid).ask("count", where=where)
        assert re.search(HIDDEN, answer["reason"])


def test_the_own_numbers_of_a_blind_grid_and_the_journals_columns_can_be_filtered_by(grid):
    grid.label([2, 3], "real")
    grid.where, grid.sort = "id <= 2 and label == 'real'", "-seen"
    assert grid.shown.ids.tolist() == [2]


def test_the_table_of_a_blind_grid_hides_its_columns_after_a_pickle_too(grid):
    again = pickle.loads(pickle.dumps(grid.sources))
    with pytest.raises(cw.BadTable, match=HIDDEN):
        again.sort("ra")
