"""An index of the sources that are already in a folder's stamp files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from cutout_widgets.errors import CutoutError, CutoutWarning, sentence
from cutout_widgets.outputs.files import facts_of, read_plain
from cutout_widgets.stores.stamps.files import FOLDER, SUFFIXES, open_shard

__all__ = ["SavedStamps", "fault_of_stamps", "ids_in"]


class SavedStamps:
    """An index of the sources in a folder's stamp files, like `SavedFiles` for figures.

    Parameters
    ----------
    root
        The folder.
    record
        The record of written files, see `outputs.record`.
    look_inside
        Whether a file counts only if it is unchanged; damaged ones are then removed.

    Warns
    -----
    CutoutWarning
        If a file is damaged and not removed.
    """

    def __init__(self, root: Path, record: Mapping[str, str], *, look_inside: bool = False) -> None:
        self._root, self._record, self._look_inside = root, record, look_inside
        self._files: dict[str, tuple[int, ...]] = {}
        self._file_of: dict[int, str] = {}
        self._look()

    def of(self, id_: int) -> bool:
        """Return whether a source is in a file."""
        return id_ in self._file_of

    def now(self, id_: int) -> bool:
        """Return whether a source is in a file at this moment."""
        if id_ not in self._file_of:
            self._look()
        return id_ in self._file_of

    def names(self, id_: int) -> Iterator[str]:
        """Yield the name of the file that holds a source."""
        with suppress(KeyError):
            yield self._file_of[id_]

    def _look(self) -> None:
        """Read the ids of new files."""
        folder = self._root / FOLDER
        if folder.is_symlink():
            return
        with suppress(OSError):
            for path in sorted(folder.iterdir()):
                name = f"{FOLDER}/{path.name}"
                if name in self._files or not path.name.endswith(SUFFIXES) or path.is_symlink():
                    continue
                self._files[name] = ()
                try:
                    if self._look_inside and (fault := self._fault(path, name)):
                        path.unlink()
                        continue
                    ids = tuple(open_shard(path).ids().tolist())
                except CutoutError as err:
                    fault = sentence(err)
                    warnings.warn(
                        f"{fault}; its sources are saved again in other files, and repair=True removes it",
                        CutoutWarning,
                        stacklevel=6,
                    )
                    continue
                self._files[name] = ids
                for id_ in ids:
                    self._file_of.setdefault(id_, name)

    def _fault(self, path: Path, name: str) -> str | None:
        """Return the reason why a file must be rewritten, or None."""
        if name in self._record and facts_of(read_plain(path)) != self._record[name]:
            return "it was changed after it was written"
        return fault_of_stamps(path)


def fault_of_stamps(path: Path) -> str | None:
    """Return why a stamp file cannot be used, or None if its header, rows and ids can be read."""
    try:
        shard = open_shard(path)
        n = len(shard.ids())
        if len(shard.rows()) != n or int(shard.starts[-1]) != n:
            return "it has not as many rows as identifiers"
    except CutoutError as err:
        return sentence(err)
    return None


def ids_in(path: Path) -> list[int]:
    """Return the ids in a stamp file; none if it cannot be read."""
    try:
        found: list[int] = open_shard(path).ids().tolist()
    except CutoutError:
        return []
    return found
