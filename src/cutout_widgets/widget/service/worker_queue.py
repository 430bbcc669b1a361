"""A queue of jobs with its own threads, so that the notebook's thread never waits for images."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

__all__ = ["WorkerQueue"]

_log = logging.getLogger(__name__)

IDLE_S = 10.0
"""Idle threads end after this time; the next job starts another."""

MOST_THREADS = 3
"""Maximum threads: one that works, and two that may hang in reads that are no longer wanted."""

Job = tuple[Callable[[], None], Callable[[], bool]]


def _never() -> bool:
    return False


class WorkerQueue:
    """Runs jobs one after another, in the order they were added.

    If a job is no longer wanted but hangs in a slow image store, the next job starts in another thread.
    Threads are daemons, so a store that hangs never prevents the kernel from exiting.

    Parameters
    ----------
    name
        Name of the threads, for debuggers.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._running: dict[threading.Thread, Job | None] = {}
        self._closed = False

    def post(self, job: Callable[[], None], *, is_left: Callable[[], bool] = _never) -> None:
        """Add a job to the queue; does nothing if the queue is closed.

        Parameters
        ----------
        job
            The function to run.
        is_left
            Returns True if its result is no longer wanted.
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
        """Drop the waiting jobs and stop the threads after their current jobs."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        me = threading.current_thread()
        while (job := self._next(me)) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001  jobs handle their own errors; if one does not, go on
                _log.exception("a job of %s failed", self._name)

    def _next(self, me: threading.Thread) -> Callable[[], None] | None:
        """Wait for a job for this thread; return None if the thread should end."""
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
        """Return whether there is a job and no other thread runs one that is still wanted."""
        return bool(self._jobs) and not any(
            job is not None and not job[1]() for thread, job in self._running.items() if thread is not me
        )
