"""Labels in a grid: labelling, messages to views, and journal columns in filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.widget.other_end import FIRST_ID, SIDE, View, make_stamps, make_table

import cutout_widgets as cw
from cutout_widgets.labels import Change, LabelJournal
from cutout_widgets.widget.grid import CutoutGrid

ONE, TWO, THREE = FIRST_ID, FIRST_ID + 1, FIRST_ID + 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


@pytest.fixture
def grid(path: Path) -> Iterator[CutoutGrid]:
    journal = LabelJournal(path, who="vera")
    one = CutoutGrid(make_table(), make_stamps(), SIDE, labels=journal, page_size=6, snapshot=False)
    yield one
    one.close()


def ids_shown(answer: dict) -> list[int]:
    return [int(tile["id"]) - FIRST_ID for tile in answer["tiles"]]


def test_undo_and_redo_report_old_and_new_labels(grid):
    view = View(grid)
    view.ask("label", ids=[str(ONE), str(TWO)], label="real")
    view.ask("label", ids=[str(ONE)], label="bogus")
    answer, _ = view.ask("undo")
    assert (answer["act"], answer["n_changed"]) == ("undo", 1)
    assert (answer["was"], answer["labels"]) == ({str(ONE): "bogus"}, {str(ONE): "real"})
    answer, _ = view.ask("redo")
    assert (answer["act"], answer["was"], answer["labels"]) == (
        "redo",
        {str(ONE): "real"},
        {str(ONE): "bogus"},
    )
    answer, _ = view.ask("redo")
    assert (answer["act"], answer["n_changed"], answer["labels"]) == ("redo", 0, {})


def test_undo_and_redo_work_from_python(grid):
    grid.label(ONE, "real")
    assert grid.undo() == [Change(ONE, was="real", now=None)]
    assert grid.redo() == [Change(ONE, was=None, now="real")]


def test_note_and_author_are_shown_on_tile_and_inspector(grid):
    view = View(grid)
    view.ask("label", ids=[str(TWO)], label="real")
    answer, _ = view.ask("note", id=str(TWO), note="a comet?")
    said = {"label": "real", "who": "vera", "note": "a comet?", "seen": False, "others": ""}
    assert answer["journal"] == {str(TWO): said}
    page, _ = view.page(0)
    assert [tile["journal"] for tile in page["tiles"][:2]] == [
        {"label": None, "who": "", "note": "", "seen": False, "others": ""},
        said,
    ]
    answer, _ = view.ask("inspect", id=str(TWO), look="documented")
    assert answer["journal"] == said


def test_seen_marks_are_sent_and_change_no_label(grid):
    view = View(grid)
    grid.label(ONE, "real")
    answer, _ = view.ask("seen", ids=[str(ONE), str(TWO)])
    assert answer["act"] == "seen"
    assert [one["seen"] for one in answer["journal"].values()] == [True, True]
    assert answer["was"] == answer["labels"] == {str(ONE): "real", str(TWO): None}
    assert grid.progress["seen"] == 2


def test_progress_counts_filtered_and_all_rows(grid):
    grid.where = "isDipole"  # 0, 3, 6 ... 27
    grid.label([ONE, TWO], "real")
    grid.label(FIRST_ID + 3, "odd")
    grid.see([ONE, TWO])
    assert grid.progress == {
        "rows": 10,
        "labels": {"real": 1, "bogus": 0, "dipole": 0, "unsure": 0, "odd": 1},
        "unlabelled": 8,
        "seen": 1,
    }
    assert grid.progress_of_all == {
        "rows": 30,
        "labels": {"real": 2, "bogus": 0, "dipole": 0, "unsure": 0, "odd": 1},
        "unlabelled": 27,
        "seen": 2,
    }
    grid.undo()
    assert grid.progress["labels"]["real"] == 1
    assert grid.progress["unlabelled"] == 9
    grid.where = None
    assert grid.progress["unlabelled"] == 28


@pytest.mark.parametrize(
    "where, rows",
    [
        ("label == 'real'", [0, 2]),
        ("label != 'real'", [1]),
        ("label.isna() and snr < 6", [3, 4, 5]),
        ("seen", [1, 4]),
        ("not seen and snr < 3", [0, 2]),
        ("who == 'vera'", [0, 1, 2]),
        ("note.str.contains('comet')", [5]),
        ("note.notna()", [1, 5]),
        ("label in ['real', 'bogus'] and isDipole", [0]),
    ],
)
def test_journal_columns_can_be_filtered(grid, where, rows):
    grid.label([ONE, THREE], "real")
    grid.label(TWO, "bogus", note="an edge")
    grid.note(FIRST_ID + 5, "a comet?")
    grid.see([TWO, FIRST_ID + 4])
    answer, _ = View(grid).page(0, where=where)
    assert ids_shown(answer) == rows
    assert answer["n_rows"] == len(rows)


def test_journal_columns_can_be_sorted(grid):
    grid.label([FIRST_ID + 20, FIRST_ID + 10], "real")
    grid.label(FIRST_ID + 5, "bogus")
    answer, _ = View(grid).page(0, sort="label")
    assert ids_shown(answer)[:4] == [5, 10, 20, 0]
    answer, _ = View(grid).page(0, sort="-label, -snr")
    assert ids_shown(answer)[:4] == [20, 10, 5, 29]


def test_labels_of_an_earlier_session_can_be_filtered(path):
    LabelJournal(path).label([TWO, 5], "real")  # 5 is not in the table
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, labels=path, where="label == 'real'")
    assert grid.shown.ids.tolist() == [TWO]
    assert grid.progress_of_all["labels"]["real"] == 1
    grid.close()


def test_rows_filtered_by_label_stay_while_pages_are_turned(grid):
    view = View(grid)
    first, _ = view.page(0, where="label.isna()")
    view.ask("label", ids=[tile["id"] for tile in first["tiles"]], label="bogus")
    second, _ = view.page(1, where="label.isna()")
    assert ids_shown(second) == [6, 7, 8, 9, 10, 11]
    anew, _ = view.page(0, purpose="anew", where="label.isna()")
    assert (ids_shown(anew), anew["n_rows"]) == ([6, 7, 8, 9, 10, 11], 24)
    assert grid.n_rows == 24


def test_setting_the_filter_uses_the_current_labels(grid):
    grid.where = "label.isna()"
    grid.label(ONE, "real")
    assert grid.n_rows == 30
    grid.where = None
    grid.where = "label.isna()"
    assert grid.n_rows == 29
    grid.label(TWO, "real")
    grid.refresh()
    assert (grid.n_rows, grid.progress["unlabelled"]) == (28, 28)


def test_rows_filtered_by_label_can_be_saved_and_pickled(grid):
    import pickle

    grid.label(TWO, "real")
    grid.where = "label == 'real'"
    assert pickle.loads(pickle.dumps(grid.shown)).ids.tolist() == [TWO]


def test_table_columns_take_precedence_over_journal_columns(path):
    table = cw.SourceTable.read(
        {"id": [1, 2], "ra": [1.0, 2.0], "dec": [0.0, 0.0], "label": ["star", "galaxy"]}
    )
    grid = CutoutGrid(table, make_stamps(), SIDE, labels=path, snapshot=False)
    grid.label(2, "real")
    assert grid.choices["label_columns"] == {
        "label": "label_", "note": "note", "who": "who", "seen": "seen", "conflict": "conflict"
    }  # fmt: skip
    grid.where = "label == 'star'"
    assert grid.shown.ids.tolist() == [1]
    grid.where = "label_ == 'real'"
    assert grid.shown.ids.tolist() == [2]
    grid.close()


def test_repeated_ids_show_the_label_on_each_row(path):
    table = cw.SourceTable.read({"id": [1, 2, 1], "ra": [1.0, 2.0, 1.0], "dec": [0.0, 0.0, 0.0]})
    grid = CutoutGrid(table, make_stamps(), SIDE, labels=path, snapshot=False)
    with pytest.warns(cw.CutoutWarning, match="repeat"):
        grid.label(1, "real")
    assert grid.progress["labels"]["real"] == 2
    grid.where = "label == 'real'"
    assert grid.shown.ids.tolist() == [1, 1]
    grid.close()


def rule(where: str | None, *spans: list[int]) -> dict[str, object]:
    """A selection rule as sent by a view."""
    return {"where": where, "sort": None, "spans": list(spans)}


def test_all_filtered_rows_are_labelled_in_one_action(grid, path):
    grid.where = "isDipole"
    grid.label(FIRST_ID + 3, "real")
    view = View(grid)
    answer, _ = view.ask("label_all", label="bogus", selected=rule("isDipole", [1, 10]), unlabelled=True)
    assert answer["n_changed"] == 8
    assert len(path.read_text().splitlines()) == 2
    assert grid.progress["labels"] == {"real": 1, "bogus": 8, "dipole": 0, "unsure": 0}
    answer, _ = view.ask("label_all", label="unsure", selected=rule("isDipole", [0, 10]), unlabelled=False)
    assert answer["n_changed"] == 10
    view.ask("undo")
    assert grid.progress["labels"]["bogus"] == 8


def test_labels_of_other_people_are_attributed_to_them(grid, path):
    view = View(grid)
    other = LabelJournal(path, who="maria")
    other.label([ONE, 5], "bogus")
    grid._follow_journal()
    told, _ = view.answers[-1]
    assert (told["act"], told["labels"], told["was"]) == ("others", {str(ONE): "bogus"}, {str(ONE): None})
    assert told["journal"][str(ONE)]["who"] == "maria"
    n = len(view.answers)
    grid._follow_journal()
    assert len(view.answers) == n
    other.label(TWO, "real")
    grid.label(THREE, "real")  # reads the file on the way
    grid._follow_journal()
    assert view.answers[-1][0]["labels"] == {str(TWO): "real"}


@pytest.mark.parametrize(
    "kind, body",
    [
        ("label", {"ids": "12", "label": "real"}),
        ("label", {"ids": [str(ONE)], "label": 3}),
        ("label", {"ids": [str(ONE)], "label": " "}),
        ("label", {"ids": [str(ONE)], "label": "x" * 10**5}),
        ("label", {"ids": ["9" * 5000], "label": "real"}),
        ("label", {"ids": [str(2**70)], "label": "real"}),
        ("label_all", {"label": "real"}),
        ("note", {"id": str(ONE), "note": None}),
        ("note", {"id": "x", "note": "y"}),
        ("note", {"id": str(ONE), "note": "\ud800"}),
        ("seen", {"ids": None}),
        ("seen", {"ids": ["77"]}),
    ],
)
def test_an_invalid_request_is_refused_and_nothing_is_written(grid, path, kind, body):
    answer, _ = View(grid).ask(kind, **body)
    assert answer["kind"] == "failed"
    assert len(answer["reason"]) < 300
    assert not answer["reason"].startswith(("ValueError", "OverflowError", "TypeError"))
    assert not path.exists()


@pytest.mark.parametrize("labels", [7, b"labels.jsonl", pd.DataFrame({"id": [ONE], "label": ["real"]})])
def test_something_that_is_not_a_journal_is_refused(labels):
    with pytest.raises(cw.BadOption, match="labels go to a LabelJournal or the path of one"):
        CutoutGrid(make_table(), make_stamps(), SIDE, labels=labels)


def test_grid_labels_has_one_id_column_and_the_table_columns(grid):
    grid.label([THREE, ONE], "real", note="x")
    frame = grid.labels
    assert frame.columns.tolist() == [
        "id",
        "label",
        "who",
        "when",
        "note",
        "ra",
        "dec",
        "snr",
        "band",
        "isDipole",
    ]
    assert frame["id"].tolist() == [THREE, ONE]
    assert frame["snr"].tolist() == [2.0, 0.0]
    assert frame["id"].dtype == np.int64


def test_bulk_labels_of_other_people_are_attributed_to_them(tmp_path):
    n = 5001
    table = {"id": np.arange(n) + 1, "ra": np.zeros(n), "dec": np.zeros(n)}
    images = cw.ArrayImages.from_stamps([1], *np.zeros((3, 1, 4, 4)))
    grid = CutoutGrid(table, images, 4, labels=LabelJournal(tmp_path / "l.jsonl", who="vera"), snapshot=False)
    grid.label(1, "real")
    LabelJournal(tmp_path / "l.jsonl", who="maria").label(np.arange(n) + 1, "bogus")
    grid.label(2, "real")
    told = grid._journal.others()
    assert len(told.changes) == n - 1  # 2 is labelled here meanwhile
    assert list(told.changes)[:2] == [Change(1, "real", "bogus"), Change(3, None, "bogus")]
    assert grid._journal.others() is None
    assert grid.progress_of_all["labels"]["bogus"] == n - 1
    grid.close()


def test_an_unknown_id_among_many_labels_none(tmp_path):
    n = 2000
    table = {"id": np.arange(n) + 1, "ra": np.zeros(n), "dec": np.zeros(n)}
    images = cw.ArrayImages.from_stamps([1], *np.zeros((3, 1, 4, 4)))
    grid = CutoutGrid(table, images, 4, labels=tmp_path / "l.jsonl", snapshot=False)
    with pytest.raises(cw.BadTable, match="5000"):
        grid.label([*range(1, n + 1), 5000], "real")
    assert not (tmp_path / "l.jsonl").exists()
    grid.close()
