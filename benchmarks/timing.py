"""Timing two ways of doing the same thing alternately, so that other load affects both."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Comparison:
    """Median seconds of the usual way and of ours."""

    usual_s: float
    ours_s: float

    @property
    def ratio(self) -> float:
        return self.usual_s / self.ours_s


_CPU_TIME = os.environ.get("BENCHMARK_CPU_TIME", "0") != "0"
"""Whether to count the processor's time of this process, as is fair on a machine that others use."""

_SHORTEST_TURN_S = 0.01
"""A way that is quicker is repeated within its turn: the clock and the caches settle."""


def interleaved(ways: Sequence[Callable[[], Any]], *, rounds: int = 15) -> list[float]:
    """Return the median seconds of each way; the ways alternate, after one warm-up call."""
    repeats = [max(1, round(_SHORTEST_TURN_S / _seconds(way, 1))) for way in ways]
    spent: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, repeat, seconds in zip(ways, repeats, spent, strict=True):
            seconds.append(_seconds(way, repeat))
    return [median(seconds) for seconds in spent]


def _seconds(way: Callable[[], Any], repeat: int) -> float:
    gc.collect()
    way()
    clock = time.process_time if _CPU_TIME else time.perf_counter
    start = clock()
    for _ in range(repeat):
        made = way()
    elapsed = clock() - start
    del made  # discarded outside the timing
    return elapsed / repeat


def compare(usual: Callable[[], Any], ours: Callable[[], Any], *, rounds: int = 15) -> Comparison:
    """Time the usual way against ours."""
    return Comparison(*interleaved([usual, ours], rounds=rounds))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder on the working disk (``/tmp`` may be in memory); removed even if the run is stopped."""

    def leave(*_: object) -> None:
        raise SystemExit("stopped")

    before = signal.signal(signal.SIGTERM, leave)
    try:
        with tempfile.TemporaryDirectory(
            prefix="benchmark-", dir=Path.cwd(), ignore_cleanup_errors=True
        ) as made:
            yield Path(made)
    finally:
        signal.signal(signal.SIGTERM, before)


def report(what: str, found: Comparison, *, floor: float | None = None) -> None:
    """Print one line: what, both times, their ratio, and the target ratio."""
    asked = "" if floor is None else f"   (asked: {floor:g}x)"
    print(
        f"  {what:46s} {_human(found.usual_s):>9s} -> {_human(found.ours_s):>9s}   {found.ratio:6.1f}x{asked}"
    )


def _human(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"
