"""The handlers of a grid's requests, and their threads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadOption, sentence
from cutout_widgets.stores.base import HasFootprints
from cutout_widgets.stores.group_cutting import side_of_stamps
from cutout_widgets.widget.inspection.inspector import inspect
from cutout_widgets.widget.labelling.journal_watch import JournalWatch
from cutout_widgets.widget.labelling.requests import LABEL_REQUESTS, id_of
from cutout_widgets.widget.objects.light_curves import light_curve_answer
from cutout_widgets.widget.objects.requests import EpochRequests
from cutout_widgets.widget.pages.tiles import LARGEST_SIDE_PX
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.selection import requests as selection_requests
from cutout_widgets.widget.service.broker import OpenRequest, RequestBroker
from cutout_widgets.widget.service.filters import FilterRequests
from cutout_widgets.widget.service.worker_queue import WorkerQueue
from cutout_widgets.widget.snapshot import SnapshotKeeper

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid
    from cutout_widgets.widget.labelling.labelling import LabelAction

__all__ = ["Service"]

_log = logging.getLogger(__name__)

SELECTION_REQUESTS: dict[str, Callable[[Grid, Mapping[str, Any]], protocol.SelectionAnswer]] = {
    "select": selection_requests.select,
    "ids": selection_requests.ids_answer,
    "grid": selection_requests.new_grid,
}
"""Kind of request -> its handler."""


class Service:
    """Answers the views of one grid, in its own threads.

    Pages, labels, light curves, epochs and saving have one queue each, and everything else another: a slow
    page or database never delays a click or a label. A page that is no longer wanted does not delay the
    next one, even while a slow image store is still reading it.

    Parameters
    ----------
    grid
        The grid whose state is read and, when a view asks, changed.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._page_queue = WorkerQueue("cutouts-pages")
        self._other_queue = WorkerQueue("cutouts-side")
        self._label_queue = WorkerQueue("cutouts-labels")
        self._curve_queue = WorkerQueue("cutouts-curves")
        self._epoch_queue = WorkerQueue("cutouts-epochs")
        self._epochs = EpochRequests(grid)
        self._save_queue = WorkerQueue("cutouts-saving")
        self._watch = JournalWatch(grid)
        self._snapshots = SnapshotKeeper(grid, self._page_queue)
        self.asked = False
        """True once a view has requested a page; from then on the snapshot is updated after a pause."""
        self._chosen: dict[str, int] = {}
        """Client -> its latest request that changed the grid's page; repeated older ones do not."""
        self.broker = RequestBroker(
            {
                "page": self._page,
                "inspect": lambda request: self._later(request, self._inspect),
                "curve": self._light_curve,
                "epochs": lambda request: self._of_epochs(request, self._list_epochs),
                "epoch_tiles": lambda request: self._of_epochs(request, self._cut_epochs),
                **{kind: self._labelling(answer) for kind, answer in LABEL_REQUESTS.items()},
                **{kind: self._filtering(answer) for kind, answer in FilterRequests(grid).answers.items()},
                **{
                    kind: self._filtering(partial(answer, grid))
                    for kind, answer in SELECTION_REQUESTS.items()
                },
                "save": self._save,
                "hello": self._hello,
                "cancel": self._cancel,
            },
            lambda answer, buffers: grid.send(answer, buffers),
            once=frozenset((*LABEL_REQUESTS, "select", "grid", "save")),
        )

    def take_snapshot(self, wait_s: float = 0.0) -> None:
        """Read the current page for the saved notebook, waiting up to `wait_s` seconds for it."""
        self._snapshots.take(wait_s)

    def renew_snapshot(self) -> None:
        """Read the current page for the saved notebook: at once, or later if a view has requested pages."""
        if self.asked:
            self._snapshots.renew()
        else:
            self._snapshots.take()

    def close(self) -> None:
        """Cancel all open requests and stop the threads."""
        self._snapshots.close()
        self.broker.close()
        self._page_queue.close()
        self._other_queue.close()
        self._label_queue.close()
        self._curve_queue.close()
        self._epoch_queue.close()
        self._save_queue.close()
        self._watch.close()

    def _later(self, request: OpenRequest, handler: Callable[[OpenRequest], None]) -> None:
        self._other_queue.post(lambda: self.broker.run(request, handler))

    def _labelling(
        self, answer: Callable[[Grid, Mapping[str, Any]], LabelAction]
    ) -> Callable[[OpenRequest], None]:
        """Return the handler of a label request: it runs in the label queue and informs all views."""

        def handle(request: OpenRequest) -> None:
            try:
                action = answer(self._grid, request.body)
            except OSError as err:
                self._grid.labelling_problem = sentence(err)
                raise
            self._grid.labelling_problem = ""
            request.done(self._grid._publish(action))

        return lambda request: self._label_queue.post(lambda: self.broker.run(request, handle))

    def _filtering(
        self, answer: Callable[[Mapping[str, Any]], protocol.Answer]
    ) -> Callable[[OpenRequest], None]:
        """Return the handler of a filter request; a new one cancels older ones of its kind."""

        def handle(request: OpenRequest) -> None:
            if not request.is_cancelled():
                request.done(answer(request.body))

        return lambda request: self._later(request, handle)

    def _save(self, request: OpenRequest) -> None:
        def handle(request: OpenRequest) -> None:
            selection_requests.save(self._grid, request)

        self._save_queue.post(lambda: self.broker.run(request, handle))

    def _cancel(self, request: OpenRequest) -> None:
        number = request.body.get("cancels")
        if isinstance(number, int):
            self.broker.cancel(request.client, number)
        request.drop()  # the cancelled request was answered; this one needs no answer

    def _page(self, request: OpenRequest) -> None:
        self.asked = True
        self._watch.begin()
        if self.broker.is_outdated(request):
            request.cancel()
            return
        if request.body.get("purpose") != "kept":
            # A new page replaces older ones, which are no longer shown.
            self.broker.cancel_older(request)
        if request.body.get("purpose") in ("show", "anew"):
            self._snapshots.leave()
        self._page_queue.post(lambda: self.broker.run(request, self._read_page), is_left=request.is_cancelled)

    def _read_page(self, request: OpenRequest) -> None:
        if request.is_cancelled():
            return
        grid, purpose = self._grid, request.body.get("purpose")
        wanted = target_of(request.body.get("target"))
        before = (grid._target["where"], grid._target["sort"])
        if purpose == "anew" or (purpose == "show" and (wanted["where"], wanted["sort"]) != before):
            rows = grid._pages.rows(wanted["where"], wanted["sort"], anew=True)
            grid._keep_selected(rows, wanted["where"], wanted["sort"])
        target = grid._pages.within(wanted)
        look = grid._look_named(target["look"])
        if purpose != "ahead" and request.number >= self._chosen.get(request.client, 0):
            self._chosen[request.client] = request.number
            grid._adopt(target)
        if purpose == "kept":
            request.done(protocol.Noted(kind="done", of="kept"))
            grid._renew_snapshot()
            return
        answer = grid._pages.answer(
            target,
            look,
            grid._journal,
            cancelled=request.is_cancelled,
            deliver=lambda piece, pixels: request.part(piece, [pixels]),
            masks=request.body.get("masks") is True,
        )
        if answer is not None:
            request.done(answer[0], [answer[1]])
        if purpose != "ahead":
            grid._renew_snapshot()

    def _hello(self, request: OpenRequest) -> None:
        self._grid._greeted()
        request.drop()

    def _light_curve(self, request: OpenRequest) -> None:
        def answer(request: OpenRequest) -> None:
            if not request.is_cancelled():
                request.done(light_curve_answer(self._grid, id_of(request.body.get("id"))))

        self._curve_queue.post(lambda: self.broker.run(request, answer), is_left=request.is_cancelled)

    def _of_epochs(self, request: OpenRequest, handler: Callable[[OpenRequest], None]) -> None:
        self._epoch_queue.post(lambda: self.broker.run(request, handler), is_left=request.is_cancelled)

    def _list_epochs(self, request: OpenRequest) -> None:
        if not request.is_cancelled():
            request.done(self._epochs.epochs(request.body))

    def _cut_epochs(self, request: OpenRequest) -> None:
        if request.is_cancelled():
            return
        answer = self._epochs.tiles(
            request.body,
            cancelled=request.is_cancelled,
            deliver=lambda piece, pixels: request.part(piece, [pixels]),
        )
        if answer is not None:
            request.done(answer[0], [answer[1]])

    def _inspect(self, request: OpenRequest) -> None:
        if request.is_cancelled():
            return
        grid = self._grid
        source = grid.sources.row(id_of(request.body.get("id")))
        images = grid._pages.images
        size = size_of(request.body.get("size"))
        answer, buffer = inspect(
            source,
            grid._pages.triplet_of(source, size),
            grid._look_named(str(request.body.get("look"))),
            grid.sources,
            grid._journal,
            images.footprint(source) if isinstance(images, HasFootprints) else None,
            size=size,
            stamp_side=side_of_stamps(images, source),
            links=grid._links.of(source),
        )
        request.done(answer, [buffer])


def target_of(given: Any) -> protocol.Target:
    """Validate a target from the wire."""
    if not isinstance(given, dict):
        raise BadOption("a page request needs a target")
    texts = {key: given.get(key) for key in ("sort", "where", "look")}
    numbers = {key: given.get(key) for key in ("page", "page_size")}
    if not all(value is None or isinstance(value, str) for value in texts.values()):
        raise BadOption("sort, where and look of a page request are texts or null")
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in numbers.values()):
        raise BadOption("page and page_size of a page request are whole numbers")
    return protocol.Target(
        page=given["page"],
        page_size=given["page_size"],
        sort=given["sort"] or None,
        where=given["where"] or None,
        look=given["look"] or "",
    )


def size_of(given: Any) -> int | None:
    """Return the requested side of cutouts; 0 is as large as possible, None the grid's own."""
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LARGEST_SIDE_PX:
        raise BadOption(f"the side of a cutout is 1 to {LARGEST_SIDE_PX} pixels, or 0 for all; got {given!r}")
    return given
