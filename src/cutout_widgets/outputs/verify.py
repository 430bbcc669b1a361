"""Checking a directory that was saved to: every file, every row, every URL."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cutout_widgets.errors import BadOption, BadTable, sentence
from cutout_widgets.outputs.files import PARTIAL
from cutout_widgets.outputs.manifest import MANIFEST, read_manifest
from cutout_widgets.outputs.png import fault_of

__all__ = ["fault_in", "verify"]

_NUMBER = re.compile(r"-?\d{1,19}")
_BEGINNINGS = {".png": b"\x89PNG", ".pdf": b"%PDF-", ".svg": b"<?xml"}
_ENDS = {".pdf": b"%%EOF", ".svg": b"</svg>"}


def verify(out: str | os.PathLike[str]) -> list[str]:
    """Check every file, row and URL of a directory that `save_cutouts` wrote.

    Parameters
    ----------
    out
        The directory.

    Returns
    -------
    list of str
        One sentence for each problem, naming the file or row; empty if all is well. Figures must
        be whole (every checksum of a PNG is compared) and stand in the folder their name belongs to;
        every row of the manifest must point at a figure, none twice, and every figure must have its
        row.

    Raises
    ------
    BadOption
        If there is no such directory.
    """
    root = Path(out)
    if not root.is_dir():
        raise BadOption(f"there is no directory {root} to verify")
    figures = {path.relative_to(root).as_posix() for path in _files(root / "images")}
    problems = [problem for name in sorted(figures) if (problem := _check_figure(root, name))]
    if (root / MANIFEST).exists():
        problems += _check_manifest(root, figures)
    if (root / PARTIAL).exists():
        problems.append(
            f"{PARTIAL}: a run is going on or was cut short; save again to complete it and clear this away"
        )
    return problems


def fault_in(path: Path) -> str | None:
    """Return what is wrong with the content of a figure, or None if it is whole."""
    try:
        data = path.read_bytes()
    except OSError as err:
        return f"it cannot be read: {sentence(err)}"
    if path.suffix == ".png":
        return fault_of(data)
    if not data:
        return "it is empty"
    if not data.startswith(_BEGINNINGS.get(path.suffix, b"")):
        return f"it is not {path.suffix.removeprefix('.').upper()}"
    if not data.rstrip().endswith(_ENDS.get(path.suffix, b"")):
        return "it is cut short"
    return None


def _check_figure(root: Path, name: str) -> str | None:
    """Return the problem of one figure."""
    path = root / name
    if path.suffix not in _BEGINNINGS:
        return f"{name}: a file that does not belong here"
    if fault := fault_in(path):
        return f"{name}: {fault}"
    folder = path.parent.relative_to(root / "images").as_posix()
    if _NUMBER.fullmatch(folder) and _NUMBER.fullmatch(path.stem) and folder != "00":
        start, id_ = int(folder), int(path.stem)
        if not any(start == id_ // 10**k * 10**k for k in range(19)):
            return f"{name}: it stands in the folder of other ids"
    return None


def _check_manifest(root: Path, figures: set[str]) -> Iterator[str]:
    """Yield the problems of the manifest."""
    seen: set[str] = set()
    try:
        for number, row in enumerate(read_manifest(root / MANIFEST), start=2):
            target = row.get("location:1", row.get("image"))
            if target is None:
                yield f"{MANIFEST}: it has neither a column location:1 nor a column image"
                return
            name = _named(target)
            if name is None or name not in figures:
                yield f"{MANIFEST}, line {number}: {target} is no file of this directory"
                continue
            if name in seen:
                yield f"{MANIFEST}, line {number}: {name} stands there twice"
            seen.add(name)
            for column in ("external_id", "metadata:diaSourceId", "!diaSourceId"):
                if column in row and row[column] != Path(name).stem:
                    yield f"{MANIFEST}, line {number}: {column} is {row[column]}, but the file is {name}"
    except BadTable as err:
        yield f"{MANIFEST}: {sentence(err)}"
        return
    yield from (f"{name}: it is not in {MANIFEST}" for name in sorted(figures - seen))


def _named(target: str) -> str | None:
    """Return the path below the directory that a URL or file name points at."""
    parts = unquote(urlsplit(target).path).split("/")
    if "images" not in parts or ".." in parts:
        return None
    last = len(parts) - 1 - parts[::-1].index("images")
    return "/".join(parts[last:])


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, links not followed."""
    for top, _, names in os.walk(folder):
        for name in names:
            yield Path(top) / name
