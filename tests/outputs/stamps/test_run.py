"""Runs of `save_cutouts` that write stamp files: whole or absent, restarted, repaired, refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.outputs.makers import FIRST_ID, files_of, make_world

import cutout_widgets as cw


def save(table, images, out, **options):
    return cw.save_cutouts(table, images, out, format="parquet", progress=False, **options)


def names(out):
    return sorted(path.name for path in (out / "stamps").iterdir())


def test_a_file_name_contains_the_first_id_count_and_checksum(tmp_path):
    table, images = make_world(12)
    save(table, images, tmp_path, rows_a_file=8)
    assert [name.rpartition("_")[0] for name in names(tmp_path)] == [
        f"stamps_{FIRST_ID}_8",
        f"stamps_{FIRST_ID + 7 * 5}_4",
    ]


def test_a_second_run_writes_nothing(tmp_path):
    table, images = make_world(12)
    save(table, images, tmp_path)
    before = files_of(tmp_path)
    again = save(table, images, tmp_path)
    assert (len(again.written), len(again.present)) == (0, 12)
    assert files_of(tmp_path) == before


def test_a_restart_saves_missing_stamps_and_keeps_existing_files(tmp_path):
    table, images = make_world(12)
    save(table.take(range(5)), images, tmp_path)
    [first] = names(tmp_path)
    report = save(table, images, tmp_path)
    assert (len(report.written), len(report.present)) == (7, 5)
    assert first in names(tmp_path)
    assert len(names(tmp_path)) == 2
    assert cw.verify(tmp_path) == []
    assert (
        cw.SourceTable.read(cw.open_images(tmp_path)).sort("diaSourceId").ids.tolist() == table.ids.tolist()
    )


def test_an_interrupt_leaves_complete_files_and_the_next_run_adds_the_rest(tmp_path):
    table, images = make_world(12)

    def stop(done, of_all):
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cw.save_cutouts(table, images, tmp_path, format="parquet", rows_a_file=4, progress=stop)
    assert len(names(tmp_path)) == 1
    assert cw.verify(tmp_path) == []
    report = save(table, images, tmp_path, rows_a_file=4)
    assert (len(report.written), len(report.present)) == (8, 4)


def test_an_executor_writes_the_same_files(tmp_path):
    table, images = make_world(12)
    save(table, images, tmp_path / "one", rows_a_file=5)
    with ThreadPoolExecutor(2) as pool:
        save(table, images, tmp_path / "many", rows_a_file=5, executor=pool)
    one, many = files_of(tmp_path / "one"), files_of(tmp_path / "many")
    assert {name: one[name] for name in one if name.startswith("stamps")} == {
        name: many[name] for name in many if name.startswith("stamps")
    }


@pytest.mark.parametrize("format", ["parquet", "zarr"])
def test_repair_rewrites_a_damaged_file(tmp_path, format):
    if format == "zarr":
        pytest.importorskip("zarr")
    table, images = make_world(12)
    options = {"format": format, "rows_a_file": 6, "progress": False}
    cw.save_cutouts(table, images, tmp_path, **options)
    before = files_of(tmp_path)
    file = tmp_path / "stamps" / names(tmp_path)[0]
    data = bytearray(file.read_bytes())
    data[500] ^= 1
    file.write_bytes(data)
    assert cw.verify(tmp_path) == [f"stamps/{file.name}: it was changed after it was written"]
    report = cw.save_cutouts(table, images, tmp_path, repair=True, **options)
    assert len(report.written) == 6
    assert cw.verify(tmp_path) == []
    assert files_of(tmp_path) == before


def test_a_removed_file_is_reported_and_saved_again(tmp_path):
    table, images = make_world(12)
    save(table, images, tmp_path, rows_a_file=6)
    (tmp_path / "stamps" / names(tmp_path)[0]).unlink()
    assert len(cw.verify(tmp_path)) == 1
    save(table, images, tmp_path, rows_a_file=3)
    assert cw.verify(tmp_path) == []
    assert len(names(tmp_path)) == 3


def test_verify_reports_a_source_in_two_files(tmp_path):
    table, images = make_world(4)
    save(table.take([0, 1]), images, tmp_path / "a")
    save(table.take([1, 2]), images, tmp_path / "b")
    for name in names(tmp_path / "b"):
        (tmp_path / "b" / "stamps" / name).rename(tmp_path / "a" / "stamps" / name)
    (tmp_path / "a" / "files.csv").unlink()
    told = cw.verify(tmp_path / "a")
    assert any(f"1 source of it, the first {table.ids[1]}, stand in" in one for one in told)


def test_a_source_without_images_fails_and_the_others_are_saved(tmp_path):
    images = cw.ArrayImages.from_stamps([1, 2], *np.ones((3, 2, 9, 9)))
    rows = {"id": [1, 2, 3], "ra": [0.0] * 3, "dec": [0.0] * 3}
    report = save(rows, images, tmp_path, sizes=None)
    assert report.written == (1, 2)
    assert "there is no stamp of DiaSource 3" in report.failed[3]


def test_with_missing_fail_sources_without_a_panel_are_not_saved(tmp_path):
    images = cw.ArrayImages.from_stamps([1, 2], None, [np.ones((9, 9)), None], np.ones((2, 9, 9)))
    rows = {"id": [1, 2], "ra": [0.0] * 2, "dec": [0.0] * 2}
    report = save(rows, images, tmp_path, sizes=None, missing="fail")
    assert set(report.failed) == {1, 2}


def test_an_empty_table_writes_no_file(tmp_path):
    table, images = make_world(3)
    report = save(table.take([]), images, tmp_path)
    assert report.ids == ()
    assert not (tmp_path / "stamps").exists()


@pytest.mark.parametrize(
    "option",
    [{"fits": True}, {"blind": True}, {"url_root": "https://a.org"}, {"dialect": "lab"}, {"sizes": (5, 9)}],
)
def test_options_of_figures_are_refused(tmp_path, option):
    table, images = make_world(3)
    with pytest.raises(cw.BadOption, match="stamp files"):
        save(table, images, tmp_path, **option)


def test_figures_and_stamp_files_do_not_share_a_directory(tmp_path):
    table, images = make_world(3)
    save(table, images, tmp_path)
    with pytest.raises(cw.BadOption, match="suffix"):
        cw.save_cutouts(table, images, tmp_path, progress=False)
