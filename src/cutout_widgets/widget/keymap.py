"""The keys of the grid: names of actions shared by Python and the view, and their default keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cutout_widgets.errors import BadOption

__all__ = ["KEYS", "key_of", "keymap_of"]

KEYS: dict[str, tuple[str, ...]] = {
    "move_left": ("arrowleft", "h"),
    "move_right": ("arrowright", "l"),
    "move_up": ("arrowup", "k"),
    "move_down": ("arrowdown", "j"),
    "first": ("home",),
    "last": ("end",),
    "select": (" ",),
    "select_page": ("a",),
    "select_all": ("ctrl+a",),
    "invert_selection": ("x",),
    "invert_all": ("shift+x",),
    "save": ("w",),
    "inspect": ("enter",),
    "close": ("escape",),
    "next_page": ("n", "pagedown"),
    "previous_page": ("p", "pageup"),
    **{f"label_{n}": (str(n),) for n in range(1, 10)},
    **{f"rest_{n}": (f"shift+{n}",) for n in range(1, 10)},
    "repeat_label": (".",),
    "unlabel": ("0",),
    "undo": ("u", "ctrl+z"),
    "redo": ("shift+u", "ctrl+shift+z"),
    "note": ("e",),
    "mark_seen": ("s",),
    "go_to": ("g",),
    "filter": ("/",),
    "blink": ("b",),
    "north_up": ("o",),
    "invert": ("i",),
    "next_look": ("z",),
    "larger": ("+", "="),
    "smaller": ("-",),
    "mask": ("m",),
    "previous_epoch": ("[",),
    "next_epoch": ("]",),
    "copy_position": ("c",),
    "help": ("?",),
}
"""Action -> keys: `KeyboardEvent.key` in lower case, after ``ctrl+``, ``shift+`` or both in this order."""


_NAMED = (
    "enter", "escape", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown",
    "arrowleft", "arrowright", "arrowup", "arrowdown", "clear", "contextmenu", "help", "pause", "printscreen",
    *(f"f{n}" for n in range(1, 25)),
)  # fmt: skip
"""Browser names of keys that do not type a character."""

_OTHER_NAMES = {
    "space": " ", "plus": "+", "esc": "escape", "return": "enter", "del": "delete", "ins": "insert",
    "pgup": "pageup", "pgdn": "pagedown", "left": "arrowleft", "right": "arrowright", "up": "arrowup",
    "down": "arrowdown",
}  # fmt: skip
"""Key names on keyboards -> browser names."""


def keymap_of(given: Any, base: Mapping[str, Iterable[str]] = KEYS) -> dict[str, list[str]]:
    """Return changed keys as action -> keys, checked.

    Parameters
    ----------
    given
        Action -> its key, or several: ``{"label_1": "r"}``.
    base
        The current keys of all actions.

    Raises
    ------
    BadOption
        If there is no such action, or if two actions would share a key.
    """
    if not isinstance(given, Mapping):
        raise BadOption(f"keys are a dictionary like {{'label_1': 'r'}}; got {given!r}")
    changes: dict[str, list[str]] = {}
    for name, keys in given.items():
        if name not in base:
            raise BadOption(f"no action of the grid is called {name!r}; there are {', '.join(base)}")
        changes[str(name)] = [key_of(one) for one in (keys if isinstance(keys, (list, tuple)) else [keys])]
    owners: dict[str, str] = {}
    for name, keys in {**base, **changes}.items():
        for key in keys:
            other = owners.setdefault(key, name)
            if other != name:
                raise BadOption(
                    f"the key {key!r} is used for both {other} and {name}; give one of them another key"
                )
    return changes


def key_of(given: Any) -> str:
    """Return a key in normal form, from ``"R"``, ``"Space"``, ``"Shift+Ctrl+Z"``."""
    if not isinstance(given, str) or not given:
        raise BadOption(f"a key is text like 'r', 'Enter' or 'Ctrl+Z'; got {given!r}")
    written = given.lower().removesuffix("+") + "plus" * given.endswith("+")
    *held, key = written.split("+")
    wrong = [one for one in held if one not in ("ctrl", "shift")]
    if wrong:
        raise BadOption(f"a key may have Ctrl and Shift before it, like 'Ctrl+Z'; got {given!r}")
    key = _OTHER_NAMES.get(key, key)
    if key not in _NAMED if len(key) != 1 else not key.isprintable():
        raise BadOption(
            f"no key is called {given!r:.60}; a key is one character, 'Space', 'F1' to 'F24', or one of "
            f"{', '.join(_NAMED[:14])}"
        )
    return "".join(f"{one}+" for one in ("ctrl", "shift") if one in held) + key
