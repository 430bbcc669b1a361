"""Filters as terms joined by ``and``: terms can be added and removed while the rest stays as typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cutout_widgets.catalog.filters.facets import name_in_query

__all__ = ["choice_of", "joined", "range_of", "replaced", "terms_of", "within_range"]

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_QUOTES = "'\"`"
_NAME = re.compile(r"\w+")


class _Word(NamedTuple):
    """An ``and`` or ``or`` outside brackets and quotes."""

    word: str
    start: int
    end: int


def terms_of(where: str | None) -> list[str]:
    """Return the terms of a filter; one with an ``or`` outside brackets is a single term.

    Examples
    --------
    >>> terms_of("snr > 5 and (isDipole or band == 'r')")
    ['snr > 5', "(isDipole or band == 'r')"]
    """
    text = (where or "").strip()
    if not text:
        return []
    terms, start = [], 0
    for one in _outside_brackets(text):
        if one.word != "and":
            return [text]
        terms.append(text[start : one.start].strip())
        start = one.end
    terms.append(text[start:].strip())
    return terms if all(terms) else [text]


def joined(terms: Sequence[str]) -> str | None:
    """Return the filter of all terms; None without terms."""
    if len(terms) < 2:
        return terms[0] if terms else None
    return " and ".join(f"({one})" if _is_disjunction(one) else one for one in terms)


def replaced(where: str | None, is_old: Callable[[str], bool], *new: str) -> str | None:
    """Return a filter without the terms that `is_old` finds, and with new ones at its end."""
    return joined([*(one for one in terms_of(where) if not is_old(one)), *new])


def within_range(column: str, low: str, high: str) -> str:
    """Return the term for an inclusive range."""
    return f"{low} <= {name_in_query(column)} <= {high}"


def range_of(column: str) -> Callable[[str], bool]:
    """Return a function that recognises the `within_range` term of a column, with any bounds."""
    name = re.escape(name_in_query(column))
    pattern = re.compile(rf"{_NUMBER} <= {name} <= {_NUMBER}|{name} [<>]= {_NUMBER}")
    return lambda term: pattern.fullmatch(term) is not None


def choice_of(column: str) -> Callable[[str], bool]:
    """Return a function that recognises the term for some integers of a column: ``detector in [3, 5]``."""
    pattern = re.compile(rf"{re.escape(name_in_query(column))} in \[[-\d, ]*\]")
    return lambda term: pattern.fullmatch(term) is not None


def _is_disjunction(term: str) -> bool:
    """Return whether appending terms would change the meaning of this one."""
    return any(one.word != "and" for one in _outside_brackets(term))


def _outside_brackets(text: str) -> Iterator[_Word]:
    """Yield ``and`` and ``or`` outside brackets and quotes; ``&`` and ``|`` count as ``or``."""
    depth = place = 0
    while place < len(text):
        one = text[place]
        if one in _QUOTES:
            place = _end_of_quote(text, place)
        elif one in "([{":
            depth += 1
        elif one in ")]}":
            depth -= 1
        elif depth == 0 and one in "|&":
            yield _Word("or", place, place + 1)
        elif (name := _NAME.match(text, place)) is not None:
            if depth == 0 and name[0] in ("and", "or"):
                yield _Word(name[0], place, name.end())
            place = name.end() - 1
        place += 1


def _end_of_quote(text: str, start: int) -> int:
    """Return the end of a quotation that begins at a position."""
    place = start + 1
    while place < len(text) and text[place] != text[start]:
        place += 2 if text[place] == "\\" and text[start] != "`" else 1
    return min(place, len(text))
