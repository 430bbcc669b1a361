"""Selecting many sources by a rule: all filtered rows, ranges, inversion; and actions on the selection."""

from __future__ import annotations

import numpy as np
import pytest
from tests.widget.other_end import FIRST_ID, SIDE, N, View, make_stamps, make_table

import cutout_widgets as cw
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.selection.rows import SelectedRows, spans_at

MANY = 9000
"""More rows than one message names."""


@pytest.fixture
def large():
    """A grid of many rows and no pixels."""
    table = cw.SourceTable.read(
        {
            "diaSourceId": np.arange(MANY, dtype=np.int64) + FIRST_ID,
            "ra": np.full(MANY, 53.0),
            "dec": np.full(MANY, -28.0),
            "snr": np.arange(MANY, dtype=float),
        }
    )
    one = CutoutGrid(table, make_stamps(), SIDE, snapshot=False)
    yield one
    one.close()


def id_at(n: int) -> str:
    return str(FIRST_ID + n)


def test_selecting_all_is_a_rule_on_the_wire_and_ids_in_python(grid):
    view = View(grid)
    grid.where = "isDipole"
    answer, _ = view.ask("select", what="all", where="isDipole", sort=None, first="", last="")
    assert answer["n"] == 10
    assert grid.get_state("selected")["selected"] == {"where": "isDipole", "sort": None, "spans": [[0, 10]]}
    assert list(grid.selected) == [FIRST_ID + 3 * n for n in range(10)]
    assert type(grid.selected[0]) is int
    assert np.asarray(grid.selected).dtype == np.int64
    assert FIRST_ID + 3 in grid.selected
    assert FIRST_ID + 1 not in grid.selected
    assert grid.selected == [FIRST_ID + 3 * n for n in range(10)]


def test_a_selection_rule_is_cleared_by_a_new_filter_but_not_a_new_order(grid):
    grid.select_all()
    grid.sort = "-snr"
    assert len(grid.selected) == N
    assert grid.selected[0] == FIRST_ID + N - 1
    grid.where = "snr > 5"
    assert grid.selected == []


def test_individually_selected_ids_stay_when_the_filter_changes(grid):
    grid.selected = [FIRST_ID + 7]
    grid.where = "snr < 3"
    assert grid.selected == [FIRST_ID + 7]


def test_a_range_over_pages_follows_the_displayed_order(grid):
    grid.sort = "-snr"
    grid.selected = [FIRST_ID]
    answer, _ = View(grid).ask(
        "select", what="range", where=None, sort="-snr", first=id_at(20), last=id_at(3)
    )
    assert answer["n"] == 19
    assert grid.selected == [FIRST_ID, *range(FIRST_ID + 20, FIRST_ID + 2, -1)]


def test_a_long_range_is_sent_as_a_rule(large):
    large.selected = [FIRST_ID]
    large.select_range(FIRST_ID + 10, FIRST_ID + 8000)
    assert large.get_state("selected")["selected"]["spans"] == [[0, 1], [10, 8001]]
    assert len(large.selected) == 7992
    large.select_range(FIRST_ID + 8500, FIRST_ID + 8501)
    assert large.get_state("selected")["selected"]["spans"] == [[0, 1], [10, 8001], [8500, 8502]]


def test_inverting_a_selection_selects_the_other_filtered_rows(large):
    large.selected = [FIRST_ID + 1, FIRST_ID + 2]
    large.select_others()
    assert large.get_state("selected")["selected"]["spans"] == [[0, 1], [3, MANY]]
    large.select_others()
    assert large.selected == [FIRST_ID + 1, FIRST_ID + 2]


def test_a_range_rule_is_cleared_by_a_new_order_unless_ids_can_replace_it(large):
    large.select_range(FIRST_ID, FIRST_ID + 4000)
    large.sort = "-snr"
    assert large.selected == []
    large.sort = None
    large._trait_values["selected"] = SelectedRows(large.shown, None, None, ((0, 1), (3, 5)))
    large.sort = "-snr"
    assert large.selected == [FIRST_ID, FIRST_ID + 3, FIRST_ID + 4]


@pytest.mark.parametrize(
    "given",
    [
        {"where": None, "sort": None, "spans": [[0, N + 1]]},
        {"where": None, "sort": None, "spans": [[3, 3]]},
        {"where": None, "sort": None, "spans": [[5, 6], [1, 2]]},
        {"where": None, "sort": None, "spans": [[-1, 2]]},
        {"where": None, "sort": None, "spans": [[0.5, 2]]},
        {"where": None, "sort": None, "spans": "all"},
        {"where": 3, "sort": None, "spans": []},
        {"where": "nothing > 3", "sort": None, "spans": [[0, 1]]},
        [3.5],
        [7],
        "12",
        None,
    ],
)
def test_an_invalid_selection_is_refused_and_the_old_one_kept(grid, given):
    grid.selected = [FIRST_ID]
    with pytest.raises(cw.CutoutError):
        grid.set_state({"selected": given})
    assert grid.selected == [FIRST_ID]


def test_a_view_can_exclude_rows_from_a_rule(grid):
    grid.select_all()
    grid.set_state({"selected": {"where": None, "sort": None, "spans": [[0, 2], [29, 30]]}})
    assert grid.selected == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 29]


