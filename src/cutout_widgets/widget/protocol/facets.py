"""Messages about filters; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict


class FacetsRequest(TypedDict):
    """Count the flags, words and numbers among the rows that pass a filter."""

    kind: Literal["facets"]
    where: str | None


class CountRequest(TypedDict):
    """Count the rows that would pass a filter, while it is typed."""

    kind: Literal["count"]
    where: str | None


class FlagState(TypedDict):
    """One state of a flag."""

    word: Literal["set", "unset", "n/a"]
    query: str
    """A filter term that selects these rows."""
    rows: int


class FlagChip(TypedDict):
    """A flag with its three states."""

    name: str
    """As on the badge."""
    central: bool
    """Whether it is only about the central pixels."""
    title: str
    colour: str
    states: list[FlagState]


class WordCount(TypedDict):
    """A word in a column, with its number of rows."""

    word: str
    literal: str
    """The word as filters write it, in quotes."""
    rows: int


class WordChips(TypedDict):
    """A column with few distinct words, such as band or label."""

    column: str
    query: str
    """The column's name in filters."""
    words: list[WordCount]
    missing: int
    """Rows without a word."""


class Histogram(TypedDict):
    """A column of numbers in bins."""

    column: str
    query: str
    """The column's name in filters."""
    unit: str
    low: float
    high: float
    """Outer edges of the first and the last bin, which also count the values beyond."""
    soft: float | None
    """Null: bins of equal width; else bins of equal width in ``asinh(number / soft)``."""
    n_all: list[int]
    """Counts of all rows."""
    n_rows: list[int]
    """Counts of the rows that pass the filter."""
    missing: int
    """Rows that pass the filter and have no finite value."""


class NamedFilter(TypedDict):
    """A ready-made filter."""

    name: str
    """A few words."""
    title: str
    query: str
    rows: int
    """Rows, among those that pass the current filter."""


class FacetsAnswer(TypedDict):
    """Counts of flags, words and numbers among the rows that pass a filter."""

    kind: Literal["done"]
    of: Literal["facets"]
    where: str | None
    n_rows: int
    flags: list[FlagChip]
    words: list[WordChips]
    histograms: list[Histogram]
    disagreements: list[NamedFilter]
    """Rows whose label contradicts a flag, the mask or the score."""


class CountAnswer(TypedDict):
    """The number of rows that would pass."""

    kind: Literal["done"]
    of: Literal["count"]
    where: str | None
    n_rows: int


class FindRequest(TypedDict):
    """Find a source among the rows that pass the filter."""

    kind: Literal["find"]
    text: str
    """An id, or a row number from 1; with ``#`` before it always a row number."""


class FindAnswer(TypedDict):
    """The position of a source."""

    kind: Literal["done"]
    of: Literal["find"]
    id: str
    place: int
    """Position among the rows that pass, in sort order; from 0."""
    n_rows: int
    """Rows that pass."""


FilterRequest = FacetsRequest | CountRequest | FindRequest
FilterAnswer = FacetsAnswer | CountAnswer | FindAnswer
