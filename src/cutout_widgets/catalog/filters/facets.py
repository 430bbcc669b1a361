"""Facets: the number of rows with each flag, word or range of values, and filters that select them."""

from __future__ import annotations

import keyword
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.flags import BADGES, BadgeRule
from cutout_widgets.catalog.values import Values, either, missing_of, truth_of

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.catalog.view import View

__all__ = ["ChoiceFacet", "FacetCounter", "Facets", "FlagFacet", "RangeFacet", "name_in_query"]

BINS = 30
"""Bins of a histogram; each is a few screen pixels wide."""

MOST_WORDS = 12
"""Columns with more words have no chips."""

OUTSIDE = 0.005
"""Fraction of the rows that each outer bin of a histogram may collect from beyond its edge, so that
an outlier does not squeeze all others into one bar."""

_LARGEST = float(np.finfo(np.float64).max)

Mask = NDArray[np.bool_] | None
"""Which rows to count, shape (n,); None: all."""


@dataclass(frozen=True)
class FlagFacet:
    """Number of rows with a flag set, unset and missing, and the filters that select them."""

    rule: BadgeRule
    """The badge."""
    is_central: bool
    """Whether it is only about the central pixels."""
    columns: tuple[str, ...]
    """Its columns that the table has."""
    n_set: int
    n_unset: int
    n_missing: int

    @property
    def is_constant(self) -> bool:
        """True if it is the same in all rows."""
        return sum(n > 0 for n in (self.n_set, self.n_unset, self.n_missing)) < 2

    @property
    def is_set(self) -> str:
        """The filter for rows with any of the columns True."""
        names = " or ".join(name_in_query(name) for name in self.columns)
        return f"({names})" if len(self.columns) > 1 else names

    @property
    def is_unset(self) -> str:
        """The filter for rows with all of the columns False."""
        return f"not {self.is_set}"

    @property
    def is_missing(self) -> str:
        """The filter for rows with none True and some missing."""
        return f"{self.is_set}.isna()"


@dataclass(frozen=True)
class ChoiceFacet:
    """Number of rows with each word in a column."""

    column: str
    counts: dict[str, int]
    """Word -> rows, in the order of the words."""
    n_missing: int


@dataclass(frozen=True)
class RangeFacet:
    """The histogram of a numeric column, for all rows and for those that pass the filter."""

    column: str
    low: float
    """Lower edge of the first bin, which also counts lower values."""
    high: float
    """Upper edge of the last bin, which also counts higher values."""
    soft: float | None
    """None: bins of equal width. Otherwise, for long-tailed values, bins of equal width in
    ``arcsinh(number / soft)``."""
    n_all: tuple[int, ...]
    n_rows: tuple[int, ...]
    n_missing: int


@dataclass(frozen=True)
class Facets:
    """The counts of a view's rows."""

    n_rows: int
    """Number of rows of the view."""
    flags: list[FlagFacet]
    """In the order of `BADGES`; a badge that distinguishes the centre from the rest has two. Flags that are
    the same in all rows of the table are omitted."""
    choices: list[ChoiceFacet]
    ranges: list[RangeFacet]


class FacetCounter:
    """Counts the flags, words and numbers in the rows of any view of a table.

    Parameters
    ----------
    sources
        All rows.
    choices
        Text columns; those with too many words, or none, are skipped, and words that no row has.
    ranges
        Numeric columns; those with the same value in all rows, or without a finite one, are skipped.
    """

    def __init__(self, sources: SourceTable, choices: Iterable[str] = (), ranges: Iterable[str] = ()) -> None:
        self._sources = sources
        self._choices = tuple(choices)
        base, data = _mask(sources._view), sources._view.data
        flags = flag_facets(data.frame.names, data.values, base)
        self._constant = {(one.rule.name, one.is_central) for one in flags if one.is_constant}
        found = [_histogram(name, data.values(name), base) for name in ranges]
        self._histograms = [one for one in found if one is not None]
        used = [choice_facet(name, data.values(name), base) for name in self._choices]
        self._unused = {(one.column, word) for one in used if one for word, n in one.counts.items() if n == 0}

    def count(self, shown: SourceTable) -> Facets:
        """Count the rows of a view of the same table, such as those that pass a filter."""
        data, kept = self._sources._view.data, _mask(shown._view)
        flags = flag_facets(data.frame.names, data.values, kept)
        found = [choice_facet(name, data.values(name), kept) for name in self._choices]
        return Facets(
            len(shown),
            [one for one in flags if (one.rule.name, one.is_central) not in self._constant],
            [self._used(one) for one in found if one is not None],
            [one.counted(kept) for one in self._histograms],
        )

    def _used(self, facet: ChoiceFacet) -> ChoiceFacet:
        """Return a facet without the words that no row of the table has, such as unused categories."""
        counts = {word: n for word, n in facet.counts.items() if (facet.column, word) not in self._unused}
        return replace(facet, counts=counts)


def flag_facets(names: Iterable[str], values: Callable[[str], Values], kept: Mask) -> list[FlagFacet]:
    """Count each badge whose columns exist."""
    known = set(names)
    found = []
    for rule in BADGES:
        for wanted, is_central in ((rule.columns, False), (rule.centre, True)):
            columns = tuple(name for name in wanted if name in known)
            answers = [answer for name in columns if (answer := truth_of(values(name))) is not None]
            if answers and len(answers) == len(columns):
                found.append(FlagFacet(rule, is_central, columns, *_counted(answers, kept)))
    return found


