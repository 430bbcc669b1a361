"""A file that is whole or not there: written beside its place, then moved."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path beside a file's place, to be written; it replaces the file when the ``with`` ends well.

    Where an error ends it, nothing of it is left, and a file that was there stays. Runs that write many files
    use `outputs.files.Partial`.

    Parameters
    ----------
    path
        The file; its folder exists.

    Raises
    ------
    OSError
        If it cannot be moved into place.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "a.txt") as draft:
    ...         _ = draft.write_text("all of it")
    ...     [one.name for one in Path(folder).iterdir()]
    ['a.txt']
    """
    # Not a tempfile: those are readable by their owner alone, and so would the file be.
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
