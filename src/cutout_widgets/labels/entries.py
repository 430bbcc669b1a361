"""What a journal is made of: labels, what changed, and what may stand in a line."""

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
"""Ends of names that promise a table, which a journal is not."""


_LONGEST_LABEL = 1000
"""Characters; a filter that names the label must stay below its own limit."""


@dataclass(frozen=True)
class Label:
    """What somebody said about a source."""

    id: int
    """The source."""
    label: str | None
    """The word; None takes an earlier label away."""
    who: str
    """Who said it."""
    when: str
    """UTC, ISO 8601."""
    note: str = ""
    """What was noted beside it."""
    act: str = ""
    """What was said in one go shares this, and is undone in one go."""


@dataclass(frozen=True)
class Change:
    """What an act, its undoing or its repetition did to a source."""

    id: int
    """The source."""
    was: str | None
    """Its label before; None: it had none."""
    now: str | None
    """Its label now."""


def journal_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a journal, refused where it cannot be one."""
    found = Path(path)
    if "\0" in str(found):
        raise BadOption(f"the path of a journal holds no NUL character; got {str(found)!r}")
    if found.suffix.lower() in _TABLES:
        raise BadOption(
            f"a journal of labels is a file of JSON lines, and {found.name!r} is the name of a table; call "
            f"it {found.with_suffix('.jsonl').name!r}, and use LabelJournal.import_ and to_csv for tables"
        )
    if found.is_dir():
        raise BadOption(f"a journal of labels is a file, and {found} is a folder")
    return found


def ids_in_line(numbers: Sequence[int]) -> dict[str, Any]:
    """Return the part of a line that says which sources it is about."""
    return {"id": str(numbers[0])} if len(numbers) == 1 else {"ids": list(map(str, numbers))}


def now() -> str:
    """Return the time as lines have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def label_word(text: Any) -> str:
    """Return a label as a file can hold it and a filter can name it: text, not empty, and short."""
    if not isinstance(text, str) or not text.strip():
        raise BadOption(f"a label is a word, or None to remove one; got {text!r:.60}")
    if len(text) > _LONGEST_LABEL:
        raise BadOption(
            f"a label has at most {_LONGEST_LABEL} characters, and a note any number; "
            f"got one of {len(text)}: {text[:40]!r}..."
        )
    return one_line(text, "a label")


def one_line(text: Any, what: str) -> str:
    """Return a text as `writable` does; it has no line breaks, for tables and buttons show it in one line."""
    found = writable(text, what)
    wrong = next((one for one in found if unicodedata.category(one) in ("Cc", "Zl", "Zp")), None)
    if wrong is not None:
        raise BadOption(f"{what} is one line without control characters; got {wrong!r} in {found!r:.60}")
    return found


def writable(text: Any, what: str) -> str:
    """Return a text that a file can hold: neither half of a surrogate pair nor the NUL character."""
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
    """Return a text of a line; numbers that others wrote become text, and nothing is empty."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError("a text is text")


def list_in_line(value: Any) -> list[Any]:
    """Return a list of a line; a text alone is no list of its letters."""
    if not isinstance(value, list):
        raise ValueError("ids are a list")
    return value


def login_name() -> str:
    """Return the login name, or an empty text where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
