"""The actions in a journal as arrays: who did each, when, and whether it is undone."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Actions"]


class Actions:
    """Actions in line order; each has a number, a name by which it can be undone, and labels."""

    def __init__(self) -> None:
        self.people: list[str] = []
        """Everybody who has labelled."""
        self.notes: dict[int, str] = {}
        """Number of an action -> the note on its labels."""
        self._people_codes: dict[str, int] = {}
        self._hashes, self._who, self._first = array("q"), array("i"), array("i")
        self._text_ends, self._texts, self._undone = array("q"), bytearray(), bytearray()

    def __len__(self) -> int:
        return len(self._first)

    def add(self, name: str, who: str, when: str, note: str, *, first: int, is_undone: bool) -> None:
        """Add an action whose labels begin at row `first`.

        Raises
        ------
        ValueError
            If a text contains a lone surrogate, or the name a line break; nothing is added then.
        """
        if "\n" in name:
            raise ValueError("the name of an action is one line")
        texts = f"{name}\n{when}".encode()
        if who not in self._people_codes:
            who.encode()
            self._people_codes[who] = len(self.people)
            self.people.append(who)
        if note:
            note.encode()
            self.notes[len(self._first)] = note
        self._hashes.append(hash(name))
        self._who.append(self._people_codes[who])
        self._first.append(first)
        self._texts += texts
        self._text_ends.append(len(self._texts))
        self._undone.append(is_undone)

    def set_undone(self, acts: Iterable[int], *, undone: bool) -> None:
        """Undo or redo actions."""
        for act in acts:
            self._undone[act] = undone

    def rows_of(self, act: int, n_rows: int) -> range:
        """Return the rows of an action's labels, given the total number of rows."""
        return range(self._first[act], self._first[act + 1] if act + 1 < len(self._first) else n_rows)

    def name_of(self, act: int) -> str:
        """Return the name of an action."""
        return self._texts_of(act)[0]

    def when_of(self, act: int) -> str:
        """Return the time of an action, as written in its line."""
        return self._texts_of(act)[1]

    def who_of(self, act: int) -> str:
        """Return who did an action."""
        return self.people[self._who[act]]

    def people_of(self, acts: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return who did several actions, as indices into `people`."""
        return np.frombuffer(self._who, dtype=np.intc)[acts]

    def are_undone(self, acts: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which of several actions are undone."""
        return np.frombuffer(self._undone, dtype=np.bool_)[acts]

    def last_of(self, who: str) -> int | None:
        """Return a person's last action that is not undone."""
        code = self._people_codes.get(who)
        for start in _windows(len(self)) if code is not None else ():
            mine = np.frombuffer(self._who, dtype=np.intc)[start:] == code
            mine &= ~np.frombuffer(self._undone, dtype=np.bool_)[start:]
            places = np.flatnonzero(mine)
            if len(places):
                return start + int(places[-1])
        return None

    def named(self, name: str) -> list[int]:
        """Return the actions of a name: one, or several consecutive ones if it spans several lines."""
        wanted = hash(name)
        for start in _windows(len(self)):
            places = np.flatnonzero(np.frombuffer(self._hashes, dtype=np.int64)[start:] == wanted)
            if len(places):
                last = first = start + int(places[-1])
                while first > 0 and self._hashes[first - 1] == wanted:
                    first -= 1
                return list(range(first, last + 1))
        return []

    def _texts_of(self, act: int) -> tuple[str, str]:
        start = self._text_ends[act - 1] if act else 0
        name, _, when = self._texts[start : self._text_ends[act]].decode().partition("\n")
        return name, when


def _windows(n: int) -> Iterable[int]:
    """Return where to start searches from the end, since most requests are for recent actions."""
    return [0] if n <= 4096 else [n - 4096, 0]
