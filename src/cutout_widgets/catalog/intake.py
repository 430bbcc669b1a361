"""Every kind of table a user may have, turned into Arrow columns without losing a digit."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.columns import ID_COLUMNS, is_flag_name
from cutout_widgets.catalog.identifiers import exact_identifiers
from cutout_widgets.errors import BadTable, CutoutWarning, sentence

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from astropy.table import Column, Table

__all__ = ["Intake", "take_in", "take_in_file"]


@dataclass
class Intake:
    """Arrow columns of one length, with what the source said about them."""

    columns: dict[str, pa.Array]
    """Name -> contiguous column, in the order of the source."""
    units: dict[str, str] = field(default_factory=dict)
    """Name -> unit, where the source gave one."""
    descriptions: dict[str, str] = field(default_factory=dict)
    """Name -> what the column is, where the source said so."""


def take_in(source: Any) -> Intake:
    """Turn a table of any kind into Arrow columns.

    Parameters
    ----------
    source
        pandas DataFrame, astropy Table, Arrow table or batch, anything with the Arrow C stream
        interface (polars, duckdb), a mapping of arrays, a sequence of mappings, or a path.

    Raises
    ------
    BadTable
        If it is none of these, or cannot be read.
    """
    if isinstance(source, (str, Path)):
        return take_in_file(Path(source))
    module = type(source).__module__.partition(".")[0]
    if module == "pandas" and hasattr(source, "columns"):
        return _from_pandas(source)
    if module == "astropy" and hasattr(source, "colnames"):
        return _from_astropy(source)
    if isinstance(source, Mapping):
        return _from_arrays(source)
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        import pyarrow as pa

        return _from_arrow(source if isinstance(source, pa.Table) else pa.table(source))
    if isinstance(source, np.ndarray) and source.dtype.names:
        return _from_arrays({name: source[name] for name in source.dtype.names})
    if hasattr(source, "colnames") or hasattr(source, "itercols"):
        return _from_astropy(source)
    if isinstance(source, Sequence) and all(isinstance(row, Mapping) for row in source):
        return _from_rows(source)
    raise BadTable(
        f"a table is a pandas DataFrame, an astropy Table, an Arrow table, a mapping of arrays, a sequence of "
        f"mappings, a path, or an image store that has rows; got {type(source).__name__}"
    )


# --- files ----------------------------------------------------------------------------------------


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
        raise BadTable(f"{path.name} could not be read as {ending or 'a dataset'} ({sentence(err)})") from err


def _read_parquet(path: Path) -> Intake:
    import pyarrow.parquet as pq

    return _from_arrow(pq.read_table(path))


def _read_feather(path: Path) -> Intake:
    import pyarrow.feather as feather

    return _from_arrow(feather.read_table(path, memory_map=False))


def _read_csv(path: Path) -> Intake:
    import pyarrow as pa
    import pyarrow.csv as csv

    with pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(1 << 16)
    if head.lstrip(b"\xef\xbb\xbf").startswith(b"# %ECSV"):
        return _read_ecsv(path)
    first = head.lstrip(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = max(",\t;|", key=first.count)
    import csv as stdlib_csv

    names = next(iter(stdlib_csv.reader([first.rstrip("\r")], delimiter=delimiter)), [])
    text = {name: pa.string() for name in names if name in ID_COLUMNS}
    table = csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=text, strings_can_be_null=True),
    )
    return _from_arrow(table)


def _read_ecsv(path: Path) -> Intake:
    from astropy.table import Table

    return _from_astropy(Table.read(path, format="ascii.ecsv"))


def _read_votable(path: Path) -> Intake:
    from astropy.io import votable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy comments on each departure from the standard
        table = votable.parse(str(path)).get_first_table()
    return _from_astropy(table.to_table(use_names_over_ids=True))


def _read_fits(path: Path) -> Intake:
    from astropy.io import fits
    from astropy.table import Table

    with fits.open(path, memmap=False) as hdus:
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
    intake = _from_astropy(table)
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


# --- tables in memory -----------------------------------------------------------------------------


def _from_arrow(table: pa.Table) -> Intake:
    """Take Arrow columns as they are; spread the struct that holds the row of an alert packet."""
    import pyarrow as pa

    _refuse_duplicates(table.column_names)
    intake = Intake({})
    for entry in table.schema:
        metadata = {key.decode().lower(): value.decode() for key, value in (entry.metadata or {}).items()}
        _note(intake, entry.name, metadata.get("unit") or metadata.get("units"),
              metadata.get("description") or metadata.get("doc"))  # fmt: skip
    _astropy_metadata(table.schema.metadata, intake)
    names = table.column_names
    packet = next((n for n in ("diaSource", "candidate") if n in names
                   and pa.types.is_struct(table.schema.field(n).type)), None)  # fmt: skip
    for name in names:
        # One column at a time, so that a table of many chunks is never held twice.
        column = table.column(0)
        table = table.remove_column(0)
        if packet is not None and _is_cargo(name, column.type):
            continue
        whole = contiguous(column)
        if name == packet:
            for part, values in zip(whole.type, whole.flatten(), strict=True):
                intake.columns.setdefault(part.name, values)
        else:
            intake.columns[name] = whole
    return _checked(intake)


def _is_cargo(name: str, kind: pa.DataType) -> bool:
    """Tell whether a column of a packet is pictures or history: kept by the image store, not by the table."""
    import pyarrow as pa

    nested = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    return name.startswith("cutout") or (nested and name.startswith(("prv", "fp_hists")))


def contiguous(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, without a copy if it is one already."""
    import pyarrow as pa

    if column.num_chunks == 1:
        return column.chunk(0)
    if column.num_chunks == 0:
        return pa.array([], type=column.type)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    elif column.nbytes > 2**31 - 1:
        wide = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary()}.get(column.type)
        column = column if wide is None else column.cast(wide)
    return pa.concat_arrays(column.chunks)


