"""Images from stamp files: saved once, then read at the speed of memory."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets._public import shown_by
from cutout_widgets.catalog.reading.conversion import KEPT_BESIDE
from cutout_widgets.errors import BadTable, CutoutError, ImageNotFound, sentence
from cutout_widgets.paths import path_to
from cutout_widgets.pixels.image import PANELS, Extra, Image, Triplet
from cutout_widgets.stores.base import cut_group
from cutout_widgets.stores.stamps.block import StampBlock
from cutout_widgets.stores.stamps.contents import Shard
from cutout_widgets.stores.stamps.files import open_shard, shards_at

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.pixels.region import Region

__all__ = ["StampImages"]

CACHE_BYTES = 1 << 28
"""Blocks of stamps cached in memory, for all files of a store together."""


class StampImages:
    """Cutouts in stamp files, as written by ``save_cutouts(format="parquet")`` and `fetch_stamps`.

    Parameters
    ----------
    place
        An output folder, a folder of stamp files, or one file.

    Raises
    ------
    ImageNotFound
        If there is no stamp file.

    Notes
    -----
    Pixels, masks, variances, PSFs, WCS and problems are those that were saved, float32 bit for bit. A
    cutout may be smaller than the stamp; outside the stamp it is NaN. Files that appear later need
    a new store.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> images = cw.ArrayImages.from_stamps([7], *np.ones((3, 1, 30, 30)))
    >>> rows = cw.SourceTable.read({"id": [7], "ra": [53.0], "dec": [-28.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = cw.save_cutouts(rows, images, folder, format="parquet", progress=False)
    ...     stamps = cw.StampImages(folder)
    ...     [(_, triplet)] = cw.read(stamps.table(), stamps, None)
    >>> triplet
    <Triplet template 30x30, science 30x30, difference 30x30>
    """

    def __init__(self, place: str | os.PathLike[str]) -> None:
        self.place = path_to(place, "a stamp file or its folder")
        self._paths = shards_at(self.place)
        self._start()

    def _start(self) -> None:
        """Initialise without anything read."""
        self._lock = threading.Lock()
        self._found: _Index | None = None
        self._blocks: OrderedDict[Hashable, StampBlock] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        return {"place": self.place, "_paths": self._paths}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def group(self, source: DiaSource) -> Hashable:
        """Return the key of a source's block, whose stamps are read together."""
        index = self._index()
        row = index.row_of(source.id)
        return None if row is None else index.block_of(row)[:2]

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order."""
        for source, whole in zip(sources, self.whole_stamps(sources, region.extras), strict=True):
            [cut] = cut_group(
                {
                    panel: partial(_itself, image)
                    for panel, image in zip(PANELS, whole, strict=True)
                    if image is not None
                },
                [source],
                region,
            )
            if whole.problems:
                new = [one for one in cut.problems if one not in whole.problems]
                cut = replace(cut, problems=(*whole.problems, *new))
            yield cut

    def whole_stamps(self, sources: Sequence[DiaSource], extras: Set[Extra]) -> Iterator[Triplet]:
        """Yield the whole stamps of each source, in order; see `HoldsStamps`."""
        index = self._index()
        for source in sources:
            row = index.row_of(source.id)
            try:
                if row is None:
                    raise ImageNotFound(index.why_not(source.id, self.place))
                number, block, at = index.block_of(row)
                yield self._block(index.shards[number], (number, block), extras).triplet(at)
            except CutoutError as err:
                yield Triplet(problems=tuple(f"{panel}: {sentence(err)}" for panel in PANELS))

    def table(self) -> SourceTable:
        """Return the rows that were saved with the stamps, without repeated sources; file by file.

        Raises
        ------
        UnreadableImage
            If a file is damaged.
        BadTable
            If columns with the same name have different types in different files.
        """
        import pyarrow as pa

        from cutout_widgets.catalog.table import SourceTable

        index = self._index()
        if index.faults:
            raise next(iter(index.faults.values()))
        parts = [shard.rows() for shard in index.shards]
        try:
            rows = pa.concat_tables(parts, promote_options="permissive")
        except pa.ArrowException as err:
            raise BadTable(f"the rows of the stamp files at {self.place} differ: {sentence(err)}") from err
        if len(index.rows) < len(rows):
            rows = rows.take(pa.array(np.sort(index.rows)))
        names = [name.removeprefix(KEPT_BESIDE) for name in rows.column_names]
        known = index.shards[0].header.names
        return SourceTable(
            rows.rename_columns(names), id=known["id"], ra=known.get("ra"), dec=known.get("dec")
        )

    def reads(self) -> dict[str, str]:
        """Return what the store reads, as labelled text."""
        return {"stamps": f"{self.place}"}

    _repr_html_ = shown_by("outputs.preview:store_html")

    def __repr__(self) -> str:
        return f"<StampImages {self.place}: {len(self._paths)} file{'s' * (len(self._paths) != 1)}>"

    def _index(self) -> _Index:
        """Return the index of sources, read once."""
        with self._lock:
            if self._found is None:
                self._found = _Index(self._paths)
            return self._found

    def _block(self, shard: Shard, key: tuple[int, int], extras: Set[Extra]) -> StampBlock:
        """Return a block, read or cached."""
        kept = key, frozenset(extras)
        with self._lock:
            if (known := self._blocks.get(kept)) is not None:
                self._blocks.move_to_end(kept)
                return known
        block = StampBlock.read(shard, key[1], extras)
        with self._lock:
            self._blocks[kept] = block
            while len(self._blocks) > 1 and sum(one.nbytes for one in self._blocks.values()) > CACHE_BYTES:
                self._blocks.popitem(last=False)
        return block


class _Index:
    """An index of the sources in all files."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.shards: list[Shard] = []
        self.faults: dict[Path, CutoutError] = {}
        found: list[NDArray[np.int64]] = []
        for path in paths:
            try:
                shard = open_shard(path)
                ids = shard.ids()
            except CutoutError as err:
                self.faults[path] = err
                continue
            self.shards.append(shard)
            found.append(ids)
        all_ids = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
        self.ids, self.rows = np.unique(all_ids, return_index=True)
        self._ends = np.cumsum([len(one) for one in found])

    def row_of(self, id: int) -> int | None:
        """Return a source's row number in the index."""
        at = int(np.searchsorted(self.ids, id))
        return int(self.rows[at]) if at < len(self.ids) and self.ids[at] == id else None

    def block_of(self, row: int) -> tuple[int, int, int]:
        """Return the file, the block in it, and the row in the block."""
        number = int(np.searchsorted(self._ends, row, side="right"))
        within = row - (int(self._ends[number - 1]) if number else 0)
        starts = self.shards[number].starts
        block = int(np.searchsorted(starts, within, side="right")) - 1
        return number, block, within - int(starts[block])

    def why_not(self, id: int, place: Path) -> str:
        """Return a message for a source without a stamp."""
        text = f"there is no stamp of DiaSource {id} among the {len(self.ids)} at {place}"
        return f"{text}; {sentence(next(iter(self.faults.values())))}" if self.faults else text


def _itself(image: Image) -> Image:
    """Return an image unchanged, as the opener of one in memory."""
    return image
