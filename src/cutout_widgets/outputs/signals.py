"""Ctrl-C and SIGTERM while saving: finish the files being written, then handle the signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["STOPS", "Terminated", "held_back", "sigterm_stops"]


class Terminated(BaseException):
    """SIGTERM was received: a batch system sends it some time before SIGKILL."""


STOPS = (KeyboardInterrupt, Terminated)
"""Exceptions that end a run early."""


@contextmanager
def sigterm_stops() -> Iterator[None]:
    """Let SIGTERM end a block with `Terminated`, and then the process, unless there is another handler.

    A second SIGTERM ends the process at once.
    """
    if not _is_main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise Terminated

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except Terminated:
        signal.raise_signal(signal.SIGTERM)
        raise
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def held_back() -> Iterator[None]:
    """Delay a first Ctrl-C or SIGTERM until a block has ended; a second one takes effect at once."""
    with _held_back(signal.SIGTERM), _held_back(signal.SIGINT):
        yield


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """Delay the first occurrence of a signal until a block has ended."""
    usual = signal.getsignal(number)
    if not _is_main_thread() or not callable(usual):
        yield  # signals go to another thread, or have no Python handler
        return
    came: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append((number, frame))
        if len(came) > 1:
            usual(number, frame)

    signal.signal(number, note)
    try:
        yield
    finally:
        signal.signal(number, usual)
        if len(came) == 1:
            usual(*came[0])


def _is_main_thread() -> bool:
    """Return whether this thread receives signals."""
    return threading.current_thread() is threading.main_thread()
