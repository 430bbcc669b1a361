"""Read tables from files in the format given by their extension, with exact identifiers."""

from __future__ import annotations

import csv as stdlib_csv
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from cutout_widgets.catalog.columns import ID_COLUMNS, NEEDED, resolve
from cutout_widgets.catalog.reading.bombs import refuse_bomb, refuse_wide
from cutout_widgets.catalog.reading.conversion import (
    Intake,
    from_arrow,
    from_astropy,
    from_schema,
    range_indexes,
)
from cutout_widgets.catalog.reading.nested import SOURCES, nested_columns
from cutout_widgets.catalog.reading.parts import joined
from cutout_widgets.catalog.regions import rows_in_file
from cutout_widgets.errors import BadOption, BadTable, CutoutError, CutoutWarning, UnreadableImage, sentence
from cutout_widgets.remarks import remarks_recorded

__all__ = ["hdu_named", "split_hdu", "take_in_file"]


def take_in_file(path: Path) -> Intake:
    """Read a file; the extension determines its format.

    Raises
    ------
    BadTable
        If there is no such file, its format is unknown, or it cannot be read.
    """
    place, hdu = split_hdu(str(path))
    if hdu is not None:
        path = Path(place)
    if not path.exists():
        raise BadTable(f"no such table: {path}")
    name = path.name.lower()
    for ending in (".gz", ".bz2", ".xz", ".zst", ".lz4"):
        name = name.removesuffix(ending)
    ending = Path(name).suffix
    reader = _READERS.get(ending)
    if reader is None:
        if path.is_dir():
            reader = _read_parquet
        else:
            raise BadTable(
                f"{path.name}: a table file ends in {', '.join(sorted(_READERS))} (or .csv.gz and the like)"
            )
    if hdu is not None and reader is not _read_fits:
        raise BadTable(f"{path.name}[{hdu}]: only FITS files have several tables to choose from")
    try:
        with remarks_recorded(path):
            if reader is _read_fits:
                return _read_fits(path, hdu)
            if name != path.name.lower():
                refuse_bomb(path)
            return reader(path)
    except UnreadableImage as err:
        raise BadTable(str(err)) from err
    except (CutoutError, MemoryError):
        raise
    except Exception as err:
        raise BadTable(
            f"{path.name or path} could not be read as {ending or 'a dataset'} ({sentence(err)})"
        ) from err


def split_hdu(file: str) -> tuple[str, int | str | tuple[str, int] | None]:
    """Split ``a.fits[SCIENCE]``, ``a.fits[2]`` and ``a.fits[SCI,2]`` into file and HDU.

    Raises
    ------
    BadOption
        If the text in brackets is not an HDU.
    """
    if not file.endswith("]") or "[" not in file or Path(file).exists():
        return file, None
    start = file.rindex("[")
    return file[:start], hdu_named(file[start + 1 : -1], file)


def hdu_named(text: str, file: str) -> int | str | tuple[str, int]:
    """Parse the name of an HDU: a number, an EXTNAME, or EXTNAME,EXTVER.

    Raises
    ------
    BadOption
        If it is none of these.
    """
    name, comma, version = (part.strip() for part in text.partition(","))
    if name.isdecimal() and not comma:
        return int(name)
    if name and not comma and ":" not in name:
        return name
    if name and version.isdecimal():
        return name, int(version)
    raise BadOption(f"{file}: [{text}] is not an HDU; give its number, its EXTNAME or EXTNAME,EXTVER")


def _read_parquet(path: Path) -> Intake:
    import pyarrow.parquet as pq

    if path.is_dir():
        return _read_folder(path)
    with pq.ParquetFile(path) as file:
        refuse_wide(file.metadata, file.schema_arrow, path)
        if SOURCES in nested_columns(file.schema_arrow):
            return from_arrow(file.read())
        return from_schema(file.schema_arrow, lambda name: file.read(columns=[name]).column(name))


def _read_folder(path: Path) -> Intake:
    """Read a folder of Parquet files; if their columns differ, use all columns of all files."""
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    files = list(ds.dataset(path, format="parquet", partitioning="hive").get_fragments())
    schemas = [one.physical_schema for one in files]
    alike = all(one.equals(schemas[0]) for one in schemas[1:])
    if alike and not any(range_indexes(one) for one in schemas):
        return from_arrow(pq.read_table(path))
    parts = []
    for one in files:
        table = pq.ParquetFile(one.path).read()
        for name, value in ds.get_partition_keys(one.partition_expression).items():
            if name not in table.column_names:
                table = table.append_column(name, pa.repeat(pa.scalar(value), len(table)))
        parts.append(from_arrow(table))
    return joined(parts, [Path(one.path).name for one in files])


