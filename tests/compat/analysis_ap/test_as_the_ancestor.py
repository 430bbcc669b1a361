"""What the original's own tests expect of the module, its command and its configuration files.

Where it does differ, ``docs/analysis_ap.md`` says so.
"""

from __future__ import annotations

import inspect
import logging
import sqlite3
import sys
import types
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow
from tests.compat.analysis_ap import fake_butler as fake

from cutout_widgets.compat.analysis_ap import plotImageSubtractionCutouts, zooniverseCutouts
from cutout_widgets.compat.analysis_ap.apdb import ApdbSqliteQuery

pytest.importorskip("sqlalchemy", reason="needs the extra 'apdb'")

Task = plotImageSubtractionCutouts.PlotImageSubtractionCutoutsTask
Config = plotImageSubtractionCutouts.PlotImageSubtractionCutoutsConfig
FIRST = 224948952930189335
"""Of fifteen ids in a row."""


class OpenButlers:
    """A stand-in of ``lsst.daf.butler.Butler`` that remembers how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[tuple, dict]] = []
        self.butler = object()

    def __call__(self, *arguments, **options):
        self.calls.append((arguments, options))
        return self.butler


@pytest.fixture
def butlers(monkeypatch) -> OpenButlers:
    opened = OpenButlers()
    module = types.ModuleType("lsst.daf.butler")
    module.Butler = opened
    monkeypatch.setitem(sys.modules, "lsst.daf.butler", module)
    return opened


@pytest.fixture
def sqlitefile(tmp_path) -> str:
    """Fifteen sources, each of an object of its own, on a detector of a visit."""
    path = tmp_path / "apdb.db"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE DiaSource (diaSourceId BIGINT PRIMARY KEY, diaObjectId BIGINT, visit BIGINT, "
            "detector SMALLINT, ra DOUBLE, dec DOUBLE, band TEXT, reliability FLOAT)"
        )
        database.executemany(
            "INSERT INTO DiaSource VALUES (?, ?, 4190000, 76, 53.0, -28.0, 'r', ?)",
            [(FIRST + n, FIRST + n, n / 15) for n in range(15)],
        )
    return str(path)


@pytest.fixture
def calls(monkeypatch) -> list[tuple]:
    """Records the calls of the task's methods; only id 5 gets an image."""
    made: list[tuple] = []

    def record(name, answer):
        def method(self, *arguments):
            made.append((name, *arguments))
            return answer

        monkeypatch.setattr(Task, name, method)

    record("run", [5])
    record("write_images", [5])
    record("write_manifest", None)
    return made


def run_main(monkeypatch, *arguments: str) -> None:
    """Call ``main()`` as a shell does."""
    monkeypatch.setattr(sys, "argv", ["plotImageSubtractionCutouts", *arguments])
    plotImageSubtractionCutouts.main()


@pytest.mark.parametrize(
    "given, collections",
    [
        (["REPO", "OUT"], None),
        (["--collections=mockRun", "REPO", "OUT"], ["mockRun"]),
        (["REPO", "OUT", "--collections", "mock1", "mock2", "mock3"], ["mock1", "mock2", "mock3"]),
    ],
)
def test_main_passes_the_butler_and_a_dataframe_to_run(
    given, collections, sqlitefile, butlers, calls, monkeypatch
):
    run_main(monkeypatch, f"--sqlitefile={sqlitefile}", "--instrument=FakeInstrument", *given)
    assert butlers.calls == [(("REPO",), {"collections": collections})]
    ((name, rows, butler, njobs),) = calls
    assert (name, njobs) == ("run", 0)
    assert butler is butlers.butler
    assert isinstance(rows, pd.DataFrame)
    assert list(rows["diaSourceId"]) == [FIRST + n for n in range(5)]
    assert list(rows["instrument"]) == ["FakeInstrument"] * 5


def test_all_with_a_limit_writes_pages_and_one_manifest(sqlitefile, butlers, calls, monkeypatch):
    run_main(monkeypatch, f"--sqlitefile={sqlitefile}", "--all", "--limit=5", "REPO", "OUT")
    assert [call[0] for call in calls] == ["write_images"] * 3 + ["write_manifest"]
    assert [len(call[1]) for call in calls[:3]] == [5, 5, 5]
    assert all(call[2] is butlers.butler for call in calls[:3])
    assert calls[3] == ("write_manifest", [5, 5, 5])


def test_all_without_a_limit_is_one_run(sqlitefile, butlers, calls, monkeypatch):
    run_main(monkeypatch, f"--sqlitefile={sqlitefile}", "--all", "-j2", "REPO", "OUT")
    ((name, rows, _, njobs),) = calls
    assert (name, len(rows), njobs) == ("run", 15, 2)


def test_saved_pages_have_a_manifest_even_if_a_later_page_fails(sqlitefile, butlers, calls, monkeypatch):
    def interrupted(self, rows, *_):
        if rows["diaSourceId"].iloc[0] == FIRST + 10:
            raise KeyboardInterrupt
        return list(rows["diaSourceId"])

    monkeypatch.setattr(Task, "write_images", interrupted)
    run_main(monkeypatch, f"--sqlitefile={sqlitefile}", "--all", "--limit=10", "REPO", "OUT")
    assert calls == [("write_manifest", [FIRST + n for n in range(10)])]


