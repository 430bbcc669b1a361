"""What each person said last about each source, and where people differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.labels.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["conflicts_of", "current_of", "opinions_of"]


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
    """Return the last label of each person for each source: columns ``id``, ``who``, ``label``, ``when``."""
    import pandas as pd

    rows = ledger.valid_rows()[::-1]
    pairs = np.stack([ledger.ids_at(rows), ledger.people_at(rows).astype(np.int64)], axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    rows = np.sort(rows[first])
    rows = rows[ledger.codes_at(rows) >= 0]
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
