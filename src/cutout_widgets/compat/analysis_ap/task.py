"""``PlotImageSubtractionCutoutsTask``, based on this package.

Fields, defaults, file names and the order of the returned ids are those of analysis_ap.
``docs/analysis_ap.md`` lists the differences and their reasons.
"""

from __future__ import annotations

import io
import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.compat.analysis_ap.config import PlotImageSubtractionCutoutsConfig
from cutout_widgets.compat.analysis_ap.cutout_path import CutoutPath
from cutout_widgets.compat.analysis_ap.dataset_types import configured_images, dataset_names
from cutout_widgets.compat.analysis_ap.errors import BadTaskOption
from cutout_widgets.compat.analysis_ap.get_images import ImagesByGet, is_repository
from cutout_widgets.compat.analysis_ap.one_image import draw_one
from cutout_widgets.outputs.batch import Report, save_cutouts
from cutout_widgets.outputs.figure.figure import STYLES, Style
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.outputs.options import SaveOptions
from cutout_widgets.outputs.processes import workers
from cutout_widgets.outputs.run_end import renew_manifest
from cutout_widgets.paths import path_text
from cutout_widgets.stores.base import ImageStore

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PlotImageSubtractionCutoutsTask"]

_PANEL = re.compile(r"(?:^|; )(?:template|science|difference): ")
_FOREIGN = re.compile(r"([A-Z]\w*(?:Error|Exception)): (.+)", re.DOTALL)
"""A reason that starts with the name of an error not defined here."""


