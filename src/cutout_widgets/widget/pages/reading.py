"""Reading a page: what has been read, what is missing, and when to send parts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

from cutout_widgets.widget.pages.delayed_calls import DelayedCalls
from cutout_widgets.widget.pages.tiles import Head, Placed, paint, waiting_tile
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.display.look import Look
    from cutout_widgets.pixels.image import Extra, Triplet

__all__ = ["Deliver", "PageReading", "TimedDelivery"]

HEADS_AFTER_S = 0.15
"""Pages that take longer to read show their ids and badges first."""

_LATER = DelayedCalls(HEADS_AFTER_S, "cutouts-heads")

PIECE_EVERY_S = 0.05
"""Minimum interval between parts: each is a message, and a browser drops those beyond a thousand."""

Deliver = Callable[[protocol.PageAnswer, bytes], None]


class Cutouts(Protocol):
    """The cache of cutouts."""

    captions: tuple[str, ...]
    """Captions of tiles besides the id."""

    def kept(self, source: DiaSource, extras: frozenset[Extra]) -> Triplet | None:
        """Return the cached cutouts of a source, if they have all these extras."""

    def heads_of_tiles(self, placed: Sequence[Placed]) -> list[Head]:
        """Return badges and compasses."""


class PageReading:
    """The tiles of one page: those already read, and those still missing.

    Parameters
    ----------
    cutouts
        The cache.
    target
        The page.
    look
        Its stretches.
    labels
        Id -> its state in the journal.
    sources
        The rows of the page.
    n_rows
        Rows that pass the filter.
    masks
        Whether to include the masks of the cutouts.
    """

    def __init__(
        self,
        cutouts: Cutouts,
        target: protocol.Target,
        look: Look,
        labels: Mapping[int, protocol.JournalState],
        sources: Sequence[DiaSource],
        n_rows: int,
        *,
        masks: bool = False,
    ) -> None:
        self.sources = sources
        self.extras: frozenset[Extra] = look.extras | {"mask"} if masks else look.extras
        """Extras to read besides pixels."""
        self.unread: dict[int, None] = {}
        """Positions on the page whose cutouts are still to be read, in order."""
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
        """Add the cutouts that were read for a position."""
        self.unread.pop(place, None)
        self._ready.append((place, self.sources[place], triplet))

    def painted(self, kind: Literal["part", "done"]) -> tuple[protocol.PageAnswer, bytes]:
        """Return the tiles read since the last part, stretched."""
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
    """Sends parts of a slow page: ids and badges first, then tiles as they are read.

    Parameters
    ----------
    page
        The page.
    deliver
        Sends a part; None: the page is returned as a whole.
    cancelled
        Returns True if the page is no longer wanted.
    """

    def __init__(self, page: PageReading, deliver: Deliver | None, cancelled: Callable[[], bool]) -> None:
        self._page, self._deliver, self._cancelled = page, deliver, cancelled
        self._heads_sent, self._in_turn = threading.Event(), threading.Lock()
        self._due_s = 0.0

    def __enter__(self) -> Self:
        if self._deliver is not None:
            _LATER.add(self._send_heads)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _LATER.drop(self._send_heads)

    def offer(self) -> None:
        """Send what was read, if the page is slow and the last part was sent long enough ago."""
        if self._deliver is None or not self._page.unread or not self._heads_sent.is_set():
            return
        if time.monotonic() < self._due_s:
            return
        with self._in_turn:
            self._deliver(*self._page.painted("part"))
        self._due_s = time.monotonic() + PIECE_EVERY_S

    def _send_heads(self) -> None:
        with self._in_turn:  # a part that is ready meanwhile must be sent after this one
            self._heads_sent.set()
            if self._deliver is not None and not self._cancelled():
                self._deliver(*self._page.waiting())
