"""Files of alert packets: three container formats with a common interface."""

from __future__ import annotations

import io
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from cutout_widgets.catalog.reading.invalid_text import rows_of
from cutout_widgets.errors import UnreadableImage, sentence
from cutout_widgets.stores.alerts.container import AvroFile, memory_of
from cutout_widgets.stores.alerts.surveys import stamps_of
from cutout_widgets.unpacking import largest_unpacked, too_large

if TYPE_CHECKING:
    import pyarrow as pa

    from cutout_widgets.stores.alerts.schemas import SchemaBook

__all__ = ["PacketFile", "ParquetPackets", "WireFile", "open_packets"]

_LARGEST_IN_MEMORY_BYTES = 1 << 26
"""Up to this size, a decompressed gzip file is kept in memory while it is open."""

_TAR_AT = 257
"""Offset of the magic bytes of a tar archive."""

_PACKERS = ((b"BZh", "bzip2", "bunzip2"), (b"\xfd7zXZ", "xz", "unxz"), (b"PK", "zip", "unzip"))
"""Magic bytes, name and tool of compression formats that are not supported."""

_CONTAINER, _PARQUET, _GZIP = b"Obj\x01", b"PAR1", b"\x1f\x8b"


class PacketFile(Protocol):
    """An opened file of alert packets, numbered from 0 in file order."""

    name: str
    """Name of the file for messages."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about unreadable parts of the file; the other packets can be read."""

    def __len__(self) -> int:
        """Return the number of packets according to the file."""

    def packet(self, number: int) -> dict[str, Any]:
        """Return one packet as decoded Avro: a dict of Python values.

        Raises
        ------
        UnreadableImage
            If it cannot be decoded.
        """

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | UnreadableImage]]:
        """Yield the number of each packet and the packet (or an error), in file order.

        Stamps may be omitted if the format allows it: this is for catalogue columns.
        """

    @property
    def held_bytes(self) -> int:
        """Memory in use while the file is open."""

    def close(self) -> None:
        """Close what was opened."""


def open_packets(source: Path | bytes, name: str, schemas: SchemaBook) -> PacketFile:
    """Open a file (or its bytes) in the format shown by its first bytes.

    Parameters
    ----------
    source
        A path, or bytes. Gzip around any of the formats is decompressed.
    name
        Name for messages.
    schemas
        Known Avro schemas; that of a container is added.

    Returns
    -------
    PacketFile
        Close it after use.

    Raises
    ------
    UnreadableImage
        If the format is not recognised.
    MissingDependency
        If it is Avro and fastavro is not installed.
    OSError
        If the file cannot be opened.
    """
    stream: IO[bytes] = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    try:
        magic = stream.read(6)
        if magic[:2] == _GZIP:
            packed = stream
            stream = _unpack(packed, name)
            packed.close()
            magic = stream.read(6)
        stream.seek(_TAR_AT)
        archive = stream.read(5) == b"ustar"
        stream.seek(0)
        if magic[:4] == _CONTAINER:
            return AvroFile(stream, name, schemas)
        if magic[:4] == _PARQUET:
            return ParquetPackets(stream, name)
        if magic[:1] == b"\x00" and len(magic) > 5:
            return WireFile(stream, name, schemas)
    except BaseException:
        stream.close()
        raise
    stream.close()
    what = "is empty" if not magic else f"begins with {magic!r}"
    if way_out := _way_out(magic, archive):
        raise UnreadableImage(f"{name} is {way_out}")
    raise UnreadableImage(
        f"{name} has no alert packets: it {what}, and an Avro container begins with b'Obj\\x01', a Kafka "
        "message with a zero byte and a schema number, a Parquet file with b'PAR1'"
    )


def _way_out(magic: bytes, archive: bool) -> str | None:
    """Return what to do with a file that is often mistaken for alert packets, or None."""
    if archive:
        return "an archive of files: unpack it (tar -xf) and give the folder"
    for start, kind, tool in _PACKERS:
        if magic.startswith(start):
            return f"packed with {kind}: unpack it ({tool}), for only gzip is unpacked here"
    if magic.lstrip()[:1] in (b"{", b"["):
        return "JSON, as brokers' web pages return it: ask the broker for Avro packets, which have stamps"
    return None


def _unpack(stream: IO[bytes], name: str) -> IO[bytes]:
    """Return the content of a gzip file; of a truncated one, the readable part."""
    stream.seek(0)
    out: IO[bytes] = io.BytesIO()
    inflate = zlib.decompressobj(wbits=31)
    try:
        for chunk in iter(lambda: stream.read(1 << 16), b""):
            rest = chunk
            while rest:
                out.write(inflate.decompress(rest, 1 << 24))
                out = _kept(out, name)
                rest = inflate.unconsumed_tail
                if inflate.eof:  # gzip files may be concatenated
                    rest = inflate.unused_data
                    inflate = zlib.decompressobj(wbits=31)
    except zlib.error as err:
        if not out.tell():
            raise UnreadableImage(f"{name} looks like gzip but does not unpack: {err}") from err
    out.seek(0)
    return out


