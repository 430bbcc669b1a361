"""Messages about selected sources; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict


class SelectedRule(TypedDict):
    """Many selected sources without their ids: filtered rows by their positions in a sort order."""

    where: str | None
    sort: str | None
    spans: list[tuple[int, int]]
    """First position of each run of rows and the one after its last; 0-based, ascending, disjoint."""


Selected = SelectedRule | list[str]
"""A rule, or ids."""


class SelectRequest(TypedDict):
    """Select too many rows to list their ids in a message."""

    kind: Literal["select"]
    what: Literal["all", "range", "others"]
    """All that pass the filter; those from `first` to `last` too; or those that are not selected now."""
    where: str | None
    sort: str | None
    first: str
    """Ids, for a range; otherwise empty."""
    last: str


class IdsRequest(TypedDict):
    """List the ids of the selected sources."""

    kind: Literal["ids"]
    selected: Selected


class SaveRequest(TypedDict):
    """Save sources as annotated PNGs with a manifest. Parts report progress; cancelling it stops it."""

    kind: Literal["save"]
    folder: str
    """As typed; empty: the default folder."""
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
    """Progress of saving, or the location of the files."""

    kind: Literal["part", "done"]
    of: Literal["save"]
    folder: str
    """Absolute path."""
    n_done: int
    n_all: int
    written: int
    present: int
    """Files that already existed."""
    failed: int
    problem: str
    """The first source that failed, and the reason; empty if none did."""


class GridAnswer(TypedDict):
    """A new grid is shown."""

    kind: Literal["done"]
    of: Literal["grid"]
    n: int


SelectionRequest = SelectRequest | IdsRequest | SaveRequest | GridRequest
SelectionAnswer = SelectAnswer | IdsAnswer | SaveAnswer | GridAnswer
