"""Verifying a saved folder: every file against the record, every manifest row."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from cutout_widgets.errors import BadOption, BadTable, counted, sentence
from cutout_widgets.outputs.arrays import ALL_SOURCES, EXPORTED_SOURCES
from cutout_widgets.outputs.content import NUMBER, fault_of_file, figure_elsewhere
from cutout_widgets.outputs.files import PARTIAL, facts_of, read_plain
from cutout_widgets.outputs.manifest import ID_COLUMNS, figure_in, manifests_in, read_manifest
from cutout_widgets.outputs.provenance import PROVENANCE, read_provenance
from cutout_widgets.outputs.record import RECORD, read_record
from cutout_widgets.outputs.stamps.saved_index import fault_of_stamps, ids_in
from cutout_widgets.paths import path_to
from cutout_widgets.stores.stamps.files import FOLDER, SUFFIXES

__all__ = ["verify"]

_FOLDERS = {"images": (".png", ".pdf", ".svg"), "numpy": (".npy",), "fits": (".fits",), FOLDER: SUFFIXES}
_LEFT_BY_SYSTEMS = re.compile(
    r"\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.nfs[0-9a-f]+|\.ipynb_checkpoints", re.IGNORECASE
)
"""Files and folders that desktops, NFS and Jupyter put anywhere."""
_TABLES = (f"{ALL_SOURCES}", f"{EXPORTED_SOURCES}")


def verify(out: str | os.PathLike[str]) -> list[str]:
    """Verify every file, row and URL in a folder that `save_cutouts` wrote.

    Parameters
    ----------
    out
        The folder.

    Returns
    -------
    list of str
        One sentence for each problem, naming the file or row; empty if there is none. Exactly the files
        that were written must exist in the folders of figures, arrays and FITS files, with the length and
        checksum in ``files.csv``; files beside these folders are yours, unless they are figures of sources;
        figures, arrays and FITS files must be intact, belong to the source they are named after, and
        be in the folder of its id; every manifest row must point at a figure, no two at the same,
        and every figure must have a row. Arrays and FITS files must belong to a figure.

    Raises
    ------
    BadOption
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> images = cw.ArrayImages.from_stamps([7], *np.ones((3, 1, 30, 30)))
    >>> rows = cw.SourceTable.read({"id": [7], "ra": [53.0], "dec": [-28.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = cw.save_cutouts(rows, images, folder, progress=False)
    ...     verify(folder)
    []
    """
    root = path_to(out, "the folder to verify")
    if not root.is_dir():
        raise BadOption(f"there is no directory {str(root)!r} to verify")
    problems: list[str] = []
    try:
        record = read_record(root)
    except BadTable as err:
        record = None
        problems.append(sentence(err))
    provenance, fault = _provenance(root)
    if fault is not None:
        problems.append(f"{PROVENANCE}: {fault}")
    if record is None and not problems:
        problems.append(f"{RECORD}: it is missing; save again, which makes it from the existing files")
    checked = _Checked(root, record or {}, provenance, recorded=record is not None)
    problems += checked.files()
    problems += checked.rows()
    if (root / PARTIAL).exists():
        problems.append(f"{PARTIAL}: a run is in progress or was interrupted; save again to complete it")
    return problems


class _Checked:
    """One folder, its record and its settings."""

    def __init__(
        self, root: Path, record: Mapping[str, str], provenance: Mapping[str, Any], *, recorded: bool
    ) -> None:
        self.root, self.record, self.provenance, self.recorded = root, record, provenance, recorded
        self.names = {
            path.relative_to(root).as_posix() for folder in _FOLDERS for path in _files(root / folder)
        }
        self._stamps: dict[int, str] = {}
        self.figures = {name for name in self.names if name.startswith("images/") and _is_of_its_folder(name)}

    def files(self) -> Iterator[str]:
        """Yield the problems of files, by name: existing ones, and missing ones."""
        elsewhere = {name for name in self.record if name.partition("/")[0] not in _FOLDERS}
        for path in sorted(self.root.iterdir()):
            if path.name not in self.record and (fault := figure_elsewhere(path)) is not None:
                yield f"{path.name}: {fault}"
        for name in sorted(self.names | self.record.keys()):
            fault = self._fault_at_top(name) if name in elsewhere else self._fault(name)
            if fault is not None:
                yield f"{name}: {fault}"

    def rows(self) -> Iterator[str]:
        """Yield the problems of the manifests."""
        manifests = manifests_in(self.root)
        seen: set[str] = set()
        for manifest in manifests:
            problems = list(self._rows_of(manifest, seen))
            yield from problems
            if not problems and self._differs(manifest):
                yield f"{manifest}: it was changed after it was written; save again to rewrite it"
        if manifests:
            yield from (f"{name}: it is not in {manifests[0]}" for name in sorted(self.figures - seen))

    def _fault(self, name: str) -> str | None:
        """Return the problem of one file: missing, or wrong in kind, content or place."""
        path = PurePosixPath(name)
        if name not in self.names:
            return "it was written but is missing; save again to rewrite it"
        if name in _TABLES:
            return self._fault_of_facts(name)
        if (self.root / name).is_symlink():
            return "it is a link, not a file; remove it"
        if not _is_of_its_folder(name):
            return "a file that does not belong here"
        if path.parts[0] == FOLDER:
            return self._fault_of_stamps(name)
        if fault := fault_of_file(self.root, path):
            return fault
        word = path.stem if path.parts[0] != "numpy" else path.stem.split("_")[0]
        if not _belongs(path, word, self.provenance):
            return "it is in the folder of other sources"
        if path.parts[0] != "images":
            start = PurePosixPath("images", *path.parts[1:-1], word)
            if not any(f"{start}{suffix}" in self.figures for suffix in _FOLDERS["images"]):
                return "there is no figure of this source"
        return self._fault_of_facts(name)

    def _fault_of_stamps(self, name: str) -> str | None:
        """Return the problem of a stamp file: its content, or sources that are also in another file."""
        fault = self._fault_of_facts(name) or fault_of_stamps(self.root / name)
        if fault is not None:
            return fault
        ids = ids_in(self.root / name)
        twice = [id_ for id_ in ids if self._stamps.setdefault(id_, name) != name]
        if not twice:
            return None
        n, other = counted(len(twice), "source"), self._stamps[twice[0]]
        return f"{n} of it, the first {twice[0]}, stand in {other} too"

    def _fault_at_top(self, name: str) -> str | None:
        """Return the problem of a file outside the folders; manifests are checked row by row."""
        if not os.path.lexists(self.root / name):
            return "it was written but is missing; save again to rewrite it"
        return None if name.startswith("manifest") else self._fault_of_facts(name)

    def _fault_of_facts(self, name: str) -> str | None:
        """Compare a file with the record."""
        if not self.recorded:
            return None
        if name not in self.record:
            return f"it is not in {RECORD}: it was not saved by this package"
        try:
            found = facts_of(read_plain(self.root / name))
        except IsADirectoryError:
            return "it is a folder, not a file; move it away"
        except OSError as err:
            return err.strerror or sentence(err)
        if found == self.record[name]:
            return None
        size, was = found.partition(",")[0], self.record[name].partition(",")[0]
        return "it was changed after it was written" + (
            f": it has {size} bytes, not {was}" if size != was else ""
        )

    def _differs(self, manifest: str) -> bool:
        """Return whether a manifest has changed since it was written."""
        return self.recorded and self._fault_of_facts(manifest) is not None

    def _rows_of(self, manifest: str, seen: set[str]) -> Iterator[str]:
        """Yield the problems of a manifest's rows; add the figures that they name to `seen`."""
        try:
            rows = list(read_manifest(self.root / manifest))
        except BadTable as err:
            yield f"{manifest}: {sentence(err)}"
            return
        named = [(row.get("location:1", row.get("image")), figure_in(row)) for row in rows]
        roots = Counter(
            target.removesuffix(figure) for target, figure in named if target and figure in self.figures
        )
        usual = roots.most_common(1)[0][0] if roots else ""
        for number, (row, (target, name)) in enumerate(zip(rows, named, strict=True), start=2):
            if target is None:
                yield f"{manifest}: it has neither a column location:1 nor a column image"
                return
            if not name or name not in self.figures:
                yield f"{manifest}, line {number}: {target} is not a file in this directory"
                continue
            if name in seen:
                yield f"{manifest}, line {number}: {name} appears twice"
            seen.add(name)
            if target.removesuffix(name) != usual:
                yield f"{manifest}, line {number}: {target} does not begin with {usual} as the others do"
            for column in ("external_id", *ID_COLUMNS):
                if column in row and row[column] != Path(name).stem:
                    yield f"{manifest}, line {number}: {column} is {row[column]}, but the file is {name}"


def _provenance(root: Path) -> tuple[Mapping[str, Any], str | None]:
    """Return the settings a folder was saved with, and what is wrong with the settings file."""
    if not os.path.lexists(root / PROVENANCE):
        return {}, "it is missing; has anything been saved to this directory?"
    found = read_provenance(root)
    if found is None:
        return {}, "it cannot be read; it should be a JSON object in a plain file"
    size = found.get("chunk_size", 10_000)
    if size is not None and not (type(size) is int and size >= 1 and 10 ** (len(f"{size}") - 1) == size):
        return {
            **found,
            "chunk_size": 10_000,
        }, f"chunk_size is {size!r:.40}, but should be a power of ten or null"
    return found, None


def _is_of_its_folder(name: str) -> bool:
    """Return whether a file's name has the suffix of its folder."""
    return name.endswith(_FOLDERS.get(name.partition("/")[0], ()))


def _belongs(name: PurePosixPath, word: str, provenance: Mapping[str, Any]) -> bool:
    """Return whether a file is in the folder of its name."""
    folder = "/".join(name.parts[1:-1])
    if provenance.get("blind"):
        return folder in ("", word[:2])
    if not NUMBER.fullmatch(word):
        return False
    chunk_size = provenance.get("chunk_size", 10_000)
    return folder == ("" if chunk_size is None else f"{int(word) // chunk_size * chunk_size}")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, including links and folders that are named like files."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        yield folder
        return
    for top, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if not _LEFT_BY_SYSTEMS.fullmatch(one)]
        names = [one for one in names if not _LEFT_BY_SYSTEMS.fullmatch(one)]
        for name in (*names, *(one for one in folders if "." in one or (Path(top) / one).is_symlink())):
            yield Path(top) / name
