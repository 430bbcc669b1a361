"""Saving: what is written, reported and left unchanged."""

from __future__ import annotations

import csv
import io
import shutil
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image as Pillow
from tests.wrapped import Wrapped

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadOption, CutoutWarning, NotWritable
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.figure.png import texts_of
from cutout_widgets.outputs.verify import verify
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.stores.arrays.store import ArrayImages
from outputs.makers import FIRST_ID, VISITS, figures_of, files_of, make_world

save = partial(save_cutouts, progress=False)
ROOT = "https://example.org/set"


def manifest_of(root: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((root / "manifest.csv").read_text())))


def test_every_source_is_saved_as_png_in_the_folder_of_its_id(tmp_path):
    table, images = make_world(3)
    report = save(table, images, tmp_path)
    assert report.written == report.ids == tuple(FIRST_ID + 7 * k for k in range(3))
    assert figures_of(tmp_path) == [f"images/506428274000260000/{id_}.png" for id_ in report.ids]
    for name in figures_of(tmp_path):
        assert Pillow.open(tmp_path / name).size == (703, 349)


def test_the_figure_size_depends_on_metadata_and_sizes(tmp_path):
    table, images = make_world(1)
    save(table, images, tmp_path, sizes=(20, 30), add_metadata=False)
    (name,) = figures_of(tmp_path)
    assert Pillow.open(tmp_path / name).size == (655, 245 + 229)


def test_without_a_root_there_is_no_manifest(tmp_path):
    table, images = make_world(1)
    assert save(table, images, tmp_path).manifest is None
    assert not (tmp_path / "manifest.csv").exists()


def test_the_manifest_has_a_row_for_each_figure_in_table_order(tmp_path):
    table, images = make_world(8)
    report = save(table.sort("-snr"), images, tmp_path, url_root=ROOT)
    rows = manifest_of(tmp_path)
    assert [int(row["metadata:diaSourceId"]) for row in rows] == [FIRST_ID + 7 * k for k in range(7, -1, -1)]
    assert [row["external_id"] for row in rows] == [str(id_) for id_ in report.ids]
    assert {row["location:1"].removeprefix(f"{ROOT}/") for row in rows} == set(figures_of(tmp_path))


