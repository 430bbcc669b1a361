"""The end of a run: update the record of files, and make the manifest from it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cutout_widgets.errors import BadTable, CutoutWarning, NotWritable
from cutout_widgets.outputs.files import Partial, close, facts_of, read_plain
from cutout_widgets.outputs.lock import alone
from cutout_widgets.outputs.manifest import (
    MANIFEST,
    figure_in,
    manifests,
    manifests_in,
    read_manifest,
    warn_if_too_long,
)
from cutout_widgets.outputs.provenance import PROVENANCE
from cutout_widgets.outputs.record import GONE, Part, joined, parts_of, read_record, write_record
from cutout_widgets.outputs.saved_files import is_there

if TYPE_CHECKING:
    from cutout_widgets.outputs.layout import Layout

__all__ = ["Pieces", "RunEnd", "known_files", "purpose_of", "renew_manifest"]

Pieces = Callable[[], Iterator[bytes]]
"""Yields the content of a file in pieces."""


@dataclass(frozen=True)
class RunEnd:
    """Everything that a run writes at its end."""

    partial: Partial
    """The folder."""
    layout: Layout
    """Makes the manifest's rows."""
    rows: int | None = None
    """Maximum rows per manifest."""
    tables: Mapping[str, Pieces] = field(default_factory=dict)
    """Other files to write: names -> contents."""
    key: Callable[[], object] | None = None
    """Writes the key of a blind run."""

    def leave(self, part: Part, own: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
        """Add the files of this run and of concurrent runs to the record; update the manifests.

        Parameters
        ----------
        part
            The run's list of the files it wrote.
        own
            The files of its sources, including those of other runs: names -> `files.facts_of`, or `GONE`.
            Figures are in the order of the manifest.
        before
            The record at the start of the run.

        Returns
        -------
        list of str
            Names of the manifests.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        root, layout = self.partial.root, self.layout
        wanted = joined(before, own)
        warn_if_too_long(layout, sum(name.startswith("images/") for name in wanted), self.rows)
        names = list(self._manifests(before)) if layout.has_manifest else []
        if self._says_all(wanted, before):
            part.forget()
            return names
        needed_here = bool(self.tables) or self.key is not None
        try:
            part.end(own)
            with alone(root, lambda: not needed_here and part.is_in_the_record()) as work:
                if work:
                    return self._put_in(part)
        except OSError:
            part.forget()  # the next run checks the files themselves
            raise
        return manifests_in(root)

    def _says_all(self, wanted: Mapping[str, str], before: Mapping[str, str]) -> bool:
        """Return whether nothing needs to be written, as in a complete folder, which may be read-only."""
        root = self.partial.root
        if list(wanted) != list(before) or wanted != before or parts_of(root) or self.key is not None:
            return False
        files = {**self.tables, **(self._manifests(before) if self.layout.has_manifest else {})}
        return all(name in before and is_same(root / name, pieces) for name, pieces in files.items())

    def _manifests(self, entries: Iterable[str]) -> dict[str, Pieces]:
        """Return the manifests of the figures in a record."""
        figures = [name for name in entries if name.startswith("images/")]
        if self.layout.blind_key is not None:  # the table's order could reveal the answer
            figures.sort(key=lambda name: name.rpartition("/")[2])
        return manifests(self.layout, figures, self.rows)

    def _put_in(self, part: Part) -> list[str]:
        """Add parts to the record, under a lock."""
        root = self.partial.root
        entries = known_files(root)
        parts = [one for one in parts_of(root) if one.path == part.path or part.is_like(one) or not one.live]
        for one in parts:
            entries = joined(entries, _looked_at_again(root, one.entries, entries))
        if self.key is not None:
            self.key()
        if PROVENANCE not in entries and is_there(root, PROVENANCE):
            entries[PROVENANCE] = facts_of(read_plain(root / PROVENANCE))
        for name, pieces in self.tables.items():
            entries[name] = self._write(name, pieces)
        names = self._write_manifests(entries) if self.layout.has_manifest else []
        write_record(self.partial, entries)
        for one in parts:
            one.path.unlink(missing_ok=True)
        return names

    def _write_manifests(self, entries: dict[str, str]) -> list[str]:
        """Write the manifests of a record, and add them to it."""
        root = self.partial.root
        made = self._manifests(entries)
        for name, pieces in made.items():
            entries[name] = self._write(name, pieces)
        for name in manifests_in(root):
            if name not in made:
                (root / name).unlink(missing_ok=True)
                entries.pop(name, None)
        return list(made)

    def _write(self, name: str, pieces: Pieces) -> str:
        """Write a file unless it exists already, and return its facts."""
        with self.partial.open(self.partial.root / name) as stream:
            for piece in pieces():
                stream.write(piece)
            return stream.facts


def known_files(root: Path) -> dict[str, str]:
    """Return the record of a folder; if it is older than records, the figures in its manifest.

    Raises
    ------
    BadTable
        If the record is damaged.
    """
    record = read_record(root)
    if record is not None:
        return record
    entries: dict[str, str] = {}
    for manifest in manifests_in(root):
        try:
            rows = list(read_manifest(root / manifest))
        except BadTable:  # it is rewritten
            continue
        for name in map(figure_in, rows):
            if name and is_there(root, name):
                entries[name] = facts_of(read_plain(root / name))
    return entries


def purpose_of(layout: Layout, rows: int | None) -> str:
    """Return a text that is the same for runs that make the same manifest."""
    return f"{layout.dialect} {layout.url_root} {rows}"


def is_same(path: Path, pieces: Pieces) -> bool:
    """Return whether a file exists with the content that would be written."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as stream:
            return all(stream.read(len(piece)) == piece for piece in pieces()) and not stream.read(1)
    except OSError:
        return False


def renew_manifest(root: Path, layout: Layout, ids: Iterable[int]) -> Path:
    """Write the manifest of figures saved earlier.

    Parameters
    ----------
    root
        The folder they were saved to.
    layout
        The layout with which they were saved.
    ids
        Their sources, in row order. Rows of an earlier manifest come first, if their figures still
        exist.

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
        If some sources have no figure; they get no row.
    """
    wanted = {layout.figure_name(id_): id_ for id_ in ids}
    there = [name for name in wanted if is_there(root, name)]
    lacking = wanted.keys() - set(there)
    if lacking:
        first = next(id_ for name, id_ in wanted.items() if name in lacking)
        warnings.warn(
            f"{len(lacking)} of {len(wanted)} sources have no figure in {root} and get no row in {MANIFEST}; "
            f"the first is {first}",
            CutoutWarning,
            stacklevel=3,
        )
    partial = Partial(root)
    try:
        with alone(root):
            entries = known_files(root)
            before = [name for name in _rows_of(root) if name not in wanted and is_there(root, name)]
            figures = [*before, *there]
            for name in figures:
                facts = entries.pop(name, None)  # move to the end: their order is that of the rows
                entries[name] = facts or facts_of(read_plain(root / name))
            with partial.open(root / MANIFEST) as stream:
                for piece in manifests(layout, figures, None)[MANIFEST]():
                    stream.write(piece)
                entries[MANIFEST] = stream.facts
            write_record(partial, entries)
    except OSError as err:
        raise NotWritable(f"cannot write {root / MANIFEST}: {err.strerror or err}") from err
    finally:
        partial.close()
        close(root)
    return root / MANIFEST


def _rows_of(root: Path) -> Iterator[str]:
    """Yield the figures in the manifest; none if there is no manifest."""
    for manifest in manifests_in(root):
        try:
            yield from filter(None, map(figure_in, list(read_manifest(root / manifest))))
        except BadTable:
            continue


def _looked_at_again(root: Path, part: Mapping[str, str], entries: Mapping[str, str]) -> dict[str, str]:
    """Return a part without removals of files that exist after all: another machine may have written them.

    A network file system may cache for a minute that a file is absent, unless one is created beside it.
    """
    again = dict(part)
    for name in [name for name, facts in part.items() if facts == GONE and name in entries]:
        probe = (root / name).with_suffix(".look")
        with suppress(OSError):
            probe.touch()
            probe.unlink()
        if is_there(root, name):
            again[name] = entries[name]
    return again
