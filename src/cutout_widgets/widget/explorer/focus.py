"""The current source of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.widget.interface import Grid

__all__ = ["focus_of"]


def focus_of(grid: Grid) -> DiaSource | None:
    """Return the inspected or last selected source; None if there is none."""
    wanted = grid.inspected if grid.inspected is not None else next(reversed(grid.selected), None)
    return None if wanted is None or wanted not in grid.sources else grid.sources.row(wanted)