def test_every_manifest_url_points_to_a_file(tmp_path):
    table, images = make_world(6)
    handler = partial(_Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        save(table, images, tmp_path, url_root=f"http://127.0.0.1:{server.server_port}/", chunk_size=10)
        fetched = []
        for row in manifest_of(tmp_path):
            with urlopen(row["location:1"]) as answer:
                assert answer.headers["Content-Type"] == "image/png"
                fetched.append(texts_of(answer.read())["diaSourceId"])
        server.shutdown()
    assert fetched == [str(FIRST_ID + 7 * k) for k in range(6)]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


def test_a_second_run_writes_nothing_and_reports_all_files_as_present(tmp_path):
    table, images = make_world(4)
    save(table, images, tmp_path, url_root=ROOT)
    before = files_of(tmp_path)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")}
    report = save(table, images, tmp_path, url_root=ROOT)
    assert (report.written, len(report.present)) == ((), 4)
    assert files_of(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")} == stamps


def test_missing_figures_are_added_and_the_manifest_is_complete(tmp_path):
    table, images = make_world(6)
    save(table, images, tmp_path / "whole", url_root=ROOT)
    save(table.take([4, 1]), images, tmp_path / "parts", url_root=ROOT)
    report = save(table, images, tmp_path / "parts", url_root=ROOT)
    assert (len(report.written), len(report.present)) == (4, 2)
    assert files_of(tmp_path / "parts") == files_of(tmp_path / "whole")


def test_another_table_adds_to_the_manifest(tmp_path):
    table, images = make_world(6)
    save(table.take([0, 1, 2]), images, tmp_path, url_root=ROOT)
    save(table.take([4, 3]), images, tmp_path, url_root=ROOT)
    ids = [int(row["metadata:diaSourceId"]) for row in manifest_of(tmp_path)]
    assert ids == [FIRST_ID + 7 * k for k in (0, 1, 2, 4, 3)]
    assert verify(tmp_path) == []


def test_a_row_that_fails_is_reported_and_the_others_are_saved(tmp_path):
    table, images = make_world(6, detector=np.array([3, 3, 9, 3, 3, 3]))
    report = save(table, images, tmp_path, url_root=ROOT)
    assert list(report.failed) == [FIRST_ID + 14]
    assert "no images are given for visit 2025069184737, detector 9" in report.failed[FIRST_ID + 14]
    assert len(report.written) == len(manifest_of(tmp_path)) == 5
    assert verify(tmp_path) == []


def test_a_source_off_the_image_fails_with_a_reason(tmp_path):
    table, images = make_world(2, ra=np.array([53.0, 200.0]))
    report = save(table, images, tmp_path)
    assert len(report.failed) == 1
    assert "template: " in report.failed[FIRST_ID + 7]


def stamps(n: int = 2, **panels: object) -> tuple[SourceTable, ArrayImages]:
    stack = np.random.default_rng(0).normal(size=(n, 20, 20)).astype(np.float32)
    ids = FIRST_ID + np.arange(n)
    table = SourceTable.read({"diaSourceId": ids, "ra": np.zeros(n), "dec": np.zeros(n)})
    given = {"template": stack, "science": stack, "difference": stack, **panels}
    return table, ArrayImages.from_stamps(ids, **given)


class Fickle:
    """A store whose template is missing."""

    def __init__(self) -> None:
        self.pixels = np.arange(400, dtype=np.float32).reshape(20, 20)

    def group(self, source):
        return 0

    def read(self, sources, region):
        for _ in sources:
            yield Triplet(None, Image(self.pixels), Image(self.pixels), ("template: it is late",))


def test_a_missing_panel_is_drawn_as_missing_and_reported(tmp_path):
    table, _ = stamps()
    report = save(table, Fickle(), tmp_path)
    assert len(report.written) == 2
    assert report.incomplete == dict.fromkeys(report.ids, "template: it is late")


def test_a_missing_panel_can_count_as_failure(tmp_path):
    table, _ = stamps()
    report = save(table, Fickle(), tmp_path, missing="fail")
    assert report.failed == dict.fromkeys(report.ids, "template: it is late")
    assert figures_of(tmp_path) == []


def test_constant_empty_and_infinite_stamps_are_saved(tmp_path):
    stack = np.zeros((4, 20, 20), dtype=np.float32)
    stack[1], stack[2], stack[3, 0, 0] = np.nan, np.inf, -np.inf
    table, images = stamps(4, template=stack, difference=stack)
    assert len(save(table, images, tmp_path).written) == 4
    assert verify(tmp_path) == []


@pytest.mark.parametrize("side", [1, 8, 512])
def test_sizes_from_tiny_to_huge_are_saved(tmp_path, side):
    table, images = make_world(2)
    assert len(save(table, images, tmp_path, sizes=(side,)).written) == 2


def test_a_repeated_id_is_saved_once_with_a_warning(tmp_path):
    table, images = make_world(4, diaSourceId=np.array([5, 6, 5, 7]))
    with pytest.warns(CutoutWarning, match="1 rows repeat"):
        report = save(table, images, tmp_path, url_root=ROOT)
    assert report.ids == (5, 6, 7)
    assert len(manifest_of(tmp_path)) == 3


def test_an_empty_table_can_be_saved(tmp_path):
    table, images = make_world(2)
    report = save(table.take([]), images, tmp_path, url_root=ROOT, save_as_numpy=True)
    assert report.ids == ()
    assert manifest_of(tmp_path) == []
    assert verify(tmp_path) == []


def test_a_look_different_from_existing_files_causes_a_warning(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path)
    with pytest.warns(CutoutWarning, match="saved with look='documented', now 'rubin'; existing") as said:
        assert len(save(table, images, tmp_path, look="rubin").present) == 2
    assert "save to another directory, or remove" in str(said[0].message)


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sizes": 20}, r"sizes=\[30\], now \[20\]"),
        ({"outline": True}, "outline=False, now True"),
        ({"use_footprint": "mask"}, "footprints=None, now 'mask'"),
        ({"look": replace(Look.of("documented"), colormap="viridis")}, "look_settings="),
    ],
)
def test_any_changed_option_that_affects_figures_causes_a_warning(tmp_path, blind, changed, words):
    table, images = make_world(2)
    save = partial(save_cutouts, progress=False, url_root=ROOT)
    save(table, images, tmp_path / "out", blind=blind)
    record = (tmp_path / "out" / "cutouts.json").read_bytes()
    with pytest.warns(CutoutWarning, match=words):
        save(table, images, tmp_path / "out", blind=blind, **changed)
    assert (tmp_path / "out" / "cutouts.json").read_bytes() == record


@pytest.mark.parametrize("changed", [{"add_metadata": False}, {"instrument": "ComCam"}])
def test_a_changed_header_causes_a_warning(tmp_path, changed):
    table, images = make_world(2)
    save(table, images, tmp_path)
    with pytest.warns(CutoutWarning, match=next(iter(changed))):
        save(table, images, tmp_path, **changed)


@pytest.mark.filterwarnings("error")
def test_adding_file_formats_causes_no_warning(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path)
    save(table, images, tmp_path, fits=True, save_as_numpy=True, repair=True)


