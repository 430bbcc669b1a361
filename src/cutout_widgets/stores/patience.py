"""Whether who reads would rather wait for a service that is down than be told so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["is_patient", "patiently"]

_patient: ContextVar[bool] = ContextVar("patient", default=False)


def is_patient() -> bool:
    """Tell whether reading in this thread may wait for minutes: nobody looks at the rows one by one."""
    return _patient.get()


@contextmanager
def patiently() -> Iterator[None]:
    """Let `is_patient` answer True, in this thread, until the ``with`` block ends: for runs that save."""
    before = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(before)
