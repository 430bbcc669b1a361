"""One run at a time: a lock that is a file, for network file systems too."""

from __future__ import annotations

import itertools
import os
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cutout_widgets.outputs.files import PARTIAL, RUNS, is_live, make_folder, process

__all__ = ["alone"]

HELD_S = 600
"""Longer no run holds the lock: it is taken from one that does, since its machine may be gone."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.01, 1.0
_LOOKS_AT_AGE_AFTER_S = 5


@contextmanager
def alone(root: Path, needless: Callable[[], bool] = lambda: False) -> Iterator[bool]:
    """Wait till no other run is in such a block for a directory.

    Parameters
    ----------
    root
        The directory.
    needless
        Asked while waiting: whether another run has done the work.

    Yields
    ------
    bool
        Whether the block is alone; False if it became needless.

    Notes
    -----
    The lock is a file that is made with ``O_EXCL``, which one of many machines succeeds in, and not
    ``flock``, which many network file systems lack. A lock whose process is dead is taken away at once
    if it was of this machine, and else when it is `HELD_S` old by the clock of the file server.
    """
    path = root / PARTIAL / RUNS / "lock"
    mine = f"{process()}-{threading.get_ident()}-{secrets.token_hex(4)}"
    wait, since = _FIRST_WAIT_S, time.monotonic()
    while not _make(path, mine):
        if needless():
            yield False
            return
        _take_away_if_dead(path, look_at_age=time.monotonic() - since > _LOOKS_AT_AGE_AFTER_S)
        time.sleep(wait * random.uniform(0.5, 1))
        wait = min(2 * wait, _LONGEST_WAIT_S)
    try:
        yield True
    finally:
        if _holder(path) == mine:
            with suppress(OSError):
                path.unlink()


def _make(path: Path, mine: str) -> bool:
    """Make the lock, if there is none."""
    for attempt in itertools.count():
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return False
        except FileNotFoundError:  # a run that ended has removed the empty folder
            if attempt > 100:
                raise
            make_folder(path.parent)
        else:
            try:
                os.write(handle, mine.encode())
            finally:
                os.close(handle)
            return True
    raise AssertionError  # the loop above does not end


def _holder(path: Path) -> str | None:
    """Return who holds the lock, None if nobody does."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None


def _take_away_if_dead(path: Path, *, look_at_age: bool) -> None:
    """Remove a lock whose run is no more."""
    holder = _holder(path)
    if holder is None:
        return
    owner = "-".join(holder.split("-")[:3])
    if is_live(owner, path) and not (look_at_age and _age_s(path) > HELD_S):
        return
    aside = path.with_name(f"broken-{secrets.token_hex(8)}")
    with suppress(OSError):
        path.rename(aside)
        if _holder(aside) != holder:  # somebody else removed that one, and this is a new one: give it back
            with suppress(OSError):
                os.link(aside, path)
        aside.unlink()


def _age_s(path: Path) -> float:
    """Return how old a file is by the clock that gave it its time: the file server's."""
    probe = path.with_name(f"clock-{secrets.token_hex(8)}")
    try:
        probe.touch(exist_ok=False)
        return probe.stat().st_mtime - path.stat().st_mtime
    except OSError:
        return 0.0
    finally:
        with suppress(OSError):
            probe.unlink()
