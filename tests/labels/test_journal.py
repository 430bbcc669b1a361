"""The label journal: no label is lost, whatever happens to the file."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from cutout_widgets import BadOption, CutoutWarning, LabelJournal
from cutout_widgets.errors import NotWritable
from cutout_widgets.labels import Change

ID = 506428274000265570


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels" / "labels.jsonl"


def test_a_label_is_on_disk_when_the_call_returns(path: Path):
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
    assert [line.get("ids", line.get("id")) for line in lines(path)] == [[str(ID), str(ID + 1)], str(ID)]
    assert [one.label for one in journal.history()] == ["real", "real", "bogus"]


def test_labelling_with_none_removes_the_label(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    journal.label(ID, None)
    assert journal.current() == {}
    assert journal.of(ID) is None


def test_undo_reverts_a_whole_action_and_is_itself_recorded(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    journal.label([ID, ID + 1], "bogus")
    assert journal.undo() == [Change(ID, was="bogus", now="real"), Change(ID + 1, was="bogus", now=None)]
    assert {id: one.label for id, one in journal.current().items()} == {ID: "real"}
    assert len(lines(path)) == 3
    assert journal.undo() == [Change(ID, was="real", now=None)]
    assert journal.undo() == []
    assert len(journal) == 0


def test_undo_leaves_labels_of_other_people(path: Path):
    LabelJournal(path, who="a").label(ID, "real")
    LabelJournal(path, who="b").label(ID + 1, "bogus")
    assert [one.id for one in LabelJournal(path, who="a").undo()] == [ID]
    assert [one.who for one in LabelJournal(path).current().values()] == ["b"]


def test_a_journal_sees_lines_appended_by_another(path: Path):
    one, two = LabelJournal(path), LabelJournal(path)
    one.label(ID, "real")
    assert two.of(ID) == "real"
    two.label(ID, "bogus")
    assert one.of(ID) == "bogus"


def test_an_incomplete_last_line_is_ignored_and_does_not_corrupt_the_next(path: Path):
    LabelJournal(path).label(ID, "real")
    LabelJournal(path).label(ID + 1, "real")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    journal = LabelJournal(path)
    assert list(journal.current()) == [ID]
    assert len(journal.unreadable) == 1
    with pytest.warns(CutoutWarning, match="1 lines of labels.jsonl are not labels"):
        journal.label(ID + 2, "bogus")
    assert path.with_name("labels.jsonl.torn").read_bytes().rstrip(b"\n") in whole
    with pytest.warns(CutoutWarning, match="1 lines"):
        assert list(LabelJournal(path).current()) == [ID, ID + 2]


def test_a_truncated_line_never_loses_the_lines_before_it(path: Path):
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


def test_unrecognised_lines_are_ignored_with_one_warning(path: Path):
    LabelJournal(path).label(ID, "real")
    with path.open("a") as file:
        file.write('nonsense\n{"id": 1.5, "label": "x"}\n[1]\n{"id": "7", "label": 3}\n\n')
    journal = LabelJournal(path)
    with pytest.warns(CutoutWarning, match="4 lines"):
        assert list(journal.current()) == [ID]
    assert len(journal.unreadable) == 4


def test_ids_written_as_json_numbers_are_read_exactly(path: Path):
    path.parent.mkdir()
    path.write_text(f'{{"id": {ID}, "label": "real"}}\n')
    assert list(LabelJournal(path).current()) == [ID]


def test_a_replaced_file_is_read_again(path: Path):
    journal = LabelJournal(path)
    journal.label([ID, ID + 1], "real")
    path.write_text("")
    assert journal.current() == {}


def test_unusual_texts_are_written_as_one_line_each(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, 'a\u00a0b"', note='"\u2028\n</script>')
    assert len(path.read_bytes().splitlines()) == 1
    assert LabelJournal(path).of(ID) == 'a\u00a0b"'
    assert LabelJournal(path).current()[ID].note == '"\u2028\n</script>'


def test_a_label_too_long_for_a_filter_is_refused_and_nothing_is_written(path: Path):
    with pytest.raises(BadOption, match="at most 1000 characters, and a note any number; got one of 1001"):
        LabelJournal(path).label(ID, "x" * 1001, note="y" * 1001)
    assert not path.exists()


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


def test_a_string_is_one_id_not_a_sequence_of_letters(path: Path):
    journal = LabelJournal(path, who="a")
    journal.label("506428274000265570", "real")
    assert list(journal.current()) == [506428274000265570]


@pytest.mark.parametrize("ids", [5.0, None, "--5", "\N{SUPERSCRIPT TWO}", b"12", object()])
def test_an_invalid_id_is_refused(path: Path, ids: object):
    with pytest.raises(BadOption, match="an id is a 64-bit integer"):
        LabelJournal(path, who="a").label(ids, "real")  # type: ignore[arg-type]  # that is the test
    assert not path.exists()


def test_labels_from_many_threads_are_all_kept(path: Path):
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


def test_an_unwritable_file_raises_and_labels_nothing(path: Path):
    path.parent.write_text("a file where the folder should be")
    journal = LabelJournal(path)
    with pytest.raises(NotWritable, match="labels"):
        journal.label(ID, "real")


def test_a_pickled_journal_keeps_only_its_path(path: Path):
    journal = LabelJournal(path, who="vera")
    journal.label(ID, "real")
    again = pickle.loads(pickle.dumps(journal))
    assert (again.of(ID), again.who) == ("real", "vera")


def test_the_current_labels_are_available_as_a_dataframe(path: Path):
    journal = LabelJournal(path, who="vera")
    assert str(journal.to_pandas()["id"].dtype) == "int64"
    journal.label(ID, "real")
    frame = journal.to_pandas()
    assert frame["id"].tolist() == [ID]
    assert frame.columns.tolist() == ["id", "label", "who", "when", "note"]


def test_redo_repeats_the_last_undo_until_a_new_label_is_set(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    journal.label(ID + 1, "bogus")
    journal.undo()
    journal.undo()
    assert journal.redo() == [Change(ID, was=None, now="real")]
    assert LabelJournal(path).redo() == [Change(ID + 1, was=None, now="bogus")]
    assert journal.redo() == []
    journal.undo()
    journal.label(ID + 2, "unsure")
    assert journal.redo() == []
    assert {id: one.label for id, one in journal.current().items()} == {ID: "real", ID + 2: "unsure"}


def test_a_redo_can_be_undone_again(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    for _ in range(3):
        assert journal.undo() == [Change(ID, was="real", now=None)]
        assert journal.redo() == [Change(ID, was=None, now="real")]


def test_redo_does_not_restore_a_label_replaced_by_someone_else(path: Path):
    one, two = LabelJournal(path, who="a"), LabelJournal(path, who="b")
    one.label(ID, "real")
    one.undo()
    two.label(ID, "bogus")
    assert one.redo() == [Change(ID, was="bogus", now="bogus")]
    assert one.current()[ID].who == "b"


def test_a_note_can_be_set_on_unlabelled_sources(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real", note="beside the label")
    journal.note(ID + 1, "a comet?")
    assert LabelJournal(path).notes == {ID: "beside the label", ID + 1: "a comet?"}
    journal.note(ID, "of its own")
    journal.note(ID + 1, "")
    assert journal.notes == {ID: "of its own"}
    assert journal.current()[ID].label == "real"
    assert journal.to_pandas()["note"].tolist() == ["of its own"]


def test_undo_does_not_revert_notes(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    journal.note(ID, "kept")
    assert journal.undo() == [Change(ID, was="real", now=None)]
    assert journal.notes == {ID: "kept"}


def test_seen_marks_are_one_line_and_not_labels(path: Path):
    journal = LabelJournal(path)
    assert journal.see([ID, ID + 1, ID]) == [ID, ID + 1]
    assert journal.see([ID + 1, ID + 2]) == [ID + 2]
    assert journal.see(ID) == []
    assert [line["seen"] for line in lines(path)] == [[str(ID), str(ID + 1)], [str(ID + 2)]]
    again = LabelJournal(path)
    assert (again.seen, len(again), again.undo()) == ([ID, ID + 1, ID + 2], 0, [])


def test_labels_are_counted_by_word(path: Path):
    journal = LabelJournal(path)
    journal.label([ID, ID + 1, ID + 2], "real")
    journal.label(ID, "bogus")
    journal.label(ID + 1, None)
    assert journal.counts == {"real": 1, "bogus": 1}
    journal.undo()
    assert journal.counts == {"real": 2, "bogus": 1}
    assert len(journal) == 3


def many_lines(n: int) -> bytes:
    """Lines of n labels, real and bogus in turn, each an act of its own; each tenth is undone."""
    out = []
    for i in range(n):
        word = ("real", "bogus")[i % 2]
        entry = {
            "id": str(ID + i % (n // 2)),
            "label": word,
            "who": "vera",
            "when": "2026-11-26T02:18:51.000+00:00",
        }
        out.append(json.dumps({**entry, "note": "", "act": f"{i:032x}", "version": 1}))
        if i % 10 == 0:
            out.append(json.dumps({"undo": f"{i:032x}", "who": "vera"}))
    return ("\n".join(out) + "\n").encode()


def test_reading_a_file_at_once_or_as_it_grows_gives_the_same_labels(path: Path):
    path.parent.mkdir()
    text = many_lines(20_000)  # 3.5 MB: read in bulk
    path.write_bytes(text)
    whole = LabelJournal(path)
    as_it_grew = LabelJournal(path.with_name("other.jsonl"))
    places = [i + 1 for i, byte in enumerate(text) if byte == 10][::1000]
    places[-1] = len(text)
    for start, stop in zip([0, *places], places, strict=False):
        with as_it_grew.path.open("ab") as file:
            file.write(text[start:stop])
        as_it_grew.of(ID)
    assert as_it_grew.current() == whole.current()
    assert as_it_grew.counts == whole.counts
    assert as_it_grew.history() == whole.history()
    assert as_it_grew.undo() == whole.undo()


def test_a_file_rewritten_in_place_is_read_again(path: Path):
    journal, other = LabelJournal(path), LabelJournal(path.with_name("other.jsonl"))
    journal.label(ID, "real")
    other.label([ID + 1, ID + 2, ID + 3], "bogus")
    path.write_bytes(other.path.read_bytes())
    assert list(journal.current()) == [ID + 1, ID + 2, ID + 3]


def test_a_replacement_of_the_same_size_is_noticed(path: Path):
    journal, other = LabelJournal(path), LabelJournal(path.with_name("other.jsonl"))
    journal.label(ID, "real")
    journal.of(ID)
    other.label(ID, "fake")
    other.path.replace(path)
    assert journal.of(ID) == "fake"


def test_a_file_that_was_deleted_has_no_labels(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    path.unlink()
    assert journal.current() == {}
    journal.label(ID + 1, "bogus")
    assert list(LabelJournal(path).current()) == [ID + 1]


def test_seen_marks_do_not_recreate_a_deleted_file(path: Path):
    journal = LabelJournal(path)
    journal.label(ID, "real")
    path.unlink()
    assert journal.see([ID, ID + 1]) == []
    assert not path.exists()
    assert "was deleted" in journal.problem()
    journal.label(ID + 1, "bogus")
    assert journal.see([ID]) == [ID]


def test_a_read_only_file_without_final_newline_is_read_and_unchanged(path: Path):
    LabelJournal(path).label(ID, "real")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    path.chmod(0o444)
    before = path.read_bytes()
    assert LabelJournal(path).of(ID) == "real"
    assert path.read_bytes() == before


def test_on_a_full_disk_no_label_of_the_action_is_kept(path: Path):
    """A limit on the size of files stands for the disk, in a process of its own."""
    pytest.importorskip("resource")
    LabelJournal(path).label(ID, "real")
    code = (
        "import resource, signal, sys; from cutout_widgets import LabelJournal, NotWritable\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({path.stat().st_size + 150},) * 2)\n"
        "journal = LabelJournal(sys.argv[1])\n"
        "try:\n    journal.label(range(10), 'bogus')\n"
        "except NotWritable as err:\n    print(len(journal), err)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("1 the journal")
    assert "150 of" in ran.stdout
    assert {id: one.label for id, one in LabelJournal(path).current().items()} == {ID: "real"}


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"id": ' + b"7" * 5000 + b', "label": "real"}',
        b'{"id": "' + b"7" * 5000 + b'", "label": "real"}',
        b'{"id": "7", "label": "\\ud800"}',
        b'{"id": "7", "label": "real", "note": "\\ud800"}',
        b'{"id": "7", "label": "real", "who": ["a"]}',
        b'{"id": "7", "label": "real"} trailing',
        b'{"ids": ["7", "8"], "labels": ["real"]}',
        b'{"seen": 7}',
        b'{"id": "7", "label": "\xff"}',
        b"\x00" * 50,
    ],
    ids=range(11),
)
def test_a_malicious_line_is_ignored_with_a_warning(path: Path, line: bytes):
    path.parent.mkdir()
    path.write_bytes(line + b'\n{"id": "8", "label": "real"}\n')
    journal = LabelJournal(path)
    with pytest.warns(CutoutWarning, match="1 lines"):
        assert list(journal.current()) == [8]


@pytest.mark.parametrize("id", ["7" * 5000, 10**5000], ids=["text", "int"])
def test_an_id_of_five_thousand_digits_is_refused_with_a_short_message(path: Path, id: object):
    with pytest.raises(BadOption, match="64") as caught:
        LabelJournal(path).label(id, "real")
    assert len(str(caught.value)) < 200


def test_a_lone_surrogate_is_refused(path: Path):
    for said in ({"label": "\ud800"}, {"label": "real", "note": "\udfff"}):
        with pytest.raises(BadOption, match="half a character"):
            LabelJournal(path).label(ID, **said)
    with pytest.raises(BadOption, match="half a character"):
        LabelJournal(path, who="\ud800")
    assert not path.exists()


@pytest.mark.parametrize("name", ["a\0b", "lab.csv", "lab.parquet", "."])
def test_a_path_that_cannot_be_a_journal_is_refused_immediately(name: str):
    with pytest.raises(BadOption, match=r"journal|not a path"):
        LabelJournal(name)


MANY = 10_001
"""Labels of an act that is looked up in arrays."""


def test_a_large_action_equals_many_small_ones(path: Path):
    journal, other = LabelJournal(path, who="vera"), LabelJournal(path, who="maria")
    ids = np.arange(MANY) + ID
    journal.label([ID, ID + 1], "bogus")
    assert other.of(ID) == "bogus"
    journal.label(ids, "real")
    other.label(ID + 2, "dipole")
    assert journal.counts == {"real": MANY - 1, "dipole": 1}
    assert other.counts == {"real": MANY - 1, "dipole": 1}
    undone = journal.undo()
    assert undone[:4] == [
        Change(ID, was="real", now="bogus"),
        Change(ID + 1, was="real", now="bogus"),
        Change(ID + 2, was="dipole", now="dipole"),
        Change(ID + 3, was="real", now=None),
    ]
    assert len(undone) == MANY
    assert journal.counts == other.counts == LabelJournal(path).counts == {"bogus": 2, "dipole": 1}
    assert len(journal.redo()) == MANY
    assert journal.of(ID + 2) == other.of(ID + 2) == LabelJournal(path).of(ID + 2) == "dipole"
    assert other.of(ID) == "real"
    journal.label(ID + 5, None)
    assert len(journal) == len(LabelJournal(path)) == MANY - 1


def test_a_large_action_naming_a_source_twice_labels_it_once(path: Path):
    journal = LabelJournal(path)
    journal.label([*range(MANY), 3, 3], "real")
    assert len(journal) == MANY
    assert len(journal.undo()) == MANY
    assert len(journal) == 0


@pytest.mark.parametrize("wrong", [1.5, True, "", "7" * 30, str(2**63), "1_0"])
def test_an_invalid_id_among_many_is_refused_and_nothing_is_labelled(path: Path, wrong):
    with pytest.raises(BadOption, match="64"):
        LabelJournal(path).label(["7"] * MANY + [wrong], "real")
    assert not path.exists()


@pytest.mark.parametrize("wrong", ["re\nal", "re\0al", "real\x1b[31m", "re\u2028al", "re\tal"])
def test_labels_and_names_must_be_a_single_line(path: Path, wrong):
    with pytest.raises(BadOption, match="a label"):
        LabelJournal(path).label(ID, wrong)
    with pytest.raises(BadOption, match="a name"):
        LabelJournal(path, who=wrong)
    assert not path.exists()


def test_a_note_can_have_several_lines_but_no_nul(path: Path):
    journal = LabelJournal(path)
    journal.note(ID, "one\ntwo")
    assert journal.notes == {ID: "one\ntwo"}
    with pytest.raises(BadOption, match="NUL"):
        journal.note(ID, "one\0two")
    with pytest.raises(BadOption, match="NUL"):
        journal.label(ID, "real", note="\0")
    assert journal.notes == {ID: "one\ntwo"}


def test_multi_line_labels_in_older_files_are_kept(path: Path):
    path.parent.mkdir()
    path.write_text('{"id": "7", "label": "two\\nlines"}\n')
    assert LabelJournal(path).of(7) == "two\nlines"