def choice_facet(column: str, values: Values, kept: Mask) -> ChoiceFacet | None:
    """Count each word in a text column; return None for too many words, or another type."""
    if values.words is None or not 0 < len(values.words) <= MOST_WORDS:
        return None
    missing = missing_of(values)
    there = ~missing if kept is None else kept & ~missing
    counts = np.bincount(values.values[there], minlength=len(values.words))
    order = np.argsort(values.words.astype(str), kind="stable")
    words = {str(values.words[code]): int(counts[code]) for code in order}
    return ChoiceFacet(column, words, _number(missing, kept))


@dataclass(frozen=True)
class _Histogram:
    """The bins of a numeric column, computed once."""

    column: str
    low: float
    high: float
    soft: float | None
    bins: NDArray[np.uint8]
    """The bin of each row, shape (n,); `BINS` for values that are not finite."""
    n_all: tuple[int, ...]

    def counted(self, kept: Mask) -> RangeFacet:
        """Return the histogram with the counts of some rows."""
        bins = self.bins if kept is None else self.bins[kept]
        *n_rows, n_missing = np.bincount(bins, minlength=BINS + 1).tolist()
        return RangeFacet(self.column, self.low, self.high, self.soft, self.n_all, tuple(n_rows), n_missing)


def _histogram(column: str, values: Values, base: Mask) -> _Histogram | None:
    """Return the bins of a numeric column; None without finite values, or if there is nothing to choose."""
    if values.words is not None or np.asarray(values.values).dtype.kind not in "fiu":
        return None
    numbers = np.asarray(values.values, dtype=np.float64)
    finite = np.isfinite(numbers) & ~missing_of(values)
    every = finite if base is None else finite & base
    edges = _edges(numbers[every])
    if edges is None or _is_constant(values.values, every, base):
        return None
    low, high = edges
    soft = _softening(numbers[every], low, high)
    if soft is not None:
        numbers = np.arcsinh(numbers / soft)
    first, last = edges if soft is None else np.arcsinh(np.array(edges) / soft).tolist()
    with np.errstate(invalid="ignore", over="ignore"):  # halved, since the difference could overflow
        places = np.clip((numbers / 2 - first / 2) / (last / 2 - first / 2) * BINS, 0, BINS - 1)
    bins = np.where(finite, places, BINS).astype(np.uint8)
    n_all = np.bincount(bins[every], minlength=BINS).tolist()
    return _Histogram(column, low, high, soft, bins, tuple(n_all))


def name_in_query(name: str) -> str:
    """Return a column's name for use in a filter: in backticks if necessary."""
    is_plain = name.isidentifier() and not keyword.iskeyword(name) and unicodedata.is_normalized("NFKC", name)
    return name if is_plain else f"`{name}`"


def _mask(view: View) -> Mask:
    """Return which rows of the table a view has."""
    kept = view.kept
    if kept is None:
        return None
    mask = np.zeros(view.data.frame.length, dtype=bool)
    mask[kept] = True
    return mask


def _counted(answers: Sequence[Values], kept: Mask) -> tuple[int, int, int]:
    """Return the number of rows where any value is true, all are false, and neither."""
    whole = answers[0]
    for one in answers[1:]:
        whole = either(whole, one)
    is_set = whole.values if whole.missing is None else whole.values & ~whole.missing
    n = len(is_set) if kept is None else int(np.count_nonzero(kept))
    n_set = _number(is_set, kept)
    n_missing = 0 if whole.missing is None else _number(whole.missing, kept)
    return n_set, n - n_set - n_missing, n_missing


def _number(mask: NDArray[np.bool_], kept: Mask) -> int:
    return int(np.count_nonzero(mask if kept is None else mask & kept))


def _edges(numbers: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the range of a histogram: round numbers around nearly all values."""
    if not len(numbers):
        return None
    ends = _quantiles(numbers, (OUTSIDE, 1 - OUTSIDE))
    smallest, largest = float(numbers.min()), float(numbers.max())
    low, high = ends if largest > smallest else (smallest, largest)
    if largest - smallest <= 2 * (high - low):
        low, high = smallest, largest  # no significant outliers
    step = 10.0 ** math.floor(math.log10(width)) if (width := high / BINS - low / BINS) > 0 else 0.0
    grain = math.ulp(max(abs(low), abs(high)))
    if not step > grain:  # equal values, or too close for separate bins
        margin = max(0.5, BINS * grain)
        edges = low - margin, high + margin
    else:
        edges = math.floor(low / step) * step, math.ceil(high / step) * step
    return max(edges[0], -_LARGEST), min(edges[1], _LARGEST)


def _is_constant(numbers: NDArray[Any], every: NDArray[np.bool_], base: Mask) -> bool:
    """Return whether all rows have the same finite number."""
    n = len(numbers) if base is None else int(np.count_nonzero(base))
    return int(np.count_nonzero(every)) == n and bool(numbers[every].min() == numbers[every].max())


def _softening(numbers: NDArray[np.float64], low: float, high: float) -> float | None:
    """Return an arcsinh scale if most numbers would otherwise be in one bin, else None."""
    quarter, middle, most = _quantiles(numbers, (0.25, 0.5, 0.75))
    spread = most - quarter
    if not 0 < spread < high / BINS - low / BINS:
        return None
    return float(max(abs(middle), spread / 10))


def _quantiles(numbers: NDArray[np.float64], shares: Iterable[float]) -> tuple[float, ...]:
    """Return quantiles, estimated from a regular sample if there are many numbers."""
    sample = numbers[:: max(1, len(numbers) // 100_000)]
    return tuple(float(one) * 2 for one in np.quantile(sample / 2, tuple(shares)))
