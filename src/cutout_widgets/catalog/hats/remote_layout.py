"""The files of a HATS catalogue at a URL, where folders cannot be listed."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from cutout_widgets.catalog.hats.layout import (
    COLLECTION,
    DATASET,
    PROPERTIES,
    Layout,
    Partition,
    listed_partitions,
    partition_named,
    read_properties,
    refuse_other_kinds,
)
from cutout_widgets.errors import BadTable, CutoutError, ImageNotFound, UnreadableImage, sentence
from cutout_widgets.paths import is_url
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.web import shown

__all__ = ["is_catalogue_at", "layout_at"]

_TABLES = (
    ".parquet", ".parq", ".pq", ".arrow", ".feather", ".csv", ".tsv", ".ecsv", ".fits", ".fit", ".vot",
    ".votable", ".xml", ".reg", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".avro", "]",
)  # fmt: skip
"""File endings: a URL with one of these is not a catalogue."""

_LARGEST_TEXT_BYTES = 1 << 26
"""Maximum size of properties and lists of partitions."""

_OWN_PROPERTIES = ("hats_", "obs_collection", "dataproduct_type")
"""Prefixes of properties, of which a catalogue has some; a server may answer any request with a web page."""


class _Folder:
    """A folder at a URL."""

    def __init__(self, url: str, options: RemoteOptions) -> None:
        parts = urlsplit(url)
        self._parts, self._options = parts._replace(path=parts.path.rstrip("/"), fragment=""), options
        self.name = unquote(parts.path.rstrip("/").rpartition("/")[2])
        self.fault: CutoutError | None = None
        """Why a file could not be read; None if it does not exist."""

    def url(self, name: str) -> str:
        """Return the URL of a file in the folder, with the folder's query, which may be a signature."""
        name = quote(name, safe="/=") if self._parts.scheme in ("http", "https") else name
        return urlunsplit(self._parts._replace(path=f"{self._parts.path}/{name}"))

    @property
    def parent(self) -> _Folder:
        """The parent folder."""
        path = self._parts.path.rpartition("/")[0]
        return _Folder(urlunsplit(self._parts._replace(path=path)), self._options)

    def text(self, name: str) -> str | None:
        """Return the content of a small file; None if there is none."""
        try:
            with RemoteFile(self.url(name), self._options) as file:
                if file.size > _LARGEST_TEXT_BYTES:
                    raise UnreadableImage(f"{shown(file.url)} is too large for a list of partitions")
                return file.read().decode("utf-8", "replace")
        except (ImageNotFound, UnreadableImage) as err:
            if not str(err).startswith("there is no file"):
                self.fault = err
            return None

    def properties(self) -> dict[str, str]:
        """Return the properties of a catalogue; empty if there are none."""
        for name in PROPERTIES:
            found = read_properties(self.text(name) or "")
            if any(one.startswith(_OWN_PROPERTIES) for one in found):
                return found
        return {}

    def __str__(self) -> str:
        return shown(urlunsplit(self._parts))


def is_catalogue_at(url: object, options: RemoteOptions | None = None) -> bool:
    """Return whether there is a HATS catalogue at a URL; a URL with a file's ending is not tried.

    Raises
    ------
    MissingDependency
        If obstore is not installed.
    """
    if not is_url(url) or urlsplit(url).path.lower().endswith(_TABLES):
        return False
    try:
        _opened(url, options or RemoteOptions())
    except BadTable:
        return False
    return True


def layout_at(url: str, options: RemoteOptions) -> Layout:
    """Find the files of a catalogue at a URL.

    Parameters
    ----------
    url
        Its root, its dataset folder, or the root of a collection, whose primary table is used.
    options
        How files are read.

    Raises
    ------
    BadTable
        If it is not a catalogue, has no list of its partitions, or its rows are not positions on the sky.
    MissingDependency
        If obstore is not installed.
    """
    root, properties = _opened(url, options)
    refuse_other_kinds(root.name, properties)
    suffix = properties.get("hats_npix_suffix", ".parquet")
    partitions: list[Partition] = []
    if suffix != "/" and (text := root.text("partition_info.csv")) is not None:
        data = f"{DATASET}/Norder={{order}}/Dir={{folder}}/{{name}}"
        partitions = listed_partitions(text, suffix, lambda **place: root.url(data.format(**place)))
    partitions = partitions or _of_metadata(root, options)
    if not partitions:
        raise BadTable(
            f"the HATS catalogue {root} has neither partition_info.csv nor {DATASET}/_metadata, which list "
            "its partitions where folders cannot be listed" + _because(root)
        )
    return Layout(root.name, properties, tuple(sorted(partitions, key=lambda one: one.first)))


def _opened(url: str, options: RemoteOptions) -> tuple[_Folder, dict[str, str]]:
    """Return the root of a catalogue and its properties."""
    root = _Folder(url, options)
    properties = (root.parent if root.name == DATASET else root).properties()
    if properties:
        return (root.parent if root.name == DATASET else root), properties
    primary = read_properties(root.text(COLLECTION) or "").get("hats_primary_table_url", "")
    if primary:
        table = _Folder(primary if is_url(primary) else root.url(primary), options)
        if properties := table.properties():
            return table, properties
        raise BadTable(f"the primary table {shown(primary)} of the collection {root} is no HATS catalogue")
    raise BadTable(f"{root} is not a HATS catalogue: it has no properties{_because(root)}")


def _because(root: _Folder) -> str:
    """Return why a file could not be read, in brackets; empty if it does not exist."""
    return f" ({sentence(root.fault)})" if root.fault else ""


def _of_metadata(root: _Folder, options: RemoteOptions) -> list[Partition]:
    """Return the partitions listed in ``_metadata``; empty if it does not exist."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files: dict[tuple[int, int], dict[str, None]] = {}
    try:
        with RemoteFile(root.url(f"{DATASET}/_metadata"), options) as file:
            about: Any = pq.read_metadata(file)
    except (ImageNotFound, UnreadableImage, pa.ArrowException, OSError):
        return []
    for group in range(about.num_row_groups):
        path = about.row_group(group).column(0).file_path
        place = partition_named(path)
        if place is not None and ".." not in PurePosixPath(path).parts:
            files.setdefault(place, {})[root.url(f"{DATASET}/{path}")] = None
    return [Partition(order, pixel, tuple(urls)) for (order, pixel), urls in files.items()]
