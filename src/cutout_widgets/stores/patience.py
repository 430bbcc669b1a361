"""Whether the current read should wait for a service that is down, instead of failing at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["is_patient", "patiently"]

_patient: ContextVar[bool] = ContextVar("patient", default=False)


def is_patient() -> bool:
    """Return whether reading in this thread may wait for minutes, because no user is looking at the rows."""
    return _patient.get()


@contextmanager
def patiently() -> Iterator[None]:
    """Make `is_patient` return True in this thread, until the ``with`` block ends: for runs that save."""
    before = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(before)
