"""Numbers of an uncompressed Parquet column, read from the file without decoding."""

from __future__ import annotations

from collections.abc import Mapping
from io import BufferedReader
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["raw_values"]

_LONGEST_HEADER = 256
"""Maximum bytes of a page's header; without statistics it has about thirty."""

_DATA_PAGE = 0
_TYPES: Mapping[str, np.dtype[Any]] = {"FLOAT": np.dtype("<f4"), "DOUBLE": np.dtype("<f8")}

_STRUCT, _STOP = 12, 0
_INTEGERS = (4, 5, 6)
_BOOLEANS = (1, 2)
"""Types of Thrift's compact protocol, used for page headers."""


def raw_values(file: BufferedReader, column: pq.ColumnChunkMetaData, count: int) -> NDArray[Any] | None:
    """Return the numbers of a column chunk; None if they must be decoded.

    Parameters
    ----------
    file
        The Parquet file.
    column
        Where the chunk is, and how it was written. It is read directly if it is uncompressed, plain, and
        a single page, which ends with the numbers.
    count
        Expected number of values, none of them null.
    """
    kind = _TYPES.get(column.physical_type)
    plain = column.compression == "UNCOMPRESSED" and set(column.encodings) <= {"PLAIN", "RLE"}
    size = column.total_compressed_size
    if kind is None or not plain or column.has_dictionary_page or column.num_values != count:
        return None
    wanted = count * kind.itemsize
    start = column.data_page_offset
    file.seek(start)
    header = _page_header(file.read(min(_LONGEST_HEADER, size)))
    if header is None:
        return None
    length, page_kind, page_size = header
    if page_kind != _DATA_PAGE or length + page_size != size or page_size < wanted:
        return None
    values: NDArray[Any] = np.empty(count, kind)
    into = memoryview(values).cast("B")
    file.seek(start + size - wanted)
    return values if file.readinto(into) == wanted else None  # else the file is cut off: Arrow says so


def _page_header(data: bytes) -> tuple[int, int, int] | None:
    """Return header length, kind and size of a page; None if `data` does not contain the whole header."""
    try:
        found, length = _struct(data, 0)
        return length, found[1], found[3]
    except (IndexError, KeyError, ValueError):
        return None


def _struct(data: bytes, at: int) -> tuple[dict[int, int], int]:
    """Return the integers of a struct by field number, and where it ends.

    Raises
    ------
    ValueError
        If it has fields of other types than integers, booleans and structs.
    IndexError
        If it is incomplete.
    """
    found: dict[int, int] = {}
    number = 0
    while True:
        head, at = data[at], at + 1
        if head == _STOP:
            return found, at
        kind, step = head & 15, head >> 4
        if step:
            number += step
        else:
            number, at = _integer(data, at)
        if kind in _INTEGERS:
            found[number], at = _integer(data, at)
        elif kind == _STRUCT:
            _, at = _struct(data, at)
        elif kind not in _BOOLEANS:
            raise ValueError(kind)


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """Return an integer of variable length, and where it ends."""
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            return (value >> 1) ^ -(value & 1), at
