"""Files that are whole or not there."""

from __future__ import annotations

import pytest

from cutout_widgets.whole_file import whole_file


def test_what_was_written_is_there_and_nothing_else(tmp_path):
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("all of it")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.txt": "all of it"}


def test_a_file_appears_when_it_is_whole(tmp_path):
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("half")
        assert not (tmp_path / "a.txt").exists()


def test_an_error_leaves_what_was_there_and_no_draft(tmp_path):
    (tmp_path / "a.txt").write_text("before")

    def fail() -> None:
        with whole_file(tmp_path / "a.txt") as draft:
            draft.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.txt": "before"}
