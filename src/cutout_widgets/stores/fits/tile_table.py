"""The table of tiles of a compressed FITS image, of which only the rows that are needed are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

__all__ = ["StoredTiles", "Stream", "TileTable"]

_IN_HEAP = re.compile(r"1?([PQ])([BIJED])(\(.*\))?")
"""The format of a column with arrays of any length."""

_ELEMENTS = {"B": "u1", "I": ">i2", "J": ">i4", "E": ">f4", "D": ">f8"}
_NUMBERS = _ELEMENTS | {"K": ">i8"}
_DATA = ("COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA")
"""Columns that may hold the pixels of a tile: the first that is not empty does."""


class Stream(Protocol):
    """A file."""

    def seek(self, offset: int, /) -> int:
        """Go to a byte."""

    def read(self, count: int, /) -> bytes:
        """Read bytes; fewer at the end of the file."""


class StoredTiles(NamedTuple):
    """Compressed tiles."""

    numbers: range
    """Counted from 0."""
    rows: NDArray[Any]
    """Their rows of the table."""
    columns: list[str]
    """The column with the data of each."""
    data: list[bytes]
    dtypes: Mapping[str, np.dtype[Any]]
    """Column -> type of its data."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the data, if all are in the same column."""
        return self.dtypes[self.columns[0]]

    def each(self) -> Iterator[StoredTiles]:
        """Yield the tiles one by one."""
        for at in range(len(self.data)):
            one = slice(at, at + 1)
            yield StoredTiles(
                self.numbers[one], self.rows[one], self.columns[one], self.data[one], self.dtypes
            )


@dataclass(frozen=True)
class TileTable:
    """Where the tiles of an image are."""

    header: fits.Header
    """The header of the table."""
    start: int
    """The first byte of the table in the file."""
    heap: int
    """The first byte of the heap, which contains the tiles."""
    end: int
    """The byte after the heap."""
    dtype: np.dtype[Any]
    """A row."""
    elements: dict[str, np.dtype[Any]]
    """Column -> type of its elements in the heap."""

    @classmethod
    def of(cls, hdu: Any) -> TileTable | None:
        """Return the table of an HDU; None if it has unusual columns.

        Raises
        ------
        Exception
            Any exception of astropy, for a damaged header.
        """
        header = getattr(hdu, "_bintable", hdu)._header  # since astropy 7 apart from the image's
        fields: list[tuple[Any, ...]] = []
        elements = {}
        for number in range(1, header["TFIELDS"] + 1):
            name, form = header[f"TTYPE{number}"], header[f"TFORM{number}"]
            if found := _IN_HEAP.fullmatch(form):
                fields.append((name, ">i4" if found[1] == "P" else ">i8", 2))
                elements[name] = np.dtype(_ELEMENTS[found[2]])
            elif kind := _NUMBERS.get(form.removeprefix("1")):
                fields.append((name, kind))
            else:
                return None
        dtype = np.dtype(fields)
        if "COMPRESSED_DATA" not in elements or dtype.itemsize != header["NAXIS1"]:
            return None
        start, size = int(hdu.fileinfo()["datLoc"]), dtype.itemsize * header["NAXIS2"]
        heap = start + header.get("THEAP", size)
        return cls(header, start, heap, start + size + header["PCOUNT"], dtype, elements)

    def read(self, stream: Stream, numbers: range) -> StoredTiles:
        """Read tiles; those that follow each other in the file are read together.

        Raises
        ------
        EOFError
            If the file or the heap ends before.
        """
        size = self.dtype.itemsize
        plain = _bytes(stream, self.start + numbers[0] * size, (numbers[-1] + 1 - numbers[0]) * size)
        rows = np.frombuffer(plain, self.dtype)[:: numbers.step]
        columns, places = self._places(rows)
        data: list[bytes] = []
        while len(data) < len(places):
            at, stop = len(data), len(data) + 1
            while stop < len(places) and places[stop][0] == places[stop - 1][1]:
                stop += 1
            begin = places[at][0]
            plain = _bytes(stream, begin, places[stop - 1][1] - begin)
            data += [plain[start - begin : end - begin] for start, end in places[at:stop]]
        return StoredTiles(numbers, rows, columns, data, self.elements)

    def _places(self, rows: NDArray[Any]) -> tuple[list[str], list[tuple[int, int]]]:
        """Return for each row the column with its data, and where they start and end in the file."""
        pointers = {name: rows[name].tolist() for name in _DATA if name in self.elements}
        columns, places = [], []
        for number in range(len(rows)):
            name = next((name for name, there in pointers.items() if there[number][0]), "COMPRESSED_DATA")
            count, offset = pointers[name][number]
            start = self.heap + offset
            end = start + count * self.elements[name].itemsize
            if not (count > 0 <= offset and end <= self.end):
                raise EOFError(f"a tile of {count} elements at byte {offset} is not in the heap of the table")
            columns.append(name)
            places.append((start, end))
        return columns, places


def _bytes(stream: Stream, start: int, count: int) -> bytes:
    """Return bytes of a file."""
    stream.seek(start)
    found = stream.read(count)
    if len(found) != count:
        raise EOFError(f"the file ends before byte {start + count}")
    return found
