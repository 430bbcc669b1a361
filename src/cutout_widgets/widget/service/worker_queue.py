"""Threads of a grid's own, so that the notebook's thread never waits for images."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

__all__ = ["WorkerQueue"]

_log = logging.getLogger(__name__)

IDLE_S = 10.0
"""A thread without work ends after this long; the next job starts another."""

MOST_THREADS = 3
"""One works; two more may hang in reads that nobody waits for any more."""

Job = tuple[Callable[[], None], Callable[[], bool]]


def _never() -> bool:
    return False


class WorkerQueue:
    """Runs jobs one after another, in the order they came.

    A job that was left - nobody wants its result any more - but hangs in a slow image store is
    overtaken: the next job gets another thread. Threads are daemons: a store that hangs never keeps
    a kernel from ending.

    Parameters
    ----------
    name
        Of the threads, for debuggers.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._running: dict[threading.Thread, Job | None] = {}
        self._closed = False

    def post(self, job: Callable[[], None], *, is_left: Callable[[], bool] = _never) -> None:
        """Put a job at the end; a closed queue forgets it.

        Parameters
        ----------
        job
            What to do.
        is_left
            Tells whether it may be overtaken.
        """
        with self._changed:
            if self._closed:
                return
            self._jobs.append((job, is_left))
            working = [one for one in self._running.values() if one is None or not one[1]()]
            if not working and len(self._running) < MOST_THREADS:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._running[thread] = None
                thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Forget what waits and let the threads end after the jobs they are at."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        me = threading.current_thread()
        while (job := self._next(me)) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001  jobs answer for their failures; this keeps the queue open if not
                _log.exception("a job of %s failed", self._name)

    def _next(self, me: threading.Thread) -> Callable[[], None] | None:
        """Wait for a job that is this thread's turn; None if the thread should end."""
        with self._changed:
            self._running[me] = None
            self._changed.notify_all()
            while not self._is_my_turn(me):
                if self._closed or (not self._changed.wait(IDLE_S) and not self._jobs):
                    del self._running[me]
                    return None
            self._running[me] = job = self._jobs.popleft()
            return job[0]

    def _is_my_turn(self, me: threading.Thread) -> bool:
        """Return whether there is a job, and no other thread is at one that somebody wants."""
        return bool(self._jobs) and not any(
            job is not None and not job[1]() for thread, job in self._running.items() if thread is not me
        )