class PlotImageSubtractionCutoutsTask:
    """Cutouts of DiaSources as figures, and a manifest of them for Zooniverse.

    Parameters
    ----------
    output_path
        Folder to save to: ``manifest.csv`` and the folder ``images``.
    config
        What to make; None = the defaults.
    name
        Name of the task in the log; None = ``plotImageSubtractionCutouts``.
    log
        Parent of the task's logger; None = ``cutout_widgets``.
    style
        ``"documented"``: figures as in the documentation of analysis_ap; ``"analysis_ap"``: as drawn by its
        newest code: 655 pixels wide, ``sci (nJy)``, and its stretches.

    Raises
    ------
    BadOption
        If the configuration is not valid, or there is no such style.
    """

    ConfigClass: ClassVar[type[PlotImageSubtractionCutoutsConfig]] = PlotImageSubtractionCutoutsConfig
    """Class of `config`."""
    _DefaultName: ClassVar[str] = "plotImageSubtractionCutouts"

    def __init__(
        self,
        *,
        output_path: str | os.PathLike[str],
        config: PlotImageSubtractionCutoutsConfig | None = None,
        name: str | None = None,
        log: logging.Logger | None = None,
        style: Style = "documented",
    ) -> None:
        if style not in STYLES:
            raise BadTaskOption(f"style is one of {', '.join(STYLES)}; got {style!r}")
        self.config = self.ConfigClass() if config is None else config
        self.config.validate()
        self.style: Style = style
        unset = isinstance(output_path, str) and not output_path
        self.output_path = "" if unset else path_text(output_path, "output_path")
        parent = logging.getLogger("cutout_widgets") if log is None else log
        self.log = parent.getChild(name or self._DefaultName)
        """Logs what could not be saved (ERROR), missing panels (WARNING), and counts (INFO)."""
        self.report: Report | None = None
        """The outcome of each source in the last run: which failed, and why."""

    @property
    def _output_path(self) -> str:
        """The folder, by analysis_ap's private name."""
        return self.output_path

    @property
    def cutout_path(self) -> CutoutPath:
        """Paths of figures."""
        return CutoutPath(self.output_path, self.config.chunk_size)

    @property
    def numpy_path(self) -> CutoutPath:
        """Paths of arrays."""
        return CutoutPath(self.output_path, self.config.chunk_size, "numpy")

    def run(self, data: Any, butler: Any, njobs: int = 0) -> list[int]:
        """Save the figures of DiaSources, and the manifest if the configuration has a ``url_root``.

        Parameters
        ----------
        data
            Rows: a DataFrame with the columns ``diaSourceId``, ``ra``, ``dec``, ``visit``,
            ``detector`` and ``instrument``, or anything else that `SourceTable.read` accepts. ``instrument``
            is optional if the repository has only one.
        butler
            A ``lsst.daf.butler.Butler`` with its collections, a repository's path or URI, or an
            image store. From an object with only ``get(dataset_type, data_id)``, whole images
            are requested.
        njobs
            Number of processes; 0 = only this one. Starting them takes
            seconds, and they share out detectors, so they help only for tables with many.

        Returns
        -------
        list of int
            The ids with a figure, in row order: those made now and those
            made before. `report` has those that failed, and why.

        Raises
        ------
        BadTable
            If the rows lack a required column.
        BadOption
            If the repository does not have a dataset type in the configuration.
        NotWritable
            If the folder cannot be written to.
        """
        ids = self._save(data, butler, njobs, self.config.url_root)
        self.log.info("%d images are in %s", len(ids), self.output_path)
        return ids

    def write_images(self, data: Any, butler: Any, njobs: int = 0) -> list[int]:
        """Save the figures of DiaSources without a manifest; arguments and result are those of `run`."""
        return self._save(data, butler, njobs, None)

    def write_manifest(self, sources: Iterable[int]) -> None:
        """Write the manifest of sources, if the configuration has a ``url_root``.

        Rows of an earlier manifest come first, if their figures still exist.

        Parameters
        ----------
        sources
            Ids, in row order. Those without a figure get no row, with a warning.

        Raises
        ------
        NotWritable
            If it cannot be written.
        """
        if self.config.url_root is None:
            self.log.info("the configuration has no url_root, so no manifest is written")
            return
        layout = Layout(self.config.chunk_size, self.config.url_root)
        renew_manifest(Path(self.output_path), layout, [int(one) for one in sources])

    def _make_manifest(self, sources: Iterable[int]) -> pd.DataFrame:
        """Return the manifest rows of sources, whether or not their figures exist.

        Raises
        ------
        BadOption
            If the configuration has no ``url_root``.
        """
        import pandas as pd

        layout = Layout(self.config.chunk_size, self.config.url_root)
        ids = [int(one) for one in sources]
        first, second, third = layout.columns
        return pd.DataFrame({first: ids, second: [layout.url(one) for one in ids], third: ids})

    def generate_image(
        self,
        science: Any,
        template: Any,
        difference: Any,
        center: Any,
        scale: float | None = None,
        dia_source_id: int | None = None,
        save_as_numpy: bool = False,
        source: Any = None,
        footprint: Any = None,
        flags: Any = None,
    ) -> io.BytesIO:
        """Draw the figure of one source from images in memory.

        Parameters
        ----------
        science, template, difference
            Exposures, as for `cutout_widgets.ArrayImages`; None for a missing one.
        center
            Position to cut: a ``SpherePoint``, a ``SkyCoord``, or ra and dec in degrees.
        scale
            Pixel scale, arcsec, for the scale bar; None = that of each image.
        dia_source_id
            Id in the names of arrays; None = that of `source`.
        save_as_numpy
            Whether to save the pixels to `output_path` as ``.npy``.
        source
            The row for the header: a record, a Series or a mapping. None = no header.
        footprint
            Cut its bounding box instead of ``config.sizes``: a `Footprint`, a `Box`, or one with ``getBBox``.
        flags
            Accepted for older callers together with `source`; the row's own flags are drawn.

        Returns
        -------
        io.BytesIO
            The PNG.

        Raises
        ------
        BadTaskOption
            If there are flags without a source, or arrays to be saved without an id.
        BadOption
            If an image or the centre is invalid.
        NoOverlap
            If the position is not on any of the images.
        """
        return draw_one(
            (template, science, difference),
            center,
            self.config,
            self.output_path,
            scale=scale,
            id=dia_source_id,
            save_as_numpy=save_as_numpy,
            row=source,
            footprint=footprint,
            flags=flags,
            style=self.style,
        )

    def open_images(self, butler: Any, collections: str | Sequence[str] | None = None) -> ImageStore:
        """Return an image store for a repository, with the dataset types in the configuration.

        Parameters
        ----------
        butler
            As for `run`.
        collections
            Collections to search; None for the Butler's default.

        Raises
        ------
        BadOption
            If there is no such repository or collection, or it has no such dataset type.
        MissingDependency
            If the Butler's packages are not installed.
        """
        if not is_repository(butler):
            return ImagesByGet(butler, dataset_names(self.config))
        if isinstance(butler, ImageStore):
            return butler
        return configured_images(self.config, butler, collections)

    def _save(self, data: Any, butler: Any, njobs: int, url_root: str | None) -> list[int]:
        """Call `save_cutouts` with the configuration's options."""
        self.config.validate()
        config = self.config
        options = SaveOptions(
            sizes=config.sizes,
            add_metadata=config.add_metadata,
            url_root=url_root,
            chunk_size=config.chunk_size,
            save_as_numpy=config.save_as_numpy,
            use_footprint=config.use_footprint,
            look=self.style,
            style=self.style,
        )
        with workers(njobs) as executor:
            self.report = report = save_cutouts(
                SourceTable.read(data),
                self.open_images(butler),
                self.output_path,
                options=options,
                executor=executor,
                progress=False,
            )
        for id_, reason in report.failed.items():
            self.log.error("%s processing diaSourceId %d: %s", *_parted(id_, reason))
        self._warn(report.incomplete)
        return [id_ for id_ in report.ids if id_ not in report.failed]

    def _warn(self, reasons: Mapping[int, str]) -> None:
        """Log missing panels, each reason once, as all sources of a detector may share it."""
        ids_of: dict[str, list[int]] = {}
        for id_, reason in reasons.items():
            ids_of.setdefault(reason, []).append(id_)
        for reason, (first, *others) in ids_of.items():
            more = f" and {len(others)} more" if others else ""
            self.log.warning("not complete: diaSourceId %d%s: %s", first, more, reason)


def _parted(id_: int, reason: str) -> tuple[str, int, str]:
    """Return the kind of an error, the id and the reason, in the format of analysis_ap's log.

    A reason shared by all three panels is given once.
    """
    reasons = {one for one in _PANEL.split(reason) if one} if _PANEL.match(reason) else {reason}
    text = reasons.pop() if len(reasons) == 1 else reason
    foreign = _FOREIGN.fullmatch(text)
    return (foreign[1], id_, foreign[2]) if foreign else ("CutoutError", id_, text)
