"""Check the journal every second, so that labels of others appear while a grid is open."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from cutout_widgets.errors import sentence

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid

__all__ = ["JournalWatch"]

EVERY_S = 1.0
"""A check is one file system call; on NFS its result may be some seconds old."""


class JournalWatch:
    """Sends the views what others write to the journal, until the grid is closed or deleted.

    Parameters
    ----------
    grid
        The grid with the journal.
    every_s
        Seconds between two checks.
    """

    def __init__(self, grid: Grid, every_s: float = EVERY_S) -> None:
        self._grid = weakref.ref(grid)
        self._every_s = every_s
        self._closed = threading.Event()
        self._begun = False

    def begin(self) -> None:
        """Start watching, if the grid has a journal; repeated calls have no effect."""
        grid = self._grid()
        if not self._begun and grid is not None and grid._journal.is_open:
            self._begun = True
            threading.Thread(target=self._run, name="cutouts-journal", daemon=True).start()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()

    def look(self) -> bool:
        """Check once; return False if the grid no longer exists."""
        grid = self._grid()
        if grid is None:
            return False
        try:
            grid._follow_journal()
            problem = grid._journal.problem()
        except Exception as err:  # noqa: BLE001  a disk that is unavailable now may be back in a second
            problem = sentence(err)
        if not self._closed.is_set() and grid.labelling_problem != problem:
            grid.labelling_problem = problem
        return True

    def _run(self) -> None:
        while not self._closed.wait(self._every_s):
            if not self.look():
                return
