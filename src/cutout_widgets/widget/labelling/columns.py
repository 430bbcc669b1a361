"""The journal as table columns: label, who, note and seen of each row, kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.filters.extra_columns import ById
from cutout_widgets.catalog.values import Values
from cutout_widgets.labels.by_person import conflicting, labels_by_person
from cutout_widgets.labels.changes import Changes
from cutout_widgets.widget.protocol.labels import LabelColumns

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.labels.ledger import Ledger
    from cutout_widgets.widget.protocol.labels import Progress

__all__ = ["JournalColumns"]

_NAMES = ("label", "note", "who", "seen", "conflict")

_MANY = 5000
"""From this many changes on, all rows are looked up at once."""


class JournalColumns:
    """The journal's labels and notes for the rows of a table.

    Parameters
    ----------
    sources
        The rows.
    """

    def __init__(self, sources: SourceTable) -> None:
        self._rows = ById(sources)
        n = len(self._rows)
        self._codes = np.full(n, -1, dtype=np.int32)
        self._people = np.zeros(n, dtype=np.int32)
        self._seen = np.zeros(n, dtype=bool)
        self._conflict = np.zeros(n, dtype=bool)
        self._ledger: Ledger | None = None
        self._generation = -1
        self._read_to = 0
        self.names = LabelColumns(**{name: _free(name, sources.columns) for name in _NAMES})  # type: ignore[typeddict-item]  # mypy sees no keys in a comprehension
        """Names of the columns in filters."""

    def check(self, ids: NDArray[np.int64]) -> None:
        """Raise `BadTable` if an id is not in the table."""
        self._rows.check(ids)

    def follow(self, ledger: Ledger) -> Changes:
        """Read the journal's current state, and return what changed for rows of the table."""
        is_new = ledger is not self._ledger or ledger.generation != self._generation
        if is_new or len(ledger.changed) - self._read_to > _MANY:
            return self._join(ledger)
        changed = ledger.changed[self._read_to :]
        self._read_to += len(changed)
        ids, was = [], []
        for id in dict.fromkeys(changed):
            rows = self._rows.rows_of(id)
            if len(rows):
                ids.append(id)
                was.append(self._codes[rows[0]])
                row = ledger.row_of(id)
                self._codes[rows] = -1 if row < 0 else ledger.codes_at(np.array([row]))[0]
                self._people[rows] = 0 if row < 0 else ledger.people_at(np.array([row]))[0]
                self._seen[rows] = id in ledger.seen
                self._conflict[rows] = len(set(labels_by_person(ledger, id).values())) > 1
        found = np.array(ids, dtype=np.int64)
        return Changes(found, np.array(was, dtype=np.int32), ledger.codes_of(found), ledger.words)

    def columns(self) -> dict[str, Callable[[], Values]]:
        """Return the columns by their names in filters and sort orders."""
        ledger = self._ledger
        words = np.array([] if ledger is None else ledger.words, dtype=object)
        people = np.array([] if ledger is None else ledger.people, dtype=object)
        none = self._codes < 0

        def label() -> Values:
            return Values(np.where(none, 0, self._codes), none, words)

        def who() -> Values:
            return Values(np.where(none, 0, self._people), none, people)

        return {
            self.names["label"]: label,
            self.names["note"]: self._notes,
            self.names["who"]: who,
            self.names["seen"]: lambda: Values(self._seen.copy()),
            self.names["conflict"]: lambda: Values(self._conflict.copy()),
        }

    def progress(self, view: SourceTable, choices: Iterable[str]) -> Progress:
        """Return how many rows of a view have each label."""
        rows: Any = self._rows.rows_in(view)
        codes = self._codes[rows]
        words = [] if self._ledger is None else self._ledger.words
        totals = np.bincount(codes + 1, minlength=len(words) + 1).tolist()
        labels = dict.fromkeys(choices, 0)
        labels |= {word: n for word, n in zip(words, totals[1:], strict=True) if n or word in labels}
        return {
            "rows": len(view),
            "labels": labels,
            "unlabelled": totals[0],
            "seen": int(np.count_nonzero(self._seen[rows])),
        }

    @property
    def is_shared(self) -> bool:
        """True if more than one person labelled."""
        return self._ledger is not None and len(self._ledger.people) > 1

    def n_conflicts(self, view: SourceTable) -> int:
        """Return how many rows of a view people label differently."""
        rows: Any = self._rows.rows_in(view)
        return int(np.count_nonzero(self._conflict[rows]))

    def others_of(self, ledger: Ledger, id: int) -> str:
        """Return who labels a source differently from its current label, and how; empty if nobody does."""
        if not self.is_shared or not self._conflict[self._rows.rows_of(id)].any():
            return ""
        counts = ledger.word_at(ledger.row_of(id))
        labels = labels_by_person(ledger, id).items()
        return ", ".join(f"{who or 'somebody'}: {word}" for who, word in labels if word != counts)

    def unlabelled_in(self, view: SourceTable) -> NDArray[np.int64]:
        """Return the ids of a view's unlabelled rows."""
        rows: Any = self._rows.rows_in(view)
        ids: NDArray[np.int64] = self._rows.ids[rows][self._codes[rows] < 0]
        return ids

    def _join(self, ledger: Ledger) -> Changes:
        """Look up every row in the journal, and return which labels changed."""
        old, codes = self._ledger, self._codes.copy()
        self._ledger, self._generation, self._read_to = ledger, ledger.generation, len(ledger.changed)
        self._codes[:], self._people[:], self._seen[:] = -1, 0, False
        rows = ledger.rows()
        ids = ledger.ids_at(rows)
        order = np.argsort(ids)
        found, places = _found(self._rows.ids, ids[order])
        self._codes[found] = ledger.codes_at(rows[order])[places]
        self._people[found] = ledger.people_at(rows[order])[places]
        seen = np.sort(np.fromiter(ledger.seen, dtype=np.int64, count=len(ledger.seen)))
        self._seen[_found(self._rows.ids, seen)[0]] = True
        self._conflict = _found(self._rows.ids, conflicting(ledger))[0]
        if old is None:
            return Changes.none()
        every = Changes(self._rows.ids, codes, codes, old.words)
        every = every.with_labels(self._codes, ledger.words)
        return every.at(every.was != every.now)

    def _notes(self) -> Values:
        """Return the note of each row: its own, or that of its label."""
        texts: dict[str, int] = {}
        codes = np.full(len(self._rows), -1, dtype=np.int32)
        for id, text in ({} if self._ledger is None else self._ledger.all_notes()).items():
            codes[self._rows.rows_of(id)] = texts.setdefault(text, len(texts))
        return Values(np.where(codes < 0, 0, codes), codes < 0, np.array(list(texts), dtype=object))


def _found(ids: NDArray[np.int64], among: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which ids occur in a sorted array, and their positions there."""
    if not len(among):
        return np.zeros(len(ids), dtype=bool), np.zeros(0, dtype=np.int64)
    places = np.searchsorted(among, ids)
    places[places == len(among)] = 0
    found = among[places] == ids
    return found, places[found]


def _free(name: str, taken: Iterable[str]) -> str:
    """Return a column name, with underscores appended if the table already has it."""
    while name in taken:
        name += "_"
    return name
