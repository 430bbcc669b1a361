"""Detect tables with an implausibly large decompressed size (decompression bombs)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cutout_widgets.unpacking import largest_unpacked, too_large

__all__ = ["refuse_bomb", "refuse_wide"]

MOST_PACKED = 50
"""Compression factor that real tables do not exceed (at most about 20): up to it, large tables are read."""

_BEST_RATIO = 1 << 17
"""Upper limit of any compression factor: files smaller than the limit divided by this need no check."""

_STEP = 1 << 20


def refuse_bomb(path: Path) -> None:
    """Decompress a text file to check its size.

    Raises
    ------
    UnreadableImage
        If it exceeds the limit and `MOST_PACKED` times the file's size.
    """
    import pyarrow as pa

    size = path.stat().st_size
    most = max(largest_unpacked(), MOST_PACKED * size)
    if size * _BEST_RATIO <= most:
        return
    try:
        stream = pa.input_stream(str(path), compression="detect")
    except (pa.ArrowException, OSError, ValueError):
        return  # the reader will report the problem
    found = 0
    with stream:
        while chunk := _next(stream):
            found += len(chunk)
            if found > most:
                raise too_large(path.name)


def _next(stream: Any) -> bytes:
    """Return part of a stream; empty if it is damaged, which the reader will report."""
    try:
        return bytes(stream.read(_STEP))
    except (OSError, ValueError):
        return b""


def refuse_wide(metadata: Any, schema: Any, path: Path) -> None:
    """Raise for a Parquet file whose columns need far more memory than the file.

    Raises
    ------
    UnreadableImage
        As `refuse_bomb`.
    """
    width = 0.0
    for kind in schema.types:
        try:
            width += kind.bit_width / 8
        except ValueError:  # text and lists: at least the size of their offsets
            width += 4
    if metadata.num_rows * width > max(largest_unpacked(), MOST_PACKED * path.stat().st_size):
        raise too_large(path.name)
