"""The request broker: each request gets exactly one answer, even if it is repeated or fails."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from cutout_widgets.errors import sentence
from cutout_widgets.widget.protocol.messages import VERSION, Field, Working

__all__ = ["OpenRequest", "RequestBroker"]

_log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any], list[Any]], None]

REMEMBERED = 4096
"""Kept answers to requests that must not be executed twice (labels), in case one gets lost. A view that
labels at full speed repeats all requests in the queue: some hundred."""


class OpenRequest:
    """One request being processed.

    Parameters
    ----------
    body
        The message from the view.
    send
        Sends a message to the views.
    closed
        Called once, when the request is answered or needs no answer.
    """

    def __init__(
        self, body: Mapping[str, Any], send: Send, closed: Callable[[OpenRequest], None] = lambda _: None
    ) -> None:
        self.body = body
        self._closed = closed
        kind = body.get("kind")
        self.kind = kind if isinstance(kind, str) else ""
        """The request's kind; empty if it is not text."""
        self.client = str(body.get("client", ""))
        self.number: int = body.get("request", 0)
        self._send = send
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self.final: tuple[dict[str, Any], list[Any]] | None = None
        """The final message, once it is sent."""

    @property
    def key(self) -> tuple[str, Any]:
        """The request's unique key among those of the same widget."""
        return self.client, self.number

    def is_cancelled(self) -> bool:
        """Return whether the answer is no longer wanted."""
        return self._cancelled.is_set()

    def part(self, answer: Mapping[str, Any], buffers: list[Any]) -> None:
        """Send a part of the answer; do nothing if the final message was already sent."""
        with self._lock:
            if self.final is None:
                self._send(self._enveloped(answer), buffers)

    def done(self, answer: Mapping[str, Any], buffers: list[Any] | None = None) -> None:
        """Send the answer; only the first of `done` and `fail` has an effect."""
        with self._lock:
            if self.final is None:
                self.final = self._enveloped(answer), buffers or []
                self._send(*self.final)
                self._closed(self)

    def drop(self) -> None:
        """Close the request without an answer."""
        with self._lock:
            if self.final is None:
                self.final = {}, []
                self._closed(self)

    def fail(self, reason: str, field: Field | None = None, *, cancelled: bool = False) -> None:
        """Answer that the request failed, with the reason."""
        self.done({"kind": "failed", "reason": reason, "field": field, "cancelled": cancelled})

    def cancel(self) -> None:
        """Cancel the work and answer at once: the view need not wait until a slow store stops."""
        self._cancelled.set()
        self.fail("no longer wanted", cancelled=True)

    def _enveloped(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        return {**answer, "version": VERSION, "client": self.client, "request": self.number}


Handler = Callable[[OpenRequest], None]


class RequestBroker:
    """Passes each request to its handler, once.

    Parameters
    ----------
    handlers
        Kind of request -> its handler, which answers now or later in a thread.
    send
        Sends a message to the views.
    once
        Kinds that must not be executed twice: a repetition gets the same answer again.
    """

    def __init__(self, handlers: Mapping[str, Handler], send: Send, once: frozenset[str]) -> None:
        self._handlers = handlers
        self._send = send
        self._once = once
        self._lock = threading.Lock()
        self._open: dict[tuple[str, Any], OpenRequest] = {}
        self._open_of: dict[str, dict[tuple[str, Any], OpenRequest]] = {kind: {} for kind in handlers}
        self._finished: OrderedDict[tuple[str, Any], OpenRequest] = OrderedDict()
        self._forgotten: dict[str, int] = {}
        """Client -> the highest number whose kept answer was dropped."""
        self._oldest_wanted: dict[tuple[str, str], int] = {}
        """Client and kind -> number below which requests were replaced or cancelled."""

    def receive(self, body: Any) -> None:
        """Process any message from a view."""
        if not isinstance(body, Mapping) or not isinstance(body.get("request"), int):
            return  # without a client and a number an answer could not be matched
        request = OpenRequest(body, self._send, self._close)
        if body.get("version") != VERSION:
            request.fail(
                f"the front end speaks protocol {body.get('version')!r} and the kernel {VERSION}; "
                "reload the page, then run the cell again"
            )
            return
        with self._lock:
            is_repeated = request.key in self._open
            before = self._finished.get(request.key)
            is_old = request.kind in self._once and request.number <= self._forgotten.get(request.client, -1)
            if before is None and not is_old and not is_repeated:
                self._open[request.key] = request
                self._open_of.get(request.kind, {})[request.key] = request
        if is_repeated:
            request.part(Working(kind="working"), [])  # the first one will be answered
            return
        if before is not None and before.final is not None:
            self._send(*before.final)
            return
        if is_old:
            request.fail(
                "this was requested before and is not repeated; run the cell again to see what is saved"
            )
            return
        self.run(request, self._handlers.get(request.kind, _unknown))

    def run(self, request: OpenRequest, handler: Handler) -> None:
        """Run a handler; an exception becomes the answer."""
        try:
            handler(request)
        except Exception as err:  # noqa: BLE001  a request must always get an answer
            _log.debug("request %s failed", request.body, exc_info=True)
            request.fail(sentence(err), getattr(err, "field", None))

    def cancel(self, client: str, number: int) -> None:
        """Cancel a request of a client; one that was answered is answered again, as the answer was lost."""
        with self._lock:
            found = self._open.get((client, number))
            before = self._finished.get((client, number))
            if found is not None:
                self._want_from(found, number + 1)
        if found is not None:
            found.cancel()
        elif before is not None and before.final is not None:
            self._send(*before.final)
        else:
            OpenRequest({"client": client, "request": number}, self._send).cancel()

    def is_outdated(self, request: OpenRequest) -> bool:
        """Return whether it or a newer one of its client and kind was cancelled or replaced.

        A view repeats what is not answered in time, and the repetition can arrive after the answer.
        """
        with self._lock:
            return request.number < self._oldest_wanted.get((request.client, request.kind), request.number)

    def cancel_older(self, request: OpenRequest) -> None:
        """Cancel all older open requests of the same client and kind."""
        with self._lock:
            self._want_from(request, request.number)
            older = [
                one
                for one in self._open_of.get(request.kind, {}).values()
                if one.client == request.client and one.number < request.number
            ]
        for one in older:
            one.cancel()

    def _want_from(self, request: OpenRequest, number: int) -> None:
        key = (request.client, request.kind)
        self._oldest_wanted[key] = max(number, self._oldest_wanted.get(key, number))

    def close(self) -> None:
        """Cancel all requests."""
        with self._lock:
            found = list(self._open.values())
        for one in found:
            one.cancel()

    def _close(self, request: OpenRequest) -> None:
        """Remove an answered request; keep its answer if it must not be executed again."""
        with self._lock:
            self._open.pop(request.key, None)
            self._open_of.get(request.kind, {}).pop(request.key, None)
            if request.kind in self._once:
                self._finished[request.key] = request
                while len(self._finished) > REMEMBERED:
                    (client, number), _ = self._finished.popitem(last=False)
                    self._forgotten[client] = max(number, self._forgotten.get(client, -1))


def _unknown(request: OpenRequest) -> None:
    request.fail(f"the kernel does not know the request {request.body.get('kind')!r}")
