"""``lsst.analysis.ap.zooniverseCutouts``: the former name of ``plotImageSubtractionCutouts``.

It differs in its older dataset types, ``calexp``, ``*_warpedExp`` and ``*_differenceExp``, and
in where the folder is given: to the task as ``outputPath``, or to `run`.
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
from cutout_widgets.compat.analysis_ap.errors import BadTaskOption
from cutout_widgets.compat.analysis_ap.get_images import is_repository
from cutout_widgets.compat.analysis_ap.task import PlotImageSubtractionCutoutsTask
from cutout_widgets.outputs.figure.figure import Style
from cutout_widgets.paths import path_text
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
        As for `PlotImageSubtractionCutoutsTask`.
    output_path, outputPath
        Folder to save to, by its later and its earlier name, unless it is given to `run`.
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
            config=config, output_path=_first(output_path, outputPath), name=name, log=log, style=style
        )

    @property
    def path_manager(self) -> CutoutPath:
        """Paths of figures, by its earlier name."""
        return self.cutout_path

    def make_manifest(self, sources: Iterable[int]) -> pd.DataFrame:
        """Return the manifest rows of sources, whether or not their figures exist.

        Raises
        ------
        BadOption
            If the configuration has no ``url_root``.
        """
        return self._make_manifest(sources)

    def run(  # type: ignore[override]  # the folder is the third argument
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
            As for `PlotImageSubtractionCutoutsTask.run`.
        output_path, outputPath
            Folder to save to, by either name; None = that of the task. A number here
            is used as `njobs`, as in later versions.
        njobs
            Number of processes; None = ``config.n_processes``.

        Returns
        -------
        list of int
            The ids with a figure, in row order.

        Raises
        ------
        BadOption
            If no folder is given, here or to the task.
        """
        if isinstance(output_path, int):
            output_path, njobs = None, output_path if njobs is None else njobs
        self._save_to(_first(output_path, outputPath))
        return super().run(data, butler, self._jobs(njobs))

    def write_images(  # type: ignore[override]  # as above
        self,
        data: Any,
        butler: Any,
        output_path: str | os.PathLike[str] | int | None = None,
        njobs: int | None = None,
    ) -> list[int]:
        """Save the figures of DiaSources without a manifest; arguments and result are those of `run`."""
        if isinstance(output_path, int):
            output_path, njobs = None, output_path if njobs is None else njobs
        self._save_to(output_path)
        return super().write_images(data, butler, self._jobs(njobs))

    def _save_to(self, output_path: str | os.PathLike[str] | None) -> None:
        """Change the folder, and raise if there is none."""
        if output_path is not None:
            self.output_path = path_text(output_path, "output_path")
        if not self.output_path:
            raise BadTaskOption("give run the directory to save to, or the task as output_path=")

    def _jobs(self, njobs: int | None) -> int:
        """Return the number of processes."""
        return getattr(self.config, "n_processes", 0) if njobs is None else njobs

    def open_images(self, butler: Any, collections: str | Sequence[str] | None = None) -> ImageStore:
        """Return a store for a repository; without ``diff_image_type``, with the prefix found there."""
        ready = isinstance(butler, ImageStore) or not is_repository(butler)
        if ready or self.config.diff_image_type is not None:
            return super().open_images(butler, collections)
        found = ButlerImages(butler, collections).dataset_types["difference"] or ""
        prefix, suffix, _ = found.partition("_differenceExp")
        fields = {**self.config.toDict(), "diff_image_type": prefix if suffix else None}
        return configured_images(type(self.config)(**fields), butler, collections)


def _first(*given: Any) -> Any:
    """Return the first of some folders that is given; the last if none is."""
    return next((one for one in given if not (one is None or (isinstance(one, str) and not one))), given[-1])


def build_argparser() -> argparse.ArgumentParser:
    """Return the command line parser, with the arguments of ``plotImageSubtractionCutouts``."""
    return command.build_argparser(NAME)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``zooniverseCutouts``; see `command.main`."""
    return command.main(arguments, name=NAME, task_class=ZooniverseCutoutsTask)
