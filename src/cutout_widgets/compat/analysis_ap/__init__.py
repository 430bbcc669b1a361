"""Drop-in replacement of ``lsst.analysis.ap``, based on this package.

Change ``lsst.analysis.ap`` in imports, and keep the rest::

    from cutout_widgets.compat.analysis_ap import plotImageSubtractionCutouts
    from cutout_widgets.compat.analysis_ap.plotImageSubtractionCutouts import PlotImageSubtractionCutoutsTask
    from cutout_widgets.compat.analysis_ap import ZooniverseCutoutsTask
    from cutout_widgets.compat.analysis_ap.apdb import ApdbSqliteQuery

``docs/analysis_ap.md`` lists the differences and their reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.compat.analysis_ap import (
        apdb,
        compare,
        nb_utils,
        plotImageSubtractionCutouts,
        zooniverseCutouts,
    )
    from cutout_widgets.compat.analysis_ap.apdb import ApdbPostgresQuery, ApdbSqliteQuery, DbQuery
    from cutout_widgets.compat.analysis_ap.config import (
        PlotImageSubtractionCutoutsConfig,
        ZooniverseCutoutsConfig,
    )
    from cutout_widgets.compat.analysis_ap.cutout_path import CutoutPath
    from cutout_widgets.compat.analysis_ap.task import PlotImageSubtractionCutoutsTask
    from cutout_widgets.compat.analysis_ap.zooniverseCutouts import ZooniverseCutoutsTask

_MODULES = {
    "ApdbPostgresQuery": "apdb",
    "ApdbSqliteQuery": "apdb",
    "CutoutPath": "cutout_path",
    "DbQuery": "apdb",
    "PlotImageSubtractionCutoutsConfig": "config",
    "PlotImageSubtractionCutoutsTask": "task",
    "ZooniverseCutoutsConfig": "config",
    "ZooniverseCutoutsTask": "zooniverseCutouts",
    "apdb": "apdb",
    "compare": "compare",
    "nb_utils": "nb_utils",
    "plotImageSubtractionCutouts": "plotImageSubtractionCutouts",
    "zooniverseCutouts": "zooniverseCutouts",
}
"""Public name -> its module."""

__all__ = [
    "ApdbPostgresQuery",
    "ApdbSqliteQuery",
    "CutoutPath",
    "DbQuery",
    "PlotImageSubtractionCutoutsConfig",
    "PlotImageSubtractionCutoutsTask",
    "ZooniverseCutoutsConfig",
    "ZooniverseCutoutsTask",
    "apdb",
    "compare",
    "nb_utils",
    "plotImageSubtractionCutouts",
    "zooniverseCutouts",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
