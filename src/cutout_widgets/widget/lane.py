"""One thread of a grid's own, so that the notebook's thread never waits for images."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

__all__ = ["Lane"]

_log = logging.getLogger(__name__)

IDLE_S = 10.0
"""A thread without work ends after this long; the next job starts another."""


class Lane:
    """Runs jobs one after another, in the order they came.

    The thread is a daemon: an image store that hangs never keeps a kernel from ending.

    Parameters
    ----------
    name
        Of the thread, for debuggers.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._running = False
        self._closed = False

    def post(self, job: Callable[[], None]) -> None:
        """Put a job at the end; a closed lane forgets it."""
        with self._changed:
            if self._closed:
                return
            self._jobs.append(job)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
            self._changed.notify()

    def close(self) -> None:
        """Forget what waits and let the thread end after the job it is at."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._jobs and not self._closed:
                    self._changed.wait(IDLE_S)
                if not self._jobs:
                    self._running = False
                    return
                job = self._jobs.popleft()
            try:
                job()
            except Exception:  # noqa: BLE001  jobs answer for their failures; this keeps the lane open if one does not
                _log.exception("a job of %s failed", self._name)
