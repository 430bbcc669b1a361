"""The grid's side of the label journal."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cutout_widgets.errors import BadOption
from cutout_widgets.labels import identifiers

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.labels import LabelJournal

__all__ = ["Labelling"]


class Labelling:
    """Labels of one grid: the journal's last word for each id, kept in memory.

    Parameters
    ----------
    journal
        Where labels go; None: nowhere, and labelling is refused.
    sources
        The rows.
    """

    def __init__(self, journal: LabelJournal | None, sources: SourceTable) -> None:
        self._journal = journal
        self._sources = sources
        self._lock = threading.Lock()
        self.current: dict[int, str] = {}
        """Id -> label."""
        if journal is not None:
            self._read()

    @property
    def is_open(self) -> bool:
        """True when there is a journal."""
        return self._journal is not None

    @classmethod
    def of(cls, labels: LabelJournal | str | Path | None, sources: SourceTable) -> Labelling:
        """Open a journal by its path, or take one as it is."""
        if isinstance(labels, (str, Path)):
            from cutout_widgets.labels import LabelJournal

            return cls(LabelJournal(labels), sources)
        return cls(labels, sources)

    def label(self, ids: int | str | Iterable[int | str], label: str | None) -> dict[int, str | None]:
        """Label sources of the table, on disk first, and return the ids with their label."""
        journal = self._needed()
        known = [self._sources.row(one).id for one in identifiers(ids)]
        with self._lock:
            journal.label(known, label)
            self._read()
        return dict.fromkeys(known, label)

    def undo(self) -> dict[int, str | None]:
        """Take back the last labelling and return what its ids are labelled now."""
        journal = self._needed()
        with self._lock:
            ids = journal.undo()
            self._read()
            return {one: self.current.get(one) for one in ids}

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
        labels = labels[labels["id"].isin(set(self._sources.ids.tolist()))].reset_index(drop=True)
        places = [self._sources.place_of(int(one)) for one in labels["id"]]
        rows = self._sources.take([place for place in places if place is not None]).to_pandas()
        known = {self._sources.names["id"], *labels}
        return pd.concat([labels, rows.drop(columns=[one for one in rows if one in known])], axis=1)

    def _read(self) -> None:
        """Take over what the journal says now, which others may have written too."""
        self.current = {
            id: one.label for id, one in self._needed().current().items() if one.label is not None
        }

    def _needed(self) -> LabelJournal:
        if self._journal is None:
            raise BadOption("this grid has no journal for labels; make it with labels='labels.jsonl'")
        return self._journal
