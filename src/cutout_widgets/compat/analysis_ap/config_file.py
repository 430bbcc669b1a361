"""Configuration files of the LSST task framework, parsed without executing them.

Such a file is Python: ``config.url_root = "https://example.org"``. Supported are assignments of
values to fields of ``config``, changes of its lists, and the lines that ``config.save()`` writes at the
top: imports, and the assertion of the configuration's type. Nothing is executed.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from cutout_widgets.compat.analysis_ap.config_values import NotAValue, changed, value_of
from cutout_widgets.errors import BadOption, sentence
from cutout_widgets.paths import path_to

__all__ = ["Statement", "read_file", "read_text"]

ROOT = "config"
"""The name of the configuration, in files and texts."""

_WANTED = f"{ROOT}.field = value, such as {ROOT}.sizes = [30, 60]"

_SHOWN = 60
"""Maximum characters of a line quoted in messages."""


class Statement(NamedTuple):
    """One line that sets or changes a field."""

    field: str
    """Name of the field."""
    line: int
    """Line number, from 1."""
    value: Any
    """Its new value: text, number, bool, None, or a list of these; for a list method, its argument."""
    method: str | None = None
    """List method: ``"append"``, ``"extend"``, ``"remove"``, ``"insert"``; None = assignment."""

    def applied_to(self, before: Any) -> Any:
        """Return the field's new value, given the previous one.

        Raises
        ------
        BadOption
            If it is not a list, and the statement changes one.
        """
        return self.value if self.method is None else changed(before, self.field, self.method, self.value)


def read_file(path: str | os.PathLike[str], class_name: str) -> list[Statement]:
    """Read the statements of a configuration file, in order.

    Parameters
    ----------
    path
        The file; ``~`` is expanded.
    class_name
        The configuration's class: a file that asserts another one is refused.

    Returns
    -------
    list of Statement
        A field may be assigned more than once.

    Raises
    ------
    BadOption
        If the file cannot be read, or contains anything else; with the line number.
    """
    place = path_to(path, "the configuration to read")
    try:
        # Bytes, so that Python's own rules for the encoding of source code apply.
        text = place.read_bytes()
    except OSError as err:
        raise BadOption(f"the configuration {place} cannot be read: {err.strerror or err}") from err
    return read_text(text, str(place), class_name)


def read_text(text: str | bytes, place: str, class_name: str) -> list[Statement]:
    """Parse the statements in a text; arguments and errors are those of `read_file`."""
    try:
        tree = ast.parse(text, filename=place)
    except SyntaxError as err:
        line = f", line {err.lineno}" if err.lineno else ""
        raise BadOption(f"{place}{line}: it is not Python ({err.msg})") from err
    except (RecursionError, MemoryError) as err:  # the maximum depth depends on the Python version
        raise BadOption(
            f"{place}: wanted {_WANTED}, found an expression nested too deeply; "
            "a configuration is parsed, not executed"
        ) from err
    except ValueError as err:
        raise BadOption(f"{place}: it is not Python ({sentence(err)})") from err
    lines: Sequence[str | bytes] = text.splitlines()
    statements = []
    for number, one in enumerate(tree.body):
        if _says_nothing(one, first=number == 0) or _asserts_type(one, class_name, place):
            continue
        try:
            statements.append(_statement(one))
        except NotAValue as err:
            quoted = lines[one.lineno - 1]
            found = " ".join((quoted if isinstance(quoted, str) else quoted.decode(errors="replace")).split())
            found = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}..."
            detail = f" ({err})" if str(err) else ""
            raise BadOption(
                f"{place}, line {one.lineno}: wanted {_WANTED}, found {found!r}{detail}; "
                "a configuration is parsed, not executed"
            ) from err
    return statements


def _says_nothing(statement: ast.stmt, first: bool) -> bool:
    """Return whether a statement has no effect: imports, ``pass``, and a docstring."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Expr(ast.Constant(str())):
            return first
    return False


def _asserts_type(statement: ast.stmt, class_name: str, place: str) -> bool:
    """Return whether a statement is the assertion of ``config.save()``; raise if it names another class."""
    match statement:
        case ast.Assert(ast.Compare(asked, [ast.Is() | ast.Eq()], [ast.Attribute() as kind])):
            if ast.unparse(asked) != f"type({ROOT})":
                return False
            if kind.attr != class_name:
                raise BadOption(
                    f"{place}, line {statement.lineno}: it is of {kind.attr}; wanted a file of {class_name}"
                )
            return True
    return False


def _statement(statement: ast.stmt) -> Statement:
    """Parse one statement.

    Raises
    ------
    NotAValue
        If it does not set or change a field to a value.
    """
    line = statement.lineno
    match statement:
        case ast.Assign([ast.Attribute(ast.Name(root), field)], value) if root == ROOT:
            return Statement(field, line, value_of(value))
        case ast.AugAssign(ast.Attribute(ast.Name(root), field), ast.Add(), value) if root == ROOT:
            return Statement(field, line, value_of(value), "extend")
        case ast.Expr(
            ast.Call(ast.Attribute(ast.Attribute(ast.Name(root), field), method), arguments, [])
        ) if root == ROOT and method in ("append", "extend", "remove", "insert"):
            values = [value_of(one) for one in arguments]
            if len(values) == (2 if method == "insert" else 1):
                return Statement(field, line, tuple(values) if method == "insert" else values[0], method)
    raise NotAValue
