"""Labels of other people appear in an open grid, and an unreadable journal is reported."""

from __future__ import annotations

import gc
from pathlib import Path

from tests.widget.other_end import FIRST_ID, SIDE, View, make_stamps, make_table

from cutout_widgets.labels import LabelJournal
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.labelling.journal_watch import JournalWatch


def make_grid(path: Path) -> CutoutGrid:
    return CutoutGrid(
        make_table(), make_stamps(), SIDE, labels=LabelJournal(path, who="vera"), snapshot=False
    )


def test_a_label_of_another_person_reaches_the_views(tmp_path):
    grid = make_grid(tmp_path / "labels.jsonl")
    view, watch = View(grid), JournalWatch(grid)
    LabelJournal(tmp_path / "labels.jsonl", who="maria").label(FIRST_ID, "bogus")
    assert watch.look()
    assert [one["journal"][str(FIRST_ID)]["who"] for one, _ in view.answers] == ["maria"]
    assert grid.progress["labels"]["bogus"] == 1
    grid.close()


def test_an_open_grid_polls_the_journal(tmp_path):
    grid = make_grid(tmp_path / "labels.jsonl")
    view = View(grid)
    view.page(0)
    LabelJournal(tmp_path / "labels.jsonl", who="maria").label(FIRST_ID, "bogus")
    told = view.first_unasked()
    assert (told["act"], told["labels"]) == ("others", {str(FIRST_ID): "bogus"})
    grid.close()


def test_an_unreadable_journal_and_its_recovery_are_reported(tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = make_grid(path)
    watch = JournalWatch(grid)
    path.mkdir()
    watch.look()
    assert "cannot be read" in grid.labelling_problem
    path.rmdir()
    watch.look()
    assert grid.labelling_problem == ""
    grid.close()


def test_an_unwritable_journal_is_reported(tmp_path):
    path = tmp_path / "folder" / "labels.jsonl"
    grid = make_grid(path)
    view = View(grid)
    path.parent.write_text("a file where the folder should be")
    answer, _ = view.ask("label", ids=[str(FIRST_ID)], label="real")
    assert answer["kind"] == "failed"
    assert "cannot be written" in answer["reason"]
    assert grid.labelling_problem == answer["reason"]
    path.parent.unlink()
    view.ask("label", ids=[str(FIRST_ID)], label="real")
    assert grid.labelling_problem == ""
    grid.close()


def test_a_journal_watch_does_not_keep_a_grid_alive():
    class Forgotten:
        pass

    one = Forgotten()
    watch = JournalWatch(one)
    del one
    gc.collect()
    assert not watch.look()


def test_a_deleted_journal_is_reported_before_the_next_label(tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = make_grid(path)
    grid.label(FIRST_ID, "real")
    watch = JournalWatch(grid)
    watch.look()
    assert grid.labelling_problem == ""
    path.unlink()
    watch.look()
    assert "was deleted" in grid.labelling_problem
    grid.label(FIRST_ID, "real")
    watch.look()
    assert grid.labelling_problem == ""
    grid.close()


def test_disagreements_are_shown_as_column_facet_and_on_the_tile(tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = make_grid(path)
    view = View(grid)
    grid.label([FIRST_ID, FIRST_ID + 1], "real")
    assert "conflict" not in [one["name"] for one in view.ask("facets", where=None)[0]["flags"]]
    maria = LabelJournal(path, who="maria")
    maria.label([FIRST_ID, FIRST_ID + 1], "real")
    maria.label(FIRST_ID, "bogus")
    JournalWatch(grid).look()
    [chip] = [one for one in view.ask("facets", where=None)[0]["flags"] if one["name"] == "conflict"]
    assert [one["rows"] for one in chip["states"]] == [1, len(grid.sources) - 1]
    said = view.page(0)[0]["tiles"][0]["journal"]
    assert (said["label"], said["who"], said["others"]) == ("bogus", "maria", f"{grid.who}: real")
    grid.where = "conflict"
    assert grid.shown.ids.tolist() == [FIRST_ID]
    again = CutoutGrid(
        grid.sources, grid.images, grid._pages.region, labels=path, where="conflict", snapshot=False
    )
    assert again.n_rows == 1
    again.close()
    maria.label(FIRST_ID, None)
    grid.refresh()
    assert grid.n_rows == 0
    grid.close()
