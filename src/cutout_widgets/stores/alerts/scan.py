"""One pass over all packets of a store: their rows, and where each packet is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.catalog.values import number_of
from cutout_widgets.errors import MissingDependency, UnreadableImage, sentence
from cutout_widgets.stores.alerts.packets import PacketFile
from cutout_widgets.stores.alerts.surveys import named_id, source_row

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FILE_COLUMN", "NUMBER_COLUMN", "Places", "Scan", "scan_packets"]

FILE_COLUMN, NUMBER_COLUMN = "packetFile", "packetNumber"
"""Columns that say where a row came from: the file, and the packet in it (from 0)."""

_CHUNK = 1000
"""Rows turned into Arrow at once: the Python dicts of more would outweigh the table."""


@dataclass(frozen=True)
class Places:
    """Where the packet about each source is; small enough to be pickled with a store."""

    ids: NDArray[np.int64]
    """Ids of the sources, ascending."""
    files: NDArray[np.uint32]
    """For each, the number of its file."""
    numbers: NDArray[np.int64]
    """For each, the number of its packet in that file."""

    def find(self, source_id: int) -> tuple[int, int] | None:
        """Return the file and the packet number of a source, or None if no packet is about it."""
        at = int(np.searchsorted(self.ids, source_id))
        if at == len(self.ids) or self.ids[at] != source_id:
            return None
        return int(self.files[at]), int(self.numbers[at])


@dataclass(frozen=True)
class Scan:
    """What one pass over the packets found."""

    rows: pa.Table
    """One row for each packet that can be read, in file order."""
    problems: tuple[str, ...]
    """One sentence for each file or packet that cannot, or that repeats an id."""
    places: Places
    """Where each packet is."""
    shared: str = ""
    """A sentence about packets of different sources that share a number, if there are any."""


class _Sight(NamedTuple):
    """What distinguishes a row's packet from others with the same number."""

    name: str
    place: tuple[float | None, float | None, float | None]
    """Right ascension and declination in degrees, time in days."""
    named_id: int

    @classmethod
    def of(cls, packet: Mapping[str, Any], row: Mapping[str, Any]) -> _Sight:
        """Look at a packet and its row."""
        name = next((str(row[one]) for one in ("objectId", "objectid", "name") if row.get(one)), "")
        ra, dec, time = (number_of(meaning_of(row, one)) for one in ("ra", "dec", "time"))
        return cls(name, (ra, dec, time), named_id(packet))

    def repeats(self, other: _Sight) -> bool:
        """Return whether another packet of the same name is about the same place and time."""
        return all(
            one == two or (one is not None and two is not None and abs(one - two) < margin)
            for one, two, margin in zip(self.place, other.place, _SAME, strict=True)
        )


_SAME = (1e-4, 1e-4, 1e-5)
"""Degrees and days by which a broker's copy of a packet may differ: single precision, a second."""


def scan_packets(names: Sequence[str], lend: Callable[[int], AbstractContextManager[PacketFile]]) -> Scan:
    """Read every packet once, keeping its row and its place but not its stamps.

    Parameters
    ----------
    names
        What each file is called.
    lend
        Opens file number n for a ``with`` block.

    Raises
    ------
    MissingDependency
        If fastavro is wanted and not installed.
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
    """Return the id of each row, its own where several share a number, and a sentence about these."""
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
    """Return rows with their identifiers."""
    import pyarrow as pa

    if not len(ids):
        return table
    return table.set_column(table.column_names.index("diaSourceId"), "diaSourceId", pa.array(ids))


class _Rows:
    """Rows on their way into Arrow, a chunk at a time."""

    def __init__(self) -> None:
        self._pending: list[dict[str, Any]] = []
        self._chunks: list[dict[str, pa.Array]] = []
        self._lengths: list[int] = []

    def add(self, row: dict[str, Any]) -> None:
        """Take one row."""
        self._pending.append(row)
        if len(self._pending) == _CHUNK:
            self._flush()

    def _flush(self) -> None:
        """Turn the pending rows into Arrow columns."""
        names = dict.fromkeys(name for row in self._pending for name in row)
        self._chunks.append({name: _array([row.get(name) for row in self._pending]) for name in names})
        self._lengths.append(len(self._pending))
        self._pending = []

    def table(self) -> pa.Table:
        """Return all rows; columns are in the order in which they first appeared."""
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
    """Return an Arrow column; where kinds are mixed (``'t'`` beside True), a column of text."""
    import pyarrow as pa

    if {type(value) for value in values} - {type(None)} == {int, float}:
        exact = [
            None if value is None else int(value) for value in values if value is None or value == value // 1
        ]
        return pa.array(
            exact if len(exact) == len(values) else [None if v is None else float(v) for v in values]
        )
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return _text(values)


def _joined(parts: list[pa.Array]) -> pa.Array:
    """Return chunks of one column as one, in a type that holds them all."""
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
    """Return values as text, None where they are None."""
    import pyarrow as pa

    return pa.array([None if value is None else str(value) for value in values], pa.string())
