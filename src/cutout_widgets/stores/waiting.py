"""Whether the current read should wait for a service that is down, instead of failing at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["waiting_for_service", "waits_for_service"]

_waits: ContextVar[bool] = ContextVar("waits", default=False)


def waits_for_service() -> bool:
    """Return whether reading in this thread may wait for minutes, because no user is looking at the rows."""
    return _waits.get()


@contextmanager
def waiting_for_service() -> Iterator[None]:
    """Make `waits_for_service` return True in this thread within the ``with`` block: for runs that save."""
    before = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(before)
