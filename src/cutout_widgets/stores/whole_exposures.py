"""Methods of stores of exposures besides cutouts: whole exposures, a list of them, PSFs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.filters.query import Query
from cutout_widgets.catalog.frame import Frame
from cutout_widgets.catalog.reading.intake import take_in
from cutout_widgets.errors import ImageNotFound
from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import Image, Panel
from cutout_widgets.pixels.psf import PsfModel
from cutout_widgets.stores.exposures import exposure_row, one_panel, read_whole

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.open_image import OpenImage

__all__ = ["WholeExposures"]


class WholeExposures(ABC):
    """A store of exposures, each found by a key such as visit and detector."""

    def exposure(self, *, panel: Panel = "science", **key: Any) -> Image:
        """Return one whole exposure, by its key.

        Parameters
        ----------
        panel
            Which of the three images.
        **key
            ``visit=``, ``detector=``, and ``instrument=`` if there are several; for FITS files the
            values of the index's key columns, none if there is one triplet. A row of `exposures` also works:
            columns that are not part of the key are ignored.

        Returns
        -------
        Image
            With its PSF at the centre and its metadata, in nJy if possible.

        Raises
        ------
        ImageNotFound
            If there is none.
        """
        with self._open_exposure(one_panel(panel), exposure_row(key)) as image:
            return read_whole(image)

    def exposures(self, where: str | None = None, *, panel: Panel = "science", **key: Any) -> pd.DataFrame:
        """Return a table of the exposures, one row for each.

        Parameters
        ----------
        where
            A filter as in `SourceTable.where` on the columns of the result: ``"band == 'r' and visit > 5"``.
        panel
            Which of the three images.
        **key
            Required values: ``visit=``, ``detector=``, ``band=``; for a Butler any dimension, such as
            ``skymap=, tract=, patch=``, for exposures that overlap the patch.

        Returns
        -------
        DataFrame
            Ordered by visit and detector. ``images.exposure(**row)`` reads the exposure of a row.

        Raises
        ------
        BadTable
            If the filter cannot be parsed, or names a column that does not exist.
        BadOption
            If a name of `key` is unknown.
        """
        found = self._known_exposures(one_panel(panel), key)
        if where is not None and where.strip():
            frame = Frame(take_in(found).columns)
            found = found[Query(where, frame.names)(frame.values, len(found))]
        order = [name for name in ("instrument", "visit", "detector") if name in found]
        return found.sort_values(order, ignore_index=True) if order else found.reset_index(drop=True)

    def psf(self, x: float, y: float, *, panel: Panel = "science", **key: Any) -> PsfModel:
        """Return the point-spread function of an exposure at a position.

        Parameters
        ----------
        x, y
            Position in parent pixels.
        panel, **key
            As for `exposure`.

        Returns
        -------
        PsfModel
            ``psf.fwhm`` is in pixels, ``psf.kernel`` an image.

        Raises
        ------
        ImageNotFound
            If there is no such exposure, or it has no model there.
        """
        with self._open_exposure(one_panel(panel), exposure_row(key)) as image:
            kernel = image.psf_at(XY(float(x), float(y)))
            if kernel is None:
                raise ImageNotFound(
                    f"{image.frame.origin} has no point-spread function at x {x:g}, y {y:g}; give the FWHM "
                    "in pixels instead: psf=4.0"
                )
            return PsfModel.of(image.frame, kernel)

    @abstractmethod
    def _open_exposure(self, panel: Panel, source: DiaSource) -> AbstractContextManager[OpenImage]:
        """Open a row's exposure."""

    @abstractmethod
    def _known_exposures(self, panel: Panel, key: Mapping[str, Any]) -> pd.DataFrame:
        """Return the exposures with some values, in any order."""
