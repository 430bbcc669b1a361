"""Rows, stamps and a simulated browser, for tests of the kernel side of the widget."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.testing import make_wcs
from cutout_widgets.widget.protocol.messages import VERSION

FIRST_ID = 2**53 + 1
"""The first integer that a floating-point number cannot hold."""
N = 30
SIDE = 16


def make_table(n: int = N) -> SourceTable:
    """Rows with ids beyond 2**53, signal to noise 0, 1, 2 ... and a flag on every third."""
    return SourceTable.read(
        {
            "diaSourceId": np.arange(n, dtype=np.int64) + FIRST_ID,
            "ra": np.full(n, 53.0),
            "dec": np.full(n, -28.0),
            "snr": np.arange(n, dtype=np.float64),
            "band": ["g", "r", "i"] * (n // 3),
            "isDipole": np.arange(n) % 3 == 0,
        }
    )


def make_stamps(n: int = N, *, template: bool = True) -> ArrayImages:
    """Stamps of seeded noise; the corner pixel of each is unknown."""
    random = np.random.default_rng(1)
    stacks = random.normal(0, 5, (3, n, SIDE, SIDE)).astype(np.float32)
    stacks[:, :, 0, 0] = np.nan
    return ArrayImages.from_stamps(
        np.arange(n) + FIRST_ID,
        stacks[0] if template else None,
        stacks[1],
        stacks[2],
        wcs=make_wcs(at=(7.5, 7.5)),
        unit="nJy",
    )


def snapshot_of(
    grid: Any, holds: Callable[[dict[str, Any]], bool] = lambda snapshot: snapshot is not None
) -> dict[str, Any]:
    """Wait until the page kept for the saved notebook fulfils a condition, and return it."""
    there = threading.Event()
    grid.observe(lambda change: there.set() if holds(change["new"]) else None, "snapshot")
    assert holds(grid.snapshot) or there.wait(20)
    return grid.snapshot


class View:
    """Simulates the browser of a grid: sends requests, collects answers."""

    def __init__(self, grid: Any, client: str = "view") -> None:
        self.grid = grid
        self.client = client
        self.answers: list[tuple[dict[str, Any], list[Any]]] = []
        self._changed = threading.Condition()
        self._number = 0
        grid.send = self._hear

    def _hear(self, content: dict[str, Any], buffers: list[Any] | None = None) -> None:
        with self._changed:
            self.answers.append((content, buffers or []))
            self._changed.notify_all()

    def tell(self, kind: str, *, number: int | None = None, version: int = VERSION, **body: Any) -> int:
        """Send a request and return its number."""
        if number is None:
            self._number += 1
            number = self._number
        content = {"kind": kind, "version": version, "client": self.client, "request": number, **body}
        self.grid._handle_custom_msg(content, [])
        return number

    def last_of(self, number: int, timeout_s: float = 20.0) -> tuple[dict[str, Any], Any]:
        """Wait for the final answer to a request; return it and its buffer."""

        def found() -> list[tuple[dict[str, Any], list[Any]]]:
            return [one for one in self.answers if one[0]["request"] == number and one[0]["kind"] != "part"]

        with self._changed:
            assert self._changed.wait_for(found, timeout_s), f"no answer to request {number}"
            answer, buffers = found()[0]
        return answer, buffers[0] if buffers else b""

    def first_part_of(self, number: int, timeout_s: float = 20.0) -> dict[str, Any]:
        """Wait for the first piece of an answer."""

        def found() -> list[dict[str, Any]]:
            return [one for one, _ in self.answers if one["request"] == number and one["kind"] == "part"]

        with self._changed:
            assert self._changed.wait_for(found, timeout_s), f"no piece of request {number}"
            return found()[0]

    def first_unasked(self, timeout_s: float = 20.0) -> dict[str, Any]:
        """Wait for a message that the kernel sends unasked."""

        def found() -> list[dict[str, Any]]:
            return [one for one, _ in self.answers if one["client"] == ""]

        with self._changed:
            assert self._changed.wait_for(found, timeout_s), "the kernel told nothing"
            return found()[0]

    def ask(self, kind: str, **body: Any) -> tuple[dict[str, Any], Any]:
        """Send a request and wait for its answer."""
        return self.last_of(self.tell(kind, **body))

    def page(self, page: int = 0, *, purpose: str = "show", **target: Any) -> tuple[dict[str, Any], Any]:
        """Ask for a page and wait for it."""
        return self.ask("page", purpose=purpose, target=target_of(self.grid, page=page, **target))


def target_of(grid: Any, **changes: Any) -> dict[str, Any]:
    """The page a grid shows, with changes."""
    return {**grid._target, **changes}
