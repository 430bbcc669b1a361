"""Concurrent runs in one directory: nothing is lost or written elsewhere, and dead processes do not block."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from cutout_widgets.errors import CutoutWarning, NotWritable
from cutout_widgets.outputs import files, lock
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.files import PARTIAL, RUNS, Partial, process
from cutout_widgets.outputs.lock import alone
from cutout_widgets.outputs.manifest import manifests_in, read_manifest
from cutout_widgets.outputs.record import Part, joined, parts_of, read_record
from cutout_widgets.outputs.verify import verify
from outputs.makers import FIRST_ID, figures_of, files_of, make_world
from outputs.side_by_side import lockstep

save = partial(save_cutouts, progress=False, url_root="http://h")
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks its writers")
quietly = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def ids_in(root: Path) -> list[int]:
    return [int(row["external_id"]) for row in read_manifest(root / "manifest.csv")]


@pytest.mark.slow
@forks
@quietly
def test_concurrent_runs_with_different_rows_lose_no_row(tmp_path):
    assert lockstep(tmp_path, rounds=2, writers=12) == 2 * 60


@forks
@quietly
def test_concurrent_runs_with_tables_and_arrays_lose_nothing(tmp_path):
    assert lockstep(tmp_path, rounds=1, writers=6, sources=2, save_as_numpy=True) == 12


def test_a_run_finds_files_written_by_another_meanwhile(tmp_path):
    table, images = make_world(4)

    class Meanwhile:
        """A store that lets a second run begin and end while the first one reads."""

        group = staticmethod(images.group)

        def read(self, sources, region):
            if not (tmp_path / "manifest.csv").exists():
                save(table.take([2, 3]), images, tmp_path)
            return images.read(sources, region)

    save(table.take([0, 1]), Meanwhile(), tmp_path)
    assert ids_in(tmp_path) == [FIRST_ID + 7 * k for k in (2, 3, 0, 1)]
    assert verify(tmp_path) == []


def test_the_manifest_part_of_a_killed_run_is_merged_by_the_next_run(tmp_path):
    """Its process is no more: this one's name with another process number."""
    table, images = make_world(3)
    save(table.take([0]), images, tmp_path)
    record = read_record(tmp_path)
    save(table.take([1]), images, tmp_path / "other")
    (name,) = (one for one in read_record(tmp_path / "other") if one.startswith("images/"))
    (tmp_path / name).write_bytes((tmp_path / "other" / name).read_bytes())
    killed = tmp_path / PARTIAL / RUNS / f"{dead_process()}-0.growing"
    killed.parent.mkdir(parents=True)
    killed.write_text(
        f"# panoptes http://h None\n{name},{read_record(tmp_path / 'other')[name]}\nimages/cut,12"
    )
    save(table.take([2]), images, tmp_path)
    assert ids_in(tmp_path) == [FIRST_ID, FIRST_ID + 7, FIRST_ID + 14]
    assert record.keys() < read_record(tmp_path).keys()
    assert not (tmp_path / PARTIAL).exists()


def dead_process() -> str:
    """The identification of a dead process of this machine."""
    machine, pid, _ = process().split("-")
    return f"{machine}-{pid}-1"


def test_the_manifest_part_of_a_running_process_is_left_alone(tmp_path):
    part = Part(Partial(tmp_path), "panoptes http://h None")
    part.add({"images/0/1.png": "5,00000000"})
    assert parts_of(tmp_path) == []
    part.end({"images/0/1.png": "5,00000000"})
    assert [one.entries for one in parts_of(tmp_path)] == [{"images/0/1.png": "5,00000000"}]


def test_the_lock_of_a_dead_process_is_removed_at_once(tmp_path):
    path = tmp_path / PARTIAL / RUNS / "lock"
    path.parent.mkdir(parents=True)
    path.write_text(f"{dead_process()}-1-ab")
    with alone(tmp_path) as work:
        assert work
        assert path.read_text().startswith(process())
    assert not path.exists()


def test_an_old_lock_of_another_machine_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "_LOOKS_AT_AGE_AFTER_S", -1)
    path = tmp_path / PARTIAL / RUNS / "lock"
    path.parent.mkdir(parents=True)
    path.write_text("00000000-1-1-1-ab")
    with alone(tmp_path, needless=lambda: True) as work:
        assert not work
    os.utime(path, (path.stat().st_mtime - lock.HELD_S - 60,) * 2)
    with alone(tmp_path) as work:
        assert work


def test_temporary_files_of_another_machine_are_removed_after_a_day(tmp_path):
    table, images = make_world(1)
    folder = tmp_path / PARTIAL / "00000000-1-1"
    folder.mkdir(parents=True)
    (folder / "0").write_bytes(b"half")
    save(table, images, tmp_path)
    assert folder.exists()
    os.utime(folder, (folder.stat().st_mtime - files.ABANDONED_S - 60,) * 2)
    save(table, images, tmp_path)
    assert not (tmp_path / PARTIAL).exists()


@pytest.mark.parametrize("name", ["images", f"images/{FIRST_ID // 10_000 * 10_000}"])
def test_files_are_not_written_through_symbolic_links(tmp_path, name):
    table, images = make_world(2)
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "out" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "elsewhere")
    report = save(table, images, tmp_path / "out")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert f"{link} is a link to elsewhere; remove it" in report.failed[FIRST_ID]
    assert any(problem.startswith(f"{name}: it is a link") for problem in verify(tmp_path / "out"))


