"""Find and open stamp files."""

from __future__ import annotations

import zipfile
from pathlib import Path

from cutout_widgets.catalog.reading.conversion import STAMP_FILE
from cutout_widgets.errors import ImageNotFound, UnreadableImage
from cutout_widgets.stores.stamps.contents import Shard
from cutout_widgets.stores.stamps.parquet import ParquetShard
from cutout_widgets.stores.stamps.zarr import ATTRIBUTE, ZarrShard

__all__ = ["FOLDER", "SUFFIXES", "holds_stamps", "open_shard", "shards_at"]

FOLDER = "stamps"
"""Subfolder of stamp files in an output folder."""

_LONGEST_HEADER = 1 << 24
"""Bytes; the header of a stamp file takes some thousand."""

PARQUET, ZARR = ".parquet", ".zarr.zip"

SUFFIXES = (PARQUET, ZARR)
"""File name endings of stamp files."""


def open_shard(path: Path) -> Shard:
    """Open a stamp file.

    Raises
    ------
    UnreadableImage
        If it is not a stamp file, or damaged.
    MissingDependency
        If it needs zarr, which is not installed.
    """
    return ZarrShard(path) if path.name.endswith(ZARR) else ParquetShard(path)


def shards_at(place: Path) -> list[Path]:
    """Return the stamp files of an output folder, of its subfolder with stamp files, or a single file.

    Raises
    ------
    ImageNotFound
        If there are none.
    """
    if place.is_file():
        return [place]
    for folder in (place / FOLDER, place):
        if folder.is_dir():
            found = sorted(
                path for path in folder.iterdir() if path.name.endswith(SUFFIXES) and path.is_file()
            )
            if found:
                return found
    what = "no stamp files (*.parquet or *.zarr.zip)" if place.is_dir() else "nothing"
    raise ImageNotFound(
        f"there is {what} at {place}; save_cutouts(..., format='parquet') and fetch_stamps write them"
    )


def holds_stamps(place: Path) -> bool:
    """Return whether a path is a stamp file, or a folder with stamp files."""
    try:
        first = shards_at(place)[0]
        if first.name.endswith(ZARR):
            with zipfile.ZipFile(first) as archive:
                return archive.getinfo("zarr.json").file_size < _LONGEST_HEADER and (
                    ATTRIBUTE.encode() in archive.read("zarr.json")
                )
        if not first.name.endswith(PARQUET):
            return False
        import pyarrow.parquet

        return STAMP_FILE in (pyarrow.parquet.read_schema(first).metadata or {})
    except (ImageNotFound, UnreadableImage, OSError, KeyError, zipfile.BadZipFile, ValueError):
        return False
