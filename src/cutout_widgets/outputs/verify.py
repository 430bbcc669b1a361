"""Checking a directory that was saved to: every file, every row, every URL."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from cutout_widgets.errors import BadOption, BadTable, sentence
from cutout_widgets.outputs.arrays import fault_of_array
from cutout_widgets.outputs.figure.png import fault_of, texts_of
from cutout_widgets.outputs.files import PARTIAL
from cutout_widgets.outputs.fits import fault_of_fits
from cutout_widgets.outputs.manifest import ID_COLUMNS, MANIFEST, read_manifest
from cutout_widgets.outputs.provenance import read_provenance

__all__ = ["fault_of_file", "verify"]

_NUMBER = re.compile(r"-?\d{1,19}")
_BEGINNINGS = {
    ".png": b"\x89PNG",
    ".pdf": b"%PDF-",
    ".svg": b"<?xml",
    ".npy": b"\x93NUMPY",
    ".fits": b"SIMPLE  =",
}
_ENDS = {".pdf": b"%%EOF", ".svg": b"</svg>"}
_FOLDERS = {"images": (".png", ".pdf", ".svg"), "numpy": (".npy",), "fits": (".fits",)}
_TABLES = ("numpy/all_diasources.csv.gz", "numpy/exported_diasources.csv.gz")


def verify(out: str | os.PathLike[str]) -> list[str]:
    """Check every file, row and URL of a directory that `save_cutouts` wrote.

    Parameters
    ----------
    out
        The directory.

    Returns
    -------
    list of str
        One sentence for each problem, naming the file or row; empty if all is well. Files must be
        whole (every checksum of a PNG or FITS file is compared; arrays, which have none, must have
        the type, shape and length of theirs), be those of the source they are named after, and
        stand in the folder of its id; every row of the manifest must point at a figure, none twice,
        and every figure must have its row. Arrays and FITS files must belong to a figure.

    Raises
    ------
    BadOption
        If there is no such directory.
    """
    root = Path(out)
    if not root.is_dir():
        raise BadOption(f"there is no directory {root} to verify")
    provenance = read_provenance(root) or {}
    problems: list[str] = []
    figures: set[str] = set()
    for folder in _FOLDERS:
        names = sorted(path.relative_to(root).as_posix() for path in _files(root / folder))
        if folder == "images":
            figures = {name for name in names if name.endswith(_FOLDERS[folder])}
        for name in names:
            if fault := _fault(root, PurePosixPath(name), figures, provenance):
                problems.append(f"{name}: {fault}")
    if (root / MANIFEST).exists():
        problems += _check_manifest(root, figures)
    if (root / PARTIAL).exists():
        problems.append(
            f"{PARTIAL}: a run is going on or was cut short; save again to complete it and clear this away"
        )
    return problems


def fault_of_file(root: Path, name: PurePosixPath) -> str | None:
    """Return what is wrong with the content of a file below a directory, or None if it is whole."""
    try:
        data = root.joinpath(*name.parts).read_bytes()
    except IsADirectoryError:
        return "a folder stands in its place; move it away"
    except OSError as err:
        return f"it cannot be read: {sentence(err)}"
    if not data:
        return "it is empty"
    if not data.startswith(_BEGINNINGS.get(name.suffix, b"")):
        return f"it is not a {name.suffix.removeprefix('.').upper()} file"
    if name.suffix == ".png":
        return fault_of(data) or _stranger(data, name)
    if not data.rstrip().endswith(_ENDS.get(name.suffix, b"")):
        return "it is cut short"
    if name.suffix == ".fits":
        return fault_of_fits(data, name.stem)
    if name.suffix == ".npy":
        return fault_of_array(data, name.stem)
    return None


def _stranger(data: bytes, name: PurePosixPath) -> str | None:
    """Tell whether a whole PNG file is one of ours, of the source it is named after."""
    said = texts_of(data).get("diaSourceId")
    if _NUMBER.fullmatch(name.stem) and said != name.stem:
        return "it is a picture from elsewhere" if said is None else f"it is the figure of source {said}"
    return None


def _fault(root: Path, name: PurePosixPath, figures: set[str], provenance: Mapping[str, Any]) -> str | None:
    """Return the problem of one file: its kind, content or place."""
    if str(name) in _TABLES:
        return None
    if name.suffix not in _FOLDERS[name.parts[0]]:
        return "a file that does not belong here"
    if fault := fault_of_file(root, name):
        return fault
    word = name.stem if name.parts[0] != "numpy" else name.stem.split("_")[0]
    if not _belongs(name, word, provenance):
        return "it stands in the folder of other sources"
    if name.parts[0] != "images":
        start = PurePosixPath("images", *name.parts[1:-1], word)
        if not any(f"{start}{suffix}" in figures for suffix in _FOLDERS["images"]):
            return "there is no figure of this source"
    return None


def _belongs(name: PurePosixPath, word: str, provenance: Mapping[str, Any]) -> bool:
    """Tell whether a file stands in the folder of its name."""
    folder = "/".join(name.parts[1:-1])
    if provenance.get("blind"):
        return folder in ("", word[:2])
    if not _NUMBER.fullmatch(word):
        return False
    chunk_size = provenance.get("chunk_size", 10_000)
    return folder == ("" if chunk_size is None else f"{int(word) // chunk_size * chunk_size}")


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
            for column in ("external_id", *ID_COLUMNS):
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
    """Yield the files below a folder, links not followed, and folders that are named like files."""
    for top, folders, names in os.walk(folder):
        for name in (*names, *(one for one in folders if "." in one)):
            yield Path(top) / name
