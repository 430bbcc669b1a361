"""Files that expand too much are refused by every reader, in one sentence that says how to allow more."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import time
import zlib

import numpy as np
import pyarrow as pa
import pytest
from astropy.io import fits

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, UnreadableImage
from cutout_widgets.outputs.figure.png import SIGNATURE, fault_of
from cutout_widgets.unpacking import VARIABLE, largest_unpacked, size_text, unpacked_gzip

MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def _one_megabyte(monkeypatch):
    monkeypatch.setenv(VARIABLE, str(MEGABYTE))


def test_the_limit_applies_to_this_process_and_its_children(monkeypatch):
    monkeypatch.delenv(VARIABLE)
    assert largest_unpacked() == 1 << 30
    monkeypatch.setenv(VARIABLE, "x")  # pytest puts it back
    with pytest.raises(BadOption, match=f"{VARIABLE} is a number of bytes; got 'x'"):
        largest_unpacked()
    cw.set_largest_unpacked(5)
    assert largest_unpacked() == 5
    for wrong in (0, -1, 2.5, "8", True):
        with pytest.raises(BadOption, match="positive number of bytes"):
            cw.set_largest_unpacked(wrong)


def test_sizes_are_shown_in_the_largest_unit():
    assert [size_text(size) for size in (5, 2048, 3 << 29)] == ["5 bytes", "2 KiB", "1.5 GiB"]


@pytest.mark.parametrize("content", [b"", b"a", b"ab" * 10**5])
def test_gzip_with_several_streams_and_padding_is_unpacked_as_by_gzip(content):
    packed = gzip.compress(content) + gzip.compress(b"end") + bytes(512)
    assert unpacked_gzip(io.BytesIO(packed), "it") == content + b"end"
    with pytest.raises(EOFError):
        unpacked_gzip(io.BytesIO(gzip.compress(b"abc" * 1000)[:-9]), "it")


def image_of(path):
    (triplet,) = cw.FitsImages(science=path).read([cw.DiaSource(1, 0.0, 0.0)], cw.Region.whole())
    return triplet.science if triplet.science is not None else triplet.problem_of("science")


def test_a_gzipped_fits_file_that_expands_too_much_is_refused(tmp_path):
    path = tmp_path / "a.fits.gz"
    fits.PrimaryHDU(np.zeros((600, 600), "f4")).writeto(path)  # 1.44 MB
    assert image_of(path) == (
        f"{path} unpacks to more than 1 MiB; if it is not damaged, allow more: "
        "cutout_widgets.set_largest_unpacked(bytes)"
    )
    cw.set_largest_unpacked(4 * MEGABYTE)
    assert image_of(path).shape == (600, 600)


def test_a_compressed_image_with_oversized_tiles_is_refused(tmp_path):
    path = tmp_path / "a.fits"
    fits.CompImageHDU(np.zeros((600, 600), "f4"), tile_shape=(600, 600)).writeto(path)
    assert "unpacks to more than 1 MiB" in image_of(path)


NOTHING = {"type": "record", "name": "none", "fields": []}


def container(schema, body: bytes, *, codec: str = "null", count: int = 1) -> bytes:
    """An Avro container of one block."""

    def number(n: int) -> bytes:
        n, out = n << 1, b""
        while n > 0x7F:
            out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
        return out + bytes([n])

    head = b"".join(
        number(len(part)) + part
        for part in (b"avro.schema", json.dumps(schema).encode(), b"avro.codec", codec.encode())
    )
    sync = bytes(range(16))
    return b"Obj\x01" + number(2) + head + b"\0" + sync + number(count) + number(len(body)) + body + sync


def problems_of(packets: bytes) -> str:
    pytest.importorskip("fastavro", reason="the extra 'alerts' is not installed")
    start = time.monotonic()
    with pytest.raises(cw.CutoutError) as caught:
        cw.AlertImages(packets).table()
    assert time.monotonic() - start < 60  # it would not end in a year
    return str(caught.value)


RECORD = {"type": "record", "name": "alert", "fields": [{"name": "data", "type": "bytes"}]}


@pytest.mark.parametrize(
    ("codec", "pack"),
    [
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("bzip2", bz2.compress),
        ("xz", lzma.compress),
        ("snappy", lambda data: bytes(pa.compress(data, "snappy", asbytes=True)) + bytes(4)),
        ("zstandard", lambda data: bytes(pa.compress(data, "zstd", asbytes=True))),
    ],
)
def test_a_packet_block_that_expands_too_much_is_refused(codec, pack):
    size_text = problems_of(container(RECORD, pack(bytes(MEGABYTE)), codec=codec))
    assert "packet 0 of <bytes 0> unpacks to more than 128 KiB" in size_text


@pytest.mark.parametrize("items", ["null", NOTHING, {"type": "fixed", "name": "f", "size": 0}])
def test_a_huge_array_of_empty_items_is_refused(items):
    fields = [{"name": "more", "type": ["null", {"type": "array", "items": items}]}]
    schema = {"type": "record", "name": "alert", "fields": fields}
    billions = b"\x02" + b"\x80\x80\x80\x80\x80\x01" + b"\0"  # a union's second type, 2**34 items, the end
    assert "has an array of empty items" in problems_of(container(schema, billions))


def test_a_huge_number_of_empty_packets_is_refused():
    assert "records are empty" in problems_of(container(NOTHING, b"", count=2**40))


def test_a_recursive_schema_is_accepted():
    pytest.importorskip("fastavro", reason="the extra 'alerts' is not installed")
    below = {"name": "below", "type": {"type": "array", "items": "n.tree"}}
    fields = [{"name": "candid", "type": "long"}, below]
    tree = {"type": "record", "name": "tree", "namespace": "n", "fields": fields}
    assert cw.AlertImages(container(tree, b"\x0e\0")).problems == ()


def test_a_container_ending_with_an_empty_block_is_complete():
    pytest.importorskip("fastavro", reason="the extra 'alerts' is not installed")
    schema = {"type": "record", "name": "alert", "fields": [{"name": "candid", "type": "long"}]}
    images = cw.AlertImages(container(schema, b"\x0e") + b"\0\0" + bytes(range(16)))
    assert images.problems == ()


def png(packed: bytes, side: int = 8) -> bytes:
    """A PNG of a square by its header, whatever its pixels are."""
    head = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )


def test_png_pixels_are_checked_without_keeping_them():
    assert fault_of(png(zlib.compress(bytes(72)))) is None
    assert fault_of(png(zlib.compress(bytes(2 * MEGABYTE)))) == "it has more pixels than its size says"
    big = png(zlib.compress(bytes(2 * MEGABYTE)), side=2048)
    assert fault_of(big) == "its 2048 x 2048 pixels unpack to more than 1 MiB"


def test_stamps_respect_the_limit():
    from cutout_widgets.stores.alerts.stamps import read_stamp

    with pytest.raises(UnreadableImage, match="unpack to more than 1 MiB"):
        read_stamp(gzip.compress(bytes(2 * MEGABYTE)))
