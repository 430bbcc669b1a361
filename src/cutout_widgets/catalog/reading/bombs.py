"""Tables that claim to unpack to far more than a table of their size does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cutout_widgets.unpacking import largest_unpacked, too_large

__all__ = ["refuse_bomb", "refuse_wide"]

MOST_PACKED = 50
"""Tables of people are a twentieth of their plain size at best: what is large and within this is read."""

_BEST_RATIO = 1 << 17
"""More than any compressor packs: of a file smaller than the limit by this nothing can be too large."""

_STEP = 1 << 20


def refuse_bomb(path: Path) -> None:
    """Unpack a compressed text to see that it ends in time.

    Raises
    ------
    UnreadableImage
        If it unpacks to more than is allowed, and to more than `MOST_PACKED` times its size.
    """
    import pyarrow as pa

    size = path.stat().st_size
    most = max(largest_unpacked(), MOST_PACKED * size)
    if size * _BEST_RATIO <= most:
        return
    try:
        stream = pa.input_stream(str(path), compression="detect")
    except (pa.ArrowException, OSError, ValueError):
        return  # whoever reads it says what is wrong
    found = 0
    with stream:
        while chunk := _next(stream):
            found += len(chunk)
            if found > most:
                raise too_large(path.name)


def _next(stream: Any) -> bytes:
    """Return part of a stream; nothing where it is damaged, which the reader reports."""
    try:
        return bytes(stream.read(_STEP))
    except (OSError, ValueError):
        return b""


def refuse_wide(metadata: Any, schema: Any, path: Path) -> None:
    """Refuse a Parquet file whose columns take far more memory than the file.

    Raises
    ------
    UnreadableImage
        As `refuse_bomb`.
    """
    width = 0.0
    for kind in schema.types:
        try:
            width += kind.bit_width / 8
        except ValueError:  # text and lists: at least their offsets
            width += 4
    if metadata.num_rows * width > max(largest_unpacked(), MOST_PACKED * path.stat().st_size):
        raise too_large(path.name)
