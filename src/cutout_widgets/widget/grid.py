"""`CutoutGrid`: pages of cutouts in the notebook."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadOption, refuse_unknown
from cutout_widgets.labels import identifiers
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.registry import open_images
from cutout_widgets.widget.blind.rows import Blinding, needed_journal
from cutout_widgets.widget.inspection.links import Links
from cutout_widgets.widget.labelling.choices import USUAL_CHOICES, label_choices
from cutout_widgets.widget.labelling.labelling import Labelling
from cutout_widgets.widget.labelling.state import LABELLING_OPTIONS
from cutout_widgets.widget.model import GridModel
from cutout_widgets.widget.objects.histories import history_from
from cutout_widgets.widget.objects.views import ObjectViews, options_of
from cutout_widgets.widget.shape import SHAPE_OPTIONS

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.labels import Agreement, LabelJournal
    from cutout_widgets.outputs.report import Report
    from cutout_widgets.stores.base import HasEpochs, HasHistory, ImageStore

__all__ = ["CutoutGrid"]

WIDGET_OPTIONS = ("layout", "tooltip", "tabbable")
"""Options of every ipywidget."""


class CutoutGrid(ObjectViews, GridModel):
    """Pages of template, science and difference cutouts of DiaSources.

    The grid is displayed when it is the last line of a cell. Everything that a control changes can also
    be read, set and observed from Python, like any trait.

    Parameters
    ----------
    sources
        Rows: a `SourceTable`, or anything that `SourceTable.read` accepts.
    images
        An image store, or a string that `open_images` accepts.
    size
        Size of the cutouts: pixels, an angle (Quantity), a `Region`; None for whole stamps.
    labels
        A `LabelJournal`, or the path of one; None: sources cannot be labelled.
    choices
        The labels to choose from: words; or ``(word, colour)``, ``(word, colour, key)``; or dictionaries
        of ``word``, ``colour``, ``key``, ``symbol``.
    look
        A preset's name or a `Look`.
    colormap
        One colormap for all panels; None: that of the look.
    page, page_size
        The first page to show, counted from 0, and the number of sources on a page.
    sort
        A column, with a leading minus for descending order.
    where
        A pandas query.
    facets
        Further columns of numbers to filter with a histogram, besides score and signal-to-noise ratio.
    links
        Further links for the inspector: name -> address, in which ``{ra}``, ``{dec}`` (ICRS degrees),
        ``{id}`` and column names in braces are filled in; None removes a link.
    history
        Source of light curves for the inspector and `light_curve`: an `Apdb` or its address
        (``"sqlite:///apdb.db"``), a Butler's DiaSources (``"butler:REPO?collections=a"`` or a
        `ButlerImages`), alert packets, or a table; None: the images if they have them, else the rows of
        the same object in the table.
    blind
        Whether to show sources under numbers in a random order, without anything that identifies them
        or shows their score: no id, position, column, badge, mask, link or light curve. Labels are stored
        in the journal under the sources' own ids. `where`, `sort` and `facets` accept only the journal's
        columns; choose the rows beforehand (``sources.where(...)``).
    repeats
        Fraction of the sources that a blind grid repeats unnoticed, for `consistency`.
    snapshot
        Whether to keep the first page in the saved notebook, so that it can be seen without a kernel.
    classes
        Old name of `choices`.
    options
        Initial values of the traits `advance`, `label_after_ms`, `seen_after_s`, `keymap`; of the tile
        settings `tile_size` (side of a panel, 48 to 320 px), `panels` (which, from left to right), `compact`,
        `captions` (``["snr", "reliability", "band"]``); and of options of every ipywidget: `layout`,
        `tooltip`, `tabbable`.

    Raises
    ------
    BadTable
        If the rows cannot be read, or `where` or `sort` is wrong.
    BadOption
        If an option is invalid.
    UnknownOption
        If there is no such option.

    Examples
    --------
    >>> import numpy as np
    >>> import cutout_widgets as cw
    >>> stamps = np.random.default_rng(1).normal(size=(3, 2, 30, 30))
    >>> images = cw.ArrayImages.from_stamps([7, 8], *stamps)
    >>> rows = {"id": [7, 8], "ra": [10.0, 10.1], "dec": [0.0, 0.1], "snr": [5.0, 9.0]}
    >>> cw.CutoutGrid(rows, images, sort="-snr", layout={"width": "60%"})
    <CutoutGrid: 2 of 2 sources, page 1>
    """

    def __init__(
        self,
        sources: Any,
        images: ImageStore | str,
        size: Any = 30,
        *,
        labels: LabelJournal | str | Path | None = None,
        choices: Iterable[Any] = USUAL_CHOICES,
        look: str | Look = "documented",
        colormap: str | None = None,
        page: int = 0,
        page_size: int = 24,
        sort: str | None = None,
        where: str | None = None,
        facets: Iterable[str] = (),
        links: Mapping[str, str | None] | None = None,
        history: HasHistory | HasEpochs | str | Path | None = None,
        blind: bool = False,
        repeats: float = 0.0,
        snapshot: bool = True,
        classes: Iterable[str] | None = None,
        **options: Any,
    ) -> None:
        known = (*WIDGET_OPTIONS, *LABELLING_OPTIONS, *SHAPE_OPTIONS)
        refuse_unknown("CutoutGrid", options, (*known, *options_of(type(self))))
        if classes is not None:
            warnings.warn("CutoutGrid(classes=...) is called choices= now", DeprecationWarning, stacklevel=2)
            choices = classes
        table, images = SourceTable.read(sources), open_images(images)
        self._blinding: Blinding | None = None
        if repeats and not blind:
            raise BadOption("repeats= works only in a blind grid; make it with blind=True")
        if blind:
            self._blinding = Blinding(table, images, needed_journal(labels), repeats)
            table, images, labels = self._blinding.sources, self._blinding.images, self._blinding.journal
            links, history = {}, None
        self._links = Links(links, table.columns)
        self._history = None if history is None else history_from(history)
        super().__init__(
            table,
            images,
            Region.of(size),
            Labelling.of(labels, table),
            label_choices(choices),
            {
                "look": look,
                "colormap": colormap,
                "page": page,
                "page_size": page_size,
                "sort": sort,
                "where": where,
            },
            snapshot=snapshot,
            options={**options, "blind": bool(blind)},
        )
        if isinstance(facets, str) or not isinstance(facets, Iterable):
            raise BadOption(f"facets are names of columns, like ['psfFlux']; got {facets!r:.60}")
        self.facets = list(facets)

    @property
    def sources(self) -> SourceTable:
        """All rows; in a blind grid, the blind rows."""
        return self._pages.sources

    @property
    def images(self) -> ImageStore:
        """The image store."""
        return self._pages.images

    @property
    def labels(self) -> pd.DataFrame:
        """The labels given so far, joined to the table by id; in a blind grid too."""
        if self._blinding is not None:
            return Labelling(self._blinding.own_journal, self._blinding.own_sources).frame()
        return self._journal.frame()

    def ids_of(self, numbers: int | str | Iterable[int | str]) -> list[int]:
        """Return the source ids behind the numbers of a blind grid.

        Raises
        ------
        BadTable
            If there is no such number.
        """
        return identifiers(numbers) if self._blinding is None else self._blinding.ids_of(numbers)

    def consistency(self) -> Agreement:
        """Return how well the reviewer's repeated labels of the same source agree.

        Raises
        ------
        BadOption
            If the grid is not blind, or nothing was labelled twice yet.
        """
        if self._blinding is None:
            raise BadOption("a grid shows sources again with blind=True and repeats, like 0.05")
        return self._blinding.consistency()

    def inspect(self, id: int | str | None) -> None:
        """Show a source in the inspector of all views; None closes it.

        Raises
        ------
        BadTable
            If the table has no such row.
        """
        self.inspected = None if id is None else self.sources.row(id).id

    def save(
        self, output: str | Path, *, ids: int | str | Iterable[int | str] | None = None, **options: Any
    ) -> Report:
        """Save what the grid shows as annotated PNGs with a manifest.

        Parameters
        ----------
        output
            Folder.
        ids
            Only these (``grid.selected``), in their order; by default all rows that pass `where`, in the
            order of `sort`.
        options
            As for `save_cutouts`; `sizes` and `look` are the grid's own unless given, by name or in a
            `SaveOptions` (``options=``).
        """
        from cutout_widgets.outputs.batch import save_cutouts

        refuse_unknown("save", options, options_of(save_cutouts)[3:])

        rows = self.shown if ids is None else self._table_of(ids)
        own: dict[str, Any] = {"look": self._shown_look, "sizes": self._pages.region}
        own = {} if options.get("options") is not None else own
        return save_cutouts(rows, self.images, output, **own | options)

    def __repr__(self) -> str:
        where = f" where {self.where}" if self.where else ""
        return f"<CutoutGrid: {self.n_rows:,} of {self.n_total:,} sources{where}, page {self.page + 1}>"
