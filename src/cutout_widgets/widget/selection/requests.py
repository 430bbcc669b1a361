"""Handlers of requests about selected sources: select, list ids, save, show in a new grid."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadOption
from cutout_widgets.labels.ids import identifier
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid
    from cutout_widgets.widget.service.broker import OpenRequest

__all__ = ["USUAL_FOLDER", "ids_answer", "new_grid", "save", "select"]

USUAL_FOLDER = "cutouts"
"""Default folder, relative to the kernel's working directory."""

MOST_IDS = 100_000
"""Maximum ids in one message."""

PROGRESS_EVERY_S = 0.1

LONGEST_REASON = 160
"""Maximum length of a failure's reason in an answer; `Report.failed` of ``grid.save`` has all of it."""


class _Stopped(Exception):
    """Saving was cancelled."""


def select(grid: Grid, body: Mapping[str, Any]) -> protocol.SelectAnswer:
    """Select many rows."""
    what, where, sort = (body.get(key) for key in ("what", "where", "sort"))
    if what not in ("all", "range", "others"):
        raise BadOption(f"one can select all, a range or the others; got {what!r:.60}")
    if not all(value is None or isinstance(value, str) for value in (where, sort)):
        raise BadOption("filter and order of selected rows are texts or null")
    ends = [identifier(body.get(key)) if what == "range" else 0 for key in ("first", "last")]
    grid._select(what, where or None, sort or None, *ends)
    return protocol.SelectAnswer(kind="done", of="select", n=len(grid.selected))


def ids_answer(grid: Grid, body: Mapping[str, Any]) -> protocol.IdsAnswer:
    """Return the ids of the selected sources."""
    chosen = grid._selected_from(body.get("selected"))
    if len(chosen) > MOST_IDS:
        raise BadOption(
            f"{len(chosen):,} ids are too many to copy (at most {MOST_IDS:,}); in Python use grid.selected"
        )
    return protocol.IdsAnswer(kind="done", of="ids", ids=[str(one) for one in chosen])


def new_grid(grid: Grid, body: Mapping[str, Any]) -> protocol.GridAnswer:
    """Make a grid of selected sources and show it below."""
    chosen = grid._selected_from(body.get("selected"))
    grid._show_below(grid.selection_grid(chosen))
    return protocol.GridAnswer(kind="done", of="grid", n=len(chosen))


def shortened(text: str) -> str:
    """Return a text, shortened to a line or two."""
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}..."


def save(grid: Grid, request: OpenRequest) -> None:
    """Save selected sources, and report progress."""
    if request.is_cancelled():
        return
    chosen = grid._selected_from(request.body.get("selected"))
    typed = request.body.get("folder")
    if not isinstance(typed, str) or "\0" in typed:
        raise BadOption("a folder is text without NUL")
    folder = Path(typed.strip() or USUAL_FOLDER).expanduser().resolve()
    reported_at = float("-inf")

    def answer(n_done: int, n_all: int) -> protocol.SaveAnswer:
        return protocol.SaveAnswer(
            kind="part", of="save", folder=str(folder), n_done=n_done, n_all=n_all,
            written=0, present=0, failed=0, problem="",
        )  # fmt: skip

    def report_progress(n_done: int, n_all: int) -> None:
        nonlocal reported_at
        if request.is_cancelled():
            raise _Stopped
        if time.monotonic() - reported_at >= PROGRESS_EVERY_S:
            reported_at = time.monotonic()
            request.part(answer(n_done, n_all), [])

    try:
        report = grid.save(folder, ids=chosen, dialect="lab", progress=report_progress)
    except _Stopped:
        return  # files already written stay, with their manifest; the view has its answer
    n = len(report.ids)
    first = next((shortened(f"{id}: {why}") for id, why in report.failed.items()), "")
    request.done(
        {
            **answer(n, n),
            "kind": "done",
            "written": len(report.written),
            "present": len(report.present),
            "failed": len(report.failed),
            "problem": first,
        }
    )