@pytest.mark.parametrize("changed", [{"chunk_size": 100}, {"format": "svg"}])
def test_a_directory_has_one_naming_scheme(tmp_path, changed):
    table, images = make_world(1)
    save(table, images, tmp_path)
    with pytest.raises(BadOption, match="use the same again, or save to another directory"):
        save(table, images, tmp_path, **changed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"chunk_size": 12},
        {"sizes": (30, 30)},
        {"sizes": "big"},
        {"look": "pretty"},
        {"missing": "ignore"},
        {"use_footprint": "yes"},
        {"blind": True, "fits": True},
        {"url_root": "http://h/?q"},
        {"url_root": 5},
        {"executor": 5},
        {"executor": ThreadPoolExecutor},
    ],
)
def test_an_invalid_option_is_refused_before_anything_is_written(tmp_path, wrong):
    table, images = make_world(1)
    with pytest.raises(BadOption):
        save(table, images, tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


class LikeClient:
    """Looks like a dask client."""

    status = "closed"

    def submit(self, fn, /, *args):
        raise AssertionError("nothing may be submitted")

    map = shutdown = submit

    def get_executor(self):
        return LikeClientExecutor(self)


class LikeClientExecutor(Executor):
    """The executor of one."""

    def __init__(self, client) -> None:
        self._client = client

    def submit(self, fn, /, *args):
        raise AssertionError("nothing may be submitted")


def shut_down(executor: Executor) -> Executor:
    executor.shutdown()
    return executor


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        (LikeClient(), r"got a client of dask: pass client\.get_executor\(\)"),
        (
            LikeClient().get_executor(),
            "got a LikeClientExecutor that is shut down, or whose client is closed",
        ),
        (shut_down(ThreadPoolExecutor(1)), "got a ThreadPoolExecutor that is shut down"),
        (shut_down(ProcessPoolExecutor(1)), "got a ProcessPoolExecutor that is shut down"),
    ],
)
def test_an_invalid_executor_is_refused_before_anything_is_written(tmp_path, executor, words):
    table, images = make_world(1)
    with pytest.raises(BadOption, match=words):
        save(table, images, tmp_path / "out", executor=executor)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["a\0b", "", 5, None, b"out"])
def test_an_invalid_path_is_refused(out):
    table, images = make_world(1)
    with pytest.raises(BadOption, match=r"given as a path|NUL"):
        save(table, images, out)


def test_a_directory_that_cannot_be_created_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    table, images = make_world(1)
    with pytest.raises(NotWritable, match="choose a directory"):
        save(table, images, tmp_path / "file" / "out")


class Listening:
    """A store that records what is requested."""

    def __init__(self, images) -> None:
        self.images = images
        self.heard: set[frozenset[str]] = set()

    def group(self, source):
        return self.images.group(source)

    def read(self, sources, region):
        self.heard.add(region.extras)
        return self.images.read(sources, region)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, []),
        ({"look": "sigma"}, ["variance"]),
        ({"outline": True}, ["mask"]),
        ({"use_footprint": True}, ["mask"]),
        ({"fits": True}, ["mask", "psf", "variance"]),
    ],
)
def test_only_what_the_files_show_is_read(tmp_path, options, wanted):
    table, images = make_world(2)
    images = Listening(images)
    save(table, images, tmp_path, **options)
    assert images.heard == {frozenset(wanted)}


processes = partial(ProcessPoolExecutor, mp_context=get_context("forkserver"))


@pytest.mark.slow
@pytest.mark.parametrize("pool", [ThreadPoolExecutor, processes], ids=["threads", "processes"])
@pytest.mark.parametrize("options", [{}, {"save_as_numpy": True, "fits": True, "use_footprint": "mask"}])
def test_an_executor_gives_the_same_directory(tmp_path, pool, options):
    table, images = make_world(40)
    save(table, images, tmp_path / "here", url_root=ROOT, **options)
    with pool(2) as executor:
        save(table, images, tmp_path / "there", url_root=ROOT, executor=executor, **options)
    assert files_of(tmp_path / "there") == files_of(tmp_path / "here")


@pytest.fixture(scope="module")
def dask():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_dask_gives_the_same_directory(tmp_path, dask):
    table, images = make_world(20)
    save(table, images, tmp_path / "here", url_root=ROOT)
    save(table, images, tmp_path / "there", url_root=ROOT, executor=dask.get_executor())
    assert files_of(tmp_path / "there") == files_of(tmp_path / "here")


def test_dask_saves_removed_files_again(tmp_path, dask):
    """It answers equal tasks from memory while somebody holds the first one's future."""
    table, images = make_world(4)
    executor = Holding(dask.get_executor())
    for _ in range(2):
        report = save(table, images, tmp_path / "out", executor=executor)
        assert len(figures_of(tmp_path / "out")) == len(report.written) == 4
        shutil.rmtree(tmp_path / "out")


