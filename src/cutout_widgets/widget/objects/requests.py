"""Handlers of epoch requests: the list of an object's epochs, and cutouts of some of them."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.catalog.motion import motion_angles
from cutout_widgets.catalog.photometry.fluxes import signal_to_noise
from cutout_widgets.display.shared_limits import shared_limits
from cutout_widgets.errors import BadOption
from cutout_widgets.reader import read
from cutout_widgets.widget.labelling.requests import id_of
from cutout_widgets.widget.objects.epochs import Epoch, epochs_of
from cutout_widgets.widget.pages.pages import LARGEST_PAGE, READ_AT_ONCE
from cutout_widgets.widget.pages.tiles import Placed, paint
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.display.look import Look
    from cutout_widgets.widget.interface import Grid

__all__ = ["EpochRequests"]

OBJECTS_KEPT = 8
"""Objects whose epochs are cached, so that going back and forth needs no database query."""

PIECE_EVERY_S = 0.1
"""Minimum time between two partial answers while a slow store is read."""

Deliver = Callable[[protocol.EpochTilesAnswer, bytes], None]


class EpochRequests:
    """Answers the epoch strip's requests.

    Parameters
    ----------
    grid
        Provides sources, images and light curves.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._lock = threading.Lock()
        self._epochs: OrderedDict[int, list[Epoch]] = OrderedDict()
        self._looks: OrderedDict[tuple[int, str], Look] = OrderedDict()

    def epochs(self, body: Mapping[str, Any]) -> protocol.EpochsAnswer:
        """Return the list of epochs; they are always looked up again.

        Raises
        ------
        BadTable
            If the table has no such source, or the database fails.
        BadOption
            If the image store cannot list its visits.
        """
        grid, id = self._grid, id_of(body.get("id"))
        found = epochs_of(grid.sources, grid.sources.row(id), grid._history, grid.images)
        with self._lock:
            self._epochs[id] = found
            self._epochs.move_to_end(id)
            while len(self._epochs) > OBJECTS_KEPT:
                self._epochs.popitem(last=False)
        moves = bool(meaning_of(grid.sources.row(id).row, "moving_object"))
        angles = _motions(found) if moves else [None] * len(found)
        return protocol.EpochsAnswer(
            kind="done", of="epochs", id=str(id), epochs=list(map(self._in_words, found, angles))
        )

    def tiles(
        self, body: Mapping[str, Any], *, cancelled: Callable[[], bool], deliver: Deliver
    ) -> tuple[protocol.EpochTilesAnswer, bytes] | None:
        """Cut some epochs; partial answers are sent while a slow store reads the rest.

        Parameters
        ----------
        body
            An `EpochTilesRequest`.
        cancelled
            Called before each epoch; reading stops when it returns True.
        deliver
            Sends a partial answer.

        Returns
        -------
        tuple or None
            The last part, or None if cancelled.

        Raises
        ------
        BadOption
            If a position is not that of an epoch.
        BadTable
            If the table has no such source.
        """
        id = id_of(body.get("id"))
        with self._lock:
            epochs = self._epochs.get(id)
        if epochs is None:
            self.epochs(body)
            epochs = self._epochs[id]
        places = _places_of(body.get("places"), len(epochs))
        look = self._look(id, str(body.get("look")), shared=body.get("same_limits") is True)
        pages = self._grid._pages
        ready: list[Placed] = []
        unread: list[int] = []
        for place in places:
            kept = pages.kept(epochs[place].source, look.extras)
            if kept is None:
                unread.append(place)
            else:
                ready.append((place, epochs[place].source, kept))
        wanted = [epochs[place].source for place in unread]
        region = replace(pages.region, extras=look.extras)
        due_s = time.monotonic() + PIECE_EVERY_S
        for order, triplet in read(wanted, pages.images, region, cancelled=cancelled, threads=READ_AT_ONCE):
            pages.keep(wanted[order], triplet)
            ready.append((unread[order], wanted[order], triplet))
            if time.monotonic() >= due_s and not cancelled():
                deliver(*self._painted("part", id, ready, look))
                ready, due_s = [], time.monotonic() + PIECE_EVERY_S
        return None if cancelled() else self._painted("done", id, ready, look)

    def _painted(
        self, kind: Literal["part", "done"], id: int, placed: list[Placed], look: Look
    ) -> tuple[protocol.EpochTilesAnswer, bytes]:
        tiles, pixels = paint(placed, look, self._grid._journal)
        return protocol.EpochTilesAnswer(kind=kind, of="epoch_tiles", id=str(id), tiles=tiles), pixels

    def _look(self, id: int, name: str, *, shared: bool) -> Look:
        """Return a look, with the limits of one source if all epochs share them."""
        grid, own = self._grid, self._grid._look_named(name)
        if not shared:
            return own
        with self._lock:
            known = self._looks.get((id, name))
        if known is None:
            known = shared_limits(own, [grid._pages.triplet_of(grid.sources.row(id))])
            with self._lock:
                self._looks[id, name] = known
                while len(self._looks) > OBJECTS_KEPT:
                    self._looks.popitem(last=False)
        return known

    def _in_words(self, epoch: Epoch, motion: float | None) -> protocol.Epoch:
        source = epoch.source
        snr = signal_to_noise(source) if epoch.is_detected else None
        return protocol.Epoch(
            source=str(source.id) if epoch.is_detected else None,
            in_table=epoch.is_detected and source.id in self._grid.sources,
            time=epoch.time if math.isfinite(epoch.time) else None,
            band=source.band,
            visit=None if source.visit is None else str(source.visit),
            detector=None if source.detector is None else str(source.detector),
            snr=snr if snr is not None and math.isfinite(snr) else None,
            motion=motion,
        )


def _motions(epochs: Sequence[Epoch]) -> list[float | None]:
    """Return the position angle of an object's motion at each epoch, degrees; None if it is unknown."""
    places = (np.array([getattr(one.source, axis) for one in epochs], dtype=float) for axis in ("ra", "dec"))
    return [float(one) if math.isfinite(one) else None for one in motion_angles(*places)]


def _places_of(given: Any, count: int) -> list[int]:
    """Validate positions of epochs from the wire."""
    if not isinstance(given, list) or len(given) > LARGEST_PAGE:
        raise BadOption(f"positions are a list of at most {LARGEST_PAGE} epochs")
    for one in given:
        if not isinstance(one, int) or isinstance(one, bool) or not 0 <= one < count:
            raise BadOption(f"the object has {count} epochs, counted from 0; got {one!r}")
    return list(dict.fromkeys(given))
