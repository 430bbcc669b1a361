"""Traits that hold identifiers: Python integers here, text of their digits on the wire, never a float."""

from __future__ import annotations

from typing import Any

import traitlets as t

from cutout_widgets.labels import identifiers

__all__ = ["Identifier", "Identifiers"]


class Identifier(t.Int):  # type: ignore[type-arg]
    """One 64-bit id, or None if that is allowed.

    Raises
    ------
    BadOption
        If it is a float, which may have been rounded, or no integer at all.
    """

    def validate(self, obj: Any, value: Any) -> int:
        """Return the id as a Python int."""
        (number,) = identifiers([value])
        return number


class Identifiers(t.List):  # type: ignore[type-arg]
    """Several 64-bit ids: a list, an array, a Series, or one alone.

    Raises
    ------
    BadOption
        If one is a float, which may have been rounded, or no integer at all.
    """

    def validate(self, obj: Any, value: Any) -> list[int]:
        """Return the ids as a list of Python ints."""
        return identifiers(value)
