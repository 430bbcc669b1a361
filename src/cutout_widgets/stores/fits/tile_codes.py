"""Decompress tiles of FITS images, bit for bit as astropy does, with less work around the codecs.

The codecs are astropy's compiled ones, and those of the extra ``fast`` if it is installed: imagecodecs
decompresses Rice's method only as far as pixels are needed, isal decompresses gzip three times faster.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from cutout_widgets.stores.fits.tile_table import StoredTiles
from cutout_widgets.unpacking import size_text

__all__ = ["TileCode"]

_RICE, _GZIP = ("RICE_1", "RICE_ONE"), ("GZIP_1", "GZIP_2")
_RICE_TYPES = {1: "u1", 2: "i2", 4: "i4"}
"""Bytes of an integer in Rice's method -> its type."""

_NO_DITHER = -1


@dataclass(frozen=True)
class TileCode:
    """How the tiles of an image are compressed; see `TileCode.of`."""

    algorithm: str
    """``ZCMPTYPE``."""
    settings: Mapping[str, Any]
    """Its parameters, with astropy's names."""
    bitpix: int
    """``ZBITPIX``: the type of the pixels."""
    is_quantized: bool
    """Whether the pixels are floats that are stored as scaled integers."""
    dither: int
    """The dithering of quantized pixels, in astropy's numbers."""
    seed: int
    """``ZDITHER0``."""
    blank: int | None
    """The stored number of pixels without a value."""
    has_blanks: bool
    """Whether each tile has its own."""

    @classmethod
    def of(cls, header: fits.Header) -> TileCode | None:
        """Read it from the header of a table of tiles; None if only astropy can read the tiles.

        Raises
        ------
        Exception
            Any exception of astropy, for a damaged header.
        """
        astropy = _astropy()
        if astropy is None:
            return None
        astropy.tiles._check_compressed_header(header)
        names = {header.get(f"TTYPE{n + 1}") for n in range(header["TFIELDS"])}
        bitpix, blank = header["ZBITPIX"], header.get("ZBLANK")
        if bitpix > 0 and (blank is not None or "ZBLANK" in names):
            return None  # versions of astropy differ
        return cls(
            algorithm=header["ZCMPTYPE"],
            settings=astropy.tiles._header_to_settings(header),
            bitpix=bitpix,
            is_quantized="ZSCALE" in names,
            dither=astropy.quantization.DITHER_METHODS[header.get("ZQUANTIZ", "NO_DITHER")],
            seed=header.get("ZDITHER0", 0),
            blank=blank,
            has_blanks="ZBLANK" in names,
        )

    def decoded(self, stored: StoredTiles, shape: tuple[int, int], part: slice) -> NDArray[Any]:
        """Return pixels of tiles.

        Parameters
        ----------
        stored
            The tiles.
        shape
            Height and width of each; less than usual at the edge of the image.
        part
            The pixels that are needed, counted along the rows of a tile.

        Returns
        -------
        array
            A line for each tile, of any type.

        Raises
        ------
        Exception
            Any exception of a decompressor, for damaged data.
        """
        if len(set(stored.columns)) > 1:
            return np.concatenate([self.decoded(one, shape, part) for one in stored.each()])
        if stored.columns[0] == "GZIP_COMPRESSED_DATA":  # floats that could not be quantized
            return self._unpacked(stored, "GZIP_1", shape, part, lossless=True)
        if stored.columns[0] == "UNCOMPRESSED_DATA":
            return _in_lines([np.frombuffer(data, stored.dtype)[part] for data in stored.data])
        if not self.is_quantized:
            values = self._unpacked(stored, self.algorithm, shape, part, lossless=True)
            return self._with_nan(values, values, stored.rows)
        if self.dither == _NO_DITHER:
            values = self._unpacked(stored, self.algorithm, shape, part, lossless=False)
            scale, zero = (stored.rows[name][:, np.newaxis] for name in ("ZSCALE", "ZZERO"))
            return self._with_nan(values * scale + zero, values, stored.rows)
        # The random numbers of dithering are counted from the first pixel.
        values = self._unpacked(stored, self.algorithm, shape, slice(0, part.stop), lossless=False)
        return self._with_nan(self._undithered(values, stored), values, stored.rows)[:, part.start :]

    def _undithered(self, values: NDArray[Any], stored: StoredTiles) -> NDArray[Any]:
        """Return the floats of quantized and dithered pixels."""
        quantize = _needed_astropy().quantization.Quantize
        floats = []
        for line, number, row in zip(values, stored.numbers, stored.rows, strict=True):
            method = quantize(
                row=number + self.seed, dither_method=self.dither, quantize_level=None, bitpix=self.bitpix
            )
            floats.append(np.asarray(method.decode_quantized(line, row["ZSCALE"], row["ZZERO"])))
        return _in_lines(floats)

    def _with_nan(self, pixels: NDArray[Any], values: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        """Return pixels with NaN where the stored numbers say that there is no value."""
        blank = rows["ZBLANK"][:, np.newaxis] if self.has_blanks else self.blank
        if blank is None or not (blanks := values == blank).any():
            return pixels
        return np.where(blanks, np.nan, pixels)

    def _unpacked(
        self, stored: StoredTiles, algorithm: str, shape: tuple[int, int], part: slice, *, lossless: bool
    ) -> NDArray[Any]:
        """Return pixels of tiles as they were before compression."""
        count = math.prod(shape)
        if stored.dtype == np.uint8 and algorithm in _RICE and self.settings["bytepix"] in _RICE_TYPES:
            rice, block, size = rice_decoder(), self.settings["blocksize"], self.settings["bytepix"]
            return _in_lines([rice(data, block, size, count, part.stop)[part] for data in stored.data])
        lines = []
        for data in stored.data:
            line = None
            if stored.dtype == np.uint8 and algorithm in _GZIP:
                line = self._gunzipped(data, algorithm, count, part, lossless)
            if line is None:
                line = self._by_astropy(np.frombuffer(data, stored.dtype), algorithm, shape, lossless)[part]
            lines.append(line)
        return _in_lines(lines)

    def _gunzipped(
        self, data: bytes, algorithm: str, count: int, part: slice, lossless: bool
    ) -> NDArray[Any] | None:
        """Return pixels of a tile packed by gzip; None if their size is unusual."""
        inflate = inflater()(31)
        plain = np.frombuffer(inflate.decompress(data, 8 * count + 1), np.uint8)
        if plain.size > 8 * count:
            raise ValueError(f"a tile of {count} pixels unpacks to more than {size_text(8 * count)}")
        if not inflate.eof:
            raise EOFError("a tile ends too early")
        size, rest = divmod(plain.size, count)
        if rest or size not in (2, 4, 8) or inflate.unused_data:
            return None
        dtype = f">{'f' if self.bitpix < 0 and lossless and size > 2 else 'i'}{size}"
        if algorithm == "GZIP_1":
            return plain.view(dtype)[part]
        # The first bytes of all pixels, then the second bytes of all, and so on.
        return plain.reshape(size, count)[:, part].T.ravel().view(dtype)

    def _by_astropy(
        self, data: NDArray[Any], algorithm: str, shape: tuple[int, int], lossless: bool
    ) -> NDArray[Any]:
        """Return the pixels of a tile packed by one of the rarer methods."""
        tiles = _needed_astropy().tiles
        settings = tiles._update_tile_settings(dict(self.settings), self.algorithm, shape)
        if algorithm == "GZIP_1":
            settings = {}
        elif algorithm == "GZIP_2":
            settings["itemsize"] = tiles._decompress_tile(data, algorithm="GZIP_1").size // math.prod(shape)
        buffer = tiles._decompress_tile(data, algorithm=algorithm, **settings)
        found: NDArray[Any] = tiles._finalize_array(
            buffer, bitpix=self.bitpix, tile_shape=shape, algorithm=algorithm, lossless=lossless
        )
        return found.ravel()


def _in_lines(lines: list[NDArray[Any]]) -> NDArray[Any]:
    """Return arrays of the same length as lines of one."""
    return lines[0][np.newaxis] if len(lines) == 1 else np.concatenate(lines).reshape(len(lines), -1)


@dataclass(frozen=True)
class _Astropy:
    """Private parts of astropy, which may move."""

    tiles: ModuleType
    quantization: ModuleType
    rice: Callable[[bytes, int, int, int], bytes]


_NEEDED = (
    "_check_compressed_header",
    "_decompress_tile",
    "_finalize_array",
    "_header_to_settings",
    "_update_tile_settings",
)


@lru_cache(maxsize=1)
def _astropy() -> _Astropy | None:
    """Return the parts of astropy that decompress tiles; None if this version has them elsewhere."""
    try:
        from astropy.io.fits.hdu.compressed import _quantization, _tiled_compression
        from astropy.io.fits.hdu.compressed._compression import decompress_rice_1_c
    except ImportError:
        return None
    if not all(hasattr(_tiled_compression, name) for name in _NEEDED):
        return None
    return _Astropy(_tiled_compression, _quantization, decompress_rice_1_c)


def _needed_astropy() -> _Astropy:
    """Return them where `TileCode.of` has found them."""
    found = _astropy()
    assert found is not None
    return found


@lru_cache(maxsize=1)
def rice_decoder() -> Callable[[bytes, int, int, int, int], NDArray[Any]]:
    """Return the decompressor of Rice's method: (data, pixels in a block, bytes of one, in all, needed)."""
    try:
        import imagecodecs
    except ImportError:
        return _rice_by_astropy
    return _rice_by_imagecodecs if imagecodecs.RCOMP.available else _rice_by_astropy


def _rice_by_astropy(data: bytes, block: int, size: int, count: int, needed: int) -> NDArray[Any]:
    """Return all pixels: astropy refuses to stop before the last."""
    return np.frombuffer(_needed_astropy().rice(data, block, size, count), _RICE_TYPES[size])


def _rice_by_imagecodecs(data: bytes, block: int, size: int, count: int, needed: int) -> NDArray[Any]:
    """Return the first pixels."""
    import imagecodecs

    found: NDArray[Any] = imagecodecs.rcomp_decode(
        data, shape=(needed,), dtype=_RICE_TYPES[size], nblock=block
    )
    return found


@lru_cache(maxsize=1)
def inflater() -> Callable[[int], Any]:
    """Return the class of gzip decompressors: isal's if installed, three times faster than zlib's."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.decompressobj
    made: Callable[[int], Any] = isal_zlib.decompressobj
    return made
