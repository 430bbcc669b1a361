"""A saved directory is complete after interrupts, damage and concurrent runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from cutout_widgets.errors import NotWritable
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.files import PARTIAL, Partial
from cutout_widgets.outputs.verify import verify
from outputs.kill import killed_runs
from outputs.makers import FIRST_ID, figures_of, files_of, make_world

save = partial(save_cutouts, progress=False, url_root="http://h")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_runs_killed_at_random_can_be_completed_to_equal_directories(tmp_path):
    assert killed_runs(8, tmp_path, sources=20) > 0


def test_temporary_files_of_a_dead_process_are_removed(tmp_path):
    table, images = make_world(2)
    gone = subprocess.run(
        [sys.executable, "-c", _LEAVE, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert (tmp_path / PARTIAL / gone.stdout.strip()).exists()
    assert any(PARTIAL in problem for problem in verify(tmp_path))
    save(table, images, tmp_path)
    assert not (tmp_path / PARTIAL).exists()
    assert verify(tmp_path) == []


_LEAVE = """
import sys
from pathlib import Path
from cutout_widgets.outputs.files import Partial
partial = Partial(Path(sys.argv[1]))
partial.folder.mkdir(parents=True)
(partial.folder / "0").write_bytes(b"half")
print(partial.folder.name)
"""


def test_temporary_files_of_a_live_process_are_kept(tmp_path):
    table, images = make_world(2)
    mine = Partial(tmp_path)
    with mine.open(tmp_path / "late.txt") as stream:
        stream.write(b"be")
        save(table, images, tmp_path)
        stream.write(b"fore")
    assert (tmp_path / "late.txt").read_bytes() == b"before"


def test_an_interrupt_leaves_complete_files_and_their_manifest(tmp_path):
    table, images = make_world(600)
    with pytest.raises(KeyboardInterrupt):
        save(table, _Interrupted(images, after=300), tmp_path)
    assert 0 < len(figures_of(tmp_path)) < 600
    assert verify(tmp_path) == []
    save(table, images, tmp_path)
    save(table, images, tmp_path.with_name("whole"))
    assert files_of(tmp_path) == files_of(tmp_path.with_name("whole"))


class _Interrupted:
    """A store during whose reading Ctrl-C is pressed."""

    def __init__(self, images, after):
        self.images, self.left = images, after

    def group(self, source):
        return self.images.group(source)

    def read(self, sources, region):
        for triplet in self.images.read(sources, region):
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            yield triplet


def assert_the_first_task_is_saved(out, executor):
    """Save on an executor on which Ctrl-C is pressed during its first task."""
    table, images = make_world(600)
    with pytest.raises(KeyboardInterrupt):
        save(table, images, out, executor=executor)
    executor.shutdown()
    assert len(figures_of(out)) == 256
    assert verify(out) == []


def test_an_interrupt_waits_for_tasks_that_appear_pending(tmp_path):
    assert_the_first_task_is_saved(tmp_path, _Silent())


class _Silent(Executor):
    """Like dask's: its futures are pending until they are done. Ctrl-C is pressed during its first task."""

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None

    def submit(self, fn, /, *args):
        if self.thread is not None:
            raise KeyboardInterrupt
        future: Future[object] = Future()
        self.thread = threading.Thread(target=self._run, args=(future, fn, *args))
        self.thread.start()
        return future

    def _run(self, future, fn, *args):
        result = fn(*args)
        if not future.cancelled():
            future.set_result(result)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.thread.join()


