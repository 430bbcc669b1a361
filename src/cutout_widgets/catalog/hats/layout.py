"""The files of a HATS catalogue: its root, properties and partitions."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cutout_widgets.errors import BadTable

__all__ = [
    "COLLECTION",
    "DATASET",
    "PROPERTIES",
    "Layout",
    "Partition",
    "is_catalogue",
    "listed_partitions",
    "partition_named",
    "read_properties",
    "refuse_other_kinds",
]

PROPERTIES = ("hats.properties", "properties")
COLLECTION = "collection.properties"
DATASET = "dataset"
_PLACE = re.compile(r"Norder=(\d+)/Dir=\d+/Npix=(\d+)(?:\.parquet|\.parq|\.pq|(/[^/]+))?")
_NO_ROWS = ("association", "index", "map")
"""Kinds of catalogues whose rows are not positions on the sky."""


@dataclass(frozen=True)
class Partition:
    """The rows of one HEALPix pixel."""

    order: int
    """Order of the pixel."""
    pixel: int
    """Its number in the nested scheme."""
    path: Path | tuple[str, ...]
    """A Parquet file, or a folder of Parquet files; at a URL, those of the files."""

    @property
    def first(self) -> int:
        """The first order-29 pixel in it, by which partitions are sorted."""
        return self.pixel << (2 * (29 - self.order))


def is_catalogue(path: Path) -> bool:
    """Return whether a folder is the root of a HATS catalogue or collection, or a dataset folder."""
    if not path.is_dir():
        return False
    if (path / COLLECTION).is_file() or any(path.glob("Norder=*")):
        return True
    return (path / DATASET).is_dir() and any((path / one).is_file() for one in PROPERTIES)


@dataclass(frozen=True)
class Layout:
    """The files of a catalogue."""

    name: str
    """Name of the folder with its properties, or of its dataset folder if there are none."""
    properties: dict[str, str]
    """Its properties; empty if there are none."""
    partitions: tuple[Partition, ...]
    """In sky order."""

    @classmethod
    def of(cls, path: Path) -> Layout:
        """Find the files of a catalogue.

        Parameters
        ----------
        path
            Its root, its dataset folder, or the root of a collection, whose primary table is used.

        Raises
        ------
        BadTable
            If it is not a catalogue, has no partitions, or its rows are not positions on the sky.
        """
        if not is_catalogue(path):
            raise BadTable(
                f"{path} is not a HATS catalogue: it has neither properties nor folders Norder=..."
            )
        if (path / COLLECTION).is_file():
            path = _primary(path)
        elif path.name == DATASET and any((path.parent / one).is_file() for one in PROPERTIES):
            path = path.parent
        properties = next((_read(path / one) for one in PROPERTIES if (path / one).is_file()), {})
        refuse_other_kinds(path.name, properties)
        data = path / DATASET if (path / DATASET).is_dir() else path
        partitions = _listed(path, data, properties) or _found(data)
        if not partitions:
            raise BadTable(f"the HATS catalogue {path.name} has no partitions in {data.name}")
        return cls(path.name, properties, tuple(sorted(partitions, key=lambda one: one.first)))

    @property
    def rows(self) -> int | None:
        """The number of rows according to its properties."""
        text = self.properties.get("hats_nrows", "")
        return int(text) if text.isdecimal() else None


def _primary(collection: Path) -> Path:
    """Return the primary table of a collection."""
    name = _read(collection / COLLECTION).get("hats_primary_table_url", "")
    if not name or "://" in name:
        raise BadTable(
            f"the collection {collection.name} names no local primary table; got {name or 'nothing'}"
        )
    path = collection / name
    if not is_catalogue(path) or (path / COLLECTION).is_file():
        raise BadTable(
            f"the primary table {name} of the collection {collection.name} is not a HATS catalogue"
        )
    return path


def _read(path: Path) -> dict[str, str]:
    return read_properties(path.read_text(encoding="utf-8", errors="replace"))


def read_properties(text: str) -> dict[str, str]:
    """Read ``name=value`` lines."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith(("#", "!")):
            found[name.strip()] = value.strip()
    return found


def refuse_other_kinds(name: str, properties: dict[str, str]) -> None:
    """Refuse a catalogue by its properties if its rows are not positions on the sky.

    Raises
    ------
    BadTable
        If they are not.
    """
    kind = properties.get("dataproduct_type", "object")
    if kind in _NO_ROWS:
        raise BadTable(f"{name} is a HATS table of kind {kind!r}, whose rows are neither sources nor objects")


def _listed(root: Path, data: Path, properties: dict[str, str]) -> list[Partition]:
    """Return the partitions in a catalogue's list; empty without a list."""
    path = root / "partition_info.csv"
    if not path.is_file():
        return []

    def file(order: int, folder: int, name: str) -> Path:
        return data / f"Norder={order}" / f"Dir={folder}" / name

    text = path.read_text(encoding="utf-8", errors="replace")
    return listed_partitions(text, properties.get("hats_npix_suffix", ".parquet"), file)


def listed_partitions(text: str, suffix: str, file: Callable[..., Path | str]) -> list[Partition]:
    """Return the partitions in a list, ``partition_info.csv``; empty if its format is unknown.

    Parameters
    ----------
    text
        The list.
    suffix
        Ending of the files; a slash for folders.
    file
        Returns the path or URL of a file from ``order=``, ``folder=`` and ``name=``.
    """
    found = []
    for row in csv.DictReader(text.splitlines()):
        try:
            order, pixel = int(row["Norder"]), int(row["Npix"])
        except (KeyError, TypeError, ValueError):
            return []  # an unknown format: the files are searched instead
        name = f"Npix={pixel}" + ("" if suffix == "/" else suffix)
        path = file(order=order, folder=pixel // 10_000 * 10_000, name=name)
        found.append(Partition(order, pixel, (path,) if isinstance(path, str) else path))
    return found


def partition_named(path: str) -> tuple[int, int] | None:
    """Return order and pixel of a Parquet file by its path in the dataset folder; None for other files."""
    place = _PLACE.fullmatch(path)
    return None if place is None else (int(place[1]), int(place[2]))


def _found(data: Path) -> list[Partition]:
    """Return the partitions found on disk."""
    found = []
    for path in data.glob("Norder=*/Dir=*/Npix=*"):
        place = partition_named(path.relative_to(data).as_posix())
        if place is not None:
            found.append(Partition(*place, path))
    return found
