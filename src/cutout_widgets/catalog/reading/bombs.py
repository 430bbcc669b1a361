"""Detect tables with an implausibly large decompressed size (decompression bombs)."""

from __future__ import annotations

import bz2
import gzip
import lzma
import mmap
import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from cutout_widgets.errors import BadTable
from cutout_widgets.unpacking import largest_unpacked, too_large

__all__ = ["most_unpacked", "refuse_bomb", "refuse_votable", "refuse_wide", "unpacked_file"]

MOST_PACKED = 50
"""Compression factor that real tables do not exceed (at most about 20): up to it, large tables are read."""

_BEST_RATIO = 1 << 17
"""Upper limit of any compression factor: files smaller than the limit divided by this need no check."""

_STEP = 1 << 20


def _by_arrow(name: str) -> Callable[[Path], Any]:
    """Return a function that opens files of a compression that Python itself cannot read."""

    def opened(path: Path) -> Any:
        import pyarrow as pa

        return pa.CompressedInputStream(pa.OSFile(str(path)), name)

    return opened


_OPENERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
    b"\x28\xb5\x2f\xfd": _by_arrow("zstd"),
    b"\x04\x22\x4d\x18": _by_arrow("lz4"),
}
"""First bytes -> function that opens such a file; text readers decompress by content, whatever the name."""


def _opener_of(path: Path) -> Callable[[Path], Any] | None:
    """Return the function that opens a compressed file; None if it is not compressed."""
    with path.open("rb") as file:
        start = file.read(8)
    return next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), None)


def most_unpacked(size: int) -> int:
    """Return how many bytes files of this total size may decompress to."""
    return max(largest_unpacked(), MOST_PACKED * size)


def refuse_bomb(path: Path) -> None:
    """Decompress a file to check its size, if it is compressed.

    Raises
    ------
    UnreadableImage
        If it exceeds the limit and `MOST_PACKED` times the file's size.
    """
    size = path.stat().st_size
    most = most_unpacked(size)
    opener = None if size * _BEST_RATIO <= most else _opener_of(path)
    if opener is None:
        return
    found = 0
    try:
        with opener(path) as stream:
            while found <= most and (chunk := stream.read(_STEP)):
                found += len(chunk)
    except (OSError, ValueError, EOFError, lzma.LZMAError, zlib.error):
        pass  # the reader will report the damage
    if found > most:
        raise too_large(path.name)


def refuse_wide(files: Sequence[tuple[Any, Any]], size: int, name: str) -> None:
    """Raise for Parquet files whose columns need far more memory than the files.

    Parameters
    ----------
    files
        Metadata and Arrow schema of each.
    size
        Their total size, bytes.
    name
        For the sentence.

    Raises
    ------
    UnreadableImage
        As `refuse_bomb`.
    """
    total = 0.0
    for metadata, schema in files:
        groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
        packed = sum(group.total_byte_size for group in groups)  # decompressed, but still encoded
        width, nested = 0.0, False
        for kind in schema.types:
            try:
                width += kind.bit_width / 8
            except ValueError:  # text and lists: at least the size of their offsets
                width += 4
                nested = nested or kind.num_fields > 0
        values = metadata.num_rows * width
        if nested:  # a list may have any number of values a row
            values += sum(
                _WIDTHS.get(column.physical_type, 4) * column.num_values
                for group in groups
                for column in (group.column(k) for k in range(group.num_columns))
                if "." in column.path_in_schema
            )
        total += max(packed, values)
    if total > most_unpacked(size):
        raise too_large(name)


_WIDTHS = {"INT64": 8, "DOUBLE": 8, "BOOLEAN": 1}
"""Physical type of Parquet -> bytes of a value, if not 4."""

_STREAM = re.compile(rb"<(?:\w+:)?STREAM\b[^>]{0,2000}>")
_TABLE_TAG = re.compile(rb"<(?:\w+:)?TABLE\b[^>]{0,2000}>")
_ROWS = re.compile(rb"""\bnrows\s*=\s*["']\s*(\d{1,30})""")
_HREF = re.compile(rb"""\bhref\s*=""")
_GZIP = re.compile(rb"""\bencoding\s*=\s*["'][^"']*gzip""")


def refuse_votable(content: bytes | mmap.mmap, name: str) -> None:
    """Raise for a VOTable that claims far more rows than it can have, or whose rows are elsewhere.

    Parameters
    ----------
    content
        The decompressed file.
    name
        For the sentence.

    Raises
    ------
    UnreadableImage
        If it says that there are too many rows: astropy would reserve the memory for them.
    BadTable
        If its rows are in another file, or compressed within it, which astropy reads as if they were not.
    """
    for tag in _TABLE_TAG.finditer(content):
        rows = _ROWS.search(tag[0])
        if rows is not None and int(rows[1]) > most_unpacked(len(content)):
            raise too_large(f"{name}, which says that it has {int(rows[1]):,} rows,")
    for tag in _STREAM.finditer(content):
        if _HREF.search(tag[0]):
            raise BadTable(f"{name} has its rows in another file (STREAM href); read that file instead")
        if _GZIP.search(tag[0]):
            raise BadTable(
                f"{name} has compressed rows (STREAM encoding gzip); save it without, then gzip the file"
            )


def unpacked_file(path: Path) -> IO[bytes] | None:
    """Open a compressed file to read what it decompresses to; None if it is not compressed."""
    opener = _opener_of(path)
    return None if opener is None else opener(path)
