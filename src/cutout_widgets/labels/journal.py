"""Labels that people give to sources: one line for each action, never lost and never overwritten."""

from __future__ import annotations

import json
import os
import threading
import uuid
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from cutout_widgets.errors import CutoutWarning
from cutout_widgets.labels.by_person import current_of
from cutout_widgets.labels.changes import Changes, first_of_each
from cutout_widgets.labels.entries import (
    Change,
    Label,
    ids_in_line,
    journal_path,
    label_word,
    login_name,
    now,
    one_line,
    writable,
)
from cutout_widgets.labels.exchange import Exchange
from cutout_widgets.labels.growing_file import GrowingFile
from cutout_widgets.labels.ids import identifier, identifiers
from cutout_widgets.labels.ledger import Ledger, repeated_labels

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelJournal"]

T = TypeVar("T")

_VERSION = 1
"""Version of written lines; readers of files by newer versions rely only on these fields."""

_BULK_BYTES = 1 << 21
"""If there are more unread bytes than this, they are read before labels are sorted."""


class LabelJournal(Exchange):
    """An append-only file of labels: JSON lines, on disk before `label` returns.

    Parameters
    ----------
    path
        The file; it and its folder are created with the first label.
    who
        Name of the person labelling; the login name by default.

    Raises
    ------
    BadOption
        If the path cannot be a journal: a folder, or the name of a table (``.csv``).

    Notes
    -----
    The last label of an id wins. An action, however many ids it has, is one line, written at once:
    after a crash or on a full disk all of it counts, or nothing. Undo and redo add a line too, so the
    file is a complete history. Several journals, also of several people, may append to one file on a
    local disk without locks; on NFS use one file per person. An incomplete line after a crash is
    ignored, kept in the file, and copied to ``<path>.torn``. All methods are thread-safe.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     labels = cw.LabelJournal(Path(folder) / "labels.jsonl", who="me")
    ...     _ = labels.label([7, 9], "real")
    ...     _ = labels.undo()
    ...     _ = labels.label(9, "bogus", note="dipole")
    ...     labels.counts
    {'bogus': 1}
    """

    def __init__(self, path: str | os.PathLike[str], *, who: str | None = None) -> None:
        self.path = journal_path(path)
        self.who = one_line(login_name() if who is None else who, "a name")
        self._lock = threading.RLock()
        self._file = GrowingFile(self.path)
        self._ledger = self._empty()
        self._tail_taken = b""
        self._unreadable: list[str] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), str(self.path), self.who)

    def __repr__(self) -> str:
        return f"<LabelJournal {self.path}: {len(self)} labels>"

    def __len__(self) -> int:
        return sum(self.counts.values())

    # --- actions ----------------------------------------------------------------------------------

    def label(
        self, ids: int | str | Iterable[int | str], label: str | None, *, note: str = ""
    ) -> list[Label]:
        """Label sources, in one action; it is on disk when this returns.

        Parameters
        ----------
        ids
            One id or several: integers, or text of their digits.
        label
            The word, or None to remove the label.
        note
            A note to keep with the label.

        Raises
        ------
        BadOption
            If an id is not a 64-bit integer, or the label is not text, empty, longer than 1000 characters or
            longer than one line.
        NotWritable
            If the file cannot be written; nothing is labelled then.
        """
        numbers = identifiers(ids)
        act, when = self.write(numbers, label, note=note)
        return [Label(number, label, self.who, when, note, act) for number in numbers]

    def write(self, ids: Sequence[int], label: str | None, *, note: str = "") -> tuple[str, str]:
        """Label sources like `label`, and return only the action's number and time."""
        label, note = None if label is None else label_word(label), writable(note, "a note")
        act, when = uuid.uuid4().hex, now()
        if ids:
            self._append({**ids_in_line(ids), "label": label, "who": self.who, "when": when, "note": note,
                          "act": act})  # fmt: skip
        return act, when

    def note(self, id: int | str, note: str) -> None:
        """Add a note to a source, labelled or not; it replaces the previous note.

        Parameters
        ----------
        id
            The source.
        note
            Any text; an empty one removes the note.

        Raises
        ------
        BadOption, NotWritable
            As `label`.
        """
        number = identifier(id)
        self._append({"id": str(number), "note": writable(note, "a note"), "who": self.who, "when": now()})

    def see(self, ids: int | str | Iterable[int | str]) -> list[int]:
        """Mark sources as seen, in one line; this does not change labels.

        Returns
        -------
        list of int
            Those that were not marked yet. None are marked after the file was deleted: only a label
            starts a new one.

        Raises
        ------
        BadOption, NotWritable
            As `label`.
        """
        with self._lock:
            self._refresh()
            new = [one for one in dict.fromkeys(identifiers(ids)) if one not in self._ledger.seen]
            if self._file.was_deleted():
                return []
            if new:
                self._append({"seen": [str(one) for one in new], "who": self.who, "when": now()})
            return new

    def undo(self) -> list[Change]:
        """Undo the last action by this journal's author that is not undone yet.

        Returns
        -------
        list of Change
            The ids of that action, with their labels before and after; empty if there is nothing to undo.
        """
        return list(self.turn("undo"))

    def redo(self) -> list[Change]:
        """Redo what this journal's author undid last, unless they have labelled something since.

        Returns
        -------
        list of Change
            As `undo`.
        """
        return list(self.turn("redo"))

    def turn(self, verb: Literal["undo", "redo"]) -> Changes:
        """Undo or redo like the methods of these names, and return the changes as arrays."""
        with self._lock:
            self._refresh()
            led = self._ledger
            act = led.last_act_of(self.who) if verb == "undo" else led.last_undone_of(self.who)
            if act is None:
                return Changes.none()
            ids = first_of_each(act.ids)
            was = led.codes_of(ids)
            self._append({verb: act.name, "who": self.who, "when": now()})
            led = self._ledger
            return Changes(ids, was, led.codes_of(ids), led.words)

    # --- what it says -----------------------------------------------------------------------------

    def current(self) -> dict[int, Label]:
        """Return the label of each source that has one, in the order they were given."""
        with self._lock:
            self._refresh()
            return {one.id: one for one in self._labels(self._ledger.rows().tolist())}

    def of(self, id: int | str) -> str | None:
        """Return the label of one source, or None."""
        with self._lock:
            self._refresh()
            return self._ledger.word_at(self._ledger.row_of(identifier(id)))

    @property
    def counts(self) -> dict[str, int]:
        """Number of sources with each label, in the order of the labels' first use."""
        with self._lock:
            self._refresh()
            return {word: n for word in self._ledger.words if (n := self._ledger.counts[word])}

    @property
    def notes(self) -> dict[int, str]:
        """Id -> its note, from `note` or given with its label."""
        with self._lock:
            self._refresh()
            return self._ledger.all_notes()

    @property
    def seen(self) -> list[int]:
        """Ids that anybody has seen, in the order they were first seen."""
        with self._lock:
            self._refresh()
            return list(self._ledger.seen)

    def history(self) -> list[Label]:
        """Return all labels ever given and not undone, in order."""
        with self._lock:
            self._refresh()
            return self._labels(self._ledger.valid_rows().tolist())

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Lines of the file that are not labels: truncated by a crash, or foreign."""
        with self._lock:
            self._refresh()
            torn = b"" if self._tail_taken else self._file.tail
            return (*self._unreadable, torn.decode("utf-8", "replace")) if torn else tuple(self._unreadable)

    def to_pandas(self) -> pd.DataFrame:
        """Return the current labels: columns ``id`` (int64), ``label``, ``who``, ``when``, ``note``."""
        return self.read(current_of)

    def problem(self) -> str:
        """Return why labels cannot be written, or that the file was deleted; empty if there is no problem."""
        return self._file.problem()

    # --- inside -----------------------------------------------------------------------------------

    def read(self, of: Callable[[Ledger], T]) -> T:
        """Call a function with the journal's up-to-date state, under a lock."""
        with self._lock:
            self._refresh()
            return of(self._ledger)

    def peek(self, of: Callable[[Ledger], T]) -> T:
        """Call a function with the journal's last known state, without checking the file."""
        with self._lock:
            return of(self._ledger)

    def _labels(self, rows: Iterable[int]) -> list[Label]:
        led = self._ledger
        return [
            Label(led.id_at(row), led.word_at(row), led.author_at(row), led.when_at(row), led.note_at(row),
                  led.name_at(row))
            for row in rows
        ]  # fmt: skip

    def _append(self, *entries: Mapping[str, Any]) -> None:
        """Write lines at once and wait until they are on disk."""
        lines = [json.dumps({**one, "version": _VERSION}, ensure_ascii=False) + "\n" for one in entries]
        payload = "".join(lines).encode()
        with self._lock:
            self._refresh()
            if self._file.tail and not self._tail_taken:
                self._file.keep_aside(self._file.tail)
            self._file.append(payload)
            self._refresh()

    def _repeated(self) -> LabelJournal:
        """Return a journal of the same file that counts only labels of repeated sources."""
        found = LabelJournal(self.path, who=self.who)
        found._ledger = Ledger(repeated_labels)
        return found

    def _empty(self) -> Ledger:
        """Return an empty state."""
        return Ledger()

    def _refresh(self) -> None:
        """Read what anybody has appended since the last call."""
        if self._file.is_unchanged():
            return
        if self._file.was_replaced():  # by somebody: read it from the start
            self._file.begin_anew()
            generation = self._ledger.generation
            self._ledger, self._unreadable, self._tail_taken = self._empty(), [], b""
            self._ledger.generation = generation + 1
        in_bulk = self._file.n_unread() > _BULK_BYTES
        foreign: list[bytes] = []
        for lines in self._file.fresh_lines():
            if self._tail_taken and lines:
                lines[0] = lines[0].removeprefix(self._tail_taken)
                self._tail_taken = b""
            foreign += self._ledger.take(lines, in_bulk=in_bulk)
        tail = self._file.tail
        if tail and not self._tail_taken and not self._ledger.take([tail], in_bulk=in_bulk):
            self._tail_taken = tail  # complete except for its newline
        self._ledger.settle()
        if foreign:
            self._unreadable += [line.decode("utf-8", "replace") for line in foreign]
            warnings.warn(
                f"{len(foreign)} lines of {self.path.name} are not labels and are ignored",
                CutoutWarning,
                stacklevel=4,
            )


def _restore(kind: type[LabelJournal], path: str, who: str) -> LabelJournal:
    return kind(path, who=who)
