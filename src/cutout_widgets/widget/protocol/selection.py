"""What view and kernel say about selected sources; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict


class SelectedRule(TypedDict):
    """Many selected sources, without their ids: rows that pass a filter, by their places in an order."""

    where: str | None
    sort: str | None
    spans: list[tuple[int, int]]
    """First place of each run of rows and the one after its last; 0-based, ascending, apart."""


Selected = SelectedRule | list[str]
"""A rule, or ids."""


class SelectRequest(TypedDict):
    """Select rows that no message could name one by one."""

    kind: Literal["select"]
    what: Literal["all", "range", "others"]
    """All that pass the filter; those from `first` to `last`, beside what is selected; those that are not."""
    where: str | None
    sort: str | None
    first: str
    """Ids, for a range; else empty."""
    last: str


class IdsRequest(TypedDict):
    """Name the selected sources."""

    kind: Literal["ids"]
    selected: Selected


class SaveRequest(TypedDict):
    """Save sources as annotated PNGs with a manifest. Parts tell how far it is; to cancel it stops it."""

    kind: Literal["save"]
    folder: str
    """As it was typed; empty: the usual one."""
    selected: Selected


class GridRequest(TypedDict):
    """Make a grid of the selected sources and show it below this one."""

    kind: Literal["grid"]
    selected: Selected


class SelectAnswer(TypedDict):
    """The trait `selected` has changed."""

    kind: Literal["done"]
    of: Literal["select"]
    n: int


class IdsAnswer(TypedDict):
    """The ids."""

    kind: Literal["done"]
    of: Literal["ids"]
    ids: list[str]


class SaveAnswer(TypedDict):
    """How far saving is, or where the files are."""

    kind: Literal["part", "done"]
    of: Literal["save"]
    folder: str
    """Whole path."""
    n_done: int
    n_all: int
    written: int
    present: int
    """Files that were there already."""
    failed: int
    problem: str
    """The first source that failed, and why; empty if none did."""


class GridAnswer(TypedDict):
    """There is a grid more."""

    kind: Literal["done"]
    of: Literal["grid"]
    n: int


SelectionRequest = SelectRequest | IdsRequest | SaveRequest | GridRequest
SelectionAnswer = SelectAnswer | IdsAnswer | SaveAnswer | GridAnswer
