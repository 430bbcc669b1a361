"""The label journal: nothing said is lost, whatever happens to the file."""

from __future__ import annotations

import json
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from cutout_widgets import BadOption, CutoutWarning, LabelJournal

ID = 506428274000265570


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels" / "labels.jsonl"


def test_a_label_is_a_line_on_disk_when_the_call_returns(path: Path):
    journal = LabelJournal(path, who="vera")
    [given] = journal.label(ID, "real", note="a nova?")
    [line] = lines(path)
    assert line["id"] == str(ID)  # text: a JSON number would lose digits in a browser
    assert (line["label"], line["who"], line["note"], line["version"]) == ("real", "vera", "a nova?", 1)
    assert line["when"] == given.when
    assert line["when"].endswith("+00:00")


def test_the_last_label_of_an_id_wins(path: Path):
    journal = LabelJournal(path)
    journal.label([ID, ID + 1], "real")
    journal.label(ID, "bogus")
    assert {id: one.label for id, one in journal.current().items()} == {ID: "bogus", ID + 1: "real"}
    assert len(lines(path)) == 3
    assert [one.label for one in journal.history()] == ["real", "real", "bogus"]


def test_none_takes_a_label_away(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    journal.label(ID, None)
    assert journal.current() == {}
    assert journal.of(ID) is None


def test_undo_takes_back_a_whole_act_and_is_a_line_too(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    journal.label([ID, ID + 1], "bogus")
    assert journal.undo() == [ID, ID + 1]
    assert {id: one.label for id, one in journal.current().items()} == {ID: "real"}
    assert len(lines(path)) == 4
    assert journal.undo() == [ID]
    assert journal.undo() == []
    assert len(journal) == 0


def test_undo_leaves_what_others_said(path: Path):
    LabelJournal(path, who="a").label(ID, "real")
    LabelJournal(path, who="b").label(ID + 1, "bogus")
    assert LabelJournal(path, who="a").undo() == [ID]
    assert [one.who for one in LabelJournal(path).current().values()] == ["b"]


def test_a_journal_sees_what_another_appends(path: Path):
    one, two = LabelJournal(path), LabelJournal(path)
    one.label(ID, "real")
    assert two.of(ID) == "real"
    two.label(ID, "bogus")
    assert one.of(ID) == "bogus"


def test_a_torn_last_line_is_ignored_kept_aside_and_does_not_spoil_the_next(path: Path):
    LabelJournal(path).label([ID, ID + 1], "real")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    journal = LabelJournal(path)
    assert list(journal.current()) == [ID]
    assert len(journal.unreadable) == 1
    with pytest.warns(CutoutWarning, match="1 lines of labels.jsonl are no labels"):
        journal.label(ID + 2, "bogus")
    assert path.with_name("labels.jsonl.torn").read_bytes().rstrip(b"\n") in whole
    with pytest.warns(CutoutWarning, match="1 lines"):
        assert list(LabelJournal(path).current()) == [ID, ID + 2]


def test_a_line_torn_at_every_byte_never_loses_the_lines_before(path: Path):
    LabelJournal(path).label(ID, "real")
    first = path.read_bytes()
    LabelJournal(path).label(ID + 1, "schön")
    whole = path.read_bytes()
    for end in range(len(first), len(whole) + 1):
        path.write_bytes(whole[:end])
        found = LabelJournal(path).current()
        assert list(found) == ([ID, ID + 1] if end >= len(whole) - 1 else [ID]), end


def test_a_complete_last_line_without_its_newline_counts(path: Path):
    LabelJournal(path).label(ID, "real")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    journal = LabelJournal(path)
    assert journal.of(ID) == "real"
    journal.label(ID + 1, "bogus")
    assert len(lines(path)) == 2


def test_foreign_lines_are_ignored_with_one_warning(path: Path):
    LabelJournal(path).label(ID, "real")
    with path.open("a") as file:
        file.write('nonsense\n{"id": 1.5, "label": "x"}\n[1]\n{"id": "7", "label": 3}\n\n')
    journal = LabelJournal(path)
    with pytest.warns(CutoutWarning, match="4 lines"):
        assert list(journal.current()) == [ID]
    assert len(journal.unreadable) == 4


def test_integers_that_others_wrote_as_json_numbers_are_exact(path: Path):
    path.parent.mkdir()
    path.write_text(f'{{"id": {ID}, "label": "real"}}\n')
    assert list(LabelJournal(path).current()) == [ID]


def test_a_file_that_was_replaced_is_read_anew(path: Path):
    journal = LabelJournal(path)
    journal.label([ID, ID + 1], "real")
    path.write_text("")
    assert journal.current() == {}


def test_odd_texts_stay_one_line_each(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "a\nb", note='"\u2028</script>')
    assert len(path.read_bytes().splitlines()) == 1
    assert LabelJournal(path).of(ID) == "a\nb"
    assert LabelJournal(path).current()[ID].note == '"\u2028</script>'


@pytest.mark.parametrize("id", [1.5, float(ID), "x", True, 2**63, None])
def test_an_id_that_is_not_a_64_bit_integer_is_refused_and_nothing_is_written(path: Path, id: object):
    with pytest.raises(BadOption, match="64"):
        LabelJournal(path).label([ID, id], "real")
    assert not path.exists()


@pytest.mark.parametrize("label", ["", "  ", 3])
def test_an_empty_label_is_refused(path: Path, label: object):
    with pytest.raises(BadOption, match="a label is a word"):
        LabelJournal(path).label(ID, label)


def test_ids_may_be_numpy_integers_or_text_of_digits(path: Path):
    journal = LabelJournal(path)
    journal.label([np.int64(ID), str(ID + 1), "-5"], "real")
    assert list(journal.current()) == [ID, ID + 1, -5]


def test_text_is_one_id_and_not_its_letters(path: Path):
    journal = LabelJournal(path, who="a")
    journal.label("506428274000265570", "real")
    assert list(journal.current()) == [506428274000265570]


@pytest.mark.parametrize("ids", [5.0, None, "--5", "\N{SUPERSCRIPT TWO}", b"12", object()])
def test_what_is_no_id_is_refused_in_a_sentence(path: Path, ids: object):
    with pytest.raises(BadOption, match="an id is a 64-bit integer"):
        LabelJournal(path, who="a").label(ids, "real")  # type: ignore[arg-type]  # that is the test
    assert not path.exists()


def test_labels_of_many_threads_are_all_there(path: Path):
    journal = LabelJournal(path)

    def work(k: int) -> None:
        for i in range(20):
            journal.label(1000 * k + i, "real")

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(LabelJournal(path).current()) == 160


def test_a_file_that_cannot_be_written_raises_and_labels_nothing(path: Path):
    path.parent.write_text("a file where the folder should be")
    journal = LabelJournal(path)
    with pytest.raises(OSError, match="labels"):
        journal.label(ID, "real")


def test_a_journal_pickles_as_its_path(path: Path):
    journal = LabelJournal(path, who="vera")
    journal.label(ID, "real")
    again = pickle.loads(pickle.dumps(journal))
    assert (again.of(ID), again.who) == ("real", "vera")


def test_the_current_labels_are_a_frame(path: Path):
    journal = LabelJournal(path, who="vera")
    assert str(journal.to_pandas()["id"].dtype) == "int64"
    journal.label(ID, "real")
    frame = journal.to_pandas()
    assert frame["id"].tolist() == [ID]
    assert frame.columns.tolist() == ["id", "label", "who", "when", "note"]
