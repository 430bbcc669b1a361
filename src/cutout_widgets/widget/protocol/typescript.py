"""Write the protocol as TypeScript: ``python -m cutout_widgets.widget.protocol.typescript FOLDER``."""

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

_HEADER = "// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING."


def as_typescript() -> dict[str, str]:
    """Return the files of ``js/src/protocol``, name -> text.

    There is one for each Python module, with an interface for each TypedDict in the order of the source;
    ``keymap.ts`` with the keys; and ``index.ts``, which exports all of them.
    """
    files = {"keymap.ts": _keymap()}
    file_of: dict[str, str] = {}
    for module in _MODULES:
        stem = module.__name__.rpartition(".")[2]
        own = {name: value for name, value in vars(module).items() if _is_type(name, value)}
        own = {name: value for name, value in own.items() if name not in file_of}
        file_of |= dict.fromkeys(own, stem)
        files[f"{stem}.ts"] = _file(module, own, file_of)
    exports = [f'export * from "./{name.removesuffix(".ts")}";' for name in sorted(files)]
    return {"index.ts": "\n".join([_HEADER, *exports, ""]), **files}


def _keymap() -> str:
    """Return the file of the keys."""
    lines = [_HEADER, "", "/** Action -> its default keys. */", "export const KEYS = {"]
    lines += [f"  {name}: {json.dumps(keys)}," for name, keys in KEYS.items()]
    return "\n".join([*lines, "} as const;", ""])


def _file(module: types.ModuleType, own: dict[str, Any], file_of: dict[str, str]) -> str:
    """Return the file of the types that a module defines; it imports those of other modules."""
    notes = _notes_of(inspect.getsource(module))
    lines = []
    if module is protocol:
        lines += ["", *(f"export const {name} = {getattr(protocol, name)};" for name in _CONSTANTS)]
    used: set[str] = set()
    for name, value in own.items():
        if is_typeddict(value):
            lines += _interface(name, value, notes)
            used = used.union(*map(_interfaces_in, get_type_hints(value).values()))
        else:
            lines += ["", f"export type {name} = {_type(value)};"]
            used |= _interfaces_in(value)
    imported: dict[str, list[str]] = {}
    for name in sorted(used - own.keys()):
        imported.setdefault(file_of[name], []).append(name)
    imports = [
        f'import type {{ {", ".join(names)} }} from "./{stem}";' for stem, names in sorted(imported.items())
    ]
    return "\n".join([_HEADER, *imports, *lines, ""])


def _is_type(name: str, value: Any) -> bool:
    """Return whether a module variable is a message or a part of one."""
    return is_typeddict(value) or (_is_alias(value) and not name.startswith("_"))


def _interfaces_in(hint: Any) -> set[str]:
    """Return the names of the interfaces that a type is made of."""
    if is_typeddict(hint):
        return {hint.__name__}
    return {name for arg in get_args(hint) for name in _interfaces_in(arg)}


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
    for file, text in as_typescript().items():
        Path(sys.argv[1], file).write_text(text, encoding="utf-8")