def test_an_interrupt_during_submission_does_not_lose_the_task(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    assert_the_first_task_is_saved(tmp_path, _Pressed())
    assert signal.getsignal(signal.SIGINT) is before


class _Pressed(_Silent):
    """Ctrl-C is pressed when the task has begun, and its future is not yet returned."""

    def submit(self, fn, /, *args):
        future = super().submit(fn, *args)
        signal.raise_signal(signal.SIGINT)
        return future


def test_an_interrupt_cancels_tasks_that_have_not_started(tmp_path):
    table, images = make_world(600)
    with _Held() as executor, pytest.raises(KeyboardInterrupt):
        save(table, images, tmp_path, executor=executor)
    assert [future.cancelled() for future in executor.futures] == [True, True]
    assert figures_of(tmp_path) == []
    assert verify(tmp_path) == []


class _Held(ThreadPoolExecutor):
    """A pool that is busy with another task until it is closed; Ctrl-C is pressed meanwhile."""

    def __init__(self) -> None:
        super().__init__(2)
        self.over = threading.Event()
        self.futures: list[Future[object]] = []
        for _ in range(2):
            super().submit(self.over.wait)

    def submit(self, fn, /, *args):
        if len(self.futures) == 2:
            raise KeyboardInterrupt
        self.futures.append(super().submit(fn, *args))
        return self.futures[-1]

    def __exit__(self, *error):
        self.over.set()
        return super().__exit__(*error)


def test_damaged_and_foreign_figures_are_found_and_repaired(tmp_path):
    table, images = make_world(5)
    save(table, images, tmp_path / "out", save_as_numpy=True, fits=True)
    wanted = files_of(tmp_path / "out")
    names = figures_of(tmp_path / "out")
    first, second, third, fourth = ((tmp_path / "out" / name) for name in names[:4])
    first.write_bytes(first.read_bytes()[:-20])
    second.write_bytes(third.read_bytes())
    third.write_bytes(b"")
    fourth.write_bytes(fourth.read_bytes()[:500] + b"x" + fourth.read_bytes()[501:])
    array = next((tmp_path / "out" / "numpy").rglob(f"{FIRST_ID + 28}_sci_30.npy"))
    array.write_bytes(array.read_bytes()[:-1])
    problems = verify(tmp_path / "out")
    assert [problem.split(": ", 1)[1] for problem in problems[:4]] == [
        "it is truncated",
        f"it is the figure of source {FIRST_ID + 14}",
        "it is empty",
        "its chunk PLTE is damaged",
    ]
    assert len(problems) == 5
    report = save(table, images, tmp_path / "out", save_as_numpy=True, fits=True, repair=True)
    assert (len(report.written), len(report.present)) == (5, 0)
    assert files_of(tmp_path / "out") == wanted


def test_without_repair_a_damaged_figure_is_left_alone(tmp_path):
    table, images = make_world(1)
    save(table, images, tmp_path)
    path = tmp_path / figures_of(tmp_path)[0]
    path.write_bytes(b"?")
    assert save(table, images, tmp_path).present == (FIRST_ID,)
    assert path.read_bytes() == b"?"


def test_an_unwritable_folder_loses_only_its_own_figures(tmp_path):
    table, images = make_world(4, diaSourceId=[5, 10_005, 20_005, 30_005])
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "10000").write_text("in the way")
    report = save(table, images, tmp_path)
    assert report.written == (5, 20_005, 30_005)
    assert list(report.failed) == [10_005]
    assert report.failed[10_005].startswith(f"cannot write {tmp_path}/images/10000/10005.png: ")


@pytest.mark.parametrize("repair", [False, True])
def test_a_folder_named_like_a_figure_is_not_a_figure(tmp_path, repair):
    table, images = make_world(3)
    save(table, images, tmp_path)
    name = figures_of(tmp_path)[1]
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    assert any(one.startswith(f"{name}: it is a folder") for one in verify(tmp_path))
    report = save(table, images, tmp_path, repair=repair)
    assert report.failed == {FIRST_ID + 7: f"cannot write {tmp_path / name}: Is a directory"}
    assert report.present == (FIRST_ID, FIRST_ID + 14)
    assert name not in (tmp_path / "manifest.csv").read_text()


def test_a_row_stays_in_the_manifest_while_its_figure_exists(tmp_path):
    """Arrays that cannot be written, as on a full disk, do not affect existing figures."""
    table, images = make_world(4)
    save(table, images, tmp_path)
    manifest = (tmp_path / "manifest.csv").read_text()
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / f"{FIRST_ID // 10_000 * 10_000}").write_text("in the way")
    report = save(table, images, tmp_path, save_as_numpy=True, repair=True)
    assert len(report.failed) == 4
    assert (tmp_path / "manifest.csv").read_text() == manifest


def test_an_unwritable_manifest_leaves_no_partial_file(tmp_path):
    table, images = make_world(2)
    (tmp_path / "manifest.csv").mkdir()
    with pytest.raises(NotWritable, match=r"manifest\.csv: Is a directory"):
        save(table, images, tmp_path, save_as_numpy=True)
    assert not (tmp_path / PARTIAL).exists()
    assert len(figures_of(tmp_path)) == 2


def python(code: str, *arguments: Path) -> subprocess.Popen[str]:
    """Start a process that can import the helpers of these tests."""
    paths = os.pathsep.join((str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    )


_SAVE = """
import resource, sys
from cutout_widgets import save_cutouts
from outputs.makers import make_world
table, images = make_world(int(sys.argv[2]))
"""


@pytest.mark.slow
def test_on_a_full_disk_each_source_fails_with_one_sentence(tmp_path):
    """A limit on the size of files stands for a full disk: figures of noise are too large for it."""
    code = f"""{_SAVE}
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
report = save_cutouts(table, images, sys.argv[1], progress=False)
print(*report.failed.values(), sep="\\n")
"""
    said = python(code, tmp_path, Path("3")).communicate()[0].splitlines()
    assert len(said) == 3
    assert all(one.startswith("cannot write") and "too large" in one for one in said)
    assert figures_of(tmp_path) == []
    assert not (tmp_path / PARTIAL).exists()


@pytest.mark.slow
def test_two_processes_can_save_to_one_directory(tmp_path):
    table, images = make_world(120)
    save(table, images, tmp_path / "alone")
    code = f"{_SAVE}\nsave_cutouts(table, images, sys.argv[1], progress=False, url_root='http://h')"
    runs = [python(code, tmp_path / "both", Path("120")) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    assert files_of(tmp_path / "both") == files_of(tmp_path / "alone")


def test_two_threads_can_save_to_one_directory(tmp_path):
    table, images = make_world(60)
    save(table, images, tmp_path / "alone")
    runs = [threading.Thread(target=save, args=(table, images, tmp_path / "both")) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert files_of(tmp_path / "both") == files_of(tmp_path / "alone")
