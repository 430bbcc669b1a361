"""Handlers of label requests: they validate what a view sends, then write to the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadOption
from cutout_widgets.labels.ids import identifier

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid
    from cutout_widgets.widget.labelling.labelling import LabelAction

__all__ = ["LABEL_REQUESTS", "id_of"]


def id_of(given: Any) -> int:
    """Return the id in a decimal string from the wire."""
    return identifier(given if isinstance(given, str) else None)


def _label(grid: Grid, body: Mapping[str, Any]) -> LabelAction:
    return grid._journal.label(_ids_of(body, "ids"), _label_of(body))


def _label_all(grid: Grid, body: Mapping[str, Any]) -> LabelAction:
    unlabelled = body.get("unlabelled") is True
    rows = grid._table_of(grid._selected_from(body.get("selected")))
    return grid._journal.label_all(rows, _label_of(body), unlabelled=unlabelled)


def _note(grid: Grid, body: Mapping[str, Any]) -> LabelAction:
    note = body.get("note")
    if not isinstance(note, str):
        raise BadOption(f"a note is text; got {note!r}")
    return grid._journal.note(id_of(body.get("id")), note)


def _seen(grid: Grid, body: Mapping[str, Any]) -> LabelAction:
    return grid._journal.see(_ids_of(body, "ids"))


def _undo(grid: Grid, body: Mapping[str, Any]) -> LabelAction:
    del body
    return grid._journal.undo()


def _redo(grid: Grid, body: Mapping[str, Any]) -> LabelAction:
    del body
    return grid._journal.redo()


LABEL_REQUESTS: dict[str, Callable[[Grid, Mapping[str, Any]], LabelAction]] = {
    "label": _label, "label_all": _label_all, "note": _note, "seen": _seen, "undo": _undo, "redo": _redo,
}  # fmt: skip
"""Kind of request -> its handler; none may be executed twice."""


def _ids_of(body: Mapping[str, Any], key: str) -> list[int]:
    given = body.get(key)
    if not isinstance(given, list):
        raise BadOption(f"a request about labels names its sources by a list of ids; got {given!r}")
    return [id_of(one) for one in given]


def _label_of(body: Mapping[str, Any]) -> str | None:
    label = body.get("label")
    if label is not None and not isinstance(label, str):
        raise BadOption(f"a label is text, or null to take one away; got {label!r}")
    return label
