"""The views of one object that a grid offers: its light curve, its epochs, a movie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from cutout_widgets.display.look import Look
from cutout_widgets.errors import refuse_unknown
from cutout_widgets.widget.pages.pages import LARGEST_PAGE

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.outputs.movie.movie import Movie
    from cutout_widgets.stores.base import HasEpochs, HasHistory, ImageStore
    from cutout_widgets.widget.objects.curve_axes import Flux, TimeAxis, Unit
    from cutout_widgets.widget.pages.pages import Pages

__all__ = ["ObjectViews", "options_of"]


def options_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the argument names of a function or class, for suggesting the closest one."""
    return tuple(
        name for name, one in signature(function).parameters.items() if one.kind is not one.VAR_KEYWORD
    )


class ObjectViews:
    """The part of a grid that is about one object."""

    look: Any
    colormap: str | None
    _pages: Pages
    _history: HasHistory | None

    @property
    def sources(self) -> SourceTable:
        """All rows."""
        return self._pages.sources

    @property
    def images(self) -> ImageStore:
        """The image store."""
        return self._pages.images

    def light_curve(
        self,
        history: HasHistory | HasEpochs | str | Path | None = None,
        *,
        flux: Flux = "difference",
        unit: Unit = "nJy",
        time: TimeAxis = "mjd",
        period: float | None = None,
    ) -> Any:
        """Return a bqplot figure of the inspected source's light curve, which follows the grid.

        Parameters
        ----------
        history
            Where the light curves come from: an `Apdb` or its address (``"sqlite:///apdb.db"``), an image
            store or the address of a Butler's DiaSources (``"butler:REPO?collections=a"``), a table whose
            rows of the same object are the curve; None = the grid's own `history`, else its images if they
            know them, else the rows of the same object in its table.
        flux
            ``"difference"`` or ``"science"``.
        unit
            ``"nJy"``, or ``"mag"`` for AB magnitudes, which fluxes of zero or less do not have.
        time
            ``"mjd"``, or ``"days"`` since the first point.
        period
            Fold by this number of days; phase 0 is the first point.

        Returns
        -------
        bqplot.Figure
            The current source has a ring; a point under the pointer says all that is known of it.

        Raises
        ------
        BadOption
            If `history` has no light curves, or an axis is unknown.
        BadTable
            If an address is not that of a database.
        """
        from cutout_widgets.widget.objects.curve import light_curve
        from cutout_widgets.widget.objects.curve_axes import CurveAxes

        return light_curve(cast(Any, self), history, CurveAxes(flux, unit, time, period))

    def epochs(self, id: int | str, *, same_limits: bool = True, visits: bool = True) -> Self:
        """Return a grid of all epochs of a source's object, in time order.

        Parameters
        ----------
        id
            A source of the table. The epochs are the rows of the same object in the APDB, the Butler
            or the packets that the grid's `history` is, else in the table.
        same_limits
            Whether all epochs use the limits of this source in the grid's look; otherwise each has its
            own. Limits in standard deviations are always each epoch's own.

        visits
            Whether visits without a detection are shown too, at the median position of the detections,
            if the image store knows its visits. Their identifiers are -1, -2, ... in time order.

        Returns
        -------
        CutoutGrid
            Without labels.

        Raises
        ------
        BadTable
            If the table has no such row, or the database fails.
        BadOption
            If the image store fails to list its visits.
        """
        from cutout_widgets.display.shared_limits import shared_limits

        source = self.sources.row(id)
        rows = self._epoch_rows(source, visits=visits)
        look = Look.of(self.look)
        if same_limits:
            look = shared_limits(look, [self._pages.triplet_of(source)])
        return type(self)(  # type: ignore[call-arg]  # as a grid is made
            rows,
            self.images,
            self._pages.region,
            look=look,
            colormap=self.colormap,
            page_size=min(max(1, len(rows)), LARGEST_PAGE),
            history=self._history,
        )

    def _epoch_rows(self, source: DiaSource, *, visits: bool) -> SourceTable:
        """Return the epochs of a source's object."""
        from cutout_widgets.widget.objects.epochs import epoch_rows, epoch_table

        if visits:
            return epoch_table(self.sources, source, self._history, self.images)
        return epoch_rows(self.sources, source, self._history)

    def movie(self, id: int | str, path: str | Path, *, visits: bool = True, **options: Any) -> Movie:
        """Save the epochs of a source's object as a movie, which plays in a notebook.

        Parameters
        ----------
        id
            A source of the table; the epochs are those of `epochs`.
        path
            A ``.gif``, or an ``.mp4`` (extra ``movie``).
        visits
            As for `epochs`.
        options
            As for `save_movie`: `same_limits`, `up`, `frame_s`, `progress`; `size` and `look` default to
            the grid's own.

        Raises
        ------
        BadTable
            If the table has no such row, or the database fails.
        """
        from cutout_widgets.outputs.movie.movie import save_movie

        refuse_unknown("movie", options, (*options_of(save_movie)[3:], "visits"))
        rows = self._epoch_rows(self.sources.row(id), visits=visits)
        own: dict[str, Any] = {"look": self._shown_look, "size": self._pages.region}
        return save_movie(rows, self.images, path, **own | options)

    @property
    def _shown_look(self) -> Look:
        """The look with the colormap chosen for all panels."""
        look = Look.of(self.look)
        if not self.colormap:
            return look
        name = f"{look.name}-{self.colormap}"
        return replace(look, name=name, colormap=self.colormap, difference_colormap=None)
