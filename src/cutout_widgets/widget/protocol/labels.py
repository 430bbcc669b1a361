"""Messages about labels; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict

from cutout_widgets.widget.protocol.selection import Selected

NAMED = 2000
"""Maximum ids in one answer about labels; if more have changed, a view requests its page again."""

Act = Literal["label", "undo", "redo", "note", "seen", "others"]
"""The action; others: lines that somebody else added to the journal."""


class JournalState(TypedDict):
    """The journal's state of one source."""

    label: str | None
    who: str
    """Who gave the label; empty without one."""
    note: str
    seen: bool
    """True if anybody had it on the screen for a while."""
    others: str
    """Who labels it differently, and how; empty if nobody does."""


NO_ENTRY = JournalState(label=None, who="", note="", seen=False, others="")


class LabelRequest(TypedDict):
    """Label sources; null removes the label."""

    kind: Literal["label"]
    ids: list[str]
    label: str | None


class LabelAllRequest(TypedDict):
    """Label any number of selected sources in one action."""

    kind: Literal["label_all"]
    label: str | None
    selected: Selected
    unlabelled: bool
    """True: only those without a label."""


class UndoRequest(TypedDict):
    """Undo the last labelling."""

    kind: Literal["undo"]


class RedoRequest(TypedDict):
    """Redo what was undone last."""

    kind: Literal["redo"]


class NoteRequest(TypedDict):
    """Add a note to a source; an empty text removes it."""

    kind: Literal["note"]
    id: str
    note: str


class SeenRequest(TypedDict):
    """Mark sources as seen."""

    kind: Literal["seen"]
    ids: list[str]


class LabelAnswer(TypedDict):
    """The current labels, as saved on disk. It is also sent to all views after every change, by anybody."""

    kind: Literal["done"]
    of: Literal["label"]
    act: Act
    labels: dict[str, str | None]
    """Id -> current label, for the ids that changed; at most `NAMED`."""
    was: dict[str, str | None]
    """Id -> previous label."""
    journal: dict[str, JournalState]
    """Id -> its full state in the journal."""
    n_changed: int
    """Number of sources that changed, including those not listed."""


class Progress(TypedDict):
    """How many rows have each label."""

    rows: int
    labels: dict[str, int]
    """Label -> rows that have it: first the choices, then other labels in the journal."""
    unlabelled: int
    seen: int


class LabelChoice(TypedDict):
    """A label with a key or a button."""

    word: str
    key: str
    """Its default key; empty if it has only a button."""
    colour: str
    """``#rrggbb``."""
    symbol: str
    """One character, for people who cannot tell colours apart."""


class LabelColumns(TypedDict):
    """The names of the journal's columns in filters, chosen so that they do not hide the table's columns."""

    label: str
    note: str
    who: str
    seen: str
    conflict: str


LabellingRequest = LabelRequest | LabelAllRequest | UndoRequest | RedoRequest | NoteRequest | SeenRequest
