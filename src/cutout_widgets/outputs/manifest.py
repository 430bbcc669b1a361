"""The manifest: which files there are, for those who upload or serve them."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cutout_widgets.errors import BadTable, CutoutWarning, NotWritable
from cutout_widgets.outputs.files import Partial

if TYPE_CHECKING:
    from cutout_widgets.outputs.layout import Layout

__all__ = [
    "ID_COLUMNS",
    "MANIFEST",
    "RunningManifest",
    "ids_saved_before",
    "read_manifest",
    "renew_manifest",
    "write_manifest",
]

MANIFEST = "manifest.csv"
"""Its name: rubin.citsci accepts no other."""

ID_COLUMNS = ("metadata:diaSourceId", "!diaSourceId")
"""Where a source's id stands; a Zooniverse classifier is not shown columns that begin with ``!``."""

_ROWS_AT_ONCE = 4096


def write_manifest(partial: Partial, path: Path, layout: Layout, ids: Iterable[int]) -> None:
    """Write the manifest of some sources, whole or not at all.

    Parameters
    ----------
    partial
        Where to write first.
    path
        The manifest's own path.
    layout
        Makes the rows.
    ids
        Sources whose figures are there, in the order of the rows.
    """
    with partial.open(path) as stream:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(layout.columns)
        for number, id_ in enumerate(ids, start=1):
            writer.writerow(layout.row(id_))
            if number % _ROWS_AT_ONCE == 0:
                stream.write(text.getvalue().encode())
                text.seek(0)
                text.truncate()
        stream.write(text.getvalue().encode())


def renew_manifest(root: Path, layout: Layout, ids: Iterable[int]) -> Path:
    """Write the manifest of figures that were saved before.

    Parameters
    ----------
    root
        The directory they were saved to.
    layout
        How they were saved; makes the rows.
    ids
        Their sources, in the order of the rows. Rows of an earlier manifest stand before them,
        as long as their figures are there.

    Returns
    -------
    Path
        The manifest.

    Raises
    ------
    NotWritable
        If it cannot be written.

    Warns
    -----
    CutoutWarning
        If there is no figure of some of the sources; they get no row.
    """
    wanted = dict.fromkeys(ids)
    there = [id_ for id_ in wanted if layout.inside(root, layout.figure(id_)).is_file()]
    lacking = wanted.keys() - set(there)
    if lacking:
        first = next(id_ for id_ in wanted if id_ in lacking)
        warnings.warn(
            f"{len(lacking)} of {len(wanted)} sources have no figure in {root} and get no row in {MANIFEST}; "
            f"the first is {first}",
            CutoutWarning,
            stacklevel=3,
        )
    before = [
        id_
        for id_ in ids_saved_before(root / MANIFEST)
        if id_ not in wanted and layout.inside(root, layout.figure(id_)).is_file()
    ]
    partial = Partial(root)
    try:
        write_manifest(partial, root / MANIFEST, layout, (*before, *there))
    except OSError as err:
        raise NotWritable(f"cannot write {root / MANIFEST}: {err.strerror or err}") from err
    finally:
        partial.close()
    return root / MANIFEST


class RunningManifest:
    """The manifest while a run goes on: rows in the order in which figures land.

    It stands among the partial files, and goes when the final one, in table order, is written.

    Parameters
    ----------
    path
        Where to write it.
    layout
        Makes the rows.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path, self.layout = path, layout
        self._write(layout.columns)

    def add(self, ids: Iterable[int]) -> None:
        """Append the rows of figures that have landed."""
        self._write(*(self.layout.row(id_) for id_ in ids))

    def close(self) -> None:
        """Remove it."""
        with suppress(OSError):
            self.path.unlink()

    def _write(self, *rows: tuple[str, ...]) -> None:
        """Append rows; a disk that is full must not end the run for the sake of a convenience."""
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", newline="", encoding="utf-8") as stream:
                csv.writer(stream, lineterminator="\n").writerows(rows)


def read_manifest(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a manifest.

    Raises
    ------
    BadTable
        If it is no table.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream, strict=True):
                if None in row or None in row.values():
                    raise BadTable(f"{path} is no manifest: a row has more or fewer fields than its header")
                yield row
    except (csv.Error, UnicodeDecodeError) as err:
        raise BadTable(f"{path} is no manifest: {err}") from err


def ids_saved_before(path: Path) -> list[int]:
    """Return the ids of an earlier manifest, in its order; none if there is none or it is not ours."""
    if not path.exists():
        return []
    ids = []
    try:
        for row in read_manifest(path):
            text = next((row[column] for column in ID_COLUMNS if row.get(column)), "")
            if text.isascii() and text.removeprefix("-").isdigit():
                ids.append(int(text))
    except (BadTable, OSError):
        return []
    return list(dict.fromkeys(ids))
