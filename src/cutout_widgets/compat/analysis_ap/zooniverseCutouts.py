"""``lsst.analysis.ap.zooniverseCutouts``: what ``plotImageSubtractionCutouts`` was called before.

It differs in the dataset types of its time, ``calexp``, ``*_warpedExp`` and ``*_differenceExp``, and
in where the directory is given: to the task as ``outputPath``, or to `run`.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from cutout_widgets.compat.analysis_ap import command
from cutout_widgets.compat.analysis_ap.command import len_sources, run_cutouts, select_sources
from cutout_widgets.compat.analysis_ap.config import (
    PlotImageSubtractionCutoutsConfig,
    ZooniverseCutoutsConfig,
)
from cutout_widgets.compat.analysis_ap.cutout_path import CutoutPath
from cutout_widgets.compat.analysis_ap.dataset_types import configured_images
from cutout_widgets.compat.analysis_ap.get_images import is_repository
from cutout_widgets.compat.analysis_ap.refusals import BadTaskOption
from cutout_widgets.compat.analysis_ap.task import PlotImageSubtractionCutoutsTask
from cutout_widgets.outputs.figure.figure import Style
from cutout_widgets.stores.base import ImageStore
from cutout_widgets.stores.butler.store import ButlerImages

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CutoutPath",
    "ZooniverseCutoutsConfig",
    "ZooniverseCutoutsTask",
    "build_argparser",
    "len_sources",
    "main",
    "run_cutouts",
    "select_sources",
]

NAME = "zooniverseCutouts"


class ZooniverseCutoutsTask(PlotImageSubtractionCutoutsTask):
    """Cutouts of DiaSources as figures, and a manifest of them for Zooniverse.

    Parameters
    ----------
    config, name, log, style
        As of `PlotImageSubtractionCutoutsTask`.
    output_path, outputPath
        Directory to save to, by its later and its earlier name, unless it is given to `run`.
    """

    ConfigClass: ClassVar[type[PlotImageSubtractionCutoutsConfig]] = ZooniverseCutoutsConfig
    _DefaultName: ClassVar[str] = NAME

    def __init__(
        self,
        *,
        config: PlotImageSubtractionCutoutsConfig | None = None,
        output_path: str | os.PathLike[str] = "",
        outputPath: str | os.PathLike[str] = "",
        name: str | None = None,
        log: logging.Logger | None = None,
        style: Style = "documented",
    ) -> None:
        super().__init__(
            config=config, output_path=output_path or outputPath, name=name, log=log, style=style
        )

    @property
    def path_manager(self) -> CutoutPath:
        """Where figures are, by its earlier name."""
        return self.cutout_path

    def make_manifest(self, sources: Iterable[int]) -> pd.DataFrame:
        """Return the manifest's rows of sources, whether their figures are there or not.

        Raises
        ------
        BadOption
            If the configuration has no ``url_root``.
        """
        return self._make_manifest(sources)

    def run(  # type: ignore[override]  # the directory came third
        self,
        data: Any,
        butler: Any,
        output_path: str | os.PathLike[str] | int | None = None,
        njobs: int | None = None,
        *,
        outputPath: str | os.PathLike[str] | None = None,
    ) -> list[int]:
        """Save the figures of DiaSources, and the manifest if the configuration has a ``url_root``.

        Parameters
        ----------
        data, butler
            As in `PlotImageSubtractionCutoutsTask.run`.
        output_path, outputPath
            Directory to save to, by either name; that of the task if it is None. A number in its place
            is `njobs`, as in later versions.
        njobs
            Number of processes; by default ``config.n_processes``.

        Returns
        -------
        list of int
            The ids whose figures are there, in the order of the rows.

        Raises
        ------
        BadOption
            If no directory is given, here or to the task.
        """
        if isinstance(output_path, int):
            output_path, njobs = None, output_path if njobs is None else njobs
        self._save_to(output_path or outputPath)
        return super().run(data, butler, self._jobs(njobs))

    def write_images(  # type: ignore[override]  # as above
        self,
        data: Any,
        butler: Any,
        output_path: str | os.PathLike[str] | int | None = None,
        njobs: int | None = None,
    ) -> list[int]:
        """Save the figures of DiaSources, without a manifest; arguments and answer are those of `run`."""
        if isinstance(output_path, int):
            output_path, njobs = None, output_path if njobs is None else njobs
        self._save_to(output_path)
        return super().write_images(data, butler, self._jobs(njobs))

    def _save_to(self, output_path: str | os.PathLike[str] | None) -> None:
        """Take another directory, and see that there is one."""
        if output_path is not None:
            self.output_path = os.fspath(output_path)
        if not self.output_path:
            raise BadTaskOption("give run the directory to save to, or the task as output_path=")

    def _jobs(self, njobs: int | None) -> int:
        """Return the number of processes."""
        return getattr(self.config, "n_processes", 0) if njobs is None else njobs

    def open_images(self, butler: Any, collections: str | Sequence[str] | None = None) -> ImageStore:
        """Return the images of a repository; without ``diff_image_type`` of the prefix that it has."""
        ready = isinstance(butler, ImageStore) or not is_repository(butler)
        if ready or self.config.diff_image_type is not None:
            return super().open_images(butler, collections)
        found = ButlerImages(butler, collections).dataset_types["difference"] or ""
        prefix, suffix, _ = found.partition("_differenceExp")
        fields = {**self.config.toDict(), "diff_image_type": prefix if suffix else None}
        return configured_images(type(self.config)(**fields), butler, collections)


def build_argparser() -> argparse.ArgumentParser:
    """Return the parser of the command line, whose arguments are those of ``plotImageSubtractionCutouts``."""
    return command.build_argparser(NAME)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``zooniverseCutouts``; see `command.main`."""
    return command.main(arguments, name=NAME, task_class=ZooniverseCutoutsTask)
