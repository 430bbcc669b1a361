"""Each person's last label of each source, and disagreements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.labels.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["conflicting", "conflicts_of", "current_of", "labels_by_person", "opinions_of"]


def current_of(ledger: Ledger) -> pd.DataFrame:
    """Return the current labels: columns ``id`` (int64), ``label``, ``who``, ``when``, ``note``."""
    import pandas as pd

    rows = ledger.rows()
    notes, ids = ledger.all_notes(), ledger.ids_at(rows)
    return pd.DataFrame(
        {
            "id": ids,
            "label": np.array(ledger.words, dtype=object)[ledger.codes_at(rows)],
            "who": np.array(ledger.people, dtype=object)[ledger.people_at(rows)],
            "when": [ledger.when_at(row) for row in rows.tolist()],
            "note": [notes.get(id, "") for id in ids.tolist()] if notes else "",
        }
    )


def opinions_of(ledger: Ledger) -> pd.DataFrame:
    """Return each person's last label of each source: columns ``id``, ``who``, ``label``, ``when``."""
    import pandas as pd

    rows = np.sort(_last_of_each(ledger, ledger.valid_rows()))
    return pd.DataFrame(
        {
            "id": ledger.ids_at(rows),
            "who": np.array(ledger.people, dtype=object)[ledger.people_at(rows)],
            "label": np.array(ledger.words, dtype=object)[ledger.codes_at(rows)],
            "when": [ledger.when_at(row) for row in rows.tolist()],
        }
    )


def conflicts_of(opinions: pd.DataFrame) -> pd.DataFrame:
    """Return the sources that people label differently: column ``id``, then one for each person."""
    differ = opinions.groupby("id")["label"].transform("nunique") > 1
    table = opinions[differ].pivot(index="id", columns="who", values="label")
    table.columns.name = None
    return table.reset_index()


def conflicting(ledger: Ledger) -> NDArray[np.int64]:
    """Return the sources that people label differently, sorted."""
    if len(ledger.people) < 2:
        return np.zeros(0, dtype=np.int64)
    rows = _last_of_each(ledger, ledger.valid_rows())
    ids, codes = ledger.ids_at(rows), ledger.codes_at(rows)
    differ = (ids[1:] == ids[:-1]) & (codes[1:] != codes[:-1])  # any difference shows between neighbours
    return np.unique(ids[1:][differ])


def labels_by_person(ledger: Ledger, id: int) -> dict[str, str]:
    """Return person -> last label of a source, for all who labelled it."""
    if len(ledger.people) < 2:
        return {}
    rows = ledger.valid_rows()
    found = _last_of_each(ledger, rows[ledger.ids_at(rows) == id]).tolist()
    return {ledger.author_at(row): ledger.word_at(row) or "" for row in found}


def _last_of_each(ledger: Ledger, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of each person's last label of each source, sorted by source."""
    ids, people = ledger.ids_at(rows), ledger.people_at(rows)
    order = np.lexsort((people, ids))  # stable, so the last of equal ones is the latest
    ids, people = ids[order], people[order]
    is_last = np.ones(len(rows), dtype=bool)
    is_last[:-1] = (ids[1:] != ids[:-1]) | (people[1:] != people[:-1])
    last = rows[order][is_last]
    return last[ledger.codes_at(last) >= 0]
