"""Tables in files: the ending tells the kind, and every digit of an identifier survives."""

from __future__ import annotations

import csv as stdlib_csv
import warnings
from pathlib import Path

import numpy as np

from cutout_widgets.catalog.columns import ID_COLUMNS
from cutout_widgets.catalog.conversion import Intake, from_arrow, from_astropy, from_schema
from cutout_widgets.errors import BadTable, sentence

__all__ = ["take_in_file"]


def take_in_file(path: Path) -> Intake:
    """Read a file; its kind is told by its ending.

    Raises
    ------
    BadTable
        If there is no such file, its kind is unknown, or it cannot be read.
    """
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
    try:
        return reader(path)
    except (BadTable, MemoryError):
        raise
    except Exception as err:
        raise BadTable(
            f"{path.name or path} could not be read as {ending or 'a dataset'} ({sentence(err)})"
        ) from err


def _read_parquet(path: Path) -> Intake:
    import pyarrow.parquet as pq

    if path.is_dir():
        return from_arrow(pq.read_table(path))
    with pq.ParquetFile(path) as file:
        return from_schema(file.schema_arrow, lambda name: file.read(columns=[name]).column(name))


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

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy comments on each departure from the standard
        table = votable.parse(str(path)).get_first_table()
    return from_astropy(table.to_table(use_names_over_ids=True))


def _read_fits(path: Path) -> Intake:
    from astropy.io import fits
    from astropy.table import Table

    with warnings.catch_warnings(), fits.open(path, memmap=False) as hdus:
        warnings.simplefilter("ignore")  # of NULL logicals, which are put right below
        tables = [hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU | fits.TableHDU)]
        tables = [hdu for hdu in tables if not isinstance(hdu, fits.CompImageHDU)]
        if not tables:
            raise BadTable(f"{path.name} holds no table, only images; give images to open_images")
        hdu = tables[0]
        table = Table.read(hdu, mask_invalid=False, unit_parse_strict="silent")
        raw = np.asarray(hdu.data).view(np.ndarray)
        nulls = {
            column.name: np.array(raw[column.name]) == 0
            for column in hdu.columns
            if getattr(column.format, "format", "") == "L" and raw[column.name].ndim == 1
        }
    intake = from_astropy(table)
    for name, null in nulls.items():
        # astropy reads a NULL logical (byte 0) as False; n/a is not False.
        if null.any():
            import pyarrow as pa

            intake.columns[name] = pa.array(np.asarray(table[name], dtype=bool), mask=null)
    return intake


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
}