def test_selecting_all_is_updated_when_rows_are_filtered_again_by_label(tmp_path):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=tmp_path / "labels.jsonl", snapshot=False)
    grid.label([FIRST_ID, FIRST_ID + 1], "real")
    grid.where = "label == 'real'"
    grid.select_all()
    grid.label(FIRST_ID + 5, "real")
    assert len(grid.selected) == 2  # as the page still shows
    grid.refresh()
    assert list(grid.selected) == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 5]
    grid.close()


def test_ids_of_a_rule_are_listed_on_request_unless_too_many(grid, monkeypatch):
    view = View(grid)
    rule = {"where": "snr < 2", "sort": "-snr", "spans": [[0, 2]]}
    assert view.ask("ids", selected=rule)[0]["ids"] == [id_at(1), id_at(0)]
    monkeypatch.setattr("cutout_widgets.widget.selection.requests.MOST_IDS", 1)
    assert "too many to copy" in view.ask("ids", selected=rule)[0]["reason"]


def test_saving_the_selection_writes_figures_and_a_manifest_and_reports_the_folder(grid, tmp_path):
    view = View(grid)
    answer, _ = view.ask("save", folder=f" {tmp_path}/out ", selected=[id_at(3), id_at(1)])
    assert (answer["folder"], answer["n_all"], answer["written"]) == (f"{tmp_path}/out", 2, 2)
    assert sorted(one.name for one in (tmp_path / "out" / "images").rglob("*.png")) == [
        f"{id_at(1)}.png",
        f"{id_at(3)}.png",
    ]
    assert len((tmp_path / "out" / "manifest.csv").read_text().splitlines()) == 3
    again, _ = view.ask(
        "save", folder=f"{tmp_path}/out", selected={"where": None, "sort": None, "spans": [[0, 4]]}
    )
    assert (again["written"], again["present"]) == (2, 2)


def test_failures_are_summarised_and_the_folder_is_normalised(grid, tmp_path):
    grid._pages.images = make_stamps(3)
    view = View(grid)
    answer, _ = view.ask("save", folder=f"{tmp_path}/a/../b", selected=[id_at(1), id_at(5)])
    assert (answer["folder"], answer["written"], answer["failed"]) == (f"{tmp_path}/b", 1, 1)
    assert answer["problem"].startswith(f"{id_at(5)}: template: there is no stamp")
    assert len(answer["problem"]) < 200


def test_saving_reports_progress(grid, tmp_path):
    view = View(grid)
    number = view.tell("save", folder=str(tmp_path / "out"), selected=[id_at(n) for n in range(20)])
    part = view.first_part_of(number)
    assert (part["of"], part["n_all"]) == ("save", 20)
    assert 0 <= part["n_done"] <= 20
    assert view.last_of(number)[0]["n_done"] == 20


def test_saving_to_an_unwritable_folder_fails_in_one_sentence(grid, tmp_path):
    (tmp_path / "file").write_text("")
    answer, _ = View(grid).ask("save", folder=str(tmp_path / "file" / "out"), selected=[id_at(0)])
    assert answer["kind"] == "failed"
    assert answer["reason"].startswith("cannot save to")


def test_a_cancelled_save_keeps_written_files_and_their_manifest(tmp_path):
    table, slow = make_table(), cw.testing.SlowImages(make_stamps(), is_open=True)
    grid = CutoutGrid(table, slow, SIDE, snapshot=False)
    view = View(grid)
    slow.shut()
    number = view.tell("save", folder=str(tmp_path / "out"), selected=[id_at(n) for n in range(N)])
    slow.wait_until_asked(1)
    view.tell("cancel", cancels=number)
    assert view.last_of(number)[0]["cancelled"]
    slow.open()
    second, _ = view.ask("save", folder=str(tmp_path / "other"), selected=[id_at(0)])  # waits for the first
    assert second["written"] == 1
    n = len(list((tmp_path / "out").rglob("*.png")))
    assert 0 < n < N
    assert len((tmp_path / "out" / "manifest.csv").read_text().splitlines()) == n + 1
    grid.close()


def test_a_grid_of_the_selection_shares_the_labels(tmp_path):
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=tmp_path / "l.jsonl", choices=["good", "bad"])
    view = View(grid)
    answer, _ = view.ask("grid", selected={"where": "isDipole", "sort": "-snr", "spans": [[0, 2]]})
    [child] = grid.below
    assert answer["n"] == 2
    assert child.shown.ids.tolist() == [FIRST_ID + 27, FIRST_ID + 24]
    assert child._words == ("good", "bad")
    child.label(FIRST_ID + 27, "good")
    assert dict(zip(*grid.labels[["id", "label"]].values.T, strict=True)) == {FIRST_ID + 27: "good"}
    grid.set_state({"below": []})
    assert grid.below == []
    assert child.comm is None  # closed
    grid.close()


def test_a_grid_of_an_empty_selection_is_refused(grid):
    with pytest.raises(cw.BadOption, match="nothing is selected"):
        grid.selection_grid()


def test_only_other_grids_can_be_shown_below_a_grid(grid):
    with pytest.raises(cw.BadOption, match="only grids can be shown"):
        grid.below = ["a"]
    with pytest.raises(cw.BadOption, match="below itself"):
        grid.below = [grid]


@pytest.mark.parametrize(
    "places, spans",
    [([], ()), ([4], ((4, 5),)), ([0, 1, 2], ((0, 3),)), ([0, 2, 3, 7], ((0, 1), (2, 4), (7, 8)))],
)
def test_row_indices_are_grouped_into_runs(places, spans):
    assert spans_at(np.array(places, dtype=np.intp)) == spans
