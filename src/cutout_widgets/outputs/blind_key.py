"""Blind runs: opaque file names, and the private key that maps them to ids."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cutout_widgets.errors import BadTable

if TYPE_CHECKING:
    from cutout_widgets.outputs.layout import Layout

__all__ = ["add_to_key", "blind_key_of", "key_path", "known_ids", "write_key"]

_FIRST = "# secret "


def key_path(root: Path) -> Path:
    """Return the key file of a folder: next to it, never in it, because folders are uploaded."""
    root = root.absolute()
    return root.with_name(f"{root.name}.key.csv")


def blind_key_of(root: Path) -> str:
    """Return the secret from which a folder's file names are made; the first run creates it.

    Raises
    ------
    BadTable
        If there is a key file that was not written by this package.
    OSError
        If it cannot be written.
    """
    path = key_path(root)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            _write(draft, f"{_FIRST}{secrets.token_hex(16)}\nname,diaSourceId\n")
            with suppress(FileExistsError):  # another run was first: its secret is used
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    secret = first.removeprefix(_FIRST).strip()
    if not first.startswith(_FIRST) or not secret:
        raise BadTable(f"{path} is not the key of a blind run; move it away to make a new one")
    return secret


def known_ids(root: Path) -> list[int]:
    """Return the ids in the key file of a folder, in its order."""
    with key_path(root).open(newline="", encoding="utf-8") as stream:
        next(stream, None)
        return [int(row["diaSourceId"]) for row in csv.DictReader(stream)]


def add_to_key(root: Path, layout: Layout, ids: Iterable[int]) -> Path:
    """Rewrite the key file with more ids after the existing ones; only one run at a time may do so."""
    ids = list(ids)
    here = set(ids)
    return write_key(root, layout, [*(id_ for id_ in known_ids(root) if id_ not in here), *ids])


def write_key(root: Path, layout: Layout, ids: Iterable[int]) -> Path:
    """Write the name of each id, readable only by the owner.

    Returns
    -------
    Path
        The key file.
    """
    path = key_path(root)
    text = io.StringIO(newline="")
    text.write(f"{_FIRST}{layout.blind_key}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "diaSourceId"))
    writer.writerows((layout.name(id_), id_) for id_ in ids)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        _write(draft, text.getvalue())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _write(path: Path, text: str) -> None:
    """Write a private file."""
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as stream:
        stream.write(text)
