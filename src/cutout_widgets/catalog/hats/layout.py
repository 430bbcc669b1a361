"""The files of a HATS catalogue: its root, properties and partitions."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from cutout_widgets.errors import BadTable

__all__ = ["Layout", "Partition", "is_catalogue"]

_PROPERTIES = ("hats.properties", "properties")
_COLLECTION = "collection.properties"
_DATASET = "dataset"
_PLACE = re.compile(r"Norder=(\d+)/Dir=\d+/Npix=(\d+)(\.parquet|\.parq|\.pq)?")
_NO_ROWS = ("association", "index", "map")
"""Kinds of catalogues whose rows are not positions on the sky."""


@dataclass(frozen=True)
class Partition:
    """The rows of one HEALPix pixel."""

    order: int
    """Order of the pixel."""
    pixel: int
    """Its number in the nested scheme."""
    path: Path
    """A Parquet file, or a folder of Parquet files."""

    @property
    def first(self) -> int:
        """The first order-29 pixel in it, by which partitions are sorted."""
        return self.pixel << (2 * (29 - self.order))


def is_catalogue(path: Path) -> bool:
    """Return whether a folder is the root of a HATS catalogue or collection, or a dataset folder."""
    if not path.is_dir():
        return False
    if (path / _COLLECTION).is_file() or any(path.glob("Norder=*")):
        return True
    return (path / _DATASET).is_dir() and any((path / one).is_file() for one in _PROPERTIES)


@dataclass(frozen=True)
class Layout:
    """A catalogue on disk."""

    root: Path
    """The folder with its properties, or its dataset folder if there are none."""
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
        if (path / _COLLECTION).is_file():
            path = _primary(path)
        elif path.name == _DATASET and any((path.parent / one).is_file() for one in _PROPERTIES):
            path = path.parent
        said = next((_read(path / one) for one in _PROPERTIES if (path / one).is_file()), {})
        kind = said.get("dataproduct_type", "object")
        if kind in _NO_ROWS:
            raise BadTable(
                f"{path.name} is a HATS table of kind {kind!r}, whose rows are neither sources nor objects"
            )
        data = path / _DATASET if (path / _DATASET).is_dir() else path
        partitions = _listed(path, data, said) or _found(data)
        if not partitions:
            raise BadTable(f"the HATS catalogue {path.name} has no partitions in {data.name}")
        return cls(path, said, tuple(sorted(partitions, key=lambda one: one.first)))

    @property
    def rows(self) -> int | None:
        """The number of rows according to its properties."""
        text = self.properties.get("hats_nrows", "")
        return int(text) if text.isdecimal() else None


def _primary(collection: Path) -> Path:
    """Return the primary table of a collection."""
    name = _read(collection / _COLLECTION).get("hats_primary_table_url", "")
    if not name or "://" in name:
        raise BadTable(
            f"the collection {collection.name} names no local primary table; got {name or 'nothing'}"
        )
    path = collection / name
    if not is_catalogue(path) or (path / _COLLECTION).is_file():
        raise BadTable(f"the primary table {name} of the collection {collection.name} is no HATS catalogue")
    return path


def _read(path: Path) -> dict[str, str]:
    """Read ``name=value`` lines."""
    found = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith(("#", "!")):
            found[name.strip()] = value.strip()
    return found


def _listed(root: Path, data: Path, said: dict[str, str]) -> list[Partition]:
    """Return the partitions in a catalogue's list; empty without a list."""
    path = root / "partition_info.csv"
    if not path.is_file():
        return []
    suffix = said.get("hats_npix_suffix", ".parquet")
    found = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                order, pixel = int(row["Norder"]), int(row["Npix"])
            except (KeyError, TypeError, ValueError):
                return []  # an unknown format: the files are searched instead
            name = f"Npix={pixel}" + ("" if suffix == "/" else suffix)
            folder = data / f"Norder={order}" / f"Dir={pixel // 10_000 * 10_000}"
            found.append(Partition(order, pixel, folder / name))
    return found


def _found(data: Path) -> list[Partition]:
    """Return the partitions found in folders."""
    found = []
    for path in data.glob("Norder=*/Dir=*/Npix=*"):
        place = _PLACE.fullmatch(path.relative_to(data).as_posix())
        if place:
            found.append(Partition(int(place[1]), int(place[2]), path))
    return found
