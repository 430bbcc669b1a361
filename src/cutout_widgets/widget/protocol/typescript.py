"""Write the protocol as TypeScript: ``python -m cutout_widgets.widget.protocol.typescript FILE``."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from cutout_widgets.widget.keymap import KEYS
from cutout_widgets.widget.protocol import epochs as protocol_epochs
from cutout_widgets.widget.protocol import facets as protocol_facets
from cutout_widgets.widget.protocol import inspection as protocol_inspection
from cutout_widgets.widget.protocol import labels as protocol_labels
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.protocol import parts as protocol_parts
from cutout_widgets.widget.protocol import selection as protocol_selection
from cutout_widgets.widget.protocol import tiles as protocol_tiles

__all__ = ["as_typescript"]

_PLAIN = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    bytes: "DataView",
}

_MODULES = (
    protocol_parts,
    protocol_selection,
    protocol_labels,
    protocol_tiles,
    protocol_facets,
    protocol_inspection,
    protocol_epochs,
    protocol,
)
"""Where the types are, those that others are made of first."""

_CONSTANTS = ("VERSION", "LEVELS")


def as_typescript() -> str:
    """Return the text of ``protocol.ts``: one interface for each TypedDict, in the order of the source."""
    notes = {key: note for module in _MODULES for key, note in _notes_of(inspect.getsource(module)).items()}
    lines = ["// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING."]
    lines += [f"export const {name} = {getattr(protocol, name)};" for name in _CONSTANTS]
    lines += ["", "/** Name of what keys do -> the keys it has at first. */", "export const KEYS = {"]
    lines += [f"  {name}: {json.dumps(keys)}," for name, keys in KEYS.items()] + ["} as const;"]
    found = {name: value for module in _MODULES for name, value in vars(module).items()}
    for name, value in found.items():
        if is_typeddict(value):
            lines += _interface(name, value, notes)
        elif _is_alias(value) and not name.startswith("_"):
            lines += ["", f"export type {name} = {_type(value)};"]
    return "\n".join(lines) + "\n"


def _is_alias(value: Any) -> bool:
    """Return whether a module variable is a type alias: a union or a literal type."""
    return get_origin(value) in (Literal, Union, types.UnionType)


def _interface(name: str, value: Any, notes: dict[tuple[str, str], str]) -> list[str]:
    """Return the lines of one interface, with its comments."""
    lines = ["", f"/** {' '.join((value.__doc__ or '').split())} */", f"export interface {name} {{"]
    for key, hint in get_type_hints(value).items():
        note = notes.get((name, key))
        lines += [f"  /** {note} */"] if note else []
        lines += [f"  {key}: {_type(hint)};"]
    return [*lines, "}"]


def _type(hint: Any) -> str:
    """Return a Python type as TypeScript."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_typeddict(hint):
        return str(hint.__name__)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in args)
    if origin in (Union, types.UnionType):
        return " | ".join(_type(arg) for arg in args)
    if origin is list:
        inner = _type(args[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is tuple:
        return f"[{', '.join(_type(arg) for arg in args)}]"
    if origin is dict:
        return f"Record<{_type(args[0])}, {_type(args[1])}>"
    raise TypeError(f"no TypeScript for {hint!r}")


def _notes_of(source: str) -> dict[tuple[str, str], str]:
    """Return the docstrings under attributes: (class, attribute) -> text."""
    notes = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for member, after in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(member, ast.AnnAssign)
                and isinstance(member.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                notes[node.name, member.target.id] = " ".join(str(after.value.value).split())
    return notes


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(as_typescript(), encoding="utf-8")
