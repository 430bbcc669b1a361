"""A long session releases closed grids."""

from __future__ import annotations

import gc
import threading
import tracemalloc
import weakref
from pathlib import Path

import pytest

from cutout_widgets.widget.grid import CutoutGrid

from .other_end import View, make_stamps, make_table

OPEN_FILES = Path("/proc/self/fd")


def opened_and_closed(labels: Path) -> weakref.ref[CutoutGrid]:
    grid = CutoutGrid(make_table(), make_stamps(), 30, labels=labels)
    View(grid).page(1)
    grid.close()
    return weakref.ref(grid)


def test_closed_grids_are_freed(tmp_path):
    closed = [opened_and_closed(tmp_path / "labels.jsonl") for _ in range(6)]
    gc.collect()
    assert sum(one() is not None for one in closed) <= 1  # the threads of the last may be ending


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="counts open files as Linux lists them")
def test_closed_grids_leave_no_threads_or_open_files(tmp_path):
    opened_and_closed(tmp_path / "labels.jsonl")
    before = set(threading.enumerate())
    files = len(list(OPEN_FILES.iterdir()))
    for _ in range(6):
        opened_and_closed(tmp_path / "labels.jsonl")
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
    assert set(threading.enumerate()) <= before
    assert len(list(OPEN_FILES.iterdir())) <= files


@pytest.mark.slow
def test_turning_many_pages_does_not_increase_memory():
    grid = CutoutGrid(make_table(), make_stamps(), 30, page_size=6, snapshot=False)
    view = View(grid)
    tracemalloc.start()
    try:
        sizes = []
        for _ in range(3):
            for turn in range(100):
                view.page(turn % 5)
                view.answers.clear()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        grid.close()
    assert sizes[2] - sizes[1] < 100_000
