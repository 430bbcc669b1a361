"""Parts of compressed images are, bit for bit, what astropy reads, and a shared tile is decompressed once."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from cutout_widgets.stores.fits import tile_codes
from cutout_widgets.stores.fits.tiles import Tiles

SHAPE = 44, 52
PARTS = [
    (slice(0, 44), slice(0, 52)),
    (slice(10, 30), slice(15, 35)),
    (slice(12, 31), slice(12, 40)),
    (slice(43, 44), slice(51, 52)),
    (slice(0, 1), slice(0, 52)),
]
TILES = [(1, 52), (1, 20), (16, 16), (44, 52)]


def floats() -> np.ndarray:
    return np.random.default_rng(1).normal(100, 20, SHAPE).astype("f4")


def with_gaps() -> np.ndarray:
    """Floats with NaN, exact zeros, and rows that cannot be quantized."""
    pixels = floats()
    pixels[10:14, 10:20] = np.nan
    pixels[20:24] = 0
    pixels[25, 30] = np.nan
    pixels[28] = 1e30
    pixels[29, ::2] = np.inf
    return pixels


def integers(dtype: str) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 120, SHAPE).astype(dtype)


CASES: dict[str, tuple[Callable[[], np.ndarray], dict[str, Any]]] = {
    "Rice, 8 bits": (lambda: integers("u1"), {"compression_type": "RICE_1"}),
    "Rice, 16 bits": (lambda: integers("i2"), {"compression_type": "RICE_1"}),
    "Rice, 32 bits": (lambda: integers("i4") - 60, {"compression_type": "RICE_1"}),
    "Rice, unsigned 16 bits": (lambda: integers("u2") + 40000, {"compression_type": "RICE_1"}),
    "Rice, unsigned 32 bits": (lambda: integers("u4"), {"compression_type": "RICE_1"}),
    "Rice, not dithered": (floats, {"compression_type": "RICE_1", "quantize_level": 16}),
    "Rice, 64 bits": (lambda: floats().astype("f8"), {"compression_type": "RICE_1", "quantize_level": 16}),
    "Rice, dithered": (floats, {"compression_type": "RICE_1", "quantize_method": 1, "dither_seed": 9999}),
    "Rice, 64 bits, dithered": (
        lambda: floats().astype("f8"),
        {"compression_type": "RICE_1", "quantize_method": 1, "dither_seed": 3},
    ),
    "Rice, gaps": (with_gaps, {"compression_type": "RICE_1", "quantize_level": 16}),
    "Rice, gaps, dithered": (with_gaps, {"compression_type": "RICE_1", "quantize_method": 1}),
    "Rice, gaps, dithered, zeros kept": (with_gaps, {"compression_type": "RICE_1", "quantize_method": 2}),
    "gzip 1": (floats, {"compression_type": "GZIP_1", "quantize_level": 0}),
    "gzip 1, gaps": (with_gaps, {"compression_type": "GZIP_1", "quantize_level": 0}),
    "gzip 1, 16 bits": (lambda: integers("i2"), {"compression_type": "GZIP_1"}),
    "gzip 1, quantized": (with_gaps, {"compression_type": "GZIP_1", "quantize_level": 16}),
    "gzip 2": (with_gaps, {"compression_type": "GZIP_2", "quantize_level": 0}),
    "gzip 2, 64 bits": (lambda: floats().astype("f8"), {"compression_type": "GZIP_2", "quantize_level": 0}),
    "gzip 2, 8 bits": (lambda: integers("u1"), {"compression_type": "GZIP_2"}),
    "gzip 2, 32 bits": (lambda: integers("i4"), {"compression_type": "GZIP_2"}),
    "gzip 2, 64-bit integers": (lambda: integers("i8") << 40, {"compression_type": "GZIP_2"}),
    "gzip 2, dithered": (with_gaps, {"compression_type": "GZIP_2", "quantize_method": 2}),
    "PLIO": (lambda: integers("i4"), {"compression_type": "PLIO_1"}),
    "HCOMPRESS": (lambda: integers("i4"), {"compression_type": "HCOMPRESS_1"}),
    "HCOMPRESS, dithered": (floats, {"compression_type": "HCOMPRESS_1", "quantize_method": 1}),
    "not packed": (floats, {"compression_type": "NOCOMPRESS", "quantize_level": 0}),
}


def written(pixels: np.ndarray, tile: tuple[int, ...], **how: Any) -> bytes:
    """Return a FITS file with a compressed image."""
    file = io.BytesIO()
    hdu = fits.CompImageHDU(pixels, tile_shape=tile, **how)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(file)
    return file.getvalue()


def tiles_in(content: bytes) -> tuple[Any, Tiles]:
    """Return the compressed HDU of a file and our reader of it."""
    stream = io.BytesIO(content)
    hdu = fits.open(stream)[1]
    tiles = Tiles.of(hdu, stream)
    assert tiles is not None
    return hdu, tiles


def assert_the_same(found: np.ndarray, wanted: np.ndarray) -> None:
    """Raise unless two arrays have the same type and bits."""
    assert found.dtype.newbyteorder("=") == wanted.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("tile", TILES)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore:.*(invalid value|overflow)")
def test_each_part_is_what_astropy_reads(case, tile):
    make, how = CASES[case]
    if how["compression_type"] == "HCOMPRESS_1" and min(tile) < 4:
        pytest.skip("HCOMPRESS needs tiles of at least four rows")
    hdu, tiles = tiles_in(written(make(), tile, **how))
    for part in PARTS:
        assert_the_same(tiles.read(part), hdu.section[part])
    tiles.expect(PARTS[1:])
    for part in PARTS:
        assert_the_same(tiles.read(part), hdu.section[part])


def test_a_tile_may_have_its_own_number_for_no_value():
    pixels = floats()
    pixels[10:14, 10:20] = np.nan
    content = written(pixels, (1, 52), compression_type="RICE_1", quantize_level=16)
    with fits.open(io.BytesIO(content), disable_image_compression=True) as hdus:
        table = hdus[1]
        blanks = fits.Column("ZBLANK", "J", array=np.full(len(table.data), table.header["ZBLANK"]))
        del table.header["ZBLANK"]
        names = ("COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "ZSCALE", "ZZERO")
        columns = [fits.Column(name, table.columns[name].format, array=table.data[name]) for name in names]
        cards = [card for card in table.header.cards if card.keyword[:5] not in ("TTYPE", "TFORM", "NAXIS")]
        other = fits.BinTableHDU.from_columns([*columns, blanks])
        other.header.extend(card for card in cards if card.keyword[0] == "Z")
        file = io.BytesIO()
        fits.HDUList([fits.PrimaryHDU(), other]).writeto(file)
    hdu, tiles = tiles_in(file.getvalue())
    wanted = hdu.section[PARTS[1]]
    assert np.isnan(wanted).sum() == 20
    assert_the_same(tiles.read(PARTS[1]), wanted)


def test_axes_of_length_one_before_the_two_are_dropped():
    hdu, tiles = tiles_in(written(floats()[np.newaxis], (1, 16, 16), compression_type="GZIP_2"))
    assert_the_same(tiles.read(PARTS[1]), hdu.section[(0, *PARTS[1])])


@pytest.mark.parametrize("hdu", [fits.ImageHDU(floats()), fits.CompImageHDU(floats())])
def test_an_image_that_is_not_in_a_file_is_left_to_astropy(hdu):
    assert Tiles.of(hdu, io.BytesIO()) is None


def test_integers_without_a_value_are_left_to_astropy():
    stream = io.BytesIO(written(integers("i2"), (16, 16), compression_type="RICE_1"))
    hdu = fits.open(stream)[1]
    hdu.header["BLANK"] = 7
    assert Tiles.of(hdu, stream) is None


class Counted(io.BytesIO):
    """A file that counts how many bytes are read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.count += len(found)
        return found


