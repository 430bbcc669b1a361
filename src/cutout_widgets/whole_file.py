"""Writing a file completely or not at all, under a temporary name; and whether a path is a file."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutout_widgets.errors import BadOption, CutoutError, NotWritable

__all__ = ["kind_of_irregular", "usable_path", "whole_file"]

_LONGEST_PART, _LONGEST_PATH = 255, 4095
"""Limits of Linux, bytes; other systems allow no more."""

_LONGEST_NAME = 100
"""Maximum characters of a file's name that are used in the name of its draft."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to a file, to be written; it replaces the file if the ``with`` succeeds.

    After an error it is removed, and an existing file is unchanged. Runs that write many files
    use `outputs.files.Partial`.

    Parameters
    ----------
    path
        The file; its folder exists.

    Raises
    ------
    NotWritable
        If it cannot be written or moved into place.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "a.txt") as draft:
    ...         _ = draft.write_text("all of it")
    ...     [one.name for one in Path(folder).iterdir()]
    ['a.txt']
    """
    # Not tempfile: its files are readable only by their owner, and so the final file would be.
    usable_path(path)
    draft = path.with_name(f".{path.name[:_LONGEST_NAME]}.{uuid.uuid4().hex}")
    try:
        yield draft
        draft.replace(path)
    except CutoutError:
        raise
    except OSError as err:
        raise NotWritable(f"{path} cannot be written: {err.strerror or err}") from err
    finally:
        draft.unlink(missing_ok=True)


def kind_of_irregular(path: Path) -> str:
    """Return what is at a path that is not a file, such as ``"a folder"``; empty for files and nothing.

    Opening a pipe waits for its other end, and reading a device such as ``/dev/full`` never ends.

    Examples
    --------
    >>> kind_of_irregular(Path.cwd())
    'a folder'
    """
    usable_path(path)
    if path.is_file() or not path.exists():
        return ""
    return "a folder" if path.is_dir() else "a pipe or a device"


def usable_path(path: str | os.PathLike[str]) -> None:
    """Raise for a text that cannot be a path, such as the content of a file.

    Raises
    ------
    BadOption
        If it contains a NUL character or a lone surrogate, or is too long.

    Examples
    --------
    >>> usable_path("diaSourceId,ra,dec" * 100)
    Traceback (most recent call last):
    ...
    cutout_widgets.errors.BadOption: not a path, which has at most 255 characters between slashes: ...
    """
    text = os.fspath(path)
    try:
        raw = text.encode() if os.name == "nt" else os.fsencode(text)
    except UnicodeEncodeError:
        raise BadOption(f"not a path: {text!r:.80} contains half a character (a lone surrogate)") from None
    if b"\0" in raw:
        raise BadOption(f"not a path: {text!r:.80} contains a NUL character")
    if len(raw) > _LONGEST_PATH or max(map(len, raw.split(b"/"))) > _LONGEST_PART:
        raise BadOption(
            f"not a path, which has at most {_LONGEST_PART} characters between slashes: {text!r:.40} ... has "
            f"{len(text):,}; is it the content of a file?"
        )
