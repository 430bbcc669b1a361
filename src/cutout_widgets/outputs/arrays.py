"""The pixels of cutouts as numpy files, and the tables that go with them."""

from __future__ import annotations

import gzip
import io
import math
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.outputs.files import Partial
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.pixels.image import PANELS, Triplet

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["ALL_SOURCES", "EXPORTED_SOURCES", "fault_of_array", "side_of", "table_bytes", "write_arrays"]

ALL_SOURCES = Path("numpy") / "all_diasources.csv.gz"
"""Table of all rows to be saved."""
EXPORTED_SOURCES = Path("numpy") / "exported_diasources.csv.gz"
"""Table of the rows that have files."""

_ROWS_AT_ONCE = 4096


def write_arrays(
    partial: Partial, layout: Layout, id: int, triplets: Sequence[Triplet], sides: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """Write the three panels of a source for each size, shape (1, ny, nx); yield names and facts of files.

    A missing panel is written as NaN, so that every source has the same files.
    """
    for triplet, side in zip(triplets, sides, strict=True):
        best = triplet.best
        shape = (side, side) if best is None else best.shape
        for panel, image in zip(PANELS, triplet, strict=True):
            pixels = np.full(shape, np.nan, dtype=np.float32) if image is None else image.pixels
            path = layout.array(id, panel, side)
            yield str(path), partial.write(layout.inside(partial.root, path), _npy(pixels[np.newaxis]))


def fault_of_array(data: bytes, stem: str) -> str | None:
    """Return what is wrong with a panel's npy file, or None if no fault is found.

    Parameters
    ----------
    data
        The content of the file.
    stem
        Its name without extension, which ends with the larger side.

    Returns
    -------
    str or None
        The array must be float32 of shape (1, ny, nx), and the file as long as that needs. An npy file
        contains neither a checksum nor a source id, so a changed pixel is not detected.
    """
    stream = io.BytesIO(data)
    try:
        np.lib.format.read_magic(stream)
        shape, by_columns, kind = np.lib.format.read_array_header_1_0(stream)
    except (ValueError, EOFError, SyntaxError, tokenize.TokenError):
        return "its header is damaged"
    if kind != np.dtype("<f4") or by_columns:
        return f"it holds {kind} by {'columns' if by_columns else 'rows'}, not float32 by rows"
    side = stem.rpartition("_")[2]
    if len(shape) != 3 or shape[0] != 1 or not side.isdecimal() or max(shape[1:]) != int(side):
        return f"its shape is {shape}, but its name says {side}"
    lacking = stream.tell() + math.prod(shape) * kind.itemsize - len(data)
    if lacking:
        return "it is truncated" if lacking > 0 else "there are extra bytes at its end"
    return None


def side_of(triplet: Triplet) -> int:
    """Return the larger side of a triplet's images, which is part of the names of its arrays."""
    return max(max(image.shape) for image in triplet if image is not None)


def table_bytes(table: SourceTable, rows: NDArray[np.intp]) -> Iterator[bytes]:
    """Yield rows of a table as gzipped CSV in pieces: all columns, with all digits of ids.

    Parameters
    ----------
    table
        The table.
    rows
        Row numbers.
    """
    stream = io.BytesIO()
    with gzip.GzipFile("", "wb", 6, stream, mtime=0) as packed:
        for number, part in enumerate(_parts(rows)):
            text = table.take(part).to_pandas().to_csv(index=False, header=number == 0, lineterminator="\n")
            packed.write(text.encode())
            yield stream.getvalue()
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue()


def _parts(rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Yield row numbers in chunks; a single empty chunk if there are none, for the header."""
    for start in range(0, max(1, len(rows)), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]


def _npy(array: NDArray[np.generic]) -> bytes:
    """Return an array as an npy file."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return stream.getvalue()
