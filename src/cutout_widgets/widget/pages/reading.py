"""A page while it is read: what has come, what is missing, and when to send the first part."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

from cutout_widgets.widget.pages.tiles import Head, Placed, paint, waiting_tile
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.display.look import Look
    from cutout_widgets.pixels.image import Extra, Triplet

__all__ = ["Deliver", "PageReading", "TimedDelivery"]

HEADS_AFTER_S = 0.15
"""A page that is not read by then shows its ids and badges first."""

PIECE_EVERY_S = 0.05
"""Pieces of a slow page come no faster: each is a message, and a browser drops those beyond a thousand."""

Deliver = Callable[[protocol.PageAnswer, bytes], None]


class Cutouts(Protocol):
    """What was read a moment ago."""

    captions: tuple[str, ...]
    """What tiles say beside the id."""

    def kept(self, source: DiaSource, extras: frozenset[Extra]) -> Triplet | None:
        """Return the cutouts of a source, if they are in the cache with all that is wanted."""

    def heads_of_tiles(self, placed: Sequence[Placed]) -> list[Head]:
        """Return badges and compasses."""


class PageReading:
    """The tiles of one page: those that can be painted, and those still to be read.

    Parameters
    ----------
    cutouts
        What was read before.
    target
        Which page.
    look
        Its stretches.
    labels
        Id -> what the journal says.
    sources
        The rows of the page.
    n_rows
        Rows that pass the filter.
    masks
        Whether the masks of the cutouts are wanted.
    """

    def __init__(
        self,
        cutouts: Cutouts,
        target: protocol.Target,
        look: Look,
        labels: Mapping[int, protocol.Said],
        sources: Sequence[DiaSource],
        n_rows: int,
        *,
        masks: bool = False,
    ) -> None:
        self.sources = sources
        self.extras: frozenset[Extra] = look.extras | {"mask"} if masks else look.extras
        """What is read beside pixels."""
        self.unread: dict[int, None] = {}
        """Places on the page whose cutouts are still to be read, in order."""
        self._cutouts, self._target, self._look, self._labels = cutouts, target, look, labels
        self._n_rows = n_rows
        self._ready: list[Placed] = []
        for place, source in enumerate(sources):
            triplet = cutouts.kept(source, self.extras)
            if triplet is None:
                self.unread[place] = None
            else:
                self._ready.append((place, source, triplet))

    def add(self, place: int, triplet: Triplet) -> None:
        """Take in cutouts that were read."""
        self.unread.pop(place, None)
        self._ready.append((place, self.sources[place], triplet))

    def painted(self, kind: Literal["part", "done"]) -> tuple[protocol.PageAnswer, bytes]:
        """Return the tiles that were read since the last piece, painted."""
        placed, self._ready = self._ready, []
        heads = self._cutouts.heads_of_tiles(placed)
        tiles, pixels = paint(
            placed,
            self._look,
            self._labels,
            self._target["sort"],
            heads,
            self._cutouts.captions,
            masks="mask" in self.extras,
        )
        return self._piece(kind, tiles), pixels

    def waiting(self) -> tuple[protocol.PageAnswer, bytes]:
        """Return ids and badges of all tiles, without pixels."""
        sort = self._target["sort"]
        captions = self._cutouts.captions
        tiles = [
            waiting_tile(place, one, self._labels, sort, captions) for place, one in enumerate(self.sources)
        ]
        return self._piece("part", tiles), b""

    def _piece(self, kind: Literal["part", "done"], tiles: list[protocol.Tile]) -> protocol.PageAnswer:
        return protocol.PageAnswer(
            kind=kind,
            of="page",
            target=self._target,
            n_rows=self._n_rows,
            n_tiles=len(self.sources),
            tiles=tiles,
        )


class TimedDelivery:
    """Sends first pieces of a page that is slow to read: ids and badges, then tiles as they come.

    Parameters
    ----------
    page
        What is read.
    deliver
        Takes a piece; None: the page comes in one piece.
    cancelled
        Whether nobody wants the page any more.
    """

    def __init__(self, page: PageReading, deliver: Deliver | None, cancelled: Callable[[], bool]) -> None:
        self._page, self._deliver, self._cancelled = page, deliver, cancelled
        self._heads_sent, self._in_turn = threading.Event(), threading.Lock()
        self._due_s = 0.0
        self._timer = threading.Timer(HEADS_AFTER_S, self._send_heads)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def offer(self) -> None:
        """Send what was read, if the page is slow and the last piece went out a moment ago."""
        if self._deliver is None or not self._page.unread or not self._heads_sent.is_set():
            return
        if time.monotonic() < self._due_s:
            return
        with self._in_turn:
            self._deliver(*self._page.painted("part"))
        self._due_s = time.monotonic() + PIECE_EVERY_S

    def _send_heads(self) -> None:
        with self._in_turn:  # a piece that is ready meanwhile comes next, not before and not lost
            self._heads_sent.set()
            if self._deliver is not None and not self._cancelled():
                self._deliver(*self._page.waiting())
