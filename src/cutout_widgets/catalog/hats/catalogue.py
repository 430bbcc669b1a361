"""A HATS catalogue, read by partition, so that the first rows of any catalogue need only one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import numpy as np

from cutout_widgets.catalog.arguments import names_in, whole_number
from cutout_widgets.catalog.columns import names_among
from cutout_widgets.catalog.hats.healpix import near, separations_deg
from cutout_widgets.catalog.hats.layout import Layout, Partition
from cutout_widgets.catalog.hats.remote_layout import layout_at
from cutout_widgets.catalog.reading.conversion import Intake, from_arrow
from cutout_widgets.catalog.reading.nested import SOURCES, nested_columns, unnested
from cutout_widgets.catalog.reading.parts import joined
from cutout_widgets.catalog.services.adql import degrees_of, radius_deg
from cutout_widgets.catalog.services.results import numbered
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable, close_names, refuse_unknown, sentence
from cutout_widgets.paths import is_url, path_to
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["Hats", "read_hats"]


class Hats:
    """A HATS catalogue, as LSDB reads and `to_hats` writes it.

    Parameters
    ----------
    path
        Its root folder, its dataset folder, or the root of a collection; or the URL of one of these
        (``https://``, ``s3://``, ``gs://``, ``az://``; extra ``remote``).
    nested
        Nested table to unnest into rows; None = ``"diaSource"`` if it exists; ``""`` =
        none: one row per object.
    instrument
        The instrument of all rows, added as a column.
    remote
        How a catalogue at a URL is read.

    Raises
    ------
    BadTable
        If it is not a catalogue, or has no such nested table.

    Notes
    -----
    Margins, thumbnails, maps and metadata files are ignored. At a URL only the columns and partitions that
    are needed are fetched, by ranges; its properties and its list of partitions (``partition_info.csv``, else
    ``dataset/_metadata``) tell where they are.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        nested: str | None = None,
        instrument: str | None = None,
        remote: RemoteOptions | None = None,
    ) -> None:
        self._remote = remote or RemoteOptions()
        if is_url(path):
            self._layout = layout_at(path, self._remote)
        else:
            self._layout = Layout.of(path_to(path, "a HATS catalogue"))
        have = nested_columns(self._schema)
        if nested and nested not in have:
            raise BadTable(f"{self._name} has no nested table {nested!r}{close_names(nested, list(have))}")
        self.nested = nested if nested is not None else (SOURCES if SOURCES in have else "")
        """The nested table that is unnested; empty for none."""
        self.instrument = instrument

    def __repr__(self) -> str:
        rows = self._layout.rows
        of = f": {rows:,} rows" if rows is not None else ""
        inside = f", {self.nested} of each" if self.nested else ""
        return f"<Hats {self._name}{of} in {len(self.partitions)} partitions{inside}>"

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """The partitions, in sky order."""
        return self._layout.partitions

    @property
    def properties(self) -> dict[str, str]:
        """The catalogue's own properties."""
        return dict(self._layout.properties)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names of its rows."""
        return tuple(unnested(self._schema.empty_table(), self.nested).column_names)

    def pages(
        self,
        *,
        where: str | None = None,
        columns: str | Iterable[str] | None = None,
        position: Any = None,
        radius: Any = None,
    ) -> Iterator[SourceTable]:
        """Yield the rows of one partition after the other, one in memory at a time.

        Parameters
        ----------
        where
            A filter, as for `SourceTable.where`.
        columns
            Which columns; None = all. Identifier and position are always included.
        position, radius
            Only rows in a circle, reading only the partitions there: a `SkyCoord` or (ra, dec) in degrees;
            arcsec or a Quantity.

        Raises
        ------
        BadTable
            If a partition cannot be read, or there is no such column.
        BadOption
            If the circle is invalid.
        """
        circle = _circle(position, radius)
        wanted = None if columns is None else self._chosen(names_in(columns, "columns"))
        yield from self._pages(circle, where, wanted)

    def _pages(
        self,
        circle: tuple[float, float, float] | None,
        where: str | None,
        wanted: list[str] | None,
        most: int | None = None,
    ) -> Iterator[SourceTable]:
        """Yield the rows of each partition; of one, no more parts than `most` rows take."""
        for partition in self.partitions:
            if circle is not None:
                pixel = np.array([partition.pixel], dtype=np.int64)
                if not near(partition.order, pixel, *circle)[0]:
                    continue
            intake = self._intake(partition, wanted, None if circle or where else most)
            own = None if "instrument" in intake.columns else self.instrument
            rows = SourceTable(intake, instrument=own)
            if circle is not None:
                apart = separations_deg(rows["ra"], rows["dec"], *circle[:2])
                rows = rows.take(apart <= circle[2])
            rows = rows.where(where) if where else rows
            if len(rows):
                yield rows

    def table(self, *, limit: int | None = None, **selection: Any) -> SourceTable:
        """Return rows as one table.

        Parameters
        ----------
        limit
            Maximum number of rows, from the first partitions; only the necessary partitions are read.
        selection
            Arguments of `pages`.

        Raises
        ------
        BadTable, BadOption
            As `pages`.
        """
        left = None if limit is None else whole_number(limit, "limit")
        if left is not None and left < 1:
            raise BadTable(f"a limit is at least 1; got {limit}")
        refuse_unknown("a HATS catalogue", selection, ("where", "columns", "position", "radius"))
        parts = []
        circle = _circle(selection.get("position"), selection.get("radius"))
        columns = selection.get("columns")
        wanted = None if columns is None else self._chosen(names_in(columns, "columns"))
        for page in self._pages(circle, selection.get("where"), wanted, left):
            part = page if left is None else page.head(left)
            parts.append(from_arrow(part.to_arrow()))
            if left is not None:
                left -= len(part)
                if left <= 0:
                    break
        if not parts:
            parts = [numbered(from_arrow(unnested(self._schema.empty_table(), self.nested)))]
        return SourceTable(_renumbered(joined(parts, [self._name] * len(parts))))

    # --- inside -----------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return self._layout.name

    @cached_property
    def _schema(self) -> pa.Schema:
        first = self.partitions[0]
        return _asked(lambda: self._schema_of(_files(first.path)[0]), first)

    def _schema_of(self, file: Path | str) -> pa.Schema:
        with self._opened(file) as opened:
            return opened.schema_arrow

    @contextmanager
    def _opened(self, file: Path | str) -> Iterator[pq.ParquetFile]:
        """Open a Parquet file, here or elsewhere."""
        import pyarrow.parquet as pq

        if isinstance(file, Path):
            with pq.ParquetFile(file) as opened:
                yield opened
        else:
            with (
                RemoteFile(file, self._remote) as bytes_of,
                pq.ParquetFile(bytes_of, pre_buffer=True) as opened,
            ):
                yield opened

    def _chosen(self, wanted: tuple[str, ...]) -> list[str]:
        """Return the columns to read, including those that every row needs."""
        have = self.columns
        for name in wanted:
            if name not in have:
                raise BadTable(f"{self._name} has no column {name!r}{close_names(name, list(have))}")
        needed = [
            next((one for one in names_among(meaning, have) if one in have), "")
            for meaning in ("id", "ra", "dec")
        ]
        return [one for one in have if one in wanted or one in needed or one == "psfDiffFlux"]

    def _intake(self, partition: Partition, wanted: list[str] | None, most: int | None) -> Intake:
        """Read one partition; if only its first `most` rows are wanted, perhaps not all of it."""
        import pyarrow as pa

        tables = _asked(lambda: self._tables(partition, self._top_columns(wanted), most), partition)
        rows = tables[0] if len(tables) == 1 else pa.concat_tables(tables)
        if wanted is not None:
            rows = rows.select([one for one in rows.column_names if one in wanted])
        return numbered(from_arrow(rows))

    def _tables(self, partition: Partition, columns: list[str], most: int | None) -> list[pa.Table]:
        """Return the rows of a partition in parts, until these are as many as are wanted."""
        tables: list[pa.Table] = []
        for file in _files(partition.path):
            with self._opened(file) as opened:
                if most is None:
                    tables.append(unnested(opened.read(columns=columns), self.nested))
                    continue
                for group in range(opened.num_row_groups):
                    tables.append(unnested(opened.read_row_group(group, columns=columns), self.nested))
                    if sum(map(len, tables)) >= most:
                        return tables
        return tables or [unnested(self._schema.empty_table().select(columns), self.nested)]

    def _top_columns(self, wanted: list[str] | None) -> list[str]:
        """Return the columns to read from files, including the requested ones of the nested table."""
        names = self._schema.names
        inside = nested_columns(self._schema)
        if not self.nested:
            return [one for one in names if one not in inside and (wanted is None or one in wanted)]
        kept = [one for one in self.columns if one not in inside[self.nested]]
        fields = [one for one in inside[self.nested] if wanted is None or one in wanted]
        return [*kept, *([self.nested] if wanted is None else [f"{self.nested}.{one}" for one in fields])]


def read_hats(address: str | Path, **options: Any) -> SourceTable:
    """Read ``hats:PATH?limit=1000&nested=diaSource``, or the path of a catalogue.

    Parameters
    ----------
    address
        A path, or ``hats:`` and a path, with options as in URLs.
    options
        Arguments of `Hats` and its `table`, which override those in the address.

    Raises
    ------
    BadTable, BadOption
        As `Hats` and its `table`.
    """
    place, query_options = str(address), {}
    if isinstance(address, str) and place.startswith("hats:"):
        place, _, query = place.removeprefix("hats:").partition("?")
        query_options = dict(parse_qsl(query, keep_blank_values=True))
    given: dict[str, Any] = {**query_options, **options}
    known = ("nested", "instrument", "remote", "limit", "where", "columns", "position", "radius")
    refuse_unknown("a HATS catalogue", given, known)
    if isinstance(given.get("columns"), str):
        given["columns"] = [one.strip() for one in given["columns"].split(",")]
    own = {name: given.pop(name) for name in ("nested", "instrument", "remote") if name in given}
    return Hats(place, **own).table(**given)


def _circle(position: Any, radius: Any) -> tuple[float, float, float] | None:
    """Return ra, dec and radius of a circle, degrees."""
    if (position is None) != (radius is None):
        raise BadOption("a circle on the sky has a position and a radius; give both or neither")
    return None if position is None else (*degrees_of(position), radius_deg(radius))


def _files(path: Path | tuple[str, ...]) -> Sequence[Path | str]:
    """Return the Parquet files of a partition."""
    if isinstance(path, tuple):
        return path
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def _asked(read: Any, partition: Partition) -> Any:
    """Call a reader for a partition, and convert errors."""
    try:
        return read()
    except Exception as err:  # from Arrow and the file system
        raise BadTable(
            f"the partition Norder={partition.order}, Npix={partition.pixel} cannot be read ({sentence(err)})"
        ) from err


def _renumbered(intake: Intake) -> Intake:
    """Return rows numbered by partition with consecutive numbers."""
    import pyarrow as pa

    if "psfDiffFlux" in intake.columns and "id" in intake.columns:
        intake.columns["id"] = pa.array(range(1, len(intake.columns["id"]) + 1), pa.int64())
    return intake
