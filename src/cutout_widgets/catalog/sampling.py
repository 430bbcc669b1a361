"""Draw a stratified sample of a table, with weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.reading.intake import take_in
from cutout_widgets.catalog.table_data import TableData
from cutout_widgets.catalog.view import View
from cutout_widgets.errors import BadOption

__all__ = ["WEIGHT", "sampled"]

WEIGHT = "sample_weight"
"""Column of a sample: the number of rows of the table that each of its rows represents."""


def sampled(table: Any, n: int, *, by: str | None, bins: int, seed: int) -> Any:
    """Draw rows at random; see `SourceTable.sample`."""
    import pyarrow as pa

    for name, value in (("n", n), ("bins", bins)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise BadOption(f"{name} of a sample is a positive whole number; got {value!r}")
    strata = np.zeros(len(table), dtype=np.int64) if by is None else _strata(table.values(by), bins)
    sizes = np.bincount(strata) if len(strata) else np.zeros(1, dtype=np.int64)
    taken = _shares(sizes, min(int(n), len(table)))
    random = np.random.default_rng(seed)
    places = [
        random.choice(np.flatnonzero(strata == one), size=taken[one], replace=False)
        for one in range(len(sizes))
    ]
    rows = np.sort(np.concatenate(places)).astype(np.int64)
    intake = take_in(table.take(rows).to_arrow())
    with np.errstate(all="ignore"):
        intake.columns[WEIGHT] = pa.array((sizes / taken)[strata[rows]])
    names = {meaning: table.names[meaning] for meaning in ("id", "ra", "dec")}
    return table._like(View(TableData.of(intake, chosen=names, origin="a sample"), None))


def _strata(values: NDArray[Any], bins: int) -> NDArray[np.int64]:
    """Return the stratum of each row: an interval of numbers, or a word; a last one for missing values."""
    if values.dtype.kind not in "fiu":
        words: NDArray[np.int64] = np.unique(np.array([str(one) for one in values]), return_inverse=True)[1]
        return words
    numbers = values.astype(float)
    known = np.isfinite(numbers)
    strata = np.full(len(values), bins, dtype=np.int64)
    if known.any():
        low, high = numbers[known].min(), numbers[known].max()
        span = (high - low) or 1.0
        strata[known] = np.minimum(((numbers[known] - low) / span * bins).astype(np.int64), bins - 1)
    return np.unique(strata, return_inverse=True)[1].astype(np.int64)


def _shares(sizes: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Distribute n rows evenly among strata; if one is too small, the others contribute more."""
    taken = np.zeros(len(sizes), dtype=np.int64)
    while n > 0:
        open_ones = np.flatnonzero(taken < sizes)
        each = max(n // len(open_ones), 1)
        for one in open_ones[:n]:
            more = min(each, int(sizes[one] - taken[one]), n)
            taken[one] += more
            n -= more
    return taken
