"""``lsst.analysis.ap.ZooniverseCutoutsTask``: what ``PlotImageSubtractionCutoutsTask`` was called before.

It differs in the dataset types of its time, ``calexp``, ``*_warpedExp`` and ``*_differenceExp``, and
in where the directory is given: to `run`, or on the command line of ``zooniverseCutouts``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

from cutout_widgets.compat import plot_image_subtraction_cutouts
from cutout_widgets.compat.analysis_ap import (
    PlotImageSubtractionCutoutsConfig,
    PlotImageSubtractionCutoutsTask,
)
from cutout_widgets.compat.dataset_types import configured_images
from cutout_widgets.errors import BadOption
from cutout_widgets.stores.base import ImageStore
from cutout_widgets.stores.butler.store import ButlerImages

__all__ = ["ZooniverseCutoutsConfig", "ZooniverseCutoutsTask", "main"]


class ZooniverseCutoutsConfig(PlotImageSubtractionCutoutsConfig):
    """The fields of `PlotImageSubtractionCutoutsConfig`; the science image is ``calexp`` by default.

    Without ``diff_image_type`` the template and difference are of the names that the repository has.
    """

    _defaults: ClassVar[dict[str, Any]] = {
        **PlotImageSubtractionCutoutsConfig._defaults,
        "science_image_type": "calexp",
    }


class ZooniverseCutoutsTask(PlotImageSubtractionCutoutsTask):
    """Cutouts of DiaSources as figures, and a manifest of them for Zooniverse.

    Parameters
    ----------
    config
        What to make; the defaults if it is None.
    output_path
        Directory to save to, unless it is given to `run`.
    """

    ConfigClass: ClassVar[type[PlotImageSubtractionCutoutsConfig]] = ZooniverseCutoutsConfig

    def __init__(
        self,
        *,
        config: PlotImageSubtractionCutoutsConfig | None = None,
        output_path: str | os.PathLike[str] = "",
    ) -> None:
        super().__init__(config=config, output_path=output_path)

    def run(  # type: ignore[override]  # the directory came third
        self, data: Any, butler: Any, output_path: str | os.PathLike[str] | None = None, njobs: int = 0
    ) -> list[int]:
        """Save the figures of DiaSources, and the manifest if the configuration has a ``url_root``.

        Parameters
        ----------
        data, butler, njobs
            As in `PlotImageSubtractionCutoutsTask.run`.
        output_path
            Directory to save to; that of the task if it is None.

        Returns
        -------
        list of int
            The ids whose figures are there, in the order of the rows.

        Raises
        ------
        BadOption
            If no directory is given, here or to the task.
        """
        if output_path is not None:
            self.output_path = os.fspath(output_path)
        if not self.output_path:
            raise BadOption("give run the directory to save to, or the task as output_path=")
        return super().run(data, butler, njobs)

    def open_images(self, butler: Any, collections: str | Sequence[str] | None = None) -> ImageStore:
        """Return the images of a repository; without ``diff_image_type`` of the prefix that it has."""
        if isinstance(butler, ImageStore) or self.config.diff_image_type is not None:
            return super().open_images(butler, collections)
        found = ButlerImages(butler, collections).dataset_types["difference"] or ""
        prefix, suffix, _ = found.partition("_differenceExp")
        fields = {**self.config.toDict(), "diff_image_type": prefix if suffix else None}
        return configured_images(type(self.config)(**fields), butler, collections)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``zooniverseCutouts``, whose arguments are those of ``plotImageSubtractionCutouts``."""
    return plot_image_subtraction_cutouts.main(
        arguments, name="zooniverseCutouts", task_class=ZooniverseCutoutsTask
    )
