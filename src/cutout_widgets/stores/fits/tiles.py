"""Parts of a compressed FITS image, each of whose tiles is decompressed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from cutout_widgets.stores.fits.tile_codes import TileCode
from cutout_widgets.stores.fits.tile_table import Stream, TileTable

__all__ = ["Part", "Tiles"]

type Part = tuple[slice, slice]
"""Rows and columns of an image, from 0."""

_PIXELS = {8: "u1", 16: "i2", 32: "i4", 64: "i8", -32: "f4", -64: "f8"}
"""BITPIX -> type of the pixels."""


class _Window(NamedTuple):
    """Rows and columns of one tile."""

    y0: int
    y1: int
    x0: int
    x1: int

    def holds(self, other: _Window) -> bool:
        """Return whether the other one is inside."""
        inside = self.y0 <= other.y0 and other.y1 <= self.y1
        return inside and self.x0 <= other.x0 and other.x1 <= self.x1

    def with_(self, other: _Window) -> _Window:
        """Return the smallest window around both."""
        return _Window(
            min(self.y0, other.y0), max(self.y1, other.y1), min(self.x0, other.x0), max(self.x1, other.x1)
        )


class _Strip(NamedTuple):
    """Tiles one above the other: all those of a part in one column if tiles are rows, else one."""

    y: int
    """Where its window begins in the part."""
    x: int
    numbers: range
    window: _Window
    """The pixels of each tile that are in the part."""


class Tiles:
    """The tiles of a compressed HDU.

    astropy decompresses each tile under a part again for the next part, converts all of its pixels, and
    looks up some seventy cards before that. Here a tile is decompressed once for all announced parts.

    Parameters
    ----------
    hdu
        A `~astropy.io.fits.CompImageHDU` of two axes; leading ones may have length one.
    stream
        The file.
    code
        How its tiles are compressed.
    table
        The table of tiles.
    """

    def __init__(self, hdu: Any, stream: Stream, code: TileCode, table: TileTable) -> None:
        self._hdu, self._stream, self._code, self._table = hdu, stream, code, table
        (height, width), (tile_y, tile_x) = hdu.shape[-2:], hdu.tile_shape[-2:]
        self._shape = height, width
        self._tile = min(tile_y, height), min(tile_x, width)
        self._across = -(-width // self._tile[1])
        self.forget()

    @classmethod
    def of(cls, hdu: Any, stream: Stream) -> Tiles | None:
        """Return the tiles of an HDU; None if astropy must read it: not compressed, or in an unusual way."""
        if not isinstance(hdu, fits.CompImageHDU):
            return None
        try:
            table = TileTable.of(hdu)
            code = None if table is None else TileCode.of(table.header)
            unusual = any(n != 1 for n in hdu.tile_shape[:-2]) or min(hdu.tile_shape) < 1
        except Exception:  # noqa: BLE001  astropy raises various errors, and will again when it reads
            return None
        if table is None or code is None or unusual or (code.bitpix > 0 and "BLANK" in hdu.header):
            return None
        return cls(hdu, stream, code, table)

    def expect(self, parts: Iterable[Part]) -> None:
        """Announce the parts that will be read: pixels of tiles that they share are kept until `forget`."""
        self.forget()
        first: dict[int, _Window] = {}
        for part in parts:
            for strip in self._strips(part):
                for number in strip.numbers:
                    if number in first:
                        self._shared[number] = strip.window.with_(self._shared.get(number, first[number]))
                    else:
                        first[number] = strip.window

    def forget(self) -> None:
        """Release the decompressed pixels."""
        self._shared: dict[int, _Window] = {}
        self._kept: dict[int, tuple[_Window, NDArray[Any]]] = {}

    def read(self, part: Part) -> NDArray[Any]:
        """Return a part, scaled, as `hdu.section` does.

        Raises
        ------
        Exception
            Any exception of a decompressor if a tile under the part is damaged.
        """
        ys, xs = part
        pixels = np.empty((ys.stop - ys.start, xs.stop - xs.start), _PIXELS[self._code.bitpix])
        for y, x, numbers, window in self._strips(part):
            width = window.x1 - window.x0
            if self._shared.keys().isdisjoint(numbers):
                found = self._decompressed(numbers, window)
                pixels[y : y + found.shape[0], x : x + width] = found
                continue
            height = window.y1 - window.y0
            for number in numbers:
                pixels[y : y + height, x : x + width] = self._from_kept(number, window)
                y += height
        scaled: NDArray[Any] = self._hdu._scale_data(pixels)
        return scaled

    def _strips(self, part: Part) -> Iterator[_Strip]:
        """Yield the tiles under a part."""
        (ys, xs), (height, width), across = part, self._tile, self._across
        if not across:  # a damaged header: an image without columns
            return
        for column in range(xs.start // width, -(-xs.stop // width)):
            left = column * width - xs.start  # where the tiles begin in the part
            x0, x1 = max(-left, 0), min(xs.stop - xs.start - left, width)
            if height == 1:
                numbers = range(ys.start * across + column, ys.stop * across + column, across)
                yield _Strip(0, left + x0, numbers, _Window(0, 1, x0, x1))
                continue
            for row in range(ys.start // height, -(-ys.stop // height)):
                top, number = row * height - ys.start, row * across + column
                y0, y1 = max(-top, 0), min(ys.stop - ys.start - top, height)
                yield _Strip(top + y0, left + x0, range(number, number + 1), _Window(y0, y1, x0, x1))

    def _from_kept(self, number: int, window: _Window) -> NDArray[Any]:
        """Return a window of a tile that may have been decompressed before."""
        kept = self._kept.get(number)
        if kept is None or not kept[0].holds(window):
            wanted = window.with_(self._shared.get(number, window))
            found = self._decompressed(range(number, number + 1), wanted)
            kept = wanted, found.astype(_PIXELS[self._code.bitpix])  # without the rest of the tile
            self._kept[number] = kept
        (y0, y1, x0, x1), ((top, _, left, _), pixels) = window, kept
        return pixels[y0 - top : y1 - top, x0 - left : x1 - left]

    def _decompressed(self, numbers: range, window: _Window) -> NDArray[Any]:
        """Return a window of some tiles, one above the other."""
        (y0, y1, x0, x1), shape = window, self._shape_of(numbers[0])
        is_row = shape[0] == 1
        part = slice(x0, x1) if is_row else slice(y0 * shape[1], y1 * shape[1])
        values = self._code.decoded(self._table.read(self._stream, numbers), shape, part)
        return values if is_row else values.reshape(y1 - y0, shape[1])[:, x0:x1]

    def _shape_of(self, number: int) -> tuple[int, int]:
        """Return height and width of a tile: less at the upper and right edges."""
        (tile_y, tile_x), (row, column) = self._tile, divmod(number, self._across)
        return min(tile_y, self._shape[0] - row * tile_y), min(tile_x, self._shape[1] - column * tile_x)
