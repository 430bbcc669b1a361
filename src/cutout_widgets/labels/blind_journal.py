"""A journal for blind grids, in which sources have meaningless numbers and some are repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.labels.entries import ids_in_line, list_in_line, text_in_line
from cutout_widgets.labels.ids import identifier, identifier_array
from cutout_widgets.labels.journal import LabelJournal
from cutout_widgets.labels.ledger import Ledger, repeated_labels

__all__ = ["BlindJournal"]


class BlindJournal(LabelJournal):
    """A journal that uses keys here and the sources' own ids in the file; labels by others are hidden.

    Parameters
    ----------
    journal
        The file, and who labels.
    ids
        The source of each key, shape (n,); keys start at 1. A source that appears twice is labelled
        twice, and in the file its second label has the field ``again`` instead of ``label``.
    """

    def __init__(self, journal: LabelJournal, ids: NDArray[np.int64]) -> None:
        self._ids = ids
        self._first: dict[int, int] = {}
        self._again: dict[int, int] = {}
        for key, id in enumerate(ids.tolist(), start=1):
            (self._again if id in self._first else self._first)[id] = key
        self._repeats = frozenset(self._again.values())
        super().__init__(journal.path, who=journal.who)

    def _empty(self) -> Ledger:
        return Ledger(self._in_keys)

    def _in_keys(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        """Return a line's entry with keys for ids; None if it is only about other sources."""
        if "undo" in entry or "redo" in entry:
            return entry
        if text_in_line(entry.get("who")) != self.who:
            return None
        keys: Mapping[int, int] = self._first
        if (again := repeated_labels(entry)) is not None:
            entry, keys = again, self._again
        if "seen" in entry:
            return {**entry, "seen": self._kept(entry["seen"], keys)[0]}
        if "id" in entry:
            key = keys.get(identifier(entry["id"]))
            return None if key is None else {**entry, "id": key}
        if "ids" not in entry:
            return entry
        found, places = self._kept(entry["ids"], keys)
        if not found:
            return None
        some = {"labels": [entry["labels"][place] for place in places]} if "labels" in entry else {}
        return {**entry, "ids": found, **some}

    def _kept(self, ids: Any, keys: Mapping[int, int]) -> tuple[list[str], list[int]]:
        """Return the keys of ids that have one, as text, and their indices."""
        known = [
            (keys.get(id), place) for place, id in enumerate(identifier_array(list_in_line(ids)).tolist())
        ]
        found = [(str(key), place) for key, place in known if key is not None]
        return [key for key, _ in found], [place for _, place in found]

    def _append(self, *entries: Mapping[str, Any]) -> None:
        super()._append(*(one for entry in entries for one in self._in_ids(entry)))

    def _in_ids(self, entry: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Return an entry with ids for keys; as two entries if some of its labels are repetitions."""
        if "seen" in entry:
            own = [key for key in map(int, entry["seen"]) if key not in self._repeats]
            return [{**entry, "seen": [str(self._id(key)) for key in own]}] if own else []
        if "id" not in entry and "ids" not in entry:
            return [entry]
        keys = [int(key) for key in entry.get("ids", [entry.get("id")])]
        rest = {name: value for name, value in entry.items() if name not in ("id", "ids", "label")}
        if "label" not in entry:
            return [{**ids_in_line([self._id(key) for key in keys]), **rest}]
        first = [self._id(key) for key in keys if key not in self._repeats]
        again = [self._id(key) for key in keys if key in self._repeats]
        lines = [{**ids_in_line(first), "label": entry["label"], **rest}] if first else []
        return [*lines, *([{**ids_in_line(again), "again": entry["label"], **rest}] if again else [])]

    def _id(self, key: int) -> int:
        return int(self._ids[key - 1])
