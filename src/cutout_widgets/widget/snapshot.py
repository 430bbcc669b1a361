"""The page stored in the saved notebook, so that it can be seen without a kernel."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid
    from cutout_widgets.widget.service.worker_queue import WorkerQueue

__all__ = ["SnapshotKeeper", "first_page", "whole_page"]

SETTLED_S = 1.0
"""Pause before the page is saved, longer than the time between two page turns or labels."""


def whole_page(grid: Grid, cancelled: Callable[[], bool]) -> tuple[protocol.PageAnswer | None, bytes]:
    """Return the grid's current page; None if cancelled on the way."""
    target = grid._target
    answer = grid._pages.answer(
        target,
        grid._look_named(target["look"]),
        grid._journal,
        cancelled=cancelled,
    )
    return answer or (None, b"")


def first_page(grid: Grid, cancelled: Callable[[], bool]) -> tuple[protocol.PageAnswer | None, bytes]:
    """Return the grid's current page, shortened to a size that is acceptable in a notebook."""
    page, pixels = whole_page(grid, cancelled)
    if page is None:
        return None, b""
    return _shortened(page, pixels)


def _shortened(page: protocol.PageAnswer, pixels: bytes) -> tuple[protocol.PageAnswer, bytes]:
    """Keep the first tiles whose pixels fit; the others need a kernel."""
    room = (protocol.SNAPSHOT_BYTES - len(json.dumps(page))) * 3 // 4  # base64
    if len(pixels) <= room:
        return page, pixels
    tiles: list[Any] = []
    kept = bytearray()
    for tile in sorted(page["tiles"], key=lambda one: one["place"]):
        panels: dict[str, Any] = {}
        mine = bytearray()
        for name, panel in tile["panels"].items():
            if isinstance(panel, dict) and "shape" in panel:
                size = panel["shape"][0] * panel["shape"][1]
                panels[name] = {**panel, "offset": len(kept) + len(mine)}
                mine += pixels[panel["offset"] : panel["offset"] + size]
            else:
                panels[name] = panel
        if len(kept) + len(mine) <= room:
            kept += mine
            tiles.append({**tile, "panels": panels})
        else:
            waiting = {name: protocol.Missing(reason="") for name in panels}
            tiles.append({**tile, "waiting": True, "panels": waiting})
    return {**page, "tiles": tiles}, bytes(kept)


class SnapshotKeeper:
    """Reads the page stored in the notebook: at once for a new grid, later after views have been quiet.

    Parameters
    ----------
    grid
        The grid.
    queue
        The queue that reads pages.
    """

    def __init__(self, grid: Grid, queue: WorkerQueue) -> None:
        self._grid = grid
        self._queue = queue
        self._lock = threading.Lock()
        self._turns = 0
        self._due = 0.0
        self._timer: threading.Timer | None = None
        self._closed = False

    def take(self, wait_s: float = 0.0) -> None:
        """Read the current page, waiting up to `wait_s` seconds for it.

        With a fast store the page is part of the widget's first message; with a slow one it is added later.
        """
        done = threading.Event()
        turn = self._turns

        def is_left() -> bool:
            return self._closed or self._turns != turn

        def job() -> None:
            try:
                if not is_left():
                    self._grid._keep_snapshot(*first_page(self._grid, is_left))
            finally:
                done.set()

        self._queue.post(job, is_left=is_left)
        if wait_s:
            done.wait(wait_s)

    def leave(self) -> None:
        """Cancel the read in progress, because another page is wanted."""
        self._turns += 1

    def renew(self) -> None:
        """Read the page again once nothing has changed for `SETTLED_S`."""
        with self._lock:
            self._due = time.monotonic() + SETTLED_S
            if self._timer is None and not self._closed:
                self._start(SETTLED_S)

    def close(self) -> None:
        """Stop reading."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()

    def _start(self, wait_s: float) -> None:
        self._timer = threading.Timer(wait_s, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            self._timer = None
            left = self._due - time.monotonic()
            if self._closed:
                return
            if left > 0:
                self._start(left)
                return
        self.take()
