"""Labels of a grid, backed by the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.filters.extra_columns import narrowed
from cutout_widgets.errors import BadOption
from cutout_widgets.labels.changes import Changes, first_of_each
from cutout_widgets.labels.ids import identifier_array
from cutout_widgets.labels.journal import LabelJournal
from cutout_widgets.widget.labelling.columns import JournalColumns
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.protocol.labels import NAMED, NO_ENTRY, Act

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.labels.ledger import Ledger

__all__ = ["LabelAction", "Labelling"]

_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class LabelAction:
    """The effect of an action on labels, to send to the views."""

    act: Act
    changes: Changes


class Labelling(Mapping[int, protocol.JournalState]):
    """Labels of one grid: the journal's state of each source, by its id.

    Parameters
    ----------
    journal
        The journal; None: labelling is refused.
    sources
        The rows.
    """

    def __init__(self, journal: LabelJournal | None, sources: SourceTable) -> None:
        self._journal = journal
        self._sources = sources
        self._lock = threading.RLock()
        self._columns = JournalColumns(sources)
        self._of_others = Changes.none()
        if journal is not None:
            journal.read(self._columns.follow)

    @classmethod
    def of(cls, labels: LabelJournal | str | Path | None, sources: SourceTable) -> Labelling:
        """Return the labels of a journal, given by its path or as an object."""
        if isinstance(labels, (str, Path)):
            labels = LabelJournal(labels)
        if labels is not None and not isinstance(labels, LabelJournal):
            raise BadOption(
                f"labels go to a LabelJournal or the path of one; got {type(labels).__name__}: "
                "LabelJournal.import_ imports labels from a table"
            )
        return cls(labels, sources)

    # --- what it says -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """True if there is a journal."""
        return self._journal is not None

    @property
    def journal(self) -> LabelJournal | None:
        """The journal, or None."""
        return self._journal

    @property
    def who(self) -> str:
        """The name under which labels are given."""
        return "" if self._journal is None else self._journal.who

    @property
    def column_names(self) -> protocol.LabelColumns:
        """The names of the journal's columns in filters and sort orders."""
        names: protocol.LabelColumns = self._columns.names
        return names

    def __getitem__(self, id: int) -> protocol.JournalState:
        if self._journal is None:
            return NO_ENTRY
        return self._journal.peek(lambda ledger: _state_of(ledger, id, self._columns.others_of(ledger, id)))

    def __iter__(self) -> Iterator[int]:
        return iter(() if self._journal is None else self._journal.current())

    def __len__(self) -> int:
        return 0 if self._journal is None else len(self._journal)

    def is_named_in(self, *texts: str | None) -> bool:
        """Return whether a filter or a sort order may use the journal's columns."""
        names = tuple(self.column_names.values()) if self.is_open else ()
        return any(str(name) in text for text in texts if text for name in names)

    def rows(self, view: SourceTable, where: str | None, sort: str | None) -> SourceTable:
        """Return the filtered and sorted rows of a view, with the journal's columns available.

        Raises
        ------
        BadTable
            As `SourceTable.where` and `SourceTable.sort`.
        """
        with self._lock:
            self._keep_of_others()
            return narrowed(view, where, sort, self._columns.columns())

    def progress(self, view: SourceTable, choices: Iterable[str]) -> protocol.Progress:
        """Return how many rows of a view have each label."""
        with self._lock:
            return self._columns.progress(view, choices)

    def n_conflicts(self, view: SourceTable) -> int | None:
        """Return how many rows of a view people label differently; None if one person labels alone."""
        with self._lock:
            return self._columns.n_conflicts(view) if self._columns.is_shared else None

    def problem(self) -> str:
        """Return why labels cannot be saved now; empty if they can."""
        return "" if self._journal is None else self._journal.problem()

    def frame(self) -> pd.DataFrame:
        """Return the current labels, joined to the rows of the table by id.

        Returns
        -------
        DataFrame
            One row for each labelled source of the table: ``id``, ``label``, ``who``, ``when``,
            ``note``, then the table's other columns.
        """
        import pandas as pd

        labels = self._needed().to_pandas()
        labels = labels[labels["id"].isin(self._sources.ids)].reset_index(drop=True)
        first = pd.Series(range(len(self._sources)), index=self._sources.ids)
        first = first[~first.index.duplicated()]
        rows = self._sources.take(first.loc[labels["id"]].to_numpy()).to_pandas()
        repeated = [one for one in labels if one in rows]
        return pd.concat([labels, rows.drop(columns={self._sources.names["id"], *repeated})], axis=1)

    # --- actions ----------------------------------------------------------------------------------

    def label(
        self, ids: int | str | Iterable[int | str], label: str | None, *, note: str = ""
    ) -> LabelAction:
        """Label sources of the table; the journal is written first."""
        journal, known = self._needed(), self._known(ids)
        return self._acted("label", known, lambda: journal.write(known.tolist(), label, note=note))

    def label_all(self, rows: SourceTable, label: str | None, *, unlabelled: bool) -> LabelAction:
        """Label all rows of a view, or only those without a label, in one action."""
        journal = self._needed()
        with self._lock:
            known = first_of_each(self._columns.unlabelled_in(rows) if unlabelled else rows.ids)
            return self._acted("label", known, lambda: journal.write(known.tolist(), label))

    def note(self, id: int | str, note: str) -> LabelAction:
        """Add a note to a source of the table."""
        journal, known = self._needed(), self._known([id])
        return self._acted("note", known, lambda: journal.note(int(known[0]), note))

    def see(self, ids: int | str | Iterable[int | str]) -> LabelAction:
        """Mark sources of the table as seen."""
        journal, known = self._needed(), self._known(ids)
        return self._acted("seen", known, lambda: journal.see(known))

    def undo(self) -> LabelAction:
        """Undo the last labelling."""
        return self._turned("undo")

    def redo(self) -> LabelAction:
        """Redo what was undone last."""
        return self._turned("redo")

    def others(self) -> LabelAction | None:
        """Return what others have added to the journal since the last call; None if nothing."""
        with self._lock:
            if self._journal is not None:
                self._keep_of_others()
            found, self._of_others = self._of_others, Changes.none()
        return LabelAction("others", found) if len(found) else None

    def answer(self, action: LabelAction) -> protocol.LabelAnswer:
        """Return the message for the views."""
        named = list(action.changes.at(slice(NAMED)))
        return protocol.LabelAnswer(
            kind="done",
            of="label",
            act=action.act,
            labels={str(one.id): one.now for one in named},
            was={str(one.id): one.was for one in named},
            journal={str(one.id): self[one.id] for one in named},
            n_changed=len(action.changes),
        )

    # --- inside -----------------------------------------------------------------------------------

    def _acted(self, act: Act, ids: NDArray[np.int64], write: Callable[[], object]) -> LabelAction:
        """Write to the journal and return the changes."""
        with self._lock:
            before = self._changes(ids)
            write()
            now = self._changes(ids)
            self._keep_of_others(ids)
        return LabelAction(act, before.with_labels(now.now, now.words))

    def _changes(self, ids: NDArray[np.int64]) -> Changes:
        """Return the labels of sources, as the journal was read last."""

        def peeked(ledger: Ledger) -> Changes:
            codes = ledger.codes_of(ids)
            return Changes(ids, codes, codes, tuple(ledger.words))

        return self._needed().peek(peeked)

    def _turned(self, act: Literal["undo", "redo"]) -> LabelAction:
        with self._lock:
            changes = self._needed().turn(act)
            self._keep_of_others(changes.ids)
        return LabelAction(act, changes)

    def _keep_of_others(self, own: NDArray[np.int64] = _NONE) -> None:
        """Update the columns, and keep the changes of others for `others`."""
        changed = self._needed().read(self._columns.follow)
        self._of_others = self._of_others.then(changed.without(own))

    def _known(self, ids: int | str | Iterable[int | str]) -> NDArray[np.int64]:
        """Return ids of the table, without duplicates."""
        found = first_of_each(identifier_array(ids))
        self._columns.check(found)
        return found

    def _needed(self) -> LabelJournal:
        if self._journal is None:
            raise BadOption("this grid has no journal for labels; make it with labels='labels.jsonl'")
        return self._journal


def _state_of(ledger: Ledger, id: int, others: str) -> protocol.JournalState:
    row = ledger.row_of(id)
    label = ledger.word_at(row)
    return protocol.JournalState(
        label=label,
        who="" if label is None else ledger.author_at(row),
        note=ledger.note_of(id),
        seen=id in ledger.seen,
        others=others,
    )