class Holding(Executor):
    """Keeps all futures, as the traceback of an interrupt in a notebook does."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.held: list[Future[object]] = []

    def submit(self, fn, /, *args):
        self.held.append(self.executor.submit(fn, *args))
        return self.held[-1]


def test_an_interrupt_waits_for_the_tasks_of_dask(tmp_path, dask):
    """Their futures are pending while they run: cancelled, they would write on."""
    table, images = make_world(600)
    with pytest.raises(KeyboardInterrupt):
        save(table, images, tmp_path, url_root=ROOT, executor=Interrupted(dask.get_executor()))
    assert len(figures_of(tmp_path)) == len(manifest_of(tmp_path)) == 256


class Interrupted(Executor):
    """Ctrl-C is pressed while the first task is running."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.began = False

    def submit(self, fn, /, *args):
        if self.began:
            raise KeyboardInterrupt
        self.began = True
        return self.executor.submit(fn, *args)


def test_a_dask_client_and_a_closed_executor_are_refused(tmp_path, dask):
    table, images = make_world(1)
    client = type(dask)(dask.cluster, set_as_default=False)
    with client, pytest.raises(BadOption, match=r"pass client\.get_executor"):
        save(table, images, tmp_path / "out", executor=client)
    with pytest.raises(BadOption, match="whose client is closed: make a new one"):
        save(table, images, tmp_path / "out", executor=client.get_executor())
    assert not (tmp_path / "out").exists()


def test_a_killed_worker_loses_only_its_sources(tmp_path):
    table, images = make_world(4)
    report = save(table, Wrapped(images), tmp_path, executor=_Broken(), url_root=ROOT)
    assert len(report.failed) == 4
    assert all("the worker returned no result" in reason for reason in report.failed.values())
    assert manifest_of(tmp_path) == []


class _Broken(ThreadPoolExecutor):
    """An executor whose workers die."""

    def submit(self, fn, /, *args, **kwargs):
        return super().submit(_die)


def _die():
    raise RuntimeError("out of memory")


@pytest.fixture
def small_tasks(monkeypatch):
    monkeypatch.setattr("cutout_widgets.outputs.run.SOURCES_A_TASK", 2)


@pytest.mark.parametrize("accepted", [0, 3])
def test_tasks_refused_by_a_broken_pool_are_failures(tmp_path, small_tasks, accepted):
    table, images = make_world(20, visit=np.full(20, VISITS[0]))
    with _Breaking(accepted) as executor:
        report = save(table, images, tmp_path, executor=executor, url_root=ROOT)
    assert report.written == report.ids[: 2 * accepted]
    assert tuple(report.failed) == report.ids[2 * accepted :]
    assert set(report.failed.values()) == {
        "the executor refused the task: BrokenProcessPool: a worker is gone; save again with another executor"
    }
    assert len(manifest_of(tmp_path)) == 2 * accepted
    assert verify(tmp_path) == []


class _Breaking(ThreadPoolExecutor):
    """A pool that breaks after some tasks."""

    def __init__(self, accepted: int) -> None:
        super().__init__(1)
        self.left = accepted

    def submit(self, fn, /, *args):
        if self.left == 0:
            raise BrokenProcessPool("a worker is gone")
        self.left -= 1
        return super().submit(fn, *args)


def test_files_still_written_by_a_broken_pool_are_in_the_manifest(tmp_path, small_tasks):
    table, images = make_world(6)
    with _Lingering() as executor:
        report = save(table, images, tmp_path, executor=executor, url_root=ROOT)
    assert len(manifest_of(tmp_path)) == 6
    assert all("BrokenProcessPool" in reason for reason in report.failed.values())
    assert verify(tmp_path) == []


class _Lingering(Executor):
    """A broken pool whose workers continue until it is shut down."""

    def __init__(self) -> None:
        self.under_way: list[partial[object]] = []

    def submit(self, fn, /, *args):
        self.under_way.append(partial(fn, *args))
        future: Future[object] = Future()
        future.set_exception(BrokenProcessPool("a worker is gone"))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        while wait and self.under_way:
            self.under_way.pop()()


def test_a_progress_function_is_called(tmp_path):
    table, images = make_world(8)
    told: list[tuple[int, int]] = []
    save(table, images, tmp_path, progress=lambda done, n: told.append((done, n)))
    assert told[0] == (0, 8)
    assert told[-1] == (8, 8)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_an_error_in_the_progress_function_ends_the_run_with_a_manifest(tmp_path):
    table, images = make_world(8)

    def stop(done: int, n: int) -> None:
        if done:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        save(table, images, tmp_path, progress=stop, url_root=ROOT)
    assert 0 < len(manifest_of(tmp_path)) == len(figures_of(tmp_path)) < 8