def _read_feather(path: Path) -> Intake:
    import pyarrow.feather as feather

    return from_arrow(feather.read_table(path, memory_map=False))


def _read_csv(path: Path) -> Intake:
    import pyarrow as pa
    import pyarrow.csv as csv

    with pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(1 << 16)
    if head.lstrip(b"\xef\xbb\xbf").startswith(b"# %ECSV"):
        return _read_ecsv(path)
    first = head.lstrip(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = max(",\t;|", key=first.count)
    names = next(iter(stdlib_csv.reader([first.rstrip("\r")], delimiter=delimiter)), [])
    text = {name: pa.string() for name in names if name in ID_COLUMNS}
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=text, strings_can_be_null=True),
    )
    return from_arrow(table)


def _read_ecsv(path: Path) -> Intake:
    from astropy.table import Table

    return from_astropy(Table.read(path, format="ascii.ecsv"))


def _read_votable(path: Path) -> Intake:
    from astropy.io import votable

    table = votable.parse(str(path)).get_first_table()
    return from_astropy(table.to_table(use_names_over_ids=True))


def _read_fits(path: Path, wanted: int | str | tuple[str, int] | None = None) -> Intake:
    from astropy.io import fits
    from astropy.table import Table

    from cutout_widgets.hdus import open_hdus

    with ExitStack() as stack:
        hdus = stack.enter_context(open_hdus(path))
        tables = {
            number: hdu
            for number, hdu in enumerate(hdus)
            if isinstance(hdu, fits.BinTableHDU | fits.TableHDU) and not isinstance(hdu, fits.CompImageHDU)
        }
        if not tables:
            raise BadTable(f"{path.name} has no table, only images; give images to open_images")
        number = hdus.index_of(wanted) if wanted is not None else _choose_table(path.name, tables)
        if number not in tables:
            raise BadTable(f"HDU {wanted!r} of {path.name} is not a table; its tables: {_listed(tables)}")
        hdu = tables[number]
        table = Table.read(hdu, mask_invalid=False, unit_parse_strict="silent")
        raw = np.asarray(hdu.data).view(np.ndarray)
        nulls = {
            column.name: np.array(raw[column.name]) == 0
            for column in hdu.columns
            if getattr(column.format, "format", "") == "L" and raw[column.name].ndim == 1
        }
    intake = from_astropy(table)
    for name, null in nulls.items():
        # astropy reads a NULL logical (byte 0) as False, but missing is not False.
        if null.any():
            import pyarrow as pa

            intake.columns[name] = pa.array(np.asarray(table[name], dtype=bool), mask=null)
    return intake


def _choose_table(name: str, tables: dict[int, Any]) -> int:
    """Return the number of the HDU with a table of DiaSources.

    Raises
    ------
    BadTable
        If there are several candidates.
    """
    meanings = {number: resolve(hdu.columns.names) for number, hdu in tables.items()}
    fit = [number for number, found in meanings.items() if found.keys() >= set(NEEDED)]
    if len(tables) == 1 or len(fit) == 1:
        return (fit or list(tables))[0]
    said = [number for number in fit if str(tables[number].name).upper() in _TABLES_OF_SOURCES]
    most = max((len(meanings[number]) for number in fit), default=0)
    best = said or [number for number in fit if len(meanings[number]) == most]
    if len(best) != 1:
        raise BadTable(
            f"{name} has {len(tables)} tables, and their columns do not show which has the sources; "
            f"choose one: '{name}[NAME]' or '{name}[NUMBER]' with one of {_listed(tables)}"
        )
    warnings.warn(
        f"{name} has {len(fit)} tables of sources; {tables[best[0]].name or best[0]} is read, which has "
        f"most of the known columns; to choose another one use '{name}[NAME]' with one of {_listed(tables)}",
        CutoutWarning,
        stacklevel=2,
    )
    return best[0]


def _listed(tables: dict[int, Any]) -> str:
    """Describe the tables in a file."""
    return ", ".join(f"{number} {hdu.name}".strip() for number, hdu in tables.items())


_TABLES_OF_SOURCES = frozenset(["DIASOURCE", "DIASOURCES", "DIA_SOURCE", "DIA_SOURCES", "DIASRC"])
"""Possible names of a FITS file's table of DiaSources."""


_READERS = {
    ".parquet": _read_parquet,
    ".parq": _read_parquet,
    ".pq": _read_parquet,
    ".arrow": _read_feather,
    ".feather": _read_feather,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".ecsv": _read_ecsv,
    ".fits": _read_fits,
    ".fit": _read_fits,
    ".vot": _read_votable,
    ".votable": _read_votable,
    ".xml": _read_votable,
    ".reg": rows_in_file,
}
