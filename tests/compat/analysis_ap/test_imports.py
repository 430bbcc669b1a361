"""Every import in the documentation and by users of the original, with our package name."""

from __future__ import annotations

import importlib

import pytest

MODULE = "cutout_widgets.compat.analysis_ap"


@pytest.mark.parametrize(
    "line",
    [
        "from {}.plotImageSubtractionCutouts import PlotImageSubtractionCutoutsTask",
        "from {} import plotImageSubtractionCutouts",
        "from {} import PlotImageSubtractionCutoutsTask, PlotImageSubtractionCutoutsConfig, CutoutPath",
        "from {} import ZooniverseCutoutsTask",
        "from {}.zooniverseCutouts import ZooniverseCutoutsTask, ZooniverseCutoutsConfig, main",
        "from {} import apdb, nb_utils",
        "from {}.apdb import DbQuery, ApdbSqliteQuery, ApdbPostgresQuery",
        "from {} import ApdbSqliteQuery",
        "from {}.nb_utils import compare_sources",
        "import {}.plotImageSubtractionCutouts",
        "from {} import *",
    ],
)
def test_documented_imports_work_with_only_the_package_name_changed(line):
    exec(line.format(MODULE), {})


def test_names_in_module_and_package_are_the_same_objects():
    """The notebook imports the task from the module, the API page from the package."""
    package = importlib.import_module(MODULE)
    module = package.plotImageSubtractionCutouts
    assert module.PlotImageSubtractionCutoutsTask is package.PlotImageSubtractionCutoutsTask
    assert module.PlotImageSubtractionCutoutsConfig is module.PlotImageSubtractionCutoutsTask.ConfigClass
    for name in ("main", "build_argparser", "select_sources", "len_sources", "run_cutouts", "CutoutPath"):
        assert callable(getattr(module, name))