def test_sources_are_selected_page_by_page_within_bounds_and_counted(sqlitefile):
    query = ApdbSqliteQuery(sqlitefile, instrument="DECam")
    pages = list(plotImageSubtractionCutouts.select_sources(query, 4, 0.3, 0.7))
    # n / 15 of 0.3 to 0.7: n is 5 to 10
    assert [list(page["diaSourceId"]) for page in pages] == [
        [FIRST + n for n in (5, 6, 7, 8)],
        [FIRST + n for n in (9, 10)],
    ]
    assert set(pages[0]["instrument"]) == {"DECam"}
    assert plotImageSubtractionCutouts.len_sources(query) == 15


def test_a_mocked_butler_gives_whole_exposures(tmp_path):
    butler = mock.Mock()
    butler.get.return_value = fake.image_of("calexp", 1)
    rows = fake.rows().rename(columns={"dec": "decl"})[1:3]
    task = Task(output_path=str(tmp_path), config=Task.ConfigClass(chunk_size=10_000))
    assert task.write_images(rows, butler) == list(fake.IDS[1:3])
    for name in ("506428274000260000/506428274000265571", "527736141479140000/527736141479149732"):
        with Pillow.open(tmp_path / "images" / f"{name}.png") as picture:
            assert picture.format == "PNG"
    assert not (tmp_path / "manifest.csv").exists()


def test_footprints_from_a_mocked_butler_need_no_catalogue(tmp_path):
    butler = mock.Mock()
    butler.get.return_value = fake.image_of("calexp", 1)
    task = Task(output_path=str(tmp_path), config=Task.ConfigClass(use_footprint=True))
    assert task.write_images(fake.rows()[:2], butler) == list(fake.IDS[:2])


def test_a_mocked_butler_returning_none_logs_one_error_per_source(tmp_path, caplog):
    butler = mock.Mock()
    butler.get.return_value = None
    with caplog.at_level(logging.ERROR):
        assert Task(output_path=str(tmp_path)).write_images(fake.rows(), butler) == []
    assert [record.args[1] for record in caplog.records] == list(fake.IDS)


def test_a_trailing_slash_of_the_url_does_not_change_the_manifest():
    frames = [
        Task(output_path="", config=Config(url_root=url, chunk_size=None))._make_manifest([5, 10, 20])
        for url in ("http://example.org/zooniverse", "http://example.org/zooniverse/")
    ]
    pd.testing.assert_frame_equal(*frames)
    assert frames[0]["location:1"].iloc[2] == "http://example.org/zooniverse/images/20.png"


def test_make_manifest_is_public():
    task = zooniverseCutouts.ZooniverseCutoutsTask(
        config=zooniverseCutouts.ZooniverseCutoutsConfig(
            urlRoot="http://example.org/zooniverse", chunk_size=None
        )
    )
    manifest = task.make_manifest([5])
    assert manifest["metadata:diaSourceId"].to_list() == [5]


@pytest.mark.parametrize(
    "module, task", [(plotImageSubtractionCutouts, Task), (zooniverseCutouts, None)], ids=["new", "old"]
)
def test_module_functions_have_the_original_signatures(module, task):
    wanted = {
        "build_argparser": [],
        "main": [],
        "run_cutouts": ["args"],
        "select_sources": ["apdb_query", "limit", "reliabilityMin", "reliabilityMax"],
        "len_sources": ["apdb_query", "namespace"],
    }
    for name, arguments in wanted.items():
        parameters = inspect.signature(getattr(module, name)).parameters
        assert list(parameters)[: len(arguments)] == arguments
        needed = [one.name for one in parameters.values() if one.default is one.empty]
        assert set(needed) <= set(arguments)


def test_the_figure_size_does_not_depend_on_the_flags():
    images = tuple(fake.image_of(name, 1) for name in ("science", "template", "difference"))
    plain = fake.rows().iloc[0].to_dict()
    flagged = plain | {
        f"pixelFlags_{name}": True for name in ("bad", "cr", "edge", "interpolated", "saturated", "suspect")
    }
    sizes = set()
    for sides in ([30], [100], [32, 64]):
        task = Task(output_path="", config=Config(sizes=sides))
        for row in (plain, flagged):
            png = task.generate_image(*images, (53.0, -28.0), 0.3, source=row, flags=np.zeros(3))
            with Pillow.open(png) as picture:
                sizes.add((tuple(sides) if len(sides) > 1 else 1, picture.size))
    assert sizes == {(1, (703, 349)), ((32, 64), (703, 578))}


def test_the_command_loads_a_configuration_saved_by_the_stack(sqlitefile, butlers, monkeypatch, tmp_path):
    file = Path(tmp_path / "saved.py")
    file.write_text(
        "import lsst.analysis.ap.plotImageSubtractionCutouts\n"
        "assert type(config) is lsst.analysis.ap.plotImageSubtractionCutouts."
        "PlotImageSubtractionCutoutsConfig, f'config is of type {type(config).__module__}'\n"
        "# List of widths of cutout to extract.\n"
        "config.sizes=[15]\n\n"
        "config.url_root='http://example.org/zooniverse'\n\n"
    )
    seen = []
    monkeypatch.setattr(Task, "run", lambda self, *_: seen.append(self.config) or [])
    run_main(monkeypatch, f"--sqlitefile={sqlitefile}", f"-C={file}", "REPO", "OUT")
    assert seen == [Config(sizes=[15], url_root="http://example.org/zooniverse")]
    with pytest.raises(Exception, match="frozen"):  # as there: the command's is not changed any more
        seen[0].sizes = [30]
