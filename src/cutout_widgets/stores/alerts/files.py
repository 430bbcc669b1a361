"""Find the alert packet files of a store: from paths, folders, patterns, URLs, bytes."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from cutout_widgets.errors import BadOption, ImageNotFound
from cutout_widgets.paths import is_url, shown_place
from cutout_widgets.remote.copies import local_copy
from cutout_widgets.whole_file import kind_of_irregular

__all__ = ["expand", "here"]

_ENDINGS = (".avro", ".avro.gz", ".parquet", ".gz", ".bin", ".msg")
"""File name patterns of alert packets in a folder."""


def here(file: Path | bytes | str) -> Path | bytes:
    """Return a local file; one at a URL is downloaded completely, and cached."""
    return local_copy(file) if isinstance(file, str) else file


def _packets_of(paths: Iterable[Path]) -> list[Path]:
    """Return the paths with names of alert packet files, sorted."""
    return sorted(each for each in paths if each.name.endswith(_ENDINGS) and each.is_file())


def expand(paths: Sequence[str | bytes]) -> list[Path | bytes | str]:
    """Return the files of paths, folders and patterns, in the given order, sorted within each."""
    files: list[Path | bytes | str] = []
    for one in paths:
        if isinstance(one, bytes):
            files.append(one)
            continue
        if is_url(one):
            if any(letter in one.partition("?")[0] for letter in "*[") or one.endswith("/"):
                raise BadOption(
                    f"{shown_place(one)}: list alert packets at URLs file by file; a folder or pattern "
                    "works only on disk"
                )
            files.append(one)
            continue
        path = Path(one)
        if path.is_dir():
            found = _packets_of(path.iterdir()) or _packets_of(path.rglob("*"))
        elif kind := kind_of_irregular(path):
            raise ImageNotFound(f"{one} is {kind}, not a file of alert packets")
        elif path.exists():
            found = [path]
        else:
            found = sorted(Path(each) for each in glob.glob(one, recursive=True) if Path(each).is_file())  # noqa: PTH207  the pattern is the user's, absolute or not
        if not found:
            kind = (
                "the directory has no alert packets (*.avro, *.avro.gz, *.parquet)"
                if path.is_dir()
                else "no such file"
            )
            raise ImageNotFound(f"{one}: {kind}")
        files.extend(found)
    if not files:
        raise ImageNotFound("no alert packets: the list of paths is empty")
    return list(dict.fromkeys(files))
