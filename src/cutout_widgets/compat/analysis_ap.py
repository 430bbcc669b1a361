"""``lsst.analysis.ap.plotImageSubtractionCutouts`` by its own names, on the core of this package.

Change ``lsst.analysis.ap`` in the import, keep the rest::

    from cutout_widgets.compat.analysis_ap import plotImageSubtractionCutouts

Fields, defaults, file names and the order of the returned ids are those of analysis_ap.
``docs/saving.md`` lists what differs, and why.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.compat.analysis_ap_config import PlotImageSubtractionCutoutsConfig
from cutout_widgets.compat.cutout_path import CutoutPath
from cutout_widgets.compat.dataset_types import configured_images
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.outputs.manifest import renew_manifest
from cutout_widgets.outputs.processes import workers
from cutout_widgets.stores.base import ImageStore

__all__ = [
    "CutoutPath",
    "PlotImageSubtractionCutoutsConfig",
    "PlotImageSubtractionCutoutsTask",
    "plotImageSubtractionCutouts",
]


class PlotImageSubtractionCutoutsTask:
    """Cutouts of DiaSources as figures, and a manifest of them for Zooniverse.

    Parameters
    ----------
    config
        What to make; the defaults if it is None.
    output_path
        Directory to save to: ``manifest.csv`` and the folder ``images``.

    Raises
    ------
    BadOption
        If the configuration is not valid.
    """

    ConfigClass: ClassVar[type[PlotImageSubtractionCutoutsConfig]] = PlotImageSubtractionCutoutsConfig
    """What `config` is an instance of."""
    log: ClassVar[logging.Logger] = logging.getLogger("cutout_widgets.plotImageSubtractionCutouts")
    """Tells what could not be saved (ERROR), what lacks a panel (WARNING), and how many were (INFO)."""

    def __init__(
        self,
        *,
        config: PlotImageSubtractionCutoutsConfig | None = None,
        output_path: str | os.PathLike[str],
    ) -> None:
        self.config = self.ConfigClass() if config is None else config
        self.config.validate()
        self.output_path = os.fspath(output_path)

    @property
    def cutout_path(self) -> CutoutPath:
        """Where figures are."""
        return CutoutPath(self.output_path, self.config.chunk_size)

    @property
    def numpy_path(self) -> CutoutPath:
        """Where arrays are."""
        return CutoutPath(self.output_path, self.config.chunk_size, "numpy")

    def run(self, data: Any, butler: Any, njobs: int = 0) -> list[int]:
        """Save the figures of DiaSources, and the manifest if the configuration has a ``url_root``.

        Parameters
        ----------
        data
            Rows: a DataFrame with the columns ``diaSourceId``, ``ra``, ``dec``, ``visit``,
            ``detector`` and ``instrument``, or anything else `SourceTable.read` takes. Without
            ``instrument``, a repository of one instrument is understood.
        butler
            A ``lsst.daf.butler.Butler`` with its collections, a repository's path or URI, or an
            image store.
        njobs
            Number of processes; 0 for none but this one. They are started afresh, which takes
            seconds, and share out detectors: worth it for tables of many.

        Returns
        -------
        list of int
            The ids whose figures are there, in the order of the rows: those made now and those
            made before.

        Raises
        ------
        BadTable
            If the rows lack a column that is needed.
        BadOption
            If the repository has no dataset type of the configuration's names.
        NotWritable
            If the directory cannot be written to.
        """
        ids = self._save(data, butler, njobs, self.config.url_root)
        self.log.info("%d images are in %s", len(ids), self.output_path)
        return ids

    def write_images(self, data: Any, butler: Any, njobs: int = 0) -> list[int]:
        """Save the figures of DiaSources, without a manifest; arguments and answer are those of `run`."""
        return self._save(data, butler, njobs, None)

    def write_manifest(self, sources: Iterable[int]) -> None:
        """Write the manifest of sources, if the configuration has a ``url_root``.

        Rows of an earlier manifest stay, before the new ones, as long as their figures are there.

        Parameters
        ----------
        sources
            Ids, in the order of the rows. One whose figure is not there gets none, and a warning.

        Raises
        ------
        NotWritable
            If it cannot be written.
        """
        if self.config.url_root is None:
            self.log.info("no url_root in the configuration, so no manifest is written")
            return
        layout = Layout(self.config.chunk_size, self.config.url_root)
        renew_manifest(Path(self.output_path), layout, [int(one) for one in sources])

    def open_images(self, butler: Any, collections: str | Sequence[str] | None = None) -> ImageStore:
        """Return the images of a repository, of the dataset types that the configuration names.

        Parameters
        ----------
        butler
            As in `run`.
        collections
            Where to look; None for where the Butler looks by default.

        Raises
        ------
        BadOption
            If there is no such repository or collection, or it has no such dataset type.
        MissingDependency
            If the Butler's packages are not installed.
        """
        if isinstance(butler, ImageStore):
            return butler
        return configured_images(self.config, butler, collections)

    def _save(self, data: Any, butler: Any, njobs: int, url_root: str | None) -> list[int]:
        """Translate the configuration to `save_cutouts`."""
        self.config.validate()
        config = self.config
        with workers(njobs) as executor:
            report = save_cutouts(
                SourceTable.read(data),
                self.open_images(butler),
                self.output_path,
                sizes=config.sizes,
                add_metadata=config.add_metadata,
                url_root=url_root,
                chunk_size=config.chunk_size,
                save_as_numpy=config.save_as_numpy,
                use_footprint=config.use_footprint,
                executor=executor,
                progress=False,
            )
        self._tell(logging.ERROR, "not saved", report.failed)
        self._tell(logging.WARNING, "not complete", report.incomplete)
        return [id_ for id_ in report.ids if id_ not in report.failed]

    def _tell(self, level: int, what: str, reasons: Mapping[int, str]) -> None:
        """Log each reason once: all sources of a detector may share it."""
        ids_of: dict[str, list[int]] = {}
        for id_, reason in reasons.items():
            ids_of.setdefault(reason, []).append(id_)
        for reason, (first, *others) in ids_of.items():
            more = f" and {len(others)} more" if others else ""
            self.log.log(level, "%s: diaSourceId %d%s: %s", what, first, more, reason)


plotImageSubtractionCutouts = sys.modules[__name__]
"""This module by the name that ``lsst.analysis.ap`` has for it."""
