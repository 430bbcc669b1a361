"""Find quickly which of a million sources are already saved."""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cutout_widgets.outputs.content import fault_of_file
from cutout_widgets.outputs.files import facts_of, read_plain
from cutout_widgets.pixels.image import PANELS

if TYPE_CHECKING:
    from cutout_widgets.outputs.saving import Recipe

__all__ = ["SavedFiles", "is_there"]

_FOLDERS_REMEMBERED = 16


class SavedFiles:
    """An index of the files in a folder, read one subfolder at a time. Links are ignored.

    Parameters
    ----------
    recipe
        Determines a source's files.
    record
        The record of written files, see `outputs.record`.
    look_inside
        Whether a file counts only if it is intact and belongs to its source: for repairs.
    """

    def __init__(
        self, recipe: Recipe, record: Mapping[str, str] | None = None, *, look_inside: bool = False
    ) -> None:
        self.recipe, self.record, self.look_inside = recipe, record or {}, look_inside
        self._folders: OrderedDict[str, dict[str, str]] = OrderedDict()

    def of(self, id_: int) -> bool:
        """Return whether all files of a source exist."""
        return all(name is not None and self.has(name) for name in self._wanted(id_))

    def now(self, id_: int) -> bool:
        """Return whether the figure of a source exists at this moment."""
        return is_there(self.recipe.root, self.recipe.layout.figure_name(id_))

    def names(self, id_: int) -> Iterator[str]:
        """Yield the names of a source's files that exist or should exist."""
        return (name for name in self._wanted(id_) if name is not None)

    def has(self, name: str) -> bool:
        """Return whether a file exists, and is intact if that is required."""
        folder, _, last = name.rpartition("/")
        if last not in self._names(folder):
            return False
        if not self.look_inside:
            return True
        root = self.recipe.root
        if fault_of_file(root, PurePosixPath(name)) is not None:
            return False
        return name not in self.record or facts_of(read_plain(root / name)) == self.record[name]

    def _wanted(self, id_: int) -> Iterator[str | None]:
        """Yield the files a source should have; None for one that is known to be missing."""
        recipe = self.recipe
        layout = recipe.layout
        yield layout.figure_name(id_)
        if recipe.fits:
            yield str(layout.fits(id_))
        if recipe.arrays:
            sides = recipe.sides_of_arrays
            for side in (0,) if sides is None else sides:
                for panel in PANELS:
                    name = str(layout.array(id_, panel, side))
                    yield name if sides is not None else self._of_any_side(name)

    def _of_any_side(self, name: str) -> str | None:
        """Return the array of a panel whose size is known only from its file name."""
        folder, _, last = name.rpartition("/")
        found = self._names(folder).get(_without_side(last))
        return None if found is None else f"{folder}/{found}"

    def _names(self, folder: str) -> dict[str, str]:
        """Return the names in a folder, and for arrays also the name without size -> with size."""
        known = self._folders.get(folder)
        if known is not None:
            return known
        names: dict[str, str] = {}
        try:
            if not _has_link(self.recipe.root, folder):
                with os.scandir(self.recipe.root / folder) as entries:
                    for name in (entry.name for entry in entries if entry.is_file(follow_symlinks=False)):
                        names[name] = name
                        if name.endswith(".npy"):
                            names[_without_side(name)] = name
        except OSError:
            pass  # no such folder
        self._folders[folder] = names
        if len(self._folders) > _FOLDERS_REMEMBERED:
            self._folders.popitem(last=False)
        return names


def is_there(root: Path, name: str) -> bool:
    """Return whether a file exists at this moment and is not reached through a link."""
    try:
        kind = os.lstat(f"{root}/{name}").st_mode
    except OSError:
        return False
    return stat.S_ISREG(kind) and not _has_link(root, name.rpartition("/")[0])


def _has_link(root: Path, folder: str) -> bool:
    """Return whether a folder below `root` is reached through a link."""
    at = f"{root}"
    for part in folder.split("/"):
        at = f"{at}/{part}"
        if os.path.islink(at):  # noqa: PTH114  called for every figure
            return True
    return False


def _without_side(name: str) -> str:
    """Return the name of an array up to its size."""
    return name.rpartition("_")[0]
