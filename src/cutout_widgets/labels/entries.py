"""The elements of a journal: labels, changes, and the values allowed in a line."""

from __future__ import annotations

import getpass
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cutout_widgets.errors import BadOption
from cutout_widgets.paths import path_to
from cutout_widgets.whole_file import kind_of_irregular

__all__ = [
    "Change",
    "Label",
    "ids_in_line",
    "journal_path",
    "label_word",
    "list_in_line",
    "login_name",
    "now",
    "one_line",
    "text_in_line",
    "writable",
]

_TABLES = (".csv", ".tsv", ".txt", ".ecsv", ".parquet", ".feather", ".fits", ".xlsx", ".xml", ".vot")
"""File name endings of tables, which a journal is not."""


_LONGEST_LABEL = 1000
"""Characters; filters that name the label have a length limit too."""


@dataclass(frozen=True)
class Label:
    """A label of a source."""

    id: int
    """The source."""
    label: str | None
    """The word; None removes an earlier label."""
    who: str
    """Who gave it."""
    when: str
    """UTC, ISO 8601."""
    note: str = ""
    """The note given with it."""
    act: str = ""
    """Identifies the action: labels with the same one were given, and are undone, together."""


@dataclass(frozen=True)
class Change:
    """The effect of an action, undo or redo on a source."""

    id: int
    """The source."""
    was: str | None
    """The label before; None if there was none."""
    now: str | None
    """The label after."""


def journal_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a journal, or raise if it is unsuitable."""
    found = path_to(path, "a journal of labels")
    if found.suffix.lower() in _TABLES:
        raise BadOption(
            f"a journal of labels is a file of JSON lines, and {found.name!r} is the name of a table; call "
            f"it {found.with_suffix('.jsonl').name!r}, and use LabelJournal.import_ and to_csv for tables"
        )
    if kind := kind_of_irregular(found):
        raise BadOption(f"a journal of labels is a file, and {found} is {kind}")
    return found


def ids_in_line(numbers: Sequence[int]) -> dict[str, Any]:
    """Return the fields of a line that identify its sources."""
    return {"id": str(numbers[0])} if len(numbers) == 1 else {"ids": list(map(str, numbers))}


def now() -> str:
    """Return the current time in the format of lines."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def label_word(text: Any) -> str:
    """Return a label, checked: text that is not empty, short, and possible in files and filters."""
    if not isinstance(text, str) or not text.strip():
        raise BadOption(f"a label is a word, or None to remove one; got {text!r:.60}")
    if len(text) > _LONGEST_LABEL:
        raise BadOption(
            f"a label has at most {_LONGEST_LABEL} characters, and a note any number; "
            f"got one of {len(text)}: {text[:40]!r}..."
        )
    return one_line(text, "a label")


def one_line(text: Any, what: str) -> str:
    """Return a text checked by `writable`, and without line breaks, as tables and buttons have one line."""
    found = writable(text, what)
    wrong = next((one for one in found if unicodedata.category(one) in ("Cc", "Zl", "Zp")), None)
    if wrong is not None:
        raise BadOption(f"{what} is one line without control characters; got {wrong!r} in {found!r:.60}")
    return found


def writable(text: Any, what: str) -> str:
    """Return a text that can be written to a file, without lone surrogates and NUL characters."""
    if not isinstance(text, str):
        raise BadOption(f"{what} is text; got {text!r}")
    if "\0" in text:
        raise BadOption(f"{what} cannot contain a NUL character; got {text!r:.60}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadOption(f"{what} contains half a character (a lone surrogate); got {text!r}") from None
    return text


def text_in_line(value: Any) -> str:
    """Return a text field of a line; numbers by other writers become text, null becomes empty."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError("a text is text")


def list_in_line(value: Any) -> list[Any]:
    """Return a list field of a line; raise for a single text."""
    if not isinstance(value, list):
        raise ValueError("ids are a list")
    return value


def login_name() -> str:
    """Return the login name, or an empty text if there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
