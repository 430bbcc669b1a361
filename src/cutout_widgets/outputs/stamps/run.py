"""One run of `save_cutouts` that writes stamp files."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.outputs.record import GONE
from cutout_widgets.outputs.run import Places, Run
from cutout_widgets.outputs.saved_files import is_there
from cutout_widgets.outputs.stamps.saved_index import SavedStamps
from cutout_widgets.outputs.stamps.saving import save_stamps
from cutout_widgets.stores.stamps.files import FOLDER

if TYPE_CHECKING:
    from array import array

__all__ = ["StampRun"]


class StampRun(Run):
    """Saves a table as stamp files; each task makes one file."""

    work = staticmethod(save_stamps)

    def _look_for_files(self) -> SavedStamps:
        return SavedStamps(self.recipe.root, self.before, look_inside=self.repair)

    def _tasks(self, groups: dict[Hashable, array[int]]) -> Iterator[Places]:
        """Split all rows, sorted by image, into files."""
        size = self.recipe.rows_a_file
        none = np.zeros(0, dtype=np.uint32)
        places = np.concatenate([none, *(np.asarray(one, dtype=np.uint32) for one in groups.values())])
        for start in range(0, len(places), size):
            yield places[start : start + size]

    def _rows(self, places: Places) -> SourceTable:
        """Return the rows of a task as a separate table, to be pickled."""
        names = self.table.names
        some = self.table.take(self.rows[places]).to_arrow()
        return SourceTable(some, id=names["id"], ra=names.get("ra"), dec=names.get("dec"))

    def _gone(self, saved: Sequence[int]) -> dict[str, str]:
        """Return the files that somebody has removed since they were written."""
        root = self.recipe.root
        return {
            name: GONE for name in self.before if name.startswith(f"{FOLDER}/") and not is_there(root, name)
        }
