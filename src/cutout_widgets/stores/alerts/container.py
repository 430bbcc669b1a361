"""Avro object containers: a schema, then blocks of packets; damaged blocks are skipped."""

from __future__ import annotations

import bisect
import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import IO, Any

from cutout_widgets.errors import MissingDependency, UnreadableImage, sentence
from cutout_widgets.stores.alerts.schemas import SchemaBook, read_header, read_long
from cutout_widgets.unpacking import largest_unpacked, too_large, unpacked

__all__ = ["AvroFile", "memory_of"]

PYTHON_FOR_A_BYTE = 8
"""Maximum bytes of Python objects per byte of a block: an array of booleans becomes a list of pointers."""

_LONGEST_HEADER = 1 << 24
"""Bytes read to find a container's header; an LSST schema takes 0.1 MB."""


@dataclass
class AvroFile:
    """An Avro object container: a schema, then blocks of packets between sync markers.

    Only the positions of blocks are kept; a packet is decoded when needed. A damaged
    block is skipped up to the next sync marker, so that later blocks can still be read.

    Raises
    ------
    UnreadableImage
        If the header cannot be parsed.
    """

    stream: IO[bytes]
    name: str
    schemas: SchemaBook
    _damage: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        header = self.stream.read(_LONGEST_HEADER)
        try:
            meta, self._body = read_header(header)
            self._codec = meta.get("avro.codec", b"null").decode()
            self._schema = self.schemas.of_container(meta["avro.schema"])
        except (MissingDependency, UnreadableImage):
            raise
        except Exception as err:  # fastavro and json raise various errors for damaged data
            raise UnreadableImage(
                f"{self.name} is an Avro container with a damaged header: {sentence(err)}"
            ) from err
        self._sync = header[self._body - 16 : self._body]
        self._cursor: tuple[int, int, io.BytesIO] | None = None

    @cached_property
    def _blocks(self) -> list[_Block]:
        """The position of each block: the number of its first packet, their count, its bytes."""
        blocks, at, first = [], self._body, 0
        end = self.stream.seek(0, io.SEEK_END)
        while at < end:
            try:
                count, size, start = _block_head(self._at(at, 20), at)
                whole = count >= 0 and start + size + 16 <= end and self._at(start + size, 16) == self._sync
            except IndexError:
                count, size, start, whole = 0, 0, at, False
            if whole:
                if count:  # some writers end with an empty block
                    blocks.append(_Block(first, count, start, size))
                first, at = first + count, start + size + 16
                continue
            found = self._find_sync(at, end)
            rest = "the rest of the file is" if found is None else f"{found - at} bytes are"
            where = f"after packet {first - 1}" if first else "before its first packet"
            self._damage.append(f"{self.name} is damaged or truncated {where}: {rest} skipped")
            if found is None:
                break
            at = found
        return blocks

    def _at(self, offset: int, size: int) -> bytes:
        """Read bytes at an offset."""
        self.stream.seek(offset)
        return self.stream.read(size)

    def _find_sync(self, at: int, end: int) -> int | None:
        """Return the start of the next block, after the next sync marker."""
        step = 1 << 20
        while at < end:
            found = self._at(at, step + 15).find(self._sync)
            if found >= 0:
                return at + found + 16
            at += step
        return None

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about damaged blocks."""
        _ = self._blocks
        return tuple(self._damage)

    def __len__(self) -> int:
        last = self._blocks[-1] if self._blocks else _Block(0, 0, 0, 0)
        return last.first + last.count

    def packet(self, number: int) -> dict[str, Any]:
        """Return one packet; see `PacketFile.packet`."""
        place = bisect.bisect_right(self._blocks, number, key=lambda block: block.first) - 1
        if place < 0 or number >= self._blocks[place].first + self._blocks[place].count:
            raise UnreadableImage(f"{self.name} has {len(self)} packets; there is no packet {number}")
        block = self._blocks[place]
        index = number - block.first
        if self._cursor is None or self._cursor[0] != place or self._cursor[1] > index:
            self._cursor = (place, 0, self._open_block(block))
        _, at, data = self._cursor
        record: dict[str, Any] = {}
        for step in range(at, index + 1):
            self._cursor = None  # invalid after a failure
            record = self.schemas.decode(data, self._schema, f"packet {block.first + step} of {self.name}")
            self._cursor = (place, step + 1, data)
        return record

    def _open_block(self, block: _Block) -> io.BytesIO:
        """Return the uncompressed bytes of a block."""
        data = self._at(block.start, block.size)
        try:
            return io.BytesIO(_decompress(data, self._codec, f"packet {block.first} of {self.name}"))
        except UnreadableImage:
            raise
        except Exception as err:  # each codec raises its own errors
            raise UnreadableImage(
                f"packet {block.first} of {self.name} does not decompress ({self._codec}): {sentence(err)}"
            ) from err

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | UnreadableImage]]:
        """Yield each packet, or the error if it cannot be read."""
        for block in self._blocks:
            for number in range(block.first, block.first + block.count):
                try:
                    yield number, self.packet(number)
                except UnreadableImage as err:
                    yield number, err
                    break  # the start of the next packet in this block is unknown

    @property
    def held_bytes(self) -> int:
        """Memory in use while the file is open: the file if it was compressed, and one block."""
        block = memory_of(self._cursor[2]) if self._cursor else 0
        return memory_of(self.stream) + block

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


def memory_of(stream: IO[bytes]) -> int:
    """Return the bytes a stream keeps in memory."""
    return stream.getbuffer().nbytes if isinstance(stream, io.BytesIO) else 0


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of a container."""

    first: int
    count: int
    start: int
    size: int


def _block_head(data: bytes, offset: int) -> tuple[int, int, int]:
    """Return the packet count and byte size in a block's head, and the offset of its data."""
    count, at = read_long(data, 0)
    size, at = read_long(data, at)
    if size < 0:
        raise IndexError(size)
    return count, size, offset + at


_UNPACKERS: dict[str, Callable[[], Any]] = {
    "deflate": partial(zlib.decompressobj, wbits=-15),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
"""Codec -> its decompressor."""


def _decompress(data: bytes, codec: str, what: str) -> bytes:
    """Decompress data of a container."""
    if codec == "null":
        return data
    limit = largest_unpacked() // PYTHON_FOR_A_BYTE
    if codec in _UNPACKERS:
        return unpacked(data, _UNPACKERS[codec](), what, limit)
    import pyarrow as pa  # includes snappy and zstandard, so no further package is needed

    if codec == "snappy":
        size, shift, at = 0, 0, 0
        while True:  # snappy states the size first, as a plain (not zigzag) variable-length integer
            size |= (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 0x80:
                break
        if size > limit:
            raise too_large(what, limit)
        return bytes(pa.Codec("snappy").decompress(data[:-4], size))  # the last 4 bytes are a CRC
    if codec == "zstandard":
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            plain = bytes(stream.read(limit + 1))
        if len(plain) > limit:
            raise too_large(what, limit)
        return plain
    raise UnreadableImage(
        f"the codec {codec!r} is unknown; known are null, deflate, snappy, zstandard, bzip2 and xz"
    )
