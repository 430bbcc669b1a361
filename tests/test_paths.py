"""Paths given by users: text and path objects are accepted, everything else is refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.compat.analysis_ap import CutoutPath, PlotImageSubtractionCutoutsConfig
from cutout_widgets.compat.analysis_ap import PlotImageSubtractionCutoutsTask as Task
from cutout_widgets.demo import open_demo
from cutout_widgets.errors import BadOption, CutoutError
from cutout_widgets.outputs.report import Report
from cutout_widgets.paths import path_text, path_to
from cutout_widgets.testing import make_image

ROWS = {"id": [7], "ra": [53.0], "dec": [-28.0]}
IMAGES = cw.ArrayImages.from_stamps([7], *np.ones((3, 1, 8, 8)))


def journal(folder: Path) -> cw.LabelJournal:
    return cw.LabelJournal(folder / "labels.jsonl")


DOORS = {
    "verify": lambda given, here: cw.verify(given),
    "save_cutouts": lambda given, here: cw.save_cutouts(ROWS, IMAGES, given, progress=False),
    "fetch_stamps": lambda given, here: cw.fetch_stamps(ROWS, IMAGES, given, progress=False),
    "save_movie": lambda given, here: cw.save_movie(ROWS, IMAGES, given, progress=False),
    "images to save": lambda given, here: cw.save_cutouts(ROWS, given, here, progress=False),
    "open_images": lambda given, here: cw.open_images(given),
    "SourceTable": lambda given, here: cw.SourceTable.read(given),
    "LabelJournal": lambda given, here: cw.LabelJournal(given),
    "to_csv": lambda given, here: journal(here).to_csv(given),
    "to_parquet": lambda given, here: journal(here).to_parquet(given),
    "to_zooniverse": lambda given, here: journal(here).to_zooniverse(given),
    "read_image": lambda given, here: cw.read_image(given),
    "write_image": lambda given, here: cw.write_image(make_image((4, 5)), given),
    "AlertImages": lambda given, here: cw.AlertImages(given),
    "StampImages": lambda given, here: cw.StampImages(given),
    "FitsImages": lambda given, here: cw.FitsImages(science=given),
    "index": lambda given, here: cw.FitsImages.from_index(given),
    "SodaImages": lambda given, here: cw.SodaImages(given),
    "Hats": lambda given, here: cw.Hats(given),
    "Apdb": lambda given, here: cw.Apdb(given),
    "open_demo": lambda given, here: open_demo(given),
    "task": lambda given, here: Task(output_path=given),
    "CutoutPath": lambda given, here: CutoutPath(given),
    "config.load": lambda given, here: PlotImageSubtractionCutoutsConfig().load(given),
    "config.save": lambda given, here: PlotImageSubtractionCutoutsConfig().save(given),
}
WRONG = {
    "None": None,
    "int": 5,
    "bytes": b"out",
    "class": dict,
    "report": Report((), (), (), {}, None),
    "array": np.ones(2),
}


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_value_that_is_not_a_path_raises_one_sentence(door, given, tmp_path):
    if isinstance(given, bytes) and door is DOORS["AlertImages"]:
        return  # the bytes of a packet
    with pytest.raises(CutoutError) as caught:
        door(given, tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("door", ["to_html", "to_png", "save"])
def test_the_grid_refuses_to_write_to_none(door):
    with pytest.raises(BadOption, match="given as a path"):
        getattr(cw.CutoutGrid(ROWS, IMAGES), door)(None)


def test_an_open_file_is_refused_with_its_name(tmp_path):
    (tmp_path / "one.fits").touch()
    with (
        (tmp_path / "one.fits").open() as file,
        pytest.raises(BadOption, match="give its name"),
    ):
        cw.read_image(file)


@pytest.mark.parametrize("given", ["s3://bucket/out", "https://host/out", "sftp://host/out"])
def test_a_url_is_refused_as_output_folder(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadOption, match="is on this machine"):
        cw.save_cutouts(ROWS, IMAGES, given, progress=False)
    assert not list(tmp_path.iterdir())


def test_tilde_expands_to_home_for_writing_and_reading(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    cw.save_cutouts(ROWS, IMAGES, "~/out", progress=False)
    assert (tmp_path / "out" / "images").is_dir()
    assert cw.verify("~/out") == []
    assert path_text("~/out", "it") == str(tmp_path / "out")


def test_tilde_of_an_unknown_user_is_kept():
    assert path_to("~no-such-user/out", "it") == Path("~no-such-user/out")


def test_a_file_url_is_converted_to_its_path(tmp_path):
    assert path_to((tmp_path / "a b").as_uri(), "it") == tmp_path / "a b"
