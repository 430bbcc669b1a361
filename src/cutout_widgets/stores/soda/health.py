"""A record of services that are down, so that not every row of a page has to time out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["FAILURES", "Health", "Outage"]

FAILURES = 3
"""A service counts as down after this many failed requests in a row, each after all its attempts."""


class Outage(NamedTuple):
    """A service that is down."""

    fault: str
    """The error of the last failed request."""
    left_s: float
    """When it may be requested again."""
    since_s: float
    """How long it has been down."""


@dataclass
class _Service:
    """The state of one service."""

    failures: int = 0
    fault: str = ""
    first_s: float = 0.0
    """Time of the first failure."""
    rest_s: float = 0.0
    """When it may be requested again."""
    held_s: float = 0.0
    """When it asked to be requested again."""


class Health:
    """A record of services that are down, for the lifetime of a store; thread-safe.

    Parameters
    ----------
    rest_s
        How long a service that is down is not requested; then one request tries it.
    clock
        A monotonic clock in seconds.
    """

    def __init__(self, rest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest_s, self._clock = rest_s, clock
        self._lock = threading.Lock()
        self._services: dict[str, _Service] = {}

    def outage(self, name: str) -> Outage | None:
        """Return the problem of a service that must not be requested now; None if it may be.

        After the rest time, one caller gets None: the one that tries the service again.
        """
        with self._lock:
            one, now = self._of(name), self._clock()
            if one.failures < FAILURES:
                return None
            if now >= one.rest_s:
                one.rest_s = now + self._rest_s
                return None
            return Outage(one.fault, one.rest_s - now, now - one.first_s)

    def is_down(self, name: str) -> bool:
        """Return whether a service counts as down."""
        with self._lock:
            return self._of(name).failures >= FAILURES

    def down_for_s(self, name: str) -> float:
        """Return how long a service has failed, seconds; 0 if it has not."""
        with self._lock:
            one = self._of(name)
            return self._clock() - one.first_s if one.failures else 0.0

    def held_s(self, name: str) -> float:
        """Return how long a service has asked to wait, from now."""
        with self._lock:
            return max(0.0, self._of(name).held_s - self._clock())

    def hold(self, name: str, seconds: float) -> None:
        """Record that a service asked all clients to wait (``Retry-After``)."""
        with self._lock:
            one = self._of(name)
            one.held_s = max(one.held_s, self._clock() + seconds)

    def failed(self, name: str, fault: str, rest_s: float | None = None) -> None:
        """Record a failed request; with `rest_s`, the time after which the service asked to retry."""
        with self._lock:
            one, now = self._of(name), self._clock()
            if not one.failures:
                one.first_s = now
            one.failures = one.failures + 1 if rest_s is None else FAILURES
            one.fault, one.rest_s = fault, now + (self._rest_s if rest_s is None else rest_s)

    def answered(self, name: str) -> None:
        """Record that a service responded, whatever the response."""
        with self._lock:
            self._services.pop(name, None)

    def _of(self, name: str) -> _Service:
        """Return the state of a service."""
        return self._services.setdefault(name, _Service())
