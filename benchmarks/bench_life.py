"""A kernel over a long time: 500 turns, 300 grids opened and closed, and a grid of ten million rows closed.

Targets: memory does not grow, no thread and no open file is left, and closing takes less than a second.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.timing import scratch_folder

TURNS, GRIDS, ROWS = 500, 300, 10_000_000
SETTLES = 120
"""Turns and grids before what is counted: caches fill first."""


def main() -> None:
    here = Path(__file__).parents[1]
    for part in ("turn", "open_and_close", "close_the_largest"):  # each in its own process
        code = f"import benchmarks.bench_life as bench; bench.{part}()"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=here)


def turn() -> None:
    """Turn the pages of one grid, cutting each again once the cache is full."""
    from tests.widget.other_end import View, make_stamps, make_table

    from cutout_widgets import CutoutGrid

    n = 3000
    grid = CutoutGrid(make_table(n), make_stamps(n), 30, page_size=24)
    view = View(grid)
    sizes = []
    for number in range(SETTLES + TURNS):
        view.page(number % (n // 24))
        view.answers.clear()
        if number in (SETTLES - 1, SETTLES + TURNS - 1):
            gc.collect()
            sizes.append(_resident_mb())
    grid.close()
    print(f"  {TURNS} turns after {SETTLES}: resident memory {sizes[0]:.0f} MB and {sizes[1]:.0f} MB")


def open_and_close() -> None:
    """Open a grid with labels, turn a page and close it, again and again."""
    from tests.widget.other_end import View, make_stamps, make_table

    from cutout_widgets import CutoutGrid

    before: tuple[float, int, int] = 0.0, 0, 0
    with scratch_folder() as folder:
        for number in range(SETTLES + GRIDS):
            grid = CutoutGrid(make_table(), make_stamps(), 30, labels=folder / "labels.jsonl")
            View(grid).page(1)
            grid.close()
            del grid
            if number == SETTLES - 1:
                before = _held()
        after = _held()
    grown, threads, files = (b - a for a, b in zip(before, after, strict=True))
    print(f"  {GRIDS} grids after {SETTLES}: {grown:+.1f} MB, {threads:+.0f} threads, {files:+.0f} files")


def close_the_largest() -> None:
    """Close a grid of ten million rows after a filter and an order."""
    from cutout_widgets import ArrayImages, CutoutGrid

    ids = np.arange(ROWS)
    rows = {"diaSourceId": ids, "ra": np.zeros(ROWS), "dec": np.zeros(ROWS), "snr": ids % 97 * 1.0}
    images = ArrayImages.from_stamps(ids[:24], *np.ones((3, 24, 9, 9)))
    grid = CutoutGrid(rows, images, 9, where="snr > 5", sort="-snr")
    start, used = time.perf_counter(), time.process_time()
    grid.close()
    spent, used = time.perf_counter() - start, time.process_time() - used
    print(f"  a grid of {ROWS:,} rows closes in {spent * 1e3:.0f} ms, {used * 1e3:.0f} of CPU   (asked: 1 s)")


def _held() -> tuple[float, int, int]:
    """Return MB in memory, threads and open files, after finished threads have ended."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(20)
    gc.collect()
    descriptors = Path("/proc/self/fd")
    return _resident_mb(), threading.active_count(), len(list(descriptors.iterdir()))


def _resident_mb() -> float:
    """Return the resident memory of this process, as reported by Linux."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1e3


if __name__ == "__main__":
    main()
