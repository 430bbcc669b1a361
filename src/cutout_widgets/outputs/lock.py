"""A lock for one run at a time: a file, which also works on network file systems."""

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
"""A lock older than this is removed, even if its process may live, since its machine may be gone."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.01, 1.0
_LOOKS_AT_AGE_AFTER_S = 5


@contextmanager
def alone(root: Path, needless: Callable[[], bool] = lambda: False) -> Iterator[bool]:
    """Wait until no other run holds the lock of a folder.

    Parameters
    ----------
    root
        The folder.
    needless
        Called while waiting: returns True if another run has done the work.

    Yields
    ------
    bool
        Whether the lock is held; False if it became unnecessary.

    Notes
    -----
    The lock is a file created with ``O_EXCL``, which succeeds on only one of many machines, and not
    ``flock``, which many network file systems lack. The lock of a dead process is removed at once
    if it is of this machine, and else when it is `HELD_S` old by the clock of the file server.
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
    """Create the lock; return False if it exists."""
    for attempt in itertools.count():
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return False
        except FileNotFoundError:  # another run removed the empty folder at its end
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
    """Return the owner of the lock, or None."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None


def _take_away_if_dead(path: Path, *, look_at_age: bool) -> None:
    """Remove the lock of a dead run."""
    holder = _holder(path)
    if holder is None:
        return
    owner = "-".join(holder.split("-")[:3])
    if is_live(owner, path) and not (look_at_age and _age_s(path) > HELD_S):
        return
    aside = path.with_name(f"broken-{secrets.token_hex(8)}")
    with suppress(OSError):
        path.rename(aside)
        if _holder(aside) != holder:  # the lock was replaced meanwhile: restore it
            with suppress(OSError):
                os.link(aside, path)
        aside.unlink()


def _age_s(path: Path) -> float:
    """Return the age of a file by the file server's clock."""
    probe = path.with_name(f"clock-{secrets.token_hex(8)}")
    try:
        probe.touch(exist_ok=False)
        return probe.stat().st_mtime - path.stat().st_mtime
    except OSError:
        return 0.0
    finally:
        with suppress(OSError):
            probe.unlink()