def _kept(out: IO[bytes], name: str) -> IO[bytes]:
    """Return the output to continue with: memory, or above a size a temporary file, with a limit."""
    size = out.tell()
    if size > largest_unpacked():
        out.close()
        raise too_large(name)
    if size > _LARGEST_IN_MEMORY_BYTES and isinstance(out, io.BytesIO):
        file = tempfile.TemporaryFile()  # noqa: SIM115  the packet file closes it
        file.write(out.getbuffer())
        return file
    return out


@dataclass
class WireFile:
    """Kafka messages as transmitted: byte 0, a 4-byte schema number, a body without schema.

    The number identifies the schema only in its registry, so known schemas are
    tried until one consumes all bytes.
    """

    stream: IO[bytes]
    name: str
    schemas: SchemaBook

    problems: tuple[str, ...] = ()

    @cached_property
    def _packets(self) -> list[dict[str, Any]]:
        """All messages; such a file contains one, or several concatenated ones."""
        self.stream.seek(0)
        return self.schemas.decode_wire(self.stream.read(), self.name)

    def __len__(self) -> int:
        return len(self._packets)

    def packet(self, number: int) -> dict[str, Any]:
        """Return one packet; see `PacketFile.packet`."""
        if not 0 <= number < len(self):
            raise UnreadableImage(f"{self.name} has {len(self)} packets; there is no packet {number}")
        return self._packets[number]

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | UnreadableImage]]:
        """Yield each packet."""
        yield from enumerate(self._packets)

    @property
    def held_bytes(self) -> int:
        """Memory in use while the file is open: the message, raw and decoded."""
        return 2 * memory_of(self.stream)

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


@dataclass
class ParquetPackets:
    """A Parquet file with one packet per row, nested as in Avro.

    Raises
    ------
    UnreadableImage
        If it is damaged; Parquet metadata are at the end of the file.
    """

    stream: IO[bytes]
    name: str

    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            self._file = pq.ParquetFile(self.stream)
        except (pa.ArrowException, OSError) as err:
            raise UnreadableImage(f"{self.name} is a damaged Parquet file: {sentence(err)}") from err
        self._cached: tuple[int, list[dict[str, Any]]] | None = None

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def schema(self) -> pa.Schema:
        """The columns with their Arrow types."""
        return self._file.schema_arrow

    def packet(self, number: int) -> dict[str, Any]:
        """Return one packet; see `PacketFile.packet`."""
        if not 0 <= number < len(self):
            raise UnreadableImage(f"{self.name} has {len(self)} packets; there is no packet {number}")
        start = number - number % _PARQUET_BATCH
        if self._cached is None or self._cached[0] != start:
            self._cached = (start, self._batch(start))
        return self._cached[1][number - start]

    def _batch(self, start: int) -> list[dict[str, Any]]:
        """Return the packets of one batch, reading only its row groups."""
        import pyarrow as pa

        rows: list[dict[str, Any]] = []
        first = 0
        try:
            for group in range(self._file.num_row_groups):
                count = self._file.metadata.row_group(group).num_rows
                if first + count > start and first < start + _PARQUET_BATCH:
                    at = first
                    for batch in self._file.iter_batches(_PARQUET_BATCH, row_groups=[group]):
                        low, high = max(start - at, 0), min(start + _PARQUET_BATCH - at, batch.num_rows)
                        if low < high:
                            rows.extend(rows_of(batch.slice(low, high - low)))
                        at += batch.num_rows
                        if at >= start + _PARQUET_BATCH:
                            break
                first += count
        except (pa.ArrowException, OSError, UnicodeDecodeError) as err:
            raise UnreadableImage(
                f"packets from {start} of {self.name} do not decode: {sentence(err)}"
            ) from err
        return rows

    def rows(self) -> Iterator[tuple[int, dict[str, Any] | UnreadableImage]]:
        """Yield each packet without its stamps."""
        import pyarrow as pa

        columns = [one.name for one in self.schema if not pa.types.is_binary(one.type)]
        number = 0
        try:
            for batch in self._file.iter_batches(_PARQUET_BATCH, columns=columns):
                for row in rows_of(batch):
                    yield number, row
                    number += 1
        except (pa.ArrowException, OSError, UnicodeDecodeError) as err:
            yield (
                number,
                UnreadableImage(f"packets from {number} of {self.name} do not decode: {sentence(err)}"),
            )

    @property
    def held_bytes(self) -> int:
        """Memory in use while the file is open: the file if it was compressed, and one batch."""
        batch = self._cached[1] if self._cached else []
        stamps = sum(len(stamp) for packet in batch for stamp in stamps_of(packet).values() if stamp)
        return memory_of(self.stream) + stamps

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self.stream.close()


_PARQUET_BATCH = 64
"""Packets decoded at once: 10 MB of LSST stamps."""
