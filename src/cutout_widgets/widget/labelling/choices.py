"""The labels that a grid offers: each a word, a key, a colour and a symbol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cutout_widgets.errors import BadOption
from cutout_widgets.labels.entries import label_word
from cutout_widgets.widget.keymap import KEYS, key_of
from cutout_widgets.widget.protocol.labels import LabelChoice

__all__ = ["USUAL_CHOICES", "keys_with", "label_choices"]

USUAL_CHOICES: tuple[Any, ...] = ("real", "bogus", "dipole", {"word": "unsure", "symbol": "?"})
"""The default labels, for vetting difference images."""

COLOURS = (
    "#009e73", "#d55e00", "#0072b2", "#cc79a7", "#e69f00", "#56b4e9", "#999933", "#882255", "#666666",
)  # fmt: skip
"""Default colours in order: Okabe and Ito (2008), safe for colour-blind people, then Tol (2021)."""

SYMBOLS = "\u25cf\u2715\u25c6\u25b2\u25a0\u2605\u25bc\u271a\u25c7\u25b3\u25a1\u2606\u25bd\u25ce\u25d0"
"""Default symbols in order, for readers who cannot tell colours apart; the hollow circle means no label."""

_PARTS = ("word", "colour", "key", "symbol")


def label_choices(given: Iterable[Any]) -> list[LabelChoice]:
    """Return labels with everything that the view needs to show them.

    Parameters
    ----------
    given
        Words; or ``(word, colour)``, ``(word, colour, key)``; or dictionaries of ``word``, ``colour``
        (any of matplotlib's), ``key`` and ``symbol`` (one character). Missing parts have defaults: keys
        are 1 to 9 in turn, without those that are taken.

    Raises
    ------
    BadOption
        If one is invalid, or a word or a key appears twice.
    """
    if isinstance(given, (str, bytes, Mapping, set, frozenset)) or not isinstance(given, Iterable):
        raise BadOption(f"choices are labels in their order, like ['real', 'bogus']; got {given!r:.60}")
    wanted = [_parts_of(one) for one in given]
    words = [one["word"] for one in wanted]
    twice = {word for word in words if words.count(word) > 1}
    if twice:
        raise BadOption(f"the label {min(twice)!r} appears twice in the choices {words}")
    taken = {one["key"] for one in wanted if one.get("key")}
    found = []
    for place, one in enumerate(wanted):
        digit = str(place + 1) if place < 9 and str(place + 1) not in taken else ""
        found.append(
            LabelChoice(
                word=one["word"],
                key=one.get("key") or digit,
                colour=one.get("colour") or COLOURS[min(place, len(COLOURS) - 1)],
                symbol=one.get("symbol") or SYMBOLS[place % len(SYMBOLS)],
            )
        )
    if len({one["key"] for one in found if one["key"]}) < sum(one["key"] != "" for one in found):
        raise BadOption(
            f"each label has a key of its own; got {[(one['word'], one['key']) for one in found]}"
        )
    if any(one["key"] for one in found[9:]):
        raise BadOption("only the first nine labels have keys; the others are given by their buttons")
    return found


def keys_with(choices: Iterable[LabelChoice]) -> dict[str, tuple[str, ...]]:
    """Return the keys of all actions, with the keys of these label choices."""
    own = {f"label_{n}": ((one["key"],) if one["key"] else ()) for n, one in enumerate(choices, 1) if n <= 9}
    return {**KEYS, **own}


def _parts_of(given: Any) -> dict[str, str]:
    """Return the given parts of a choice, checked."""
    if isinstance(given, str):
        parts: dict[str, Any] = {"word": given}
    elif isinstance(given, Mapping):
        parts = dict(given)
    elif isinstance(given, (list, tuple)) and 1 <= len(given) <= 3:
        parts = dict(zip(_PARTS, given, strict=False))
    else:
        raise BadOption(f"a choice is a word, (word, colour, key) or a dictionary of them; got {given!r}")
    wrong = [one for one in parts if one not in _PARTS]
    if wrong:
        raise BadOption(f"a choice has {', '.join(_PARTS)}; got {wrong[0]!r}")
    parts = {name: part for name, part in parts.items() if part is not None}
    word = parts.get("word")
    if not isinstance(word, str) or not word.strip():
        raise BadOption(f"a choice needs a word; got {given!r}")
    parts["word"] = label_word(word).strip()
    if "colour" in parts:
        parts["colour"] = _hex(parts["colour"])
    if "key" in parts:
        parts["key"] = key_of(parts["key"])
    symbol = parts.get("symbol")
    if symbol is not None and (not isinstance(symbol, str) or len(symbol) != 1 or not symbol.isprintable()):
        raise BadOption(f"the symbol of a choice is one character; got {symbol!r}")
    return parts


def _hex(colour: Any) -> str:
    """Return a matplotlib colour as ``#rrggbb``."""
    from matplotlib.colors import to_hex

    try:
        return str(to_hex(colour))
    except ValueError as err:
        raise BadOption(f"{colour!r} is not a colour; write one as '#009e73' or by its name") from err