def test_a_tile_that_parts_share_is_read_once_and_forgotten_afterwards():
    stream = Counted(written(floats(), (16, 16), compression_type="GZIP_1", quantize_level=0))
    tiles = Tiles.of(fits.open(stream)[1], stream)
    parts = [(slice(0, 10), slice(0, 10)), (slice(4, 14), slice(2, 12))]
    stream.count = 0
    tiles.expect(parts)
    for part in parts:
        tiles.read(part)
        once = stream.count
    tiles.read(parts[0])
    assert stream.count == once
    tiles.forget()
    tiles.read(parts[0])
    assert stream.count == 2 * once


def test_a_part_that_was_not_announced_is_read_too():
    hdu, tiles = tiles_in(written(floats(), (1, 52), compression_type="RICE_1", quantize_level=16))
    tiles.expect([(slice(10, 20), slice(10, 20))] * 2)
    part = slice(8, 22), slice(8, 22)
    for _ in range(2):
        assert_the_same(tiles.read(part), hdu.section[part])


def test_a_part_may_be_written_to():
    hdu, tiles = tiles_in(written(integers("i4"), (16, 16), compression_type="RICE_1"))
    tiles.expect(PARTS[1:3])
    tiles.read(PARTS[1])[:] = -1
    assert_the_same(tiles.read(PARTS[2]), hdu.section[PARTS[2]])


