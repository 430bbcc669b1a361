"""Worker processes that do not import the main script."""

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
    """Return an executor of worker processes, or None for this process.

    Parameters
    ----------
    njobs
        Number of processes; 0 = only this one.

    Raises
    ------
    BadOption
        If it is not a whole number, or negative.

    Notes
    -----
    Processes are not forked: two processes must not share a Butler's database connections, and a forked
    child of a notebook inherits locks that its threads held. Nor do they import the script that starts
    them, which would then need ``if __name__ == "__main__":``. Therefore their arguments must not be
    of types defined in the script; a Butler or a store is not.
    """
    try:
        number = int(njobs.__index__())
    except (AttributeError, TypeError):
        number = -1
    if number < 0:
        raise BadOption(f"njobs is a number of processes, or 0 for only this one; got {njobs!r}")
    if number == 0:
        return nullcontext()
    return ProcessPoolExecutor(number, mp_context=_Fresh(), initializer=_live_and_die_with_the_parent)


class _Worker(SpawnProcess):
    """A process that does not import the main module."""

    def start(self) -> None:
        with _nameless_main():
            super().start()


class _Fresh(SpawnContext):
    """A context that starts processes as `_Worker`."""

    Process = _Worker


_naming = threading.Lock()


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Hide the location of the main module while a process starts: a few milliseconds.

    A spawned process imports the main module if it gets its name or file.
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
    """Ignore Ctrl-C, which a terminal sends to all: the parent stops the run. Exit with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_the_parent, daemon=True).start()


def _end_after_the_parent() -> None:
    """Exit when the parent is killed, which a worker waiting for a task would not notice."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
