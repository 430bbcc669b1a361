"""The state of a journal as arrays, updated line by line: the last label of each source."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.labels.actions import Actions
from cutout_widgets.labels.current_rows import CurrentRows
from cutout_widgets.labels.entries import list_in_line, text_in_line
from cutout_widgets.labels.ids import identifier, identifier_array

__all__ = ["Action", "Ledger", "Translated", "first_labels", "repeated_labels"]

_parsed = json.JSONDecoder().raw_decode

_RECENT = 50_000
"""Recent labels kept in a dictionary; if there are more, all are sorted again."""

_LARGE = 10_000
"""An action with at least this many labels makes all be sorted again at once."""

Translated = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Converts a line's entry before it is applied; returns None to ignore it."""


def first_labels(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return an entry unchanged, or None for labels of repeated sources in a blind grid."""
    return None if "again" in entry or "agains" in entry else entry


def repeated_labels(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return the labels of repeated sources in a blind grid as normal labels; None for other entries."""
    if "again" in entry or "agains" in entry:
        names = {"again": "label", "agains": "labels"}
        return {names.get(name, name): value for name, value in entry.items()}
    return entry if "undo" in entry or "redo" in entry else None


@dataclass(frozen=True, eq=False)
class Action:
    """One action."""

    name: str
    """Its number in the file."""
    ids: NDArray[np.int64]
    """The sources, shape (n,), in the order they were listed."""


class Ledger:
    """The state described by the lines of a journal.

    A label takes about a hundred bytes: ids, label codes and times are stored in arrays, and the
    current row of a source is found in sorted ids, or in a dictionary of recent changes.

    Parameters
    ----------
    translated
        Converts a line's entry before it is applied; returns None to ignore it.
    """

    def __init__(self, translated: Translated = first_labels) -> None:
        self._translated = translated
        self.words: list[str] = []
        """All labels ever given, in the order of first use."""
        self.counts: Counter[str] = Counter()
        """Label -> number of sources that have it now."""
        self.notes: dict[int, tuple[str, str, str]] = {}
        """Id -> note, its author, its time."""
        self.seen: dict[int, None] = {}
        """Ids marked as seen, in the order they were first seen."""
        self.changed = array("q")
        """Ids whose state has changed in this `generation`, in order."""
        self.generation = 0
        """Incremented when anything may have changed."""
        self._word_codes: dict[str | None, int] = {None: -1}
        # One element per label: the source, the label's code, the action.
        self._ids, self._codes, self._act_of = array("q"), array("i"), array("i")
        self._acts = Actions()
        self._undone_by: dict[str, list[str]] = {}
        self._undone_early: set[str] = set()
        self._latest = CurrentRows()
        self._in_bulk = False

    # --- reading lines ----------------------------------------------------------------------------

    def take(self, lines: Iterable[bytes], *, in_bulk: bool = False) -> list[bytes]:
        """Apply lines, and return those that are not a journal's.

        Parameters
        ----------
        lines
            Without their newlines; blank ones are skipped.
        in_bulk
            Whether to leave finding the current labels to `settle`, which is faster for many lines.
        """
        self._in_bulk = in_bulk or self._in_bulk
        return [line for line in lines if line and not self._understood(line) and line.strip()]

    def settle(self) -> None:
        """Update the current labels after lines were applied."""
        if self._in_bulk or self._latest.n_recent > _RECENT or len(self.changed) > 20 * _RECENT:
            self._sort_anew()
            self._in_bulk = False
            self.generation += 1
            self.changed = array("q")

    def _understood(self, line: bytes) -> bool:
        """Apply one line; return False, without any effect, if it is invalid."""
        try:
            text = line.decode()
            entry, end = _parsed(text)
            if end != len(text) and text[end:].strip():
                return False
            who, when = text_in_line(entry.get("who")), text_in_line(entry.get("when"))
            translated = self._translated(entry)
            if translated is None:
                return True
            entry = translated
            if "label" in entry or "labels" in entry:
                self._take_labels(entry, who, when, line)
            elif "seen" in entry:
                self._take_seen(identifier_array(list_in_line(entry["seen"])).tolist())
            elif "note" in entry:
                self._take_note(identifier(entry["id"]), text_in_line(entry["note"]), who, when)
            elif "undo" in entry:
                self._undo(text_in_line(entry["undo"]), who)
            elif "redo" in entry:
                self._redo(text_in_line(entry["redo"]), who)
            else:
                return False
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return False
        return True

    def _take_labels(self, entry: dict[str, Any], who: str, when: str, line: bytes) -> None:
        ids = identifier_array(list_in_line(entry["ids"])) if "ids" in entry else [identifier(entry["id"])]
        n = len(ids)
        words = entry["labels"] if "labels" in entry else [entry["label"]]
        if not isinstance(words, list) or ("labels" in entry and len(words) != n):
            raise ValueError("there is one label for each id")
        for word in words:
            if word not in self._word_codes:
                self._add_word(word)
        note, name = text_in_line(entry.get("note")), text_in_line(entry.get("act"))
        name = name or hashlib.blake2b(line, digest_size=16).hexdigest()  # the same for all readers
        is_undone = bool(self._undone_early) and name in self._undone_early
        act, first = len(self._acts), len(self._ids)
        self._acts.add(name, who, when, note, first=first, is_undone=is_undone)
        if self._undone_by and not is_undone:
            self._undone_by.pop(who, None)
        codes = [self._word_codes[word] for word in words]
        if n == 1:
            self._ids.append(int(ids[0]))
            self._codes.append(codes[0])
            self._act_of.append(act)
        else:
            self._ids.frombytes(np.asarray(ids, dtype=np.int64).tobytes())
            self._codes.extend(array("i", codes if len(codes) == n else codes * n))
            self._act_of.extend(array("i", [act]) * n)
        self._in_bulk = self._in_bulk or n > _LARGE
        if not self._in_bulk and not is_undone:
            for row in range(first, first + n):
                self._set(self._ids[row], row, self._codes[row])

    def _add_word(self, word: Any) -> None:
        if not isinstance(word, str) or not word.strip():
            raise ValueError("a label is a word")
        word.encode()
        self._word_codes[word] = len(self.words)
        self.words.append(word)

    def _take_seen(self, ids: list[int]) -> None:
        self.seen.update(dict.fromkeys(ids))
        self._notify_changed(ids)

    def _take_note(self, number: int, note: str, who: str, when: str) -> None:
        f"{note}{who}{when}".encode()
        if note:
            self.notes[number] = note, who, when
        else:
            self.notes.pop(number, None)
        self._notify_changed([number])

    def _undo(self, name: str, who: str) -> None:
        acts = self._acts.named(name)
        if not acts:
            self._undone_early.add(name)  # files were concatenated in a different order
        self._acts.set_undone(acts, undone=True)
        self._undone_by.setdefault(who, []).append(name)
        self._reconsider(acts)

    def _redo(self, name: str, who: str) -> None:
        self._undone_early.discard(name)
        acts = self._acts.named(name)
        self._acts.set_undone(acts, undone=False)
        stack = self._undone_by.get(who, [])
        if name in stack:
            stack.remove(name)
        self._reconsider(acts)

    # --- current labels ---------------------------------------------------------------------------

    def row_of(self, id: int) -> int:
        """Return the row of a source's label; -1 if it has none."""
        return self._latest.row_of(id)

    def rows_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of many sources' labels, shape (n,); -1 for those without one."""
        return self._latest.rows_of(ids)

    def codes_of(self, ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return many sources' labels, as indices into `words`; -1 for those without one."""
        rows = self.rows_of(ids)
        if not len(self._codes):
            return np.full(len(ids), -1, dtype=np.int32)
        return np.where(rows < 0, np.int32(-1), self.codes_at(rows))

    def rows(self) -> NDArray[np.int64]:
        """Return the rows of all current labels, in the order they were given."""
        return self._latest.rows()

    def valid_rows(self) -> NDArray[np.int64]:
        """Return the rows of all labels that are not undone, including those replaced later."""
        return np.flatnonzero(~self._acts.are_undone(np.frombuffer(self._act_of, dtype=np.intc)))

    def ids_at(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sources at rows."""
        return np.frombuffer(self._ids, dtype=np.int64)[rows]

    def codes_at(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the labels at rows, as indices into `words`; -1 removes a label."""
        return np.frombuffer(self._codes, dtype=np.intc)[rows]

    def people_at(self, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return who gave the labels at rows, as indices into `people`."""
        return self._acts.people_of(np.frombuffer(self._act_of, dtype=np.intc)[rows])

    def id_at(self, row: int) -> int:
        """Return the source at a row."""
        return self._ids[row]

    @property
    def people(self) -> list[str]:
        """Everybody who has labelled."""
        return self._acts.people

    def word_at(self, row: int) -> str | None:
        """Return the label at a row; None removes one."""
        return None if row < 0 or self._codes[row] < 0 else self.words[self._codes[row]]

    def author_at(self, row: int) -> str:
        """Return who gave the label at a row."""
        return self._acts.who_of(self._act_of[row])

    def when_at(self, row: int) -> str:
        """Return the time of the label at a row."""
        return self._acts.when_of(self._act_of[row])

    def name_at(self, row: int) -> str:
        """Return the number of a row's action."""
        return self._acts.name_of(self._act_of[row])

    def note_at(self, row: int) -> str:
        """Return the note given with a label."""
        return self._acts.notes.get(self._act_of[row], "")

    def note_of(self, id: int) -> str:
        """Return a source's note: its own, else that of its label."""
        if id in self.notes:
            return self.notes[id][0]
        row = self.row_of(id) if self._acts.notes else -1
        return self.note_at(row) if row >= 0 else ""

    def all_notes(self) -> dict[int, str]:
        """Return id -> note, for all sources that have one."""
        rows = self.rows().tolist() if self._acts.notes else []
        beside = {self._ids[row]: note for row in rows if (note := self.note_at(row))}
        return beside | {id: note for id, (note, _, _) in self.notes.items()}

    def last_act_of(self, who: str) -> Action | None:
        """Return a person's last action that is not undone."""
        act = self._acts.last_of(who)
        return None if act is None else self._act(self._acts.named(self._acts.name_of(act)))

    def last_undone_of(self, who: str) -> Action | None:
        """Return the action that a person undid last, if they have not labelled since."""
        stack = self._undone_by.get(who)
        return self._act(self._acts.named(stack[-1])) if stack else None

    def _act(self, acts: list[int]) -> Action | None:
        rows = self._rows_of_acts(acts)
        return Action(self.name_at(int(rows[0])), self.ids_at(rows)) if len(rows) else None

    def _rows_of_acts(self, acts: list[int]) -> NDArray[np.int64]:
        """Return the rows of actions' labels, including undone ones."""
        spans = [self._acts.rows_of(act, len(self._ids)) for act in acts]
        parts = [np.arange(one.start, one.stop, dtype=np.int64) for one in spans]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def _reconsider(self, acts: list[int]) -> None:
        """Find the current labels of an action's sources again."""
        if self._in_bulk or not acts:
            return
        own = self._rows_of_acts(acts)
        if len(own) > _LARGE:
            self._in_bulk = True  # left to `settle`
            return
        ids = self.ids_at(own)
        rows = self.valid_rows()
        rows = rows[np.isin(self.ids_at(rows), ids)]
        latest = dict(zip(self.ids_at(rows).tolist(), rows.tolist(), strict=True))
        for number in dict.fromkeys(ids.tolist()):
            row = latest.get(number, -1)
            self._set(number, row, self._codes[row] if row >= 0 else -1)

    def _set(self, number: int, row: int, code: int) -> None:
        """Set the current row of a source."""
        before = self.word_at(self.row_of(number))
        if before is not None:
            self.counts[before] -= 1
        if code >= 0:
            self.counts[self.words[code]] += 1
        self._latest.set(number, row if code >= 0 else -1)
        self.changed.append(number)

    def _notify_changed(self, ids: list[int]) -> None:
        if not self._in_bulk:
            self.changed.extend(ids)

    def _sort_anew(self) -> None:
        """Find the current rows of all sources."""
        rows = self.valid_rows()[::-1]
        ids, first = np.unique(self.ids_at(rows), return_index=True)
        rows = rows[first]
        codes = self.codes_at(rows)
        labelled = codes >= 0
        self._latest.set_all(ids[labelled], rows[labelled])
        totals = np.bincount(codes[labelled], minlength=len(self.words)).tolist()
        self.counts = Counter({word: n for word, n in zip(self.words, totals, strict=True) if n})
