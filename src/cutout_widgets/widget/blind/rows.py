"""Rows under meaningless numbers in a shuffled order, some of them repeated."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.filters.extra_columns import hiding
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption
from cutout_widgets.labels.blind_journal import BlindJournal
from cutout_widgets.labels.comparing import Agreement, agreement
from cutout_widgets.labels.ids import identifiers
from cutout_widgets.labels.journal import LabelJournal
from cutout_widgets.widget.blind.images import BlindImages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cutout_widgets.stores.base import ImageStore

__all__ = ["Blinding", "needed_journal"]

_WHY_HIDDEN = (
    "in a blind grid, which hides all but label, note, who, seen and conflict; "
    "choose the rows beforehand: CutoutGrid(sources.where('snr > 5'), ..., blind=True)"
)


def needed_journal(labels: LabelJournal | str | Path | None) -> LabelJournal:
    """Return the journal of a blind grid, or raise if there is none."""
    if isinstance(labels, (str, Path)):
        return LabelJournal(labels)
    if not isinstance(labels, LabelJournal):
        raise BadOption("a blind grid needs a label journal; make it with labels='labels.jsonl'")
    return labels


class Blinding:
    """The rows, images and journal of a blind grid.

    Parameters
    ----------
    sources
        The rows; rows with a repeated id are dropped.
    images
        Their image store.
    journal
        Stores labels under the sources' own ids.
    repeats
        Fraction of the sources to repeat, 0 to 1.
    """

    def __init__(
        self, sources: SourceTable, images: ImageStore, journal: LabelJournal, repeats: float = 0.0
    ) -> None:
        if isinstance(repeats, bool) or not isinstance(repeats, (int, float)) or not 0 <= repeats <= 1:
            raise BadOption(f"repeats is the fraction of sources shown again, 0 to 1; got {repeats!r}")
        self.own_sources, self.own_journal = sources, journal
        rows = _shuffled(sources.ids, journal.who, repeats)
        self._ids = sources.ids[rows]
        n = len(rows)
        numbered = {"id": np.arange(n) + 1, "ra": np.full(n, np.nan), "dec": np.full(n, np.nan)}
        self.sources = hiding(SourceTable.read(numbered), ["ra", "dec"], _WHY_HIDDEN)
        self.images = BlindImages(images, sources, rows)
        self.journal = BlindJournal(journal, self._ids)

    def ids_of(self, keys: int | str | Iterable[int | str]) -> list[int]:
        """Return the source ids behind blind numbers."""
        return [int(self._ids[self.sources.row(key).id - 1]) for key in identifiers(keys)]

    def consistency(self) -> Agreement:
        """Return how well repeated labels of the same source agree."""
        return agreement(self.own_journal, repeats=True)


def _shuffled(ids: NDArray[np.int64], who: str, repeats: float) -> NDArray[np.int64]:
    """Return ids in a random order that is reproducible for one person and one set of sources.

    Repeated sources come from the first half and appear again in the second.
    """
    known, first = np.unique(ids, return_index=True)
    digest = hashlib.blake2b(known.tobytes() + who.encode(), digest_size=16).digest()
    random = np.random.default_rng(int.from_bytes(digest))
    order = first[random.permutation(len(first))]
    n_again = min(math.ceil(repeats * len(order)), (len(order) + 1) // 2)
    half = (len(order) + 1) // 2
    again = random.choice(order[:half], n_again, replace=False)
    late = random.permutation(np.concatenate([order[half:], again]))
    rows: NDArray[np.int64] = np.concatenate([order[:half], late])
    return rows
