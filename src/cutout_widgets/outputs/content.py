"""Checking that a saved file is intact and belongs to the source it is named after."""

from __future__ import annotations

import errno
import re
from pathlib import Path, PurePosixPath

from cutout_widgets.outputs.arrays import fault_of_array
from cutout_widgets.outputs.figure.png import fault_of, texts_of
from cutout_widgets.outputs.files import read_plain
from cutout_widgets.outputs.fits import fault_of_fits

__all__ = ["NUMBER", "fault_of_bytes", "fault_of_file", "figure_elsewhere"]

NUMBER = re.compile(r"-?\d{1,19}")
_BEGINNINGS = {
    ".png": b"\x89PNG",
    ".pdf": b"%PDF-",
    ".svg": b"<?xml",
    ".npy": b"\x93NUMPY",
    ".fits": b"SIMPLE  =",
}
_ENDS = {".pdf": b"%%EOF", ".svg": b"</svg>"}


def fault_of_file(root: Path, name: PurePosixPath) -> str | None:
    """Return what is wrong with the content of a file in a folder, or None if it is intact."""
    try:
        data = read_plain(root.joinpath(*name.parts))
    except IsADirectoryError:
        return "it is a folder, not a file; move it away"
    except OSError as err:
        return (
            err.strerror if err.errno in (errno.ELOOP, errno.EINVAL) else f"it cannot be read: {err.strerror}"
        )
    return fault_of_bytes(data, name)


def fault_of_bytes(data: bytes, name: PurePosixPath) -> str | None:
    """Return what is wrong with the content of a file of this name, or None if it is intact."""
    if not data:
        return "it is empty"
    if not data.startswith(_BEGINNINGS.get(name.suffix, b"")):
        return f"it is not a {name.suffix.removeprefix('.').upper()} file"
    if name.suffix == ".png":
        return fault_of(data) or _stranger(data, name)
    if not data.rstrip().endswith(_ENDS.get(name.suffix, b"")):
        return "it is truncated"
    if name.suffix == ".fits":
        return fault_of_fits(data, name.stem)
    if name.suffix == ".npy":
        return fault_of_array(data, name.stem)
    return None


def figure_elsewhere(path: Path) -> str | None:
    """Return what is wrong with a file outside the folder of figures: it is one, such as a stray copy."""
    if path.suffix.lower() != ".png":
        return None
    try:
        data = read_plain(path)
    except OSError:
        return None
    if fault_of(data):
        return None
    said = texts_of(data).get("diaSourceId")
    return None if said is None else f"it is a figure of source {said} outside images/; move it away"


def _stranger(data: bytes, name: PurePosixPath) -> str | None:
    """Return why an intact PNG file is not a figure of the source it is named after, or None if it is."""
    source_id = texts_of(data).get("diaSourceId")
    if NUMBER.fullmatch(name.stem) and source_id != name.stem:
        return (
            "it is not one of our figures" if source_id is None else f"it is the figure of source {source_id}"
        )
    return None
