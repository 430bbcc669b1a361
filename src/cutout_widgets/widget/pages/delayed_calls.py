"""Calls after a delay, all in one thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

__all__ = ["DelayedCalls"]

_log = logging.getLogger(__name__)

IDLE_S = 10.0
"""An idle thread ends after this time; the next call starts another."""

Call = Callable[[], None]


class DelayedCalls:
    """Calls functions after a delay, unless they are dropped before, as most are.

    A `threading.Timer` for each would start a thread for each, which takes longer than cutting a page.

    Parameters
    ----------
    delay_s
        Seconds.
    name
        Name of the thread, for debuggers.
    """

    def __init__(self, delay_s: float, name: str) -> None:
        self._delay_s, self._name = delay_s, name
        self._due_s: dict[Call, float] = {}
        """Each function and its time; the first is due first, because all have the same delay."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_idle = False

    def add(self, call: Call) -> None:
        """Call a function after the delay."""
        with self._changed:
            self._due_s[call] = time.monotonic() + self._delay_s
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            elif self._is_idle:  # else it wakes up in time for an earlier one
                self._changed.notify_all()

    def drop(self, call: Call) -> None:
        """Do not call a function, if it was not called yet."""
        with self._changed:
            self._due_s.pop(call, None)

    def _run(self) -> None:
        while (call := self._next()) is not None:
            try:
                call()
            except Exception:  # noqa: BLE001  go on with the others
                _log.exception("a call of %s failed", self._name)
            del call  # what it belongs to is not kept while waiting for the next

    def _next(self) -> Call | None:
        """Wait for the next function; return None if the thread should end."""
        with self._changed:
            while True:
                call, due_s = next(iter(self._due_s.items()), (None, 0.0))
                if call is None:
                    self._is_idle = True
                    has_more = self._changed.wait(IDLE_S) or self._due_s
                    self._is_idle = False
                    if not has_more:
                        self._thread = None
                        return None
                elif (left_s := due_s - time.monotonic()) > 0:
                    del call
                    self._changed.wait(left_s)
                else:
                    del self._due_s[call]
                    return call
