"""Find the bytes of a file with the pixels of boxes, so that they can be fetched together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from astropy.io import fits

from cutout_widgets.pixels.geometry import Box

__all__ = ["byte_ranges"]

_BYTES = {"B": 1, "I": 2, "J": 4, "K": 8}
"""Size of a heap element in bytes, by the format letter of its column."""


def byte_ranges(hdus: Iterable[Any], boxes: Sequence[Box], frame: Box) -> list[tuple[int, int]]:
    """Return start and end of the bytes that boxes need, for all planes.

    Parameters
    ----------
    hdus
        Planes with the same shape: images, compressed or not.
    boxes
        Inside the frame.
    frame
        The box of a whole plane.

    Notes
    -----
    This is only a hint for fetching ahead: ranges are omitted if a header is unusual.
    """
    found: list[tuple[int, int]] = []
    for hdu in hdus:
        try:
            found += (
                _of_tiles(hdu, boxes, frame)
                if isinstance(hdu, fits.CompImageHDU)
                else _of_rows(hdu, boxes, frame)
            )
        except Exception:  # noqa: BLE001  malformed cards make astropy raise; reading will report it
            continue
    return found


def _of_rows(hdu: Any, boxes: Sequence[Box], frame: Box) -> list[tuple[int, int]]:
    """Return the bytes of whole rows of an uncompressed image."""
    start = int(hdu.fileinfo()["datLoc"])
    row = frame.width * abs(int(hdu.header["BITPIX"])) // 8
    return [
        (start + (box.y0 - frame.y0) * row, start + (box.y1 - frame.y0) * row) for box in boxes if box.area
    ]


def _of_tiles(hdu: Any, boxes: Sequence[Box], frame: Box) -> list[tuple[int, int]]:
    """Return the bytes of the tiles under boxes; this reads the table of tile offsets."""
    table = hdu.compressed_data
    column = np.asarray(table["COMPRESSED_DATA"])  # length and offset of each tile in the heap
    letter = table.columns["COMPRESSED_DATA"].format.lstrip("0123456789")[1]
    bintable = hdu._bintable
    heap = int(bintable._data_offset) + int(bintable._theap)
    tile_y, tile_x = hdu.tile_shape[-2:]
    across = math.ceil(frame.width / tile_x)
    found = []
    for box in boxes:
        rows = range((box.y0 - frame.y0) // tile_y, math.ceil((box.y1 - frame.y0) / tile_y))
        columns = range((box.x0 - frame.x0) // tile_x, math.ceil((box.x1 - frame.x0) / tile_x))
        for number in (row * across + at for row in rows for at in columns):
            length, offset = (int(one) for one in column[number])
            if length:
                found.append((heap + offset, heap + offset + length * _BYTES[letter]))
    return found
