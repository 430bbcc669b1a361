"""Free the cutouts of a grid when its cell runs again and creates a new one."""

from __future__ import annotations

import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid

__all__ = ["note"]

_GRIDS: dict[str, tuple[int, list[weakref.ref[Grid]]]] = {}
"""Cell -> when it ran last, and the grids it created. ipywidgets keeps a widget until it is closed,
so replaced grids must be detected this way."""
_LOCK = threading.Lock()


def note(grid: Grid) -> None:
    """Remember which cell created a grid, and release the cutouts of grids from its previous run.

    Those grids are not closed: another cell may display them, and they read again what they need.
    """
    cell = _running_cell()
    if cell is None:
        return
    name, run = cell
    with _LOCK:
        before, grids = _GRIDS.get(name, (run, []))
        if before != run:
            for old in grids:
                if (one := old()) is not None:
                    one.release()
            grids = []
        _GRIDS[name] = run, [*grids, weakref.ref(grid)]


def _running_cell() -> tuple[str, int] | None:
    """Return the id and execution count of the running cell; None outside of Jupyter."""
    ipython: Any = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    parent = kernel.get_parent()
    cell = parent.get("metadata", {}).get("cellId") if isinstance(parent, dict) else None
    return (str(cell), int(shell.execution_count)) if cell else None
