"""Values in configuration files: literals and simple arithmetic, evaluated without executing code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from cutout_widgets.errors import BadOption

__all__ = ["NotAValue", "changed", "value_of"]

_LARGEST = 1 << 63
"""Limit of numbers in a configuration."""

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


class NotAValue(Exception):
    """An expression that is not a supported value; its text has the reason, if any."""


def value_of(expression: ast.expr) -> Any:
    """Return the value of a constant expression.

    Parameters
    ----------
    expression
        Literals, lists and tuples of them, arithmetic of numbers (``10**4``), and text or lists
        concatenated with ``+``.

    Raises
    ------
    NotAValue
        If it is anything else, or a number becomes too large.
    """
    try:
        return _value(expression)
    except (ArithmeticError, RecursionError, MemoryError, ValueError) as err:
        raise NotAValue("that number cannot be calculated") from err


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value) if value is None or isinstance(value, (str, int, float)):
            return value
        case ast.List(items) | ast.Tuple(items):
            return [_value(one) for one in items]
        case ast.UnaryOp(ast.USub() | ast.UAdd() as sign, operand):
            number = _number(_value(operand))
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left, kind, right):
            return _combined(kind, _value(left), _value(right))
    raise NotAValue


def _combined(kind: ast.operator, left: Any, right: Any) -> Any:
    """Return the result of an operator."""
    if isinstance(kind, ast.Add) and any(type(left) is type(right) is one for one in (str, list)):
        return left + right
    act = _ARITHMETIC.get(type(kind))
    if act is None:
        raise NotAValue
    a, b = _number(left), _number(right)
    if isinstance(kind, ast.Pow) and (abs(b) > 64 or abs(a) > 1 << 32):
        raise NotAValue("that number is too large")
    result = act(a, b)
    if isinstance(result, complex) or abs(result) > _LARGEST:
        raise NotAValue("that number is too large")
    return result


def _number(value: Any) -> Any:
    """Return a number, or raise for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NotAValue
    return value


def changed(before: Any, field: str, method: str, argument: Any) -> list[Any]:
    """Return a list after a list method.

    Parameters
    ----------
    before
        The list; it is not modified.
    field
        Its name, for messages.
    method
        ``"append"``, ``"extend"``, ``"insert"`` or ``"remove"``.
    argument
        Argument of the method; for insert a pair.

    Raises
    ------
    BadOption
        If it is not a list, or the argument is invalid.
    """
    if not isinstance(before, list):
        raise BadOption(f"{field} is not a list, so nothing can be added to it; set it instead")
    after = list(before)
    try:
        if method == "insert":
            after.insert(*argument)
        else:
            getattr(after, method)(argument)
    except (TypeError, ValueError) as err:
        raise BadOption(f"{field} is {before}, and {method}({argument!r}) does not fit") from err
    return after
