"""The pages of a grid: rows and their cutouts, independent of any widget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Extra, Image, Triplet
from cutout_widgets.reader import read
from cutout_widgets.widget.pages.cutout_cache import TripletCache
from cutout_widgets.widget.pages.reading import Deliver, PageReading, TimedDelivery
from cutout_widgets.widget.pages.tiles import LARGEST_SIDE_PX, Head, Placed, heads_of
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.display.look import Look
    from cutout_widgets.pixels.region import Region
    from cutout_widgets.stores.base import ImageStore
    from cutout_widgets.widget.labelling.labelling import Labelling

__all__ = ["LARGEST_PAGE", "Pages", "WrongField"]

LARGEST_PAGE = 500
"""Tiles on a page; browsers scroll this many smoothly, with three canvases each."""

HEADS_KEPT = 4096
"""Cached badges and compasses; some hundred bytes each."""

VIEWS_KEPT = 4
"""Cached filtered and sorted views of the table, so that going back is instant."""

READ_AT_ONCE = 8
"""Groups of a page read in parallel: a page sorted by score has as many exposures as tiles, and with
remote images each of them adds latency."""

INSPECTED: frozenset[Extra] = frozenset(["mask", "variance", "psf"])
"""What the inspector shows besides pixels; pages read only what their look needs, to be faster."""


class WrongField(BadTable):
    """A control of the view has an invalid value.

    Parameters
    ----------
    reason
        One sentence.
    field
        Which control.
    """

    def __init__(self, reason: str, field: protocol.Field) -> None:
        super().__init__(reason)
        self.field = field


class Pages:
    """The rows of a grid, page by page, with their cutouts.

    Parameters
    ----------
    sources
        The rows.
    images
        The image store.
    region
        Size of the cutouts.
    memory
        Cache of the cutouts.
    owner
        The grid's name in that cache.
    labelling
        Provides the journal's columns to filters and sort orders.
    """

    def __init__(
        self,
        sources: SourceTable,
        images: ImageStore,
        region: Region,
        memory: TripletCache,
        owner: str,
        labelling: Labelling | None = None,
    ) -> None:
        self.sources = sources
        self.images = images
        self.region = region
        self._memory = memory
        self._owner = owner
        self._labelling = labelling
        self.captions: tuple[str, ...] = ("band", "snr")
        """Captions of tiles besides the id."""
        self._views: OrderedDict[tuple[str | None, str | None], SourceTable] = OrderedDict()
        self._heads: OrderedDict[int, Head] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, where: str | None, sort: str | None, *, anew: bool = False) -> SourceTable:
        """Return the filtered and sorted rows.

        Parameters
        ----------
        where, sort
            Filter and sort order.
        anew
            Whether to apply filters on labels again. Otherwise rows selected by their label
            earlier stay, so that labelling a page does not move the rows after it.

        Raises
        ------
        WrongField
            If the filter or the sort order is wrong; the error says which.
        """
        key = (where or None, sort or None)
        mine = self._labelling
        by_label = mine is not None and mine.is_named_in(where, sort)
        with self._lock:
            if key in self._views and not (anew and by_label):
                self._views.move_to_end(key)
                return self._views[key]
        view = self.sources
        try:
            if where and where.strip():
                view = mine.rows(view, where, None) if mine is not None and by_label else view.where(where)
        except BadTable as err:
            raise WrongField(str(err), "where") from err
        try:
            if sort:
                view = mine.rows(view, None, sort) if mine is not None and by_label else view.sort(sort)
        except BadTable as err:
            raise WrongField(str(err), "sort") from err
        with self._lock:
            self._views[key] = view
            while len(self._views) > VIEWS_KEPT:
                self._views.popitem(last=False)
        return view

    def within(self, target: protocol.Target) -> protocol.Target:
        """Return a target within bounds: a page beyond the end becomes the last one."""
        size = target["page_size"]
        if not 1 <= size <= LARGEST_PAGE:
            raise WrongField(f"a page holds 1 to {LARGEST_PAGE} tiles; got {size}", "page_size")
        last = max(0, (len(self.rows(target["where"], target["sort"])) - 1) // size)
        return {**target, "page": min(max(0, target["page"]), last)}

    def answer(
        self,
        target: protocol.Target,
        look: Look,
        labels: Mapping[int, protocol.JournalState],
        *,
        cancelled: Callable[[], bool],
        deliver: Deliver | None = None,
        masks: bool = False,
    ) -> tuple[protocol.PageAnswer, bytes] | None:
        """Read a page and return its tiles, sending partial answers if that takes long.

        Parameters
        ----------
        target
            The page; it must be `within` bounds.
        look
            The look that the target names.
        labels
            Id -> its state in the journal.
        cancelled
            Called before each source; reading stops when it returns True.
        deliver
            Sends parts of a slow page: ids and badges first, then tiles as they are read.
            None: the page is returned as a whole.
        masks
            Whether tiles include their masks.

        Returns
        -------
        tuple or None
            The last part (the whole page if nothing was sent), or None if cancelled.
        """
        view = self.rows(target["where"], target["sort"])
        rows = view.page(target["page"], target["page_size"])
        page = PageReading(self, target, look, labels, rows, len(view), masks=masks)
        if not page.unread:
            return page.painted("done")
        timed = TimedDelivery(page, deliver, cancelled)
        with timed:
            for place, triplet in self._read(page, cancelled):
                page.add(place, triplet)
                timed.offer()
        return None if cancelled() else page.painted("done")

    def _read(self, page: PageReading, cancelled: Callable[[], bool]) -> Iterator[tuple[int, Triplet]]:
        """Read and cache the missing cutouts of a page, as they arrive."""
        wanted = list(page.unread)
        region = replace(self.region, extras=page.extras)
        sources = [page.sources[place] for place in wanted]
        for order, triplet in read(sources, self.images, region, cancelled=cancelled, threads=READ_AT_ONCE):
            self.keep(sources[order], triplet)
            yield wanted[order], triplet

    def heads_of_tiles(self, placed: Sequence[Placed]) -> list[Head]:
        """Return badges and compasses, from the cache where possible."""
        with self._lock:
            known = {
                source.index: head
                for _, source, triplet in placed
                if (head := self._heads.get(source.index)) is not None and head.covers(triplet)
            }
        new = [one for one in placed if one[1].index not in known]
        known |= {one[1].index: head for one, head in zip(new, heads_of(new, self.images), strict=True)}
        with self._lock:
            self._heads |= known
            while len(self._heads) > HEADS_KEPT:
                self._heads.popitem(last=False)
        return [known[one[1].index] for one in placed]

    def triplet_of(self, source: DiaSource, size: int | None = None) -> Triplet:
        """Return the cutouts of one source, with all extras.

        Parameters
        ----------
        source
            A row.
        size
            Side in pixels; 0: as large as possible, up to `LARGEST_SIDE_PX`; None: the grid's own.
        """
        kept = self.kept(source, INSPECTED, size)
        if kept is not None:
            return kept
        region = replace(self.region, extras=INSPECTED)
        if size is not None:
            # A whole detector would fill the memory: the part around the source is enough.
            region = replace(region, sizes=(float(size or LARGEST_SIDE_PX),), unit="px")
        triplet = next((one for _, one in read([source], self.images, region)), None)
        if triplet is None:
            raise BadOption(f"the image store returned nothing for source {source.id}")
        if size == 0:
            template, science, difference = (trimmed(image) for image in triplet)
            triplet = Triplet(template, science, difference, triplet.problems)
        self.keep(source, triplet, size)
        return triplet

    def kept(self, source: DiaSource, extras: frozenset[Extra], size: int | None = None) -> Triplet | None:
        """Return the cached cutouts of a source, if they have all these extras."""
        kept = self._memory.get(self._owner, (source.index, source.id, size))
        return None if kept is None or (extras and kept.unread & extras) else kept

    def keep(self, source: DiaSource, triplet: Triplet, size: int | None = None) -> None:
        """Cache the cutouts of a source."""
        self._memory.put(self._owner, (source.index, source.id, size), triplet)


def trimmed(image: Image | None) -> Image | None:
    """Return an image without margins that have no valid pixel."""
    if image is None or not (known := ~np.isnan(image.pixels)).any():
        return image
    rows, columns = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    y, x = image.box.y0, image.box.x0
    return cut(
        image, Box(y + int(rows[0]), y + int(rows[-1]) + 1, x + int(columns[0]), x + int(columns[-1]) + 1)
    )
