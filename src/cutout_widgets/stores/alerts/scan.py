"""A scan of all packets of a store, for their rows and positions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.buffers import arrow_of, arrow_of_objects
from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.catalog.values import number_of
from cutout_widgets.errors import MissingDependency, UnreadableImage, sentence
from cutout_widgets.stores.alerts.packets import PacketFile
from cutout_widgets.stores.alerts.surveys import named_id, source_row

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FILE_COLUMN", "NUMBER_COLUMN", "Places", "Scan", "scan_packets"]

FILE_COLUMN, NUMBER_COLUMN = "packetFile", "packetNumber"
"""Columns with the origin of a row: the file, and the packet in it (from 0)."""

_CHUNK = 1000
"""Rows converted to Arrow at once: Python dicts of all rows would need more memory than the table."""


@dataclass(frozen=True)
class Places:
    """The packet of each source; small enough to be pickled with a store."""

    ids: NDArray[np.int64]
    """Ids of the sources, ascending."""
    files: NDArray[np.uint32]
    """For each, its file number."""
    numbers: NDArray[np.int64]
    """For each, its packet number in that file."""

    def find(self, source_id: int) -> tuple[int, int] | None:
        """Return file and packet number of a source, or None."""
        at = int(np.searchsorted(self.ids, source_id))
        if at == len(self.ids) or self.ids[at] != source_id:
            return None
        return int(self.files[at]), int(self.numbers[at])


@dataclass(frozen=True)
class Scan:
    """The result of a scan."""

    rows: pa.Table
    """One row for each readable packet, in file order."""
    problems: tuple[str, ...]
    """One sentence for each unreadable file or packet, and for repeated ids."""
    places: Places
    """The packet of each source."""
    shared: str = ""
    """A sentence about packets of different sources with the same number, if there are any."""


class _Sight(NamedTuple):
    """Data that distinguish packets with the same number."""

    name: str
    place: tuple[float | None, float | None, float | None]
    """Right ascension and declination in degrees, time in days."""
    named_id: int

    @classmethod
    def of(cls, packet: Mapping[str, Any], row: Mapping[str, Any]) -> _Sight:
        """Return the data of a packet and its row."""
        name = next((str(row[one]) for one in ("objectId", "objectid", "name") if row.get(one)), "")
        ra, dec, time = (number_of(meaning_of(row, one)) for one in ("ra", "dec", "time"))
        return cls(name, (ra, dec, time), named_id(packet))

    def repeats(self, other: _Sight) -> bool:
        """Return whether another packet with the same name has the same position and time."""
        return all(
            one == two or (one is not None and two is not None and abs(one - two) < margin)
            for one, two, margin in zip(self.place, other.place, _SAME, strict=True)
        )


_SAME = (1e-4, 1e-4, 1e-5)
"""Degrees and days by which a broker's copy of a packet may differ: single precision, a second."""


def scan_packets(names: Sequence[str], lend: Callable[[int], AbstractContextManager[PacketFile]]) -> Scan:
    """Read every packet once, and keep its row and position but not its stamps.

    Parameters
    ----------
    names
        Names of the files for messages.
    lend
        Opens file number n in a ``with`` block.

    Raises
    ------
    MissingDependency
        If fastavro is needed and not installed.
    """
    rows, problems = _Rows(), []
    seen: dict[int, dict[str, list[int]]] = {}
    sights: list[_Sight] = []
    files: list[int] = []
    numbers: list[int] = []
    for file, name in enumerate(names):
        try:
            with lend(file) as packets:
                for number, packet in packets.rows():
                    if isinstance(packet, UnreadableImage):
                        problems.append(sentence(packet))
                        continue
                    row = source_row(packet)
                    sight = _Sight.of(packet, row)
                    alike = seen.setdefault(row["diaSourceId"], {}).setdefault(sight.name, [])
                    first = next((one for one in alike if sight.repeats(sights[one])), None)
                    if first is not None:
                        problems.append(
                            f"packet {number} of {name} is about source {row['diaSourceId']} like packet "
                            f"{numbers[first]} of {names[files[first]]}, which is the one shown"
                        )
                        continue
                    alike.append(len(files))
                    sights.append(sight)
                    files.append(file)
                    numbers.append(number)
                    rows.add({**row, FILE_COLUMN: name, NUMBER_COLUMN: number})
                problems.extend(packets.problems)
        except MissingDependency:
            raise
        except (UnreadableImage, OSError) as err:
            problems.append(sentence(err))
    ids, shared = _identified(seen, sights)
    order = np.argsort(ids, kind="stable")
    places = Places(
        ids[order], np.array(files, dtype=np.uint32)[order], np.array(numbers, dtype=np.int64)[order]
    )
    return Scan(_with_ids(rows.table(), ids), tuple(problems), places, shared)


