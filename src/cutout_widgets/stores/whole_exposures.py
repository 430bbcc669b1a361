"""What a store of exposures can tell of each of them beside cutouts."""

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
    """A store of exposures, each of them found by what names it: visit, detector."""

    def exposure(self, *, panel: Panel = "science", **key: Any) -> Image:
        """Return one exposure whole, by what names it.

        Parameters
        ----------
        panel
            Which of the three images.
        **key
            ``visit=``, ``detector=``, and ``instrument=`` where there are several; of FITS files the
            values of the key columns of the index, none for one triple. A row of `exposures` does:
            what names no exposure in it is left alone.

        Returns
        -------
        Image
            With its PSF at the middle, what is known of it as `metadata`, in nJy if it can be.

        Raises
        ------
        ImageNotFound
            If there is none.
        """
        with self._open_exposure(one_panel(panel), exposure_row(key)) as image:
            return read_whole(image)

    def exposures(self, where: str | None = None, *, panel: Panel = "science", **key: Any) -> pd.DataFrame:
        """Return what exposures there are, one row for each.

        Parameters
        ----------
        where
            A filter as of `SourceTable.where` on the columns of the answer: ``"band == 'r' and visit > 5"``.
        panel
            Which of the three images.
        **key
            Values that must be met: ``visit=``, ``detector=``, ``band=``; of a Butler any dimension, such as
            ``skymap=, tract=, patch=``, whose patches the exposures then overlap.

        Returns
        -------
        DataFrame
            Ordered by visit and detector. ``images.exposure(**row)`` reads the exposure of a row.

        Raises
        ------
        BadTable
            If the filter does not parse, or names a column that is not there.
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
            Where, in parent pixels.
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
        """Open the exposure a row names."""

    @abstractmethod
    def _known_exposures(self, panel: Panel, key: Mapping[str, Any]) -> pd.DataFrame:
        """Return the exposures that there are of some values, in any order."""
