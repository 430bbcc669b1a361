"""The changes of an action to many sources, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.labels.entries import Change

__all__ = ["Changes", "first_of_each"]


@dataclass(frozen=True, eq=False)
class Changes:
    """Sources with their labels before and after; iterating yields a `Change` for each."""

    ids: NDArray[np.int64]
    """Shape (n,)."""
    was: NDArray[np.int32]
    """Labels before, as indices into `words`, shape (n,); -1: none."""
    now: NDArray[np.int32]
    """Labels after, in the same form."""
    words: Sequence[str]
    """Labels, including all that are referred to."""

    @classmethod
    def none(cls) -> Changes:
        """Return an empty set of changes."""
        codes = np.zeros(0, dtype=np.int32)
        return cls(np.zeros(0, dtype=np.int64), codes, codes, ())

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Change]:
        names = [*self.words, None]  # index -1 is the last one
        rows = zip(self.ids.tolist(), self.was.tolist(), self.now.tolist(), strict=True)
        return (Change(id, names[was], names[now]) for id, was, now in rows)

    def labels(self) -> dict[int, str | None]:
        """Return id -> new label."""
        names = [*self.words, None]
        return {id: names[now] for id, now in zip(self.ids.tolist(), self.now.tolist(), strict=True)}

    def at(self, chosen: slice | NDArray[np.bool_] | NDArray[np.int64]) -> Changes:
        """Return a subset."""
        return Changes(self.ids[chosen], self.was[chosen], self.now[chosen], self.words)

    def without(self, ids: NDArray[np.int64]) -> Changes:
        """Return the changes of all other sources."""
        return self.at(~np.isin(self.ids, ids)) if len(self) and len(ids) else self

    def with_labels(self, now: NDArray[np.int32], words: Sequence[str]) -> Changes:
        """Return the same sources with different new labels, as indices into `words`."""
        places = {word: place for place, word in enumerate(words)}
        table = np.array([*(places.setdefault(word, len(places)) for word in self.words), -1], dtype=np.int32)
        return Changes(self.ids, table[self.was], now, list(places))

    def then(self, later: Changes) -> Changes:
        """Return these changes followed by later ones, as one."""
        if not len(self):
            return later
        words = list(dict.fromkeys([*later.words, *self.words]))  # keeps the indices of `later`
        places = {word: place for place, word in enumerate(words)}
        table = np.array([*(places[word] for word in self.words), -1], dtype=np.int32)
        kept = self.without(later.ids)
        return Changes(
            np.concatenate([kept.ids, later.ids]),
            np.concatenate([table[kept.was], later.was]),
            np.concatenate([table[kept.now], later.now]),
            words,
        )


def first_of_each(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ids without repetitions, in order of first appearance."""
    if len(ids) < 2:
        return ids
    found, first = np.unique(ids, return_index=True)
    return ids if len(found) == len(ids) else ids[np.sort(first)]
