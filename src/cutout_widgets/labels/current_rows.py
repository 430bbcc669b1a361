"""The journal row that counts for each source: sorted ids, and a dictionary of recent changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CurrentRows"]


class CurrentRows:
    """The row of each source's current label."""

    def __init__(self) -> None:
        self._ids = np.zeros(0, dtype=np.int64)
        self._rows = np.zeros(0, dtype=np.int64)
        self._recent: dict[int, int] = {}

    @property
    def n_recent(self) -> int:
        """Number of sources that changed since `set_all`."""
        return len(self._recent)

    def set(self, id: int, row: int) -> None:
        """Set the row of one source; -1: no label."""
        self._recent[id] = row

    def set_all(self, ids: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        """Set the rows of all labelled sources, by sorted, unique ids."""
        self._ids, self._rows, self._recent = ids, rows, {}

    def row_of(self, id: int) -> int:
        """Return the row of a source; -1 without a label."""
        row = self._recent.get(id)
        if row is None:
            place = int(self._ids.searchsorted(id))
            found = place < len(self._ids) and self._ids[place] == id
            row = int(self._rows[place]) if found else -1
        return row

    def rows_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of many sources, shape (n,); -1 for those without a label."""
        found = _looked_up(ids, self._ids, self._rows, np.full(len(ids), -1, dtype=np.int64))
        if self._recent:
            newer = np.fromiter(self._recent, dtype=np.int64, count=len(self._recent))
            rows = np.fromiter(self._recent.values(), dtype=np.int64, count=len(self._recent))
            order = np.argsort(newer)
            found = _looked_up(ids, newer[order], rows[order], found)
        return found

    def rows(self) -> NDArray[np.int64]:
        """Return the rows of all labelled sources, in order."""
        old = self._rows
        if self._recent:
            newer = np.fromiter(self._recent, dtype=np.int64, count=len(self._recent))
            old = old[~np.isin(self._ids, newer)]
        new = np.array([one for one in self._recent.values() if one >= 0], dtype=np.int64)
        return np.sort(np.concatenate([old, new]))


def _looked_up(
    wanted: NDArray[np.int64], ids: NDArray[np.int64], rows: NDArray[np.int64], otherwise: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the row of each wanted id in sorted ids, else its value in `otherwise`."""
    if not len(ids):
        return otherwise
    places = ids.searchsorted(wanted)
    places[places == len(ids)] = 0
    return np.where(ids[places] == wanted, rows[places], otherwise)
