"""Blind runs: nothing in the directory reveals the ids."""

from __future__ import annotations

import csv
from functools import partial

import numpy as np
import pytest

from cutout_widgets.errors import BadOption, BadTable, CutoutWarning
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.blind_key import key_path
from cutout_widgets.outputs.figure.png import texts_of
from cutout_widgets.outputs.verify import verify
from outputs.makers import FIRST_ID, figures_of, files_of, make_world

save = partial(save_cutouts, progress=False, url_root="http://h", blind=True)


def key_of(root) -> dict[str, int]:
    lines = key_path(root).read_text().splitlines()
    return {row["name"]: int(row["diaSourceId"]) for row in csv.DictReader(lines[1:])}


def test_no_byte_of_the_directory_holds_an_id(tmp_path):
    table, images = make_world(5)
    save(table, images, tmp_path / "out", save_as_numpy=True)
    for name, content in files_of(tmp_path / "out").items():
        for k in range(5):
            assert str(FIRST_ID + 7 * k) not in name
            assert str(FIRST_ID + 7 * k).encode() not in content


def test_blind_figures_have_no_header_and_no_metadata(tmp_path):
    table, images = make_world(1)
    save(table, images, tmp_path / "out", add_metadata=True)
    (name,) = figures_of(tmp_path / "out")
    data = (tmp_path / "out" / name).read_bytes()
    assert texts_of(data) == {}
    assert int.from_bytes(data[20:24]) == 245


def test_the_key_next_to_the_directory_maps_names_to_ids(tmp_path):
    table, images = make_world(5)
    report = save(table, images, tmp_path / "out")
    assert report.key == tmp_path / "out.key.csv"
    assert report.key.stat().st_mode & 0o077 == 0
    key = key_of(tmp_path / "out")
    assert list(key.values()) == list(report.ids)
    assert {name.rsplit("/")[-1].removesuffix(".png") for name in figures_of(tmp_path / "out")} == set(key)
    assert not (tmp_path / "out" / "out.key.csv").exists()


def test_the_manifest_order_is_shuffled(tmp_path):
    table, images = make_world(20)
    save(table, images, tmp_path / "out")
    lines = (tmp_path / "out" / "manifest.csv").read_text().splitlines()[1:]
    assert lines == sorted(lines)
    assert [key_of(tmp_path / "out")[line.split(",")[0]] for line in lines] != table.ids.tolist()


def test_a_second_run_keeps_the_names(tmp_path):
    table, images = make_world(4)
    save(table.take([0, 1]), images, tmp_path / "out")
    report = save(table, images, tmp_path / "out")
    assert (len(report.written), len(report.present)) == (2, 2)
    assert len(key_of(tmp_path / "out")) == 4
    assert verify(tmp_path / "out") == []


def test_two_directories_have_different_names(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path / "one")
    save(table, images, tmp_path / "other")
    assert not set(key_of(tmp_path / "one")) & set(key_of(tmp_path / "other"))


def test_a_blind_directory_cannot_be_reused_openly(tmp_path):
    table, images = make_world(1)
    save(table, images, tmp_path / "out")
    with pytest.raises(BadOption, match="blind=True"):
        save(table, images, tmp_path / "out", blind=False)


def test_a_foreign_key_file_is_refused(tmp_path):
    table, images = make_world(1)
    key_path(tmp_path / "out").write_text("name,id\n")
    with pytest.raises(BadTable, match="not the key of a blind run"):
        save(table, images, tmp_path / "out")


def test_foreign_pictures_are_repaired_in_a_blind_directory_too(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path / "out")
    wanted = files_of(tmp_path / "out")
    path = tmp_path / "out" / figures_of(tmp_path / "out")[0]
    path.write_bytes(path.read_bytes()[:-30])
    assert len(verify(tmp_path / "out")) == 1
    save(table, images, tmp_path / "out", repair=True)
    assert files_of(tmp_path / "out") == wanted


def test_blind_runs_write_arrays_but_no_tables(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path / "out", save_as_numpy=True)
    names = [path.name for path in (tmp_path / "out" / "numpy").rglob("*") if path.is_file()]
    assert len(names) == 6
    assert all(name.endswith(".npy") for name in names)
    assert np.load(next((tmp_path / "out" / "numpy").rglob("*.npy"))).shape == (1, 30, 30)


def test_a_run_that_writes_no_manifest_says_so(tmp_path):
    table, images = make_world(1)
    with pytest.warns(CutoutWarning, match='blind=True without url_root writes no manifest .* dialect="lab"'):
        assert save(table, images, tmp_path / "out", url_root=None).manifest is None