def _identified(
    seen: Mapping[int, Mapping[str, list[int]]], sights: Sequence[_Sight]
) -> tuple[NDArray[np.int64], str]:
    """Return the id of each row, a new one if several share a number, and a sentence about these."""
    ids = np.zeros(len(sights), dtype=np.int64)
    common: dict[int, int] = {}
    for id, by_name in seen.items():
        rows = [row for alike in by_name.values() for row in alike]
        ids[rows] = [id] if len(rows) == 1 else [sights[row].named_id for row in rows]
        if len(rows) > 1:
            common[id] = len(rows)
    if not common:
        return ids, ""
    return ids, (
        f"{sum(common.values())} alert packets of different sources share an id with another "
        f"({next(iter(common))}, for instance); diaSourceId is made from name, position and time instead"
    )


def _with_ids(table: pa.Table, ids: NDArray[np.int64]) -> pa.Table:
    """Return rows with these identifiers."""
    if not len(ids):
        return table
    return table.set_column(table.column_names.index("diaSourceId"), "diaSourceId", arrow_of(ids))


class _Rows:
    """Rows converted to Arrow in chunks."""

    def __init__(self) -> None:
        self._pending: list[dict[str, Any]] = []
        self._chunks: list[dict[str, pa.Array]] = []
        self._lengths: list[int] = []

    def add(self, row: dict[str, Any]) -> None:
        """Add one row."""
        self._pending.append(row)
        if len(self._pending) == _CHUNK:
            self._flush()

    def _flush(self) -> None:
        """Convert the pending rows to Arrow columns."""
        names = dict.fromkeys(name for row in self._pending for name in row)
        self._chunks.append({name: _array([row.get(name) for row in self._pending]) for name in names})
        self._lengths.append(len(self._pending))
        self._pending = []

    def table(self) -> pa.Table:
        """Return all rows; columns are in order of first appearance."""
        import pyarrow as pa

        if self._pending:
            self._flush()
        columns = {}
        for name in dict.fromkeys(name for chunk in self._chunks for name in chunk):
            parts = [
                chunk.get(name, pa.nulls(length))
                for chunk, length in zip(self._chunks, self._lengths, strict=True)
            ]
            columns[name] = _joined(parts)
        return pa.table(columns)


def _array(values: list[Any]) -> pa.Array:
    """Return an Arrow column; for mixed types (``'t'`` and True), a column of text."""
    import pyarrow as pa

    kinds = {type(value) for value in values} - {type(None)}
    if len(kinds) > 1 and str in kinds and kinds <= {str, bool, int, float}:
        return _text(values)
    if kinds == {int, float}:
        exact = [
            None if value is None else int(value) for value in values if value is None or value == value // 1
        ]
        values = exact if len(exact) == len(values) else [None if v is None else float(v) for v in values]
    plain = arrow_of_objects(values)
    if plain is not None:
        return plain
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return _text(values)


def _joined(parts: list[pa.Array]) -> pa.Array:
    """Concatenate chunks of one column, in a type that represents them all."""
    import pyarrow as pa

    kinds = {part.type for part in parts if not pa.types.is_null(part.type)}
    if not kinds:
        return pa.nulls(sum(len(part) for part in parts))
    if len(kinds) > 1:
        numbers = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds)
        if not numbers:
            return pa.concat_arrays([_text(part.to_pylist()) for part in parts])
        return pa.concat_arrays([part.cast(pa.float64(), safe=False) for part in parts])
    return pa.concat_arrays([part.cast(next(iter(kinds))) for part in parts])


def _text(values: list[Any]) -> pa.Array:
    """Return values as text, and None as None."""
    import pyarrow as pa

    words = [None if value is None else str(value) for value in values]
    column = arrow_of_objects(words)
    return pa.array(words, pa.string()) if column is None else column.cast(pa.string())
