"""Worker processes that do not import the program that starts them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from cutout_widgets.errors import BadOption

__all__ = ["workers"]


def workers(njobs: Any) -> AbstractContextManager[Executor | None]:
    """Return the processes to work in, None for this one.

    Parameters
    ----------
    njobs
        How many; 0 for none but this one.

    Raises
    ------
    BadOption
        If it is no whole number, or negative.

    Notes
    -----
    They are not forked: a Butler's connections to its database must not be shared by two processes,
    and a notebook has threads, whose locks a forked child inherits shut. Nor do they import the
    script that starts them, which could not do without ``if __name__ == "__main__":`` then. Hence
    what they are given must not be defined in the script; a Butler or a store is not.
    """
    try:
        number = int(njobs.__index__())
    except (AttributeError, TypeError):
        number = -1
    if number < 0:
        raise BadOption(f"njobs is a number of processes, or 0 for none but this one; got {njobs!r}")
    if number == 0:
        return nullcontext()
    return ProcessPoolExecutor(number, mp_context=_Fresh(), initializer=_live_and_die_with_the_parent)


class _Worker(SpawnProcess):
    """A process of its own, not told what the main module is."""

    def start(self) -> None:
        with _nameless_main():
            super().start()


class _Fresh(SpawnContext):
    """Starts processes by `_Worker`."""

    Process = _Worker


_naming = threading.Lock()


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Hide where the main module comes from while a process starts: a few milliseconds.

    A spawned process imports the main module again if it is told its name or file.
    """
    with _naming:
        main = vars(sys.modules["__main__"])
        kept = {name: main[name] for name in main.keys() & {"__file__", "__spec__"}}
        main.pop("__file__", None)
        main["__spec__"] = None
        try:
            yield
        finally:
            main.update(kept)


def _live_and_die_with_the_parent() -> None:
    """Ignore Ctrl-C, which a shell sends to all: the parent ends the run. End when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_the_parent, daemon=True).start()


def _end_after_the_parent() -> None:
    """Wait for the parent to be killed: a worker that waits for its next task would not notice."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
