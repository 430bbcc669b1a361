"""Writing a file completely or not at all: under a temporary name, then moved into place."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole_file"]


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
    # Not tempfile: its files are readable only by their owner, and so the final file would be.
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
