"""Avro schemas of alert packets: collected, cleaned, and tried on messages without one."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from cutout_widgets.errors import BadOption, MissingDependency, UnreadableImage, sentence
from cutout_widgets.stores.alerts.lsst import VERSIONS, lsst_schema

__all__ = ["SchemaBook", "import_fastavro", "read_header", "read_long"]

_FRAME = 5
"""Length of a Kafka message's header: a zero byte and the schema number."""


class SchemaBook:
    """The schemas known to a store.

    Parameters
    ----------
    given
        Given by the user: parsed JSON (dicts), JSON text, or paths of ``.avsc`` files or Avro containers.
    more
        Called once with the book if a message fits no known schema: reads the headers of the
        store's other files, which are added through `of_container`.
    """

    def __init__(
        self,
        given: Iterable[Mapping[str, Any] | str | Path] = (),
        more: Callable[[SchemaBook], None] | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._parsed: dict[str, Any] = {}
        self._more = more
        self._given = [_load(one) for one in given]

    def of_container(self, text: bytes) -> Any:
        """Return the parsed schema of a container's header, cached by its text."""
        return self._parse(text.decode())

    def decode(self, data: io.BytesIO, schema: Any, what: str) -> dict[str, Any]:
        """Decode one record at the current position of `data`.

        Raises
        ------
        UnreadableImage
            If the bytes are not such a record; `what` starts the message.
        """
        fastavro = import_fastavro()
        try:
            record = fastavro.schemaless_reader(data, schema, None)
        except Exception as err:  # fastavro raises various errors for damaged data
            raise UnreadableImage(f"{what} does not decode: {sentence(err)}") from err
        if not isinstance(record, dict):
            raise UnreadableImage(f"{what} is a {type(record).__name__}, not a record of named fields")
        return record

    def decode_wire(self, data: bytes, name: str) -> list[dict[str, Any]]:
        """Decode concatenated Kafka messages with the first schema that consumes all bytes.

        Raises
        ------
        UnreadableImage
            If no known schema does.
        """
        tried = 0
        for schema in self._candidates(number=int.from_bytes(data[1:_FRAME])):
            tried += 1
            packets = self._try(data, schema)
            if packets:
                return packets
        raise UnreadableImage(
            f"{name} is a Kafka message of schema number {int.from_bytes(data[1:_FRAME])}, and none of the "
            f"{tried} known schemas fits; give the right one: AlertImages(paths, schemas=['alert.avsc'])"
        )

    def _candidates(self, number: int) -> Iterator[Any]:
        """Yield possible schemas: the user's, of containers seen, of LSST, of all files."""
        with self._lock:
            seen = list(self._parsed)
        # LSST numbers its schemas 100 * major + minor. This is only a hint: numbers depend on the registry.
        hinted = f"{number // 100}.{number % 100}"
        lsst = (json.dumps(lsst_schema(one)) for one in sorted(VERSIONS, key=lambda one: one != hinted))
        tried = set()
        for text in chain((json.dumps(one) for one in self._given), seen, lsst, self._from_all_files()):
            if text not in tried:
                tried.add(text)
                yield self._parse(text)

    def _from_all_files(self) -> Iterator[str]:
        """Yield the schemas of the store's other files, which are read once."""
        more, self._more = self._more, None
        if more is not None:
            more(self)
        with self._lock:
            known = list(self._parsed)
        yield from known

    def _parse(self, text: str) -> Any:
        """Return the parsed schema of a JSON text, cached."""
        with self._lock:
            if text not in self._parsed:
                self._parsed[text] = parse(json.loads(text))
            return self._parsed[text]

    def _try(self, data: bytes, schema: Any) -> list[dict[str, Any]] | None:
        """Return the messages if the schema consumes every byte, else None."""
        stream, packets = io.BytesIO(data), []
        while stream.tell() < len(data):
            if stream.read(_FRAME)[:1] != b"\x00":
                return None
            try:
                packets.append(self.decode(stream, schema, "the message"))
            except UnreadableImage:
                return None
        return packets


def import_fastavro() -> Any:
    """Return fastavro, or raise with the extra to install."""
    try:
        import fastavro
    except ImportError as err:
        raise MissingDependency("fastavro", "alerts", "reading alert packets in Avro") from err
    return fastavro


def parse(schema: Any) -> Any:
    """Parse a schema for reading.

    Defaults are removed first: they matter only for reading with a second schema, and those of
    WINTER and TURBO contradict their types, which fastavro refuses.
    """
    if _least_bytes(schema, {}) == 0:
        raise UnreadableImage("its records are empty, so their number is unlimited")
    return import_fastavro().parse_schema(_without_defaults(schema))


_NOTHING = 0
_LEAST_BYTES = {"null": _NOTHING, "float": 4, "double": 8}
"""Minimum size of a value in bytes; one for all types not listed here."""


def _least_bytes(schema: Any, named: dict[str, int]) -> int:
    """Return the minimum size of a schema's value in bytes.

    Raises
    ------
    UnreadableImage
        If it has an array of empty items, so that a few bytes could claim billions of them.
    """
    if isinstance(schema, list):  # a union takes one byte to identify the type
        return 1 + min((_least_bytes(one, named) for one in schema), default=0)
    if not isinstance(schema, Mapping):
        return _least_of_name(schema, named)
    kind = schema.get("type")
    if isinstance(kind, (list, Mapping)):
        return _least_bytes(kind, named)
    if kind == "array":
        if _least_bytes(schema.get("items"), named) == 0:
            raise UnreadableImage("its schema has an array of empty items, whose length is unlimited")
        return 1
    if kind == "map":
        _least_bytes(schema.get("values"), named)
        return 1
    if kind in ("record", "error"):
        name = _last(schema.get("name"))
        named[name] = 1  # for recursion: an infinitely nested value does not exist
        size = sum(
            _least_bytes(one.get("type") if isinstance(one, Mapping) else one, named)
            for one in schema.get("fields") or ()
        )
        named[name] = size
        return size
    if kind == "fixed":
        size = int(schema.get("size") or 0)
        named[_last(schema.get("name"))] = size
        return size
    return _least_of_name(kind, named)


def _last(name: Any) -> str:
    """Return a name without its namespace."""
    return str(name).rpartition(".")[2]


def _least_of_name(name: Any, named: dict[str, int]) -> int:
    """Return the minimum size of a named type's value in bytes."""
    return named.get(_last(name), _LEAST_BYTES.get(str(name), 1))


def _without_defaults(schema: Any) -> Any:
    """Return a copy of a schema without default values and documentation."""
    if isinstance(schema, list):
        return [_without_defaults(one) for one in schema]
    if isinstance(schema, Mapping):
        return {key: _without_defaults(one) for key, one in schema.items() if key not in ("default", "doc")}
    return schema


def _load(given: Mapping[str, Any] | str | Path) -> Any:
    """Return the JSON of a schema given by the user."""
    if isinstance(given, Mapping):
        return given
    text = str(given)
    try:
        if text.lstrip().startswith(("{", "[")):
            return json.loads(text)
        data = Path(text).read_bytes()
        if data[:4] == b"Obj\x01":
            return json.loads(read_header(data)[0]["avro.schema"])
        return json.loads(data)
    except (OSError, ValueError, LookupError, EOFError) as err:
        raise BadOption(
            f"a schema is a dict, JSON text or the path of an .avsc file: {sentence(err)}"
        ) from err


def read_header(data: bytes) -> tuple[dict[str, bytes], int]:
    """Return the metadata of an Avro container and the offset of its first block.

    Raises
    ------
    LookupError, EOFError, UnicodeDecodeError
        If it is damaged.
    """
    at, meta = 4, {}
    count, at = read_long(data, at)
    while count:
        if count < 0:  # a negative count is followed by the byte size of the map's block
            count = -count
            _, at = read_long(data, at)
        for _ in range(count):
            key, at = _read_bytes(data, at)
            meta[key.decode()], at = _read_bytes(data, at)
        count, at = read_long(data, at)
    if at + 16 > len(data):
        raise EOFError("it ends before its first sync marker")
    return meta, at + 16


def _read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Return bytes preceded by their length, and the offset after them."""
    size, at = read_long(data, at)
    if not 0 <= size <= len(data) - at:
        raise EOFError(f"it ends before {size} bytes of metadata")
    return data[at : at + size], at + size


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """Decode Avro's zigzag variable-length integer; return it and the offset after it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7
        if shift > 63:
            raise IndexError("an integer of more than 64 bits")
