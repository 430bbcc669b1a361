"""What view and kernel say to each other about labels; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict

from cutout_widgets.widget.protocol.selection import Selected

NAMED = 2000
"""Ids that one answer about labels names; a view asks for its page again when more have changed."""

Act = Literal["label", "undo", "redo", "note", "seen", "others"]
"""What happened; others: lines that somebody else added to the journal."""


class Said(TypedDict):
    """What the journal says about one source."""

    label: str | None
    who: str
    """Who gave the label; empty without one."""
    note: str
    seen: bool
    """True if it was on a screen for a while, anybody's."""
    others: str
    """Who labels it otherwise, and how; empty if nobody does."""


NOTHING_SAID = Said(label=None, who="", note="", seen=False, others="")


class LabelRequest(TypedDict):
    """Label sources; null takes the label away."""

    kind: Literal["label"]
    ids: list[str]
    label: str | None


class LabelAllRequest(TypedDict):
    """Label selected sources, however many, in one act."""

    kind: Literal["label_all"]
    label: str | None
    selected: Selected
    unlabelled: bool
    """True: only those without a label."""


class UndoRequest(TypedDict):
    """Take the last labelling back."""

    kind: Literal["undo"]


class RedoRequest(TypedDict):
    """Repeat what was undone last."""

    kind: Literal["redo"]


class NoteRequest(TypedDict):
    """Note something about a source; an empty text takes the note away."""

    kind: Literal["note"]
    id: str
    note: str


class SeenRequest(TypedDict):
    """Mark sources as seen."""

    kind: Literal["seen"]
    ids: list[str]


class LabelAnswer(TypedDict):
    """What is now on disk. It also comes unasked, to all views, whoever did it."""

    kind: Literal["done"]
    of: Literal["label"]
    act: Act
    labels: dict[str, str | None]
    """Id -> label now, for the ids that changed; at most `NAMED`."""
    was: dict[str, str | None]
    """Id -> label before."""
    said: dict[str, Said]
    """Id -> all that the journal says now."""
    n_changed: int
    """How many changed, also those that are not named."""


class Progress(TypedDict):
    """How far some rows are labelled."""

    rows: int
    labels: dict[str, int]
    """Label -> rows that have it: the choices first, then others that are in the journal."""
    unlabelled: int
    seen: int


class LabelChoice(TypedDict):
    """A label that a key gives."""

    word: str
    key: str
    """What gives it at first; empty if only its button does."""
    colour: str
    """``#rrggbb``."""
    symbol: str
    """One character, for those who see no colours."""


class LabelColumns(TypedDict):
    """What filters and orders call the journal's columns: a table's own column keeps its name."""

    label: str
    note: str
    who: str
    seen: str
    conflict: str


LabellingRequest = LabelRequest | LabelAllRequest | UndoRequest | RedoRequest | NoteRequest | SeenRequest
