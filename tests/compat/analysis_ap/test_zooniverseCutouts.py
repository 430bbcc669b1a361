"""The task by its former name."""

from __future__ import annotations

import pickle
import sqlite3
from contextlib import nullcontext

import pytest
from tests.compat.analysis_ap import fake_butler as fake

from cutout_widgets.compat.analysis_ap.zooniverseCutouts import (
    ZooniverseCutoutsConfig,
    ZooniverseCutoutsTask,
    main,
)
from cutout_widgets.errors import BadOption
from cutout_widgets.stores.butler.afw import afw_is_here

pytestmark = pytest.mark.skipif(
    afw_is_here(), reason="with lsst.afw exposures are read by it, not by the fake"
)

NAMES = ("goodSeeingDiff_warpedExp", "calexp", "goodSeeingDiff_differenceExp")


@pytest.fixture(scope="module")
def butler(tmp_path_factory) -> fake.FakeButler:
    return fake.build(tmp_path_factory.mktemp("butler"), NAMES)


def of_its_time(**fields) -> ZooniverseCutoutsConfig:
    return ZooniverseCutoutsConfig(diff_image_type="goodSeeingDiff", **fields)


def test_run_takes_a_directory_and_reads_the_documented_datasets(butler, tmp_path):
    task = ZooniverseCutoutsTask(config=of_its_time())
    assert task.run(fake.rows(), butler, tmp_path / "out") == list(fake.IDS)
    assert (tmp_path / "out/images/506428274000260000/506428274000265570.png").exists()
    assert tuple(task.open_images(butler).dataset_types.values()) == NAMES


def test_the_directory_keyword_of_2021_is_accepted(butler, tmp_path):
    task = ZooniverseCutoutsTask(config=of_its_time())
    assert task.run(fake.rows()[:1], butler, outputPath=tmp_path / "a") == [fake.IDS[0]]
    task = ZooniverseCutoutsTask(config=of_its_time(), outputPath=tmp_path / "b")
    assert task.run(fake.rows()[:1], butler) == [fake.IDS[0]]
    assert task.path_manager(fake.IDS[0]).startswith(str(tmp_path / "b"))


def test_a_number_in_place_of_the_directory_is_the_number_of_processes(butler, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "cutout_widgets.compat.analysis_ap.task.workers", lambda njobs: asked.append(njobs) or nullcontext()
    )
    task = ZooniverseCutoutsTask(config=of_its_time(n_processes=5), output_path=tmp_path)
    task.run(fake.rows()[:1], butler, 3)
    task.run(fake.rows()[:1], butler)
    assert asked == [3, 5]


def test_fields_and_defaults_are_those_of_the_original():
    config = ZooniverseCutoutsConfig()
    assert (config.size, config.url_root, config.diff_image_type) == (30, None, "deepDiff")
    assert (config.add_metadata, config.chunk_size, config.n_processes) == (False, 10_000, 0)
    assert config.science_image_type == "calexp"


def test_names_of_2021_are_accepted():
    config = ZooniverseCutoutsConfig(size=40, urlRoot="https://example.org", addMetadata=True)
    config.diffImageType = "goodSeeingDiff"
    assert (config.size, config.sizes) == (40, [40])
    assert config.urlRoot == config.url_root == "https://example.org"
    assert config.addMetadata is config.add_metadata is True
    assert config.diff_image_type == config.diffImageType == "goodSeeingDiff"
    with pytest.raises(BadOption, match="size"):
        config.size = 0


def test_a_saved_configuration_has_the_original_fields(tmp_path):
    config = ZooniverseCutoutsConfig(size=40, urlRoot="https://example.org")
    config.save(tmp_path / "config.py")
    assert (tmp_path / "config.py").read_text().splitlines()[2:] == [
        "config.size=40",
        "config.url_root='https://example.org'",
        "config.diff_image_type='deepDiff'",
        "config.add_metadata=False",
        "config.chunk_size=10000",
        "config.n_processes=0",
    ]
    again = ZooniverseCutoutsConfig()
    again.load(tmp_path / "config.py")
    assert again == config
    again.loadFromString("config.urlRoot = None\nconfig.size = 2 * 15")
    assert again == ZooniverseCutoutsConfig()


def test_the_prefix_is_detected_from_the_repository(butler):
    task = ZooniverseCutoutsTask(config=ZooniverseCutoutsConfig(diff_image_type=None))
    assert tuple(task.open_images(butler).dataset_types.values()) == NAMES


def test_an_explicit_prefix_is_used(butler, tmp_path):
    task = ZooniverseCutoutsTask(
        config=ZooniverseCutoutsConfig(diff_image_type="deepDiff"), output_path=tmp_path
    )
    with pytest.raises(BadOption, match="no dataset type 'deepDiff_templateExp'"):
        task.run(fake.rows(), butler)


def test_a_missing_directory_is_reported(butler):
    with pytest.raises(BadOption, match="give run the directory"):
        ZooniverseCutoutsTask().run(fake.rows(), butler)


def test_it_can_be_pickled():
    task = pickle.loads(pickle.dumps(ZooniverseCutoutsTask(output_path="out")))
    assert (task.config, task.output_path) == (ZooniverseCutoutsConfig(), "out")


def test_the_command_uses_its_own_name_in_messages(tmp_path, capsys):
    sqlite3.connect(tmp_path / "apdb.db").close()
    assert main(["--sqlitefile", str(tmp_path / "apdb.db"), str(tmp_path / "none"), "out"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("zooniverseCutouts: ")