def _from_pandas(frame: pd.DataFrame) -> Intake:
    named = [level for level in frame.index.names if level is not None and level not in frame.columns]
    if named:
        frame = frame.reset_index(level=named)
    names = [str(name) for name in frame.columns]
    _refuse_duplicates(names)
    intake = Intake({})
    for place, name in enumerate(names):
        intake.columns[name] = _series(frame.iloc[:, place], name)
    for name, unit in (frame.attrs.get("units") or {}).items():
        _note(intake, str(name), unit, None)
    return _checked(intake)


def _series(series: pd.Series, name: str) -> pa.Array:
    import pyarrow as pa

    if series.dtype.kind in "biuf" and isinstance(series.dtype, np.dtype):
        return pa.array(series.to_numpy())  # a NaN stays a NaN
    if series.dtype == object:
        return _objects(series.to_numpy(), name)
    made = pa.array(series, from_pandas=True)
    return contiguous(made) if isinstance(made, pa.ChunkedArray) else made


def _from_astropy(table: Table) -> Intake:
    from astropy.table.serialize import represent_mixins_as_columns
    from astropy.time import Time

    plain = table.copy(copy_data=False)
    for name in plain.colnames:
        if isinstance(plain[name], Time):
            plain[name] = plain[name].tai.mjd
    plain = represent_mixins_as_columns(plain)
    intake = Intake({})
    for name in plain.colnames:
        column = plain[name]
        intake.columns[name] = _astropy_column(column, name)
        unit = getattr(column, "unit", None)
        _note(intake, name, None if unit is None else str(unit), getattr(column, "description", None))
    return _checked(intake)


def _astropy_column(column: Column, name: str) -> pa.Array:
    values = np.ma.getdata(column)
    values = np.asarray(values)
    mask = np.ma.getmaskarray(column) if hasattr(column, "mask") else None
    return _array(values, name, mask)


def _from_arrays(source: Mapping[Any, Any]) -> Intake:
    intake = Intake({})
    lengths = {}
    for key, values in source.items():
        name = str(key)
        if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_c_stream__"):
            import pyarrow as pa

            made = pa.chunked_array(values) if hasattr(values, "__arrow_c_stream__") else pa.array(values)
            intake.columns[name] = contiguous(made) if isinstance(made, pa.ChunkedArray) else made
        elif isinstance(values, np.ma.MaskedArray):
            intake.columns[name] = _array(np.ma.getdata(values), name, np.ma.getmaskarray(values))
        elif hasattr(values, "to_value") and hasattr(values, "unit"):  # an astropy Quantity
            intake.columns[name] = _array(np.asarray(values.value), name, None)
            _note(intake, name, str(values.unit), None)
        elif hasattr(values, "dtype") and hasattr(values, "iloc"):
            intake.columns[name] = _series(values, name)
        elif isinstance(values, np.ndarray):
            intake.columns[name] = _array(values, name, None)
        elif isinstance(values, Iterable) and not isinstance(values, (str, bytes)):
            intake.columns[name] = _objects(list(values), name)
        else:
            raise BadTable(f"column {name!r} is a single value; a table is a mapping of arrays of one length")
        lengths[name] = len(intake.columns[name])
    if len(set(lengths.values())) > 1:
        raise BadTable(f"the columns of a table have one length; got {lengths}")
    return _checked(intake)


