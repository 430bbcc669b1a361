"""A look at the journal every second, so that labels of others appear while a grid is open."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from cutout_widgets.errors import sentence

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid

__all__ = ["JournalWatch"]

EVERY_S = 1.0
"""A look is one question to the file system; on NFS its answer may be some seconds old."""


class JournalWatch:
    """Tells the views of a grid what others write to its journal, until it is closed or forgotten.

    Parameters
    ----------
    grid
        Whose journal.
    every_s
        Seconds between two looks.
    """

    def __init__(self, grid: Grid, every_s: float = EVERY_S) -> None:
        self._grid = weakref.ref(grid)
        self._every_s = every_s
        self._closed = threading.Event()
        self._begun = False

    def begin(self) -> None:
        """Look from now on, if the grid has a journal; only the first call has an effect."""
        grid = self._grid()
        if not self._begun and grid is not None and grid._journal.is_open:
            self._begun = True
            threading.Thread(target=self._run, name="cutouts-journal", daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()

    def look(self) -> bool:
        """Take one look; False if there is no grid any more."""
        grid = self._grid()
        if grid is None:
            return False
        try:
            grid._follow_journal()
            problem = grid._journal.problem()
        except Exception as err:  # noqa: BLE001  a disk that is away now may be back in a second
            problem = sentence(err)
        if not self._closed.is_set() and grid.labelling_problem != problem:
            grid.labelling_problem = problem
        return True

    def _run(self) -> None:
        while not self._closed.wait(self._every_s):
            if not self.look():
                return
