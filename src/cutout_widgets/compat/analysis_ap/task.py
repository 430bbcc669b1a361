"""``PlotImageSubtractionCutoutsTask`` by its own names, on the core of this package.

Fields, defaults, file names and the order of the returned ids are those of analysis_ap.
``docs/analysis_ap.md`` lists what differs, and why.
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
from cutout_widgets.compat.analysis_ap.get_images import ImagesByGet, is_repository
from cutout_widgets.compat.analysis_ap.one_image import draw_one
from cutout_widgets.compat.analysis_ap.refusals import BadTaskOption
from cutout_widgets.outputs.batch import Report, save_cutouts
from cutout_widgets.outputs.ending import renew_manifest
from cutout_widgets.outputs.figure.figure import STYLES, Style
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.outputs.options import SaveOptions
from cutout_widgets.outputs.processes import workers
from cutout_widgets.stores.base import ImageStore

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PlotImageSubtractionCutoutsTask"]

_PANEL = re.compile(r"(?:^|; )(?:template|science|difference): ")
_FOREIGN = re.compile(r"([A-Z]\w*(?:Error|Exception)): (.+)", re.DOTALL)
"""A reason that begins with the name of an error that is not ours."""


class PlotImageSubtractionCutoutsTask:
    """Cutouts of DiaSources as figures, and a manifest of them for Zooniverse.

    Parameters
    ----------
    output_path
        Directory to save to: ``manifest.csv`` and the folder ``images``.
    config
        What to make; the defaults if it is None.
    name
        What to call the task in the log; by default ``plotImageSubtractionCutouts``.
    log
        A logger; the task's own is its child. By default ``cutout_widgets``.
    style
        ``"documented"``: figures as the documentation of analysis_ap shows them; ``"analysis_ap"``: as its
        newest code draws them: 655 pixels wide, ``sci (nJy)``, and its stretches.

    Raises
    ------
    BadOption
        If the configuration is not valid, or there is no such style.
    """

    ConfigClass: ClassVar[type[PlotImageSubtractionCutoutsConfig]] = PlotImageSubtractionCutoutsConfig
    """What `config` is an instance of."""
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
        self.output_path = os.fspath(output_path)
        parent = logging.getLogger("cutout_widgets") if log is None else log
        self.log = parent.getChild(name or self._DefaultName)
        """Tells what could not be saved (ERROR), what lacks a panel (WARNING), and how many were (INFO)."""
        self.report: Report | None = None
        """What became of each source in the last run: which failed, and why."""

    @property
    def _output_path(self) -> str:
        """The directory, by the ancestor's private name."""
        return self.output_path

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
            image store. Of an object that has nothing but ``get(dataset_type, data_id)``, whole images
            are asked for.
        njobs
            Number of processes; 0 for none but this one. They are started afresh, which takes
            seconds, and share out detectors: worth it for tables of many.

        Returns
        -------
        list of int
            The ids whose figures are there, in the order of the rows: those made now and those
            made before. `report` tells which failed, and why.

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
            self.log.info("the configuration has no url_root, so no manifest is written")
            return
        layout = Layout(self.config.chunk_size, self.config.url_root)
        renew_manifest(Path(self.output_path), layout, [int(one) for one in sources])

    def _make_manifest(self, sources: Iterable[int]) -> pd.DataFrame:
        """Return the manifest's rows of sources, whether their figures are there or not.

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
        """Draw the figure of one source from images in hand.

        Parameters
        ----------
        science, template, difference
            Exposures, as `cutout_widgets.ArrayImages` takes them; None for one that there is not.
        center
            Where to cut: a ``SpherePoint``, a ``SkyCoord``, or ra and dec in degrees.
        scale
            Pixel scale, arcsec, for the bar; by default that of each image.
        dia_source_id
            Id for the names of arrays; by default that of `source`.
        save_as_numpy
            Whether the pixels are saved to `output_path` as ``.npy``.
        source
            The row for the header: a record, a Series or a mapping. None = no header.
        footprint
            Cut its bounding box instead of ``config.sizes``: a `Footprint`, a `Box`, or what has ``getBBox``.
        flags
            What older callers pass with `source`; the row's own flags are drawn.

        Returns
        -------
        io.BytesIO
            The PNG.

        Raises
        ------
        BadTaskOption
            If there are flags without a source, or arrays to be saved without an id.
        BadOption
            If an image or the centre is none.
        NoOverlap
            If the place lies on none of the images.
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
        if not is_repository(butler):
            return ImagesByGet(butler, dataset_names(self.config))
        if isinstance(butler, ImageStore):
            return butler
        return configured_images(self.config, butler, collections)

    def _save(self, data: Any, butler: Any, njobs: int, url_root: str | None) -> list[int]:
        """Translate the configuration to `save_cutouts`."""
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
        """Log what figures lack, each reason once: all sources of a detector may share it."""
        ids_of: dict[str, list[int]] = {}
        for id_, reason in reasons.items():
            ids_of.setdefault(reason, []).append(id_)
        for reason, (first, *others) in ids_of.items():
            more = f" and {len(others)} more" if others else ""
            self.log.warning("not complete: diaSourceId %d%s: %s", first, more, reason)


def _parted(id_: int, reason: str) -> tuple[str, int, str]:
    """Return the kind of an error, the id and the reason, as the ancestor's log has them.

    A reason that all three panels share is said once.
    """
    said = {one for one in _PANEL.split(reason) if one} if _PANEL.match(reason) else {reason}
    text = said.pop() if len(said) == 1 else reason
    foreign = _FOREIGN.fullmatch(text)
    return (foreign[1], id_, foreign[2]) if foreign else ("CutoutError", id_, text)
