"""Configuration files of the LSST task framework, read without running them.

Such a file is Python: ``config.url_root = "https://example.org"``. Here only assignments of literal
values to fields of ``config`` are understood, and nothing in the file is executed.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any, NamedTuple

from cutout_widgets.errors import BadOption, sentence

__all__ = ["Assignment", "read_assignments"]

ROOT = "config"
"""The name that stands for the configuration in such a file."""

_WANTED = f"{ROOT}.field = literal, such as {ROOT}.sizes = [30, 60]"

_SHOWN = 60
"""Characters of a line that a sentence quotes."""


class Assignment(NamedTuple):
    """One line of a configuration file."""

    field: str
    """Name of the field."""
    value: Any
    """What it is set to: text, number, bool, None, or a list of these."""
    line: int
    """Line number, from 1."""


def read_assignments(path: str | os.PathLike[str]) -> list[Assignment]:
    """Read the assignments of a configuration file, in order.

    Parameters
    ----------
    path
        The file; ``~`` is understood.

    Returns
    -------
    list of Assignment
        A field may be set more than once.

    Raises
    ------
    BadOption
        If the file cannot be read, or holds anything but ``config.field = literal`` and comments;
        with the number of the line.
    """
    place = Path(path).expanduser()
    try:
        # As bytes: Python's own rules for the encoding of a source file hold.
        text = place.read_bytes()
        tree = ast.parse(text, filename=str(place))
    except OSError as err:
        raise BadOption(f"the configuration {place} cannot be read: {err.strerror or err}") from err
    except SyntaxError as err:
        line = f", line {err.lineno}" if err.lineno else ""
        raise BadOption(f"{place}{line}: it is not Python ({err.msg})") from err
    except (RecursionError, MemoryError) as err:  # how deep is too deep differs between Pythons
        raise BadOption(
            f"{place}: wanted {_WANTED}, found an expression nested too deeply; "
            "a configuration is read, not run"
        ) from err
    except ValueError as err:
        raise BadOption(f"{place}: it is not Python ({sentence(err)})") from err
    lines = text.splitlines()
    return [_assignment(one, lines[one.lineno - 1], place) for one in tree.body]


def _assignment(statement: ast.stmt, line: bytes, place: Path) -> Assignment:
    """Understand one statement, or refuse it and quote its line."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(ast.Name(root), field)], value=value) if root == ROOT:
            try:
                return Assignment(field, ast.literal_eval(value), statement.lineno)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                pass  # not a literal: told below
    found = " ".join(line.decode(errors="replace").split())
    found = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}..."
    raise BadOption(
        f"{place}, line {statement.lineno}: wanted {_WANTED}, found {found!r}; "
        "a configuration is read, not run"
    )
