"""Which services do not answer, so that each row of a page need not find it out anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["FAILURES", "Health", "Silence"]

FAILURES = 3
"""Requests in a row that fail, each after all its attempts, until a service counts as down."""


class Silence(NamedTuple):
    """A service that is down."""

    fault: str
    """What the last request that failed found."""
    left_s: float
    """Until it is asked again."""
    since_s: float
    """How long it has been down."""


@dataclass
class _Service:
    """What is known of one service."""

    failures: int = 0
    fault: str = ""
    first_s: float = 0.0
    """When the first of the failures was."""
    rest_s: float = 0.0
    """When it may be asked again."""
    held_s: float = 0.0
    """When it said that it may be asked again."""


class Health:
    """Remembers which services are down, for the life of a store; used by several threads.

    Parameters
    ----------
    rest_s
        How long a service that is down is not asked; then one request tries it.
    clock
        Seconds that only grow.
    """

    def __init__(self, rest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest_s, self._clock = rest_s, clock
        self._lock = threading.Lock()
        self._services: dict[str, _Service] = {}

    def silence(self, origin: str) -> Silence | None:
        """Return what is wrong with a service that must not be asked now; None if it may be.

        Of a service that has rested, one caller is told None: the one that tries it.
        """
        with self._lock:
            one, now = self._of(origin), self._clock()
            if one.failures < FAILURES:
                return None
            if now >= one.rest_s:
                one.rest_s = now + self._rest_s
                return None
            return Silence(one.fault, one.rest_s - now, now - one.first_s)

    def is_down(self, origin: str) -> bool:
        """Tell whether a service counts as down."""
        with self._lock:
            return self._of(origin).failures >= FAILURES

    def down_for_s(self, origin: str) -> float:
        """Return how long a service has failed, seconds; 0 if it has not."""
        with self._lock:
            one = self._of(origin)
            return self._clock() - one.first_s if one.failures else 0.0

    def held_s(self, origin: str) -> float:
        """Return how long a service asked to be left alone, from now."""
        with self._lock:
            return max(0.0, self._of(origin).held_s - self._clock())

    def hold(self, origin: str, seconds: float) -> None:
        """Remember that a service asked all to wait (``Retry-After``)."""
        with self._lock:
            one = self._of(origin)
            one.held_s = max(one.held_s, self._clock() + seconds)

    def failed(self, origin: str, fault: str, rest_s: float | None = None) -> None:
        """Remember that a request failed for good; with `rest_s` that the service said when to come back."""
        with self._lock:
            one, now = self._of(origin), self._clock()
            if not one.failures:
                one.first_s = now
            one.failures = one.failures + 1 if rest_s is None else FAILURES
            one.fault, one.rest_s = fault, now + (self._rest_s if rest_s is None else rest_s)

    def answered(self, origin: str) -> None:
        """Remember that a service works, whatever it said."""
        with self._lock:
            self._services.pop(origin, None)

    def _of(self, origin: str) -> _Service:
        """Return what is known of a service."""
        return self._services.setdefault(origin, _Service())