def _from_rows(rows: Sequence[Mapping[str, Any]]) -> Intake:
    names = dict.fromkeys(str(name) for row in rows for name in row)
    return _checked(Intake({name: _objects([row.get(name) for row in rows], name) for name in names}))


# --- one column -----------------------------------------------------------------------------------


def _array(values: np.ndarray[Any, Any], name: str, mask: np.ndarray[Any, Any] | None) -> pa.Array:
    """Turn a numpy array into an Arrow array: native bytes, nulls where masked."""
    import pyarrow as pa

    if values.dtype.kind == "S":
        values = np.char.rstrip(np.char.decode(values, "utf-8", "replace"))
    if values.dtype.kind in "OU":
        if mask is not None and mask.any() and values.ndim == 1:
            values = values.astype(object)
            values[mask] = None
        return _objects(values, name)
    if values.dtype.byteorder not in "=|":
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind not in "biufmM":
        return _objects(values, name)
    if values.ndim > 1:
        return pa.array(list(values.reshape(len(values), -1)))
    if values.dtype == np.longdouble and values.dtype.itemsize > 8:
        values = values.astype(np.float64)
    if mask is not None and mask.any():
        return pa.array(values, mask=np.ascontiguousarray(mask))
    return pa.array(np.ascontiguousarray(values))


def _objects(values: Sequence[Any] | np.ndarray[Any, Any], name: str) -> pa.Array:
    """Turn Python objects into an Arrow array; what has no common type is kept as text, with a warning."""
    import pyarrow as pa

    listed = list(values)
    try:
        return pa.array(listed, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        pass
    plain = [None if _is_missing(one) else one for one in listed]
    if all(one is None or isinstance(one, (int, np.integer)) for one in plain):
        try:
            return pa.array([None if one is None else int(one) for one in plain], type=pa.uint64())
        except (pa.ArrowInvalid, OverflowError):
            pass
    elif (
        all(one is None or isinstance(one, (int, float, np.number)) for one in plain)
        and name not in ID_COLUMNS
    ):
        return pa.array([None if one is None else float(one) for one in plain])
    warnings.warn(f"column {name!r} mixes types; it is kept as text", CutoutWarning, stacklevel=2)
    return pa.array([None if one is None else str(one) for one in plain], type=pa.string())


def _is_missing(value: Any) -> bool:
    """Tell None, NaN, NaT, pandas.NA and numpy's masked from values."""
    if value is None or value is np.ma.masked:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _checked(intake: Intake) -> Intake:
    """Make identifiers exact and flags boolean, by their names."""
    for name, column in intake.columns.items():
        if name in ID_COLUMNS and str(column.type) != "int64":
            try:
                intake.columns[name] = exact_identifiers(column, name)
            except BadTable as err:
                # Names such as objectId are text in other surveys; a rounded id is said, and refused if it is *the* id.
                if str(column.type) in ("float", "double", "halffloat"):
                    warnings.warn(sentence(err), CutoutWarning, stacklevel=2)
        elif is_flag_name(name) and str(column.type) != "bool":
            intake.columns[name] = _as_flag(column)
    return intake


def _as_flag(column: pa.Array) -> pa.Array:
    """Return 0/1, t/f and the like as booleans with nulls; anything else unchanged."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.bool_())
    known: dict[Any, bool] = {0: False, 1: True}
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        known = {"false": False, "f": False, "0": False, "true": True, "t": True, "1": True}
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return column
    seen = [one for one in column.unique().to_pylist() if not _is_missing(one)]
    if not {one.lower() if isinstance(one, str) else one for one in seen} <= set(known):
        return column
    table = {one: known[one.lower() if isinstance(one, str) else one] for one in seen}
    return pa.array([table.get(one) for one in column.to_pylist()], type=pa.bool_())


def _note(intake: Intake, name: str, unit: str | None, description: str | None) -> None:
    """Remember unit and description of a column, if there are any."""
    if unit:
        intake.units[name] = str(unit)
    if description:
        intake.descriptions[name] = str(description)


def _astropy_metadata(metadata: Mapping[bytes, bytes] | None, intake: Intake) -> None:
    """Read units from the YAML that astropy and the LSST Butler write into parquet files."""
    text = (metadata or {}).get(b"table_meta_yaml")
    if text is None:
        return
    from astropy.table import meta

    try:
        header = meta.get_header_from_yaml(text.decode().split("\n"))
    except (ValueError, TypeError, meta.YamlParseError):
        return  # a comment on the table, not the table
    for column in header.get("datatype", ()):
        unit = column.get("unit")
        _note(intake, column["name"], None if unit is None else str(unit), column.get("description"))


def _refuse_duplicates(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise BadTable(f"the table has two columns named {twice[0]!r}; rename one")
