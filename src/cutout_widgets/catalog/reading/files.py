"""Read tables from files in the format given by their extension, with exact identifiers."""

from __future__ import annotations

import io
import mmap
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from cutout_widgets.catalog.columns import NEEDED, resolve
from cutout_widgets.catalog.reading.bombs import most_unpacked, refuse_bomb, refuse_votable, unpacked_file
from cutout_widgets.catalog.reading.conversion import (
    Intake,
    from_arrow,
    from_astropy,
)
from cutout_widgets.catalog.reading.parquet import read_parquet
from cutout_widgets.catalog.reading.text import read_text
from cutout_widgets.catalog.reading.text_form import encoding_of, lines_of, text_stream
from cutout_widgets.catalog.regions import rows_in_file
from cutout_widgets.errors import BadOption, BadTable, CutoutError, CutoutWarning, UnreadableImage, sentence
from cutout_widgets.remarks import remarks_recorded
from cutout_widgets.unpacking import too_large
from cutout_widgets.whole_file import kind_of_irregular

__all__ = ["hdu_named", "split_hdu", "take_in_file"]


_LONGEST_MARK = 64
_ECSV = "# %ECSV"


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
    if not path.is_dir() and (kind := kind_of_irregular(path)):
        raise BadTable(f"{path} is {kind}, not a file with a table")
    name = path.name.lower()
    for ending in (".gz", ".bz2", ".xz", ".zst", ".lz4"):
        name = name.removesuffix(ending)
    ending = Path(name).suffix
    reader = _READERS.get(ending)
    if reader is None:
        if path.is_dir():
            reader = read_parquet
        else:
            raise BadTable(
                f"{path.name}: a table file ends in {', '.join(sorted(_READERS))} (or .csv.gz and the like)"
            )
    if hdu is not None and reader is not _read_fits:
        raise BadTable(f"{path.name}[{hdu}]: only FITS files have several tables to choose from")
    try:
        with remarks_recorded(path):
            if path.is_file():
                refuse_bomb(path)
            return _read_fits(path, hdu) if reader is _read_fits else reader(path)
    except UnreadableImage as err:
        raise BadTable(str(err)) from err
    except CutoutError:
        raise
    except MemoryError as err:
        raise BadTable(f"{path.name or path} is too large for the memory of this machine ({err})") from err
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


def _read_feather(path: Path) -> Intake:
    import pyarrow as pa
    import pyarrow.feather as feather

    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as batches:
        width = sum(one.bit_width / 8 for one in batches.schema.types if pa.types.is_primitive(one))
        limit, unpacked = most_unpacked(path.stat().st_size), 0.0
        if hasattr(batches, "count_rows"):
            unpacked = batches.count_rows() * width
        else:  # pyarrow 16: only the batches themselves tell their rows
            for number in range(batches.num_record_batches):
                unpacked += batches.get_batch(number).num_rows * width
                if unpacked > limit:
                    break
    if unpacked > limit:
        raise too_large(path.name)
    return from_arrow(feather.read_table(path, memory_map=False))


def _read_text(path: Path) -> Intake:
    with text_stream(path) as stream:
        head = stream.read(_LONGEST_MARK)
    if (encoding := encoding_of(head)) and _ECSV in head.decode(encoding, "replace"):
        return _read_ecsv(path, encoding)
    return from_arrow(read_text(path))


def _read_ecsv(path: Path, encoding: str) -> Intake:
    from astropy.table import Table

    lines = path if encoding == "utf-8" else [line.rstrip("\r\n") for line in lines_of(path, encoding)]
    return from_astropy(Table.read(lines, format="ascii.ecsv"))


def _read_ipac(path: Path) -> Intake:
    from astropy.table import Table

    with text_stream(path) as stream:
        head = stream.read(1)
    return from_astropy(Table.read(path, format="ascii.ipac")) if head in (b"\\", b"|") else _read_text(path)


def _read_votable(path: Path) -> Intake:
    from astropy.io import votable

    with path.open("rb") as file:
        packed = unpacked_file(path)
        if packed is not None:
            with packed:
                content: Any = packed.read()
        else:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        refuse_votable(content, path.name)
        source = str(path) if packed is None else io.BytesIO(content)
        table = votable.parse(source).get_first_table()
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
    of_sources = [number for number in fit if meanings[number]["id"] != meanings[number].get("object")]
    fit = of_sources or fit  # a table of objects has positions too, which are not those of its sources
    if len(tables) == 1 or len(fit) == 1:
        return (fit or list(tables))[0]
    named = [number for number in fit if str(tables[number].name).upper() in _TABLES_OF_SOURCES]
    most = max((len(meanings[number]) for number in fit), default=0)
    best = named or [number for number in fit if len(meanings[number]) == most]
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
    ".parquet": read_parquet,
    ".parq": read_parquet,
    ".pq": read_parquet,
    ".arrow": _read_feather,
    ".feather": _read_feather,
    ".csv": _read_text,
    ".tsv": _read_text,
    ".tab": _read_text,
    ".dat": _read_text,
    ".txt": _read_text,
    ".asc": _read_text,
    ".tbl": _read_ipac,
    ".ecsv": _read_text,
    ".fits": _read_fits,
    ".fit": _read_fits,
    ".vot": _read_votable,
    ".votable": _read_votable,
    ".xml": _read_votable,
    ".reg": rows_in_file,
}
