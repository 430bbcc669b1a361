"""``lsst.analysis.ap.plotImageSubtractionCutouts``: the module of the task and of its command."""

from cutout_widgets.compat.analysis_ap.command import (
    build_argparser,
    len_sources,
    main,
    run_cutouts,
    select_sources,
)
from cutout_widgets.compat.analysis_ap.config import PlotImageSubtractionCutoutsConfig
from cutout_widgets.compat.analysis_ap.cutout_path import CutoutPath
from cutout_widgets.compat.analysis_ap.task import PlotImageSubtractionCutoutsTask

__all__ = [
    "CutoutPath",
    "PlotImageSubtractionCutoutsConfig",
    "PlotImageSubtractionCutoutsTask",
    "build_argparser",
    "len_sources",
    "main",
    "run_cutouts",
    "select_sources",
]
