"""Whether a source has been saved already, asked a million times."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cutout_widgets.outputs.verify import fault_of_file
from cutout_widgets.pixels.image import PANELS

if TYPE_CHECKING:
    from cutout_widgets.outputs.saving import Recipe

__all__ = ["SavedFiles"]

_FOLDERS_REMEMBERED = 16


class SavedFiles:
    """Knows the files of a directory, folder by folder.

    Parameters
    ----------
    recipe
        What a source's files are.
    look_inside
        Whether a file must also be whole and its source's own to count: for repairs.
    """

    def __init__(self, recipe: Recipe, *, look_inside: bool = False) -> None:
        self.recipe, self.look_inside = recipe, look_inside
        self._folders: OrderedDict[PurePosixPath, dict[str, str]] = OrderedDict()

    def of(self, id_: int) -> bool:
        """Tell whether all files of a source are there."""
        return all(self._has(path) for path in self._paths(id_))

    def now(self, id_: int) -> bool:
        """Tell whether the figure of a source is there at this moment."""
        layout, root = self.recipe.layout, self.recipe.root
        return layout.inside(root, layout.figure(id_)).is_file()

    def _paths(self, id_: int) -> list[PurePosixPath | None]:
        """Return the files a source should have; None for one that is known to be missing."""
        recipe = self.recipe
        layout = recipe.layout
        paths: list[PurePosixPath | None] = [layout.figure(id_)]
        if recipe.fits:
            paths.append(layout.fits(id_))
        if recipe.arrays:
            sides = recipe.sides_of_arrays
            if sides is not None:
                paths += [layout.array(id_, panel, side) for side in sides for panel in PANELS]
            else:
                paths += [self._of_any_side(layout.array(id_, panel, 0)) for panel in PANELS]
        return paths

    def _of_any_side(self, path: PurePosixPath) -> PurePosixPath | None:
        """Return the array of a panel whose size is known from its file name alone."""
        name = self._names(path.parent).get(_without_side(path.name))
        return None if name is None else path.parent / name

    def _has(self, path: PurePosixPath | None) -> bool:
        """Tell whether a file is there, and whole if that matters."""
        if path is None or path.name not in self._names(path.parent):
            return False
        return not self.look_inside or fault_of_file(self.recipe.root, path) is None

    def _names(self, folder: PurePosixPath) -> dict[str, str]:
        """Return the names in a folder, of arrays also without their size -> with it."""
        if folder not in self._folders:
            names: dict[str, str] = {}
            try:
                with os.scandir(Path(self.recipe.root, *folder.parts)) as entries:
                    for name in (entry.name for entry in entries if entry.is_file()):
                        names[name] = name
                        if name.endswith(".npy"):
                            names[_without_side(name)] = name
            except OSError:
                pass  # no such folder: nothing is there
            self._folders[folder] = names
            if len(self._folders) > _FOLDERS_REMEMBERED:
                self._folders.popitem(last=False)
        return self._folders[folder]


def _without_side(name: str) -> str:
    """Return the name of an array up to its size."""
    return name.rpartition("_")[0]
