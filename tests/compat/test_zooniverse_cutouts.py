"""The task by its former name."""

from __future__ import annotations

import pickle
import sqlite3

import pytest
from tests.compat import fake_butler as fake

from cutout_widgets.compat.zooniverse_cutouts import ZooniverseCutoutsConfig, ZooniverseCutoutsTask, main
from cutout_widgets.errors import BadOption
from cutout_widgets.stores.butler.afw import afw_is_here

pytestmark = pytest.mark.skipif(
    afw_is_here(), reason="with lsst.afw exposures are read by it, not by the fake"
)

NAMES = ("goodSeeingDiff_warpedExp", "calexp", "goodSeeingDiff_differenceExp")


@pytest.fixture(scope="module")
def butler(tmp_path_factory) -> fake.FakeButler:
    return fake.build(tmp_path_factory.mktemp("butler"), NAMES)


def test_run_takes_the_directory_and_reads_the_documented_datasets(butler, tmp_path):
    task = ZooniverseCutoutsTask()
    assert task.run(fake.rows(), butler, tmp_path / "out") == list(fake.IDS)
    assert (tmp_path / "out/images/506428274000260000/506428274000265570.png").exists()
    assert tuple(task.open_images(butler).dataset_types.values()) == NAMES


def test_a_prefix_is_kept_to(butler, tmp_path):
    task = ZooniverseCutoutsTask(
        config=ZooniverseCutoutsConfig(diff_image_type="deepDiff"), output_path=tmp_path
    )
    with pytest.raises(BadOption, match="no dataset type 'deepDiff_templateExp'"):
        task.run(fake.rows(), butler)


def test_without_a_directory_it_says_so(butler):
    with pytest.raises(BadOption, match="give run the directory"):
        ZooniverseCutoutsTask().run(fake.rows(), butler)


def test_it_pickles():
    task = pickle.loads(pickle.dumps(ZooniverseCutoutsTask(output_path="out")))
    assert (task.config, task.output_path) == (ZooniverseCutoutsConfig(), "out")


def test_the_command_speaks_by_its_own_name(tmp_path, capsys):
    sqlite3.connect(tmp_path / "apdb.db").close()
    assert main(["--sqlitefile", str(tmp_path / "apdb.db"), str(tmp_path / "none"), "out"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("zooniverseCutouts: ")