def test_a_tile_that_unpacks_to_much_more_than_its_pixels_is_refused():
    content = written(floats(), (44, 52), compression_type="GZIP_1", quantize_level=0)
    with fits.open(io.BytesIO(content), disable_image_compression=True) as hdus:
        packed = hdus[1].data["COMPRESSED_DATA"][0].tobytes()
    bomb = gzip.compress(bytes(1 << 22)).ljust(len(packed), b"\0")
    _, tiles = tiles_in(content.replace(packed, bomb))
    with pytest.raises(ValueError, match="a tile of 2288 pixels unpacks to more than 17"):
        tiles.read(PARTS[1])


def test_a_damaged_tile_does_not_cost_the_parts_beside_it():
    content = written(floats(), (1, 52), compression_type="GZIP_1", quantize_level=0)
    with fits.open(io.BytesIO(content), disable_image_compression=True) as hdus:
        packed = hdus[1].data["COMPRESSED_DATA"][20].tobytes()
    hdu, tiles = tiles_in(content.replace(packed, bytes(len(packed))))
    parts = [(slice(at, at + 10), slice(0, 10)) for at in (5, 12, 21, 24)]
    tiles.expect(parts)
    for part in (parts[0], parts[2], parts[3]):
        assert_the_same(tiles.read(part), hdu.section[part])
    with pytest.raises(Exception, match=r"header|Error"):
        tiles.read(parts[1])


def test_a_tile_outside_of_the_file_is_refused():
    content = written(floats(), (44, 52), compression_type="GZIP_1", quantize_level=0)
    stream = io.BytesIO(content)
    hdu = fits.open(stream)[1]
    tiles = Tiles.of(hdu, stream)
    start = hdu.fileinfo()["datLoc"]
    for offset in (2**31 - 5, -1):
        stream.seek(start + 4)
        stream.write(offset.to_bytes(4, "big", signed=True))
        with pytest.raises(EOFError, match="is not in the heap of the table"):
            tiles.read(PARTS[1])


@pytest.mark.parametrize(("size", "dtype"), [(1, "u1"), (2, "i2"), (4, "i4")])
@pytest.mark.parametrize("block", [16, 32])
def test_both_decompressors_of_rice_return_the_same_pixels(size, dtype, block):
    pytest.importorskip("imagecodecs")
    from astropy.io.fits.hdu.compressed._compression import compress_rice_1_c

    pixels = np.random.default_rng(5).integers(0, 100, 1000).astype(dtype)
    packed = compress_rice_1_c(pixels.tobytes(), block, size)
    for needed in (1, 31, 32, 33, 999, 1000):
        stopped = tile_codes._rice_by_imagecodecs(packed, block, size, 1000, needed)
        whole = tile_codes._rice_by_astropy(packed, block, size, 1000, needed)
        assert_the_same(stopped[:needed], pixels[:needed])
        assert_the_same(whole[:needed], pixels[:needed])
