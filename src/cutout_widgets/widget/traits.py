"""Traits that hold identifiers, never floats, and validators whose errors revert a front end's value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets as t

from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.labels import identifiers

__all__ = ["Identifier", "Identifiers", "refusing"]


class _RefusedOption(BadOption, t.TraitError):
    """An invalid value; the trait keeps its previous one."""


class _RefusedTable(BadTable, t.TraitError):
    """An invalid filter or sort order; the trait keeps its previous value."""


def refusing(check: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Make the errors of a validator `TraitError`s too.

    A front end reverts a value only after a `TraitError`.
    """

    def checked(owner: Any, proposal: Any) -> Any:
        try:
            return check(owner, proposal)
        except t.TraitError:
            raise
        except BadTable as err:
            raise _RefusedTable(str(err)) from err
        except (ValueError, TypeError) as err:
            raise _RefusedOption(str(err)) from err

    return checked


class Identifier(t.Int):  # type: ignore[type-arg]
    """One 64-bit id, or None if that is allowed.

    Raises
    ------
    BadOption
        If it is a float, which may have been rounded, or no integer at all.
    """

    def validate(self, obj: Any, value: Any) -> int:
        """Return the id as a Python int."""
        return int(_ids_of([value])[0])


class Identifiers(t.List):  # type: ignore[type-arg]
    """Several 64-bit ids: a list, an array, a Series, or a single one.

    Raises
    ------
    BadOption
        If one is a float, which may have been rounded, or no integer at all.
    """

    def validate(self, obj: Any, value: Any) -> list[int]:
        """Return the ids as a list of Python ints."""
        return _ids_of(value)


def _ids_of(value: Any) -> list[int]:
    try:
        return identifiers(value)
    except BadOption as err:
        raise _RefusedOption(str(err)) from err
