"""Files that are complete or absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, CutoutError, NotWritable
from cutout_widgets.labels import LabelJournal
from cutout_widgets.testing import make_image, make_sources
from cutout_widgets.whole_file import whole_file


def test_only_the_written_file_exists(tmp_path):
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("all of it")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.txt": "all of it"}


def test_a_file_appears_only_when_complete(tmp_path):
    with whole_file(tmp_path / "a.txt") as draft:
        draft.write_text("half")
        assert not (tmp_path / "a.txt").exists()


def test_an_error_keeps_the_old_file_and_no_temporary_one(tmp_path):
    (tmp_path / "a.txt").write_text("before")

    def fail() -> None:
        with whole_file(tmp_path / "a.txt") as draft:
            draft.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"a.txt": "before"}


@pytest.fixture
def pipe(tmp_path):
    """A pipe without a writer: opening it would block for ever."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(tmp_path / "pipe.fits")
    return tmp_path / "pipe.fits"


@pytest.mark.timeout(60)
def test_a_named_pipe_is_refused_without_blocking(pipe):
    with pytest.raises(CutoutError, match="is a pipe or a device, not a FITS file"):
        cw.read_image(pipe)
    with pytest.raises(CutoutError, match="is a pipe or a device, not a file with a table"):
        cw.SourceTable.read(pipe)
    with pytest.raises(CutoutError, match="is a pipe or a device, not a file of alert packets"):
        cw.AlertImages(pipe).table()
    with pytest.raises(CutoutError, match=r"a journal of labels is a file, and .* is a pipe or a device"):
        LabelJournal(pipe.rename(pipe.with_suffix(".jsonl")))


@pytest.mark.timeout(60)
@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_an_endless_file_is_not_read():
    with pytest.raises(CutoutError, match="a pipe or a device"):
        LabelJournal("/dev/zero")


@pytest.mark.parametrize("text", ["diaSourceId,ra,dec\n" + "1,2,3\n" * 1000, "a\0b.fits", "\ud800.fits"])
@pytest.mark.parametrize(
    "use",
    [
        cw.read_image,
        cw.SourceTable.read,
        cw.open_images,
        cw.AlertImages,
        LabelJournal,
        cw.verify,
        lambda text: cw.write_image(make_image((3, 3)), text),
        lambda text: next(cw.FitsImages(science=text).read(make_sources(1), cw.Region.of(3))),
    ],
)
def test_an_invalid_path_is_reported(use, text):
    with pytest.raises(CutoutError, match=r"not a path|cannot contain a NUL|name of a table"):
        use(text)


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    with pytest.raises(NotWritable, match="cannot be written: Is a directory"):
        cw.write_image(make_image((3, 3)), tmp_path)


def test_the_address_of_a_database_is_not_shown_with_its_password():
    with pytest.raises(BadOption) as told:
        cw.open_images("postgresql+psycopg2://user:hunter2@h/db?password=hunter3")
    assert "hunter" not in str(told.value)
