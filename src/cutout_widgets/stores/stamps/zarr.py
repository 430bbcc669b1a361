"""Stamp files as zarr, version 3, in a zip file: an array for each panel, a chunk for each block."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.reading.bombs import most_unpacked, refuse_wide
from cutout_widgets.errors import MissingDependency, UnreadableImage
from cutout_widgets.stores.stamps.contents import Block, Contents, StampHeader, own_columns
from cutout_widgets.unpacking import too_large

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ATTRIBUTE", "ROWS", "ZarrShard", "zarr_bytes"]

ATTRIBUTE = "cutout_stamps"
"""Attribute of the group with the header."""

ROWS = "rows"
"""Byte array with a Parquet file of the rows, the images' properties and their PSFs."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Time stamp of files in the zip, fixed to make the output reproducible."""


def zarr_bytes(contents: Contents) -> memoryview:
    """Return a stamp file as zarr in a zip file: pixels and variances uncompressed, masks compressed (zstd).

    Raises
    ------
    MissingDependency
        If zarr is not installed.
    """
    zarr = _zarr()
    import pyarrow as pa
    import pyarrow.parquet as pq

    kept: dict[str, Any] = {}
    group = zarr.create_group(zarr.storage.MemoryStore(kept), zarr_format=3)
    group.attrs[ATTRIBUTE] = contents.header.to_json()
    ids = contents.rows.column(contents.header.id_column).to_numpy()
    _add(group, "id", np.asarray(ids, dtype=np.int64), len(ids))
    for name, array in contents.arrays.items():
        _add(group, name, array, contents.at_once)
    stream = pa.BufferOutputStream()
    pq.write_table(contents.rows, stream, compression="zstd")
    packed = np.frombuffer(stream.getvalue(), dtype=np.uint8)
    _add(group, ROWS, packed, len(packed))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(kept):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), kept[name].to_bytes())
    return file.getbuffer()


def _add(group: Any, name: str, array: NDArray[Any], at_once: int) -> None:
    """Add an array in chunks of some rows."""
    is_mask = array.dtype == np.uint32
    made = group.create_array(
        name,
        shape=array.shape,
        dtype=array.dtype,
        chunks=(max(1, min(at_once, len(array))), *array.shape[1:]),
        **({} if is_mask else {"compressors": None}),
    )
    made[...] = array


def _zarr() -> Any:
    """Return the package zarr, or raise if it is not installed."""
    try:
        import zarr
        import zarr.storage
    except ImportError as err:
        raise MissingDependency("zarr", "zarr", "a stamp file of zarr") from err
    return zarr


class ZarrShard:
    """A stamp file in zarr.

    Raises
    ------
    UnreadableImage
        If it is not one.
    MissingDependency
        If zarr is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as group:
            header = group.attrs.get(ATTRIBUTE)
            if not isinstance(header, str):
                raise UnreadableImage(f"{path} is not a stamp file: it is another kind of zarr")
            self.header = StampHeader.from_json(header, f"{path}")
            self._refuse_large(group)
            n, at_once = group["id"].shape[0], 1
            for panel in self.header.panels:
                array = group[panel]
                at_once = int(array.chunks[0])
                if array.shape != (n, *self.header.panels[panel].shape):
                    raise UnreadableImage(f"{path} is damaged: {panel} has the shape {array.shape}")
        self.starts: NDArray[np.int64] = np.append(np.arange(0, n, at_once), n).astype(np.int64)
        self._table: pa.Table | None = None

    def _refuse_large(self, group: Any) -> None:
        """Raise for arrays or chunks that need far more memory than the file."""
        most = most_unpacked(self.path.stat().st_size)
        size = 0
        for _, array in group.arrays():
            width = array.dtype.itemsize
            size += width * max(math.prod(array.shape), math.prod(array.chunks))
        if size > most:
            raise too_large(str(self.path))

    def ids(self) -> NDArray[np.int64]:
        """Return the identifiers."""
        with self._opened() as group:
            return np.asarray(group["id"][...], dtype=np.int64)

    def rows(self) -> pa.Table:
        """Return the rows' own columns."""
        taken = own_columns()
        return self._all_rows(lambda name: name not in taken)

    def block(self, number: int, arrays: Iterable[str], columns: Iterable[str]) -> Block:
        """Return some arrays and columns of a block, as far as the file has them."""
        start, end = self.starts[number : number + 2].tolist()
        with self._opened() as group:
            names = set(group.array_keys())
            made = {name: np.asarray(group[name][start:end]) for name in arrays if name in names}
        wanted = set(columns)
        if self._table is None:
            taken = own_columns()
            self._table = self._all_rows(lambda name: name in taken)
        return Block(
            made,
            {
                name: self._table.column(name).slice(start, end - start).combine_chunks()
                for name in self._table.column_names
                if name in wanted
            },
        )

    def _all_rows(self, wanted: Any) -> pa.Table:
        """Return the columns of all rows whose names are wanted."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        with self._opened() as group:
            packed = np.asarray(group[ROWS][...])
            with pq.ParquetFile(pa.BufferReader(packed.tobytes())) as file:
                refuse_wide([(file.metadata, file.schema_arrow)], self.path.stat().st_size, str(self.path))
                return file.read(columns=[name for name in file.schema_arrow.names if wanted(name)])

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """Open the file, converting errors."""
        zarr = _zarr()
        try:
            with zarr.storage.ZipStore(self.path, mode="r") as store:
                yield zarr.open_group(store, mode="r", zarr_format=3)
        except (MissingDependency, UnreadableImage):
            raise
        except Exception as err:  # damaged files make zarr, its codecs and Arrow raise various errors
            why = getattr(err, "strerror", None) or str(err).partition("\n")[0] or type(err).__name__
            raise UnreadableImage(f"{self.path} cannot be read as a stamp file: {why}") from err