def test_temporary_files_are_not_written_through_symbolic_links(tmp_path):
    table, images = make_world(1)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / PARTIAL).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotWritable, match="is a link to elsewhere"):
        save(table, images, tmp_path / "out")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_symbolic_link_in_place_of_a_figure_is_replaced(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path / "out")
    figure = tmp_path / "out" / figures_of(tmp_path / "out")[0]
    whole = figure.read_bytes()
    figure.rename(tmp_path / "kept.png")
    figure.symlink_to(tmp_path / "kept.png")
    assert any("it is a link" in problem for problem in verify(tmp_path / "out"))
    assert save(table, images, tmp_path / "out").written == (FIRST_ID,)
    assert not figure.is_symlink()
    assert figure.read_bytes() == whole
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize("options", [{}, {"save_as_numpy": True, "fits": True}, {"dialect": "lab"}])
def test_a_complete_directory_is_not_written_to(tmp_path, options):
    """So it may be read-only: a file made in a folder would change the folder's time."""
    table, images = make_world(4)
    save(table, images, tmp_path, **options)
    times = {path: path.stat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]}
    report = save(table, images, tmp_path, **options)
    assert report.present == report.ids
    assert report.manifest == tmp_path / "manifest.csv"
    assert save(table.take([1, 2]), images, tmp_path, url_root="http://h").manifest is not None
    if not options.get("save_as_numpy") and "dialect" not in options:
        assert {path: path.stat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]} == times


_TERMINATED = """
import os, signal, sys
from cutout_widgets import save_cutouts
from outputs.makers import make_world
table, images = make_world(600)
class Terminated:
    group = staticmethod(images.group)
    def read(self, sources, region):
        for number, triplet in enumerate(images.read(sources, region)):
            if number == 100:
                os.kill(os.getpid(), signal.SIGTERM)
            yield triplet
save_cutouts(table, Terminated(), sys.argv[1], progress=False, url_root="http://h")
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGTERM is sent on POSIX systems")
def test_sigterm_ends_the_process_with_complete_files_and_a_manifest(tmp_path):
    paths = os.pathsep.join((str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")))
    ended = subprocess.run(
        [sys.executable, "-c", _TERMINATED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert ended.returncode == -signal.SIGTERM
    assert 0 < len(figures_of(tmp_path)) == len(ids_in(tmp_path)) < 600
    assert verify(tmp_path) == []


def test_rows_of_removed_figures_are_dropped_by_the_next_run_with_a_warning(tmp_path):
    table, images = make_world(4)
    save(table.take([0, 1, 2]), images, tmp_path)
    (tmp_path / figures_of(tmp_path)[1]).unlink()
    with pytest.warns(
        CutoutWarning, match=r"1 figures of earlier runs are no longer in .*, the first is images/"
    ):
        save(table.take([3]), images, tmp_path)
    assert ids_in(tmp_path) == [FIRST_ID, FIRST_ID + 14, FIRST_ID + 21]
    assert verify(tmp_path) == []


def test_a_directory_saved_by_an_old_version_gets_a_record(tmp_path):
    table, images = make_world(4)
    save(table.take([0, 1]), images, tmp_path)
    whole = files_of(tmp_path)
    (tmp_path / "files.csv").unlink()
    assert verify(tmp_path) == [
        "files.csv: it is missing; save again, which makes it from the existing files"
    ]
    save(table.take([0]), images, tmp_path)
    assert files_of(tmp_path) == whole


def test_a_manifest_part_without_news_changes_nothing():
    record = {"images/1.png": "1,0", "images/2.png": "2,0", "images/3.png": "3,0"}
    assert list(joined(record, {"images/1.png": "1,0", "images/3.png": "3,0"})) == list(record)
    moved = joined(record, {"images/3.png": "3,0", "images/1.png": "1,0"})
    assert list(moved) == ["images/2.png", "images/3.png", "images/1.png"]


def test_a_manifest_can_be_split_and_joined_again(tmp_path):
    table, images = make_world(5)
    report = save(table, images, tmp_path, manifest_rows=2)
    assert [path.name for path in report.manifests] == manifests_in(tmp_path)
    assert manifests_in(tmp_path) == ["manifest.csv", "manifest-2.csv", "manifest-3.csv"]
    assert [len(list(csv.DictReader(path.open()))) for path in report.manifests] == [2, 2, 1]
    assert verify(tmp_path) == []
    save(table, images, tmp_path)
    assert manifests_in(tmp_path) == ["manifest.csv"]
    assert len(ids_in(tmp_path)) == 5
    assert verify(tmp_path) == []


def test_more_rows_than_panoptes_accepts_cause_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr("cutout_widgets.outputs.manifest.PANOPTES_ROWS", 3)
    table, images = make_world(4)
    with pytest.warns(CutoutWarning, match=r"has 4 rows, but panoptes imports at most 3: split it"):
        save(table, images, tmp_path)
    save(table, images, tmp_path, manifest_rows=3)
    save(table, images, tmp_path, dialect="lab")
