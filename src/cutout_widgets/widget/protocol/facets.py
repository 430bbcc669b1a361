"""What view and kernel say to each other about filters; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict


class FacetsRequest(TypedDict):
    """Count the flags, words and numbers of the rows that pass a filter."""

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
    """The term of a filter that chooses its rows."""
    rows: int


class FlagChip(TypedDict):
    """A flag with its three states."""

    name: str
    """As on the badge."""
    central: bool
    """About the central pixels alone."""
    title: str
    colour: str
    states: list[FlagState]


class WordCount(TypedDict):
    """A word of a column."""

    word: str
    literal: str
    """The word as a filter takes it, in quotes."""
    rows: int


class WordChips(TypedDict):
    """A column of a few words: a band, a label."""

    column: str
    query: str
    """The column as a filter takes it."""
    words: list[WordCount]
    missing: int
    """Rows without a word."""


class Histogram(TypedDict):
    """A column of numbers in bins."""

    column: str
    query: str
    """The column as a filter takes it."""
    unit: str
    low: float
    high: float
    """Edges of the first and the last bin, which also count what is beyond."""
    soft: float | None
    """Null: bins are of equal width in the numbers; else in ``asinh(number / soft)``."""
    n_all: list[int]
    """Of all rows."""
    n_rows: list[int]
    """Of those that pass."""
    missing: int
    """Rows that pass without a finite value."""


class NamedFilter(TypedDict):
    """A filter that is ready to use."""

    name: str
    """A few words."""
    title: str
    query: str
    rows: int
    """Of those that pass now."""


class FacetsAnswer(TypedDict):
    """What the rows that pass a filter have."""

    kind: Literal["done"]
    of: Literal["facets"]
    where: str | None
    n_rows: int
    flags: list[FlagChip]
    words: list[WordChips]
    histograms: list[Histogram]
    disagreements: list[NamedFilter]
    """Rows where a label says one thing and a flag or a score another."""


class CountAnswer(TypedDict):
    """How many rows would pass."""

    kind: Literal["done"]
    of: Literal["count"]
    where: str | None
    n_rows: int


class FindRequest(TypedDict):
    """Find a source among the rows that pass the filter."""

    kind: Literal["find"]
    text: str
    """An id, or the number of a row, from 1; with ``#`` before it, a row's number in any case."""


class FindAnswer(TypedDict):
    """Where a source is."""

    kind: Literal["done"]
    of: Literal["find"]
    id: str
    place: int
    """Among the rows that pass, in their order; from 0."""
    n_rows: int
    """How many pass."""


FilterRequest = FacetsRequest | CountRequest | FindRequest
FilterAnswer = FacetsAnswer | CountAnswer | FindAnswer
