"""Convert in-memory tables of common libraries to Arrow columns."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.columns import ID_COLUMNS, is_flag_name, names_of
from cutout_widgets.catalog.identifiers.identifiers import exact_identifiers, rounded_before
from cutout_widgets.catalog.reading.arrays import (
    as_flag,
    as_text,
    contiguous,
    of_objects,
    of_series,
    of_values,
    without_views,
)
from cutout_widgets.catalog.reading.celestial import gathered
from cutout_widgets.catalog.reading.invalid_text import readable_text
from cutout_widgets.catalog.reading.nested import unnested
from cutout_widgets.errors import OWN_FILES, BadTable, CutoutWarning
from cutout_widgets.quantities import days_tai, has_unit

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from astropy.table import Table
    from astropy.units import Quantity

__all__ = [
    "Intake",
    "from_arrays",
    "from_arrow",
    "from_astropy",
    "from_pandas",
    "from_rows",
    "from_schema",
    "range_indexes",
]


STAMP_FILE = b"cutout_stamps"
"""Metadata key of Parquet stamp files; its value contains the names of the image columns."""

KEPT_BESIDE = "kept_beside:"
"""Column name prefix in such files for columns whose names are reserved for images."""


@dataclass
class Intake:
    """Arrow columns of equal length, with metadata from their source."""

    columns: dict[str, pa.Array]
    """Name -> contiguous column, in the order of the source."""
    units: dict[str, str] = field(default_factory=dict)
    """Name -> unit, if given."""
    descriptions: dict[str, str] = field(default_factory=dict)
    """Name -> description, if given."""
    rounded: dict[str, str] = field(default_factory=dict)
    """Name -> message about a column of identifiers that was floating point."""


def from_arrow(table: pa.Table) -> Intake:
    """Convert an Arrow table; if objects contain nested sources, these become the rows."""
    table = unnested(table)
    return from_schema(table.schema, table.column)


def from_schema(schema: pa.Schema, column_of: Callable[[str], pa.ChunkedArray]) -> Intake:
    """Convert Arrow columns one at a time, so that a table of many chunks is never in memory twice.

    Parameters
    ----------
    schema
        Names, types and metadata of the columns.
    column_of
        Returns a column by name; called once for each column of the result. Images and
        histories of alert packets are skipped, and the struct with a packet's row is
        expanded.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    _refuse_duplicates(schema.names)
    intake = Intake({})
    for entry in schema:
        metadata = {key.decode().lower(): value.decode() for key, value in (entry.metadata or {}).items()}
        unit, description = metadata.get("unit"), metadata.get("description")
        _note(intake, entry.name, unit or metadata.get("units"), description or metadata.get("doc"))
    _astropy_metadata(schema.metadata, intake)
    left_out = _columns_of_stamps(schema)
    structs = [entry.name for entry in schema if pa.types.is_struct(entry.type)]
    packet = next((name for name in ("diaSource", "candidate") if name in structs), None)
    for name, kind in zip(schema.names, schema.types, strict=True):
        if name in left_out or (packet is not None and _is_cargo(name, kind)):
            continue
        whole = contiguous(column_of(name))
        if name == packet:
            for part, values in zip(whole.type, whole.flatten(), strict=True):
                intake.columns.setdefault(part.name, values)
        else:
            intake.columns[name.removeprefix(KEPT_BESIDE) if left_out else name] = whole
    for name in [name for name in intake.columns if name.endswith(".mask")]:
        # astropy writes a masked column to Parquet as two: values and mask.
        masked, mask = intake.columns.get(name.removesuffix(".mask")), intake.columns[name]
        if masked is not None and pa.types.is_boolean(mask.type):
            null = pa.scalar(None, masked.type)
            intake.columns[name.removesuffix(".mask")] = pc.if_else(mask, null, masked)
            del intake.columns[name]
    lengths = {len(column) for column in intake.columns.values()}
    for name, numbers in range_indexes(schema).items():
        if lengths == {len(numbers)}:  # otherwise the rows have changed since pandas wrote them
            intake.columns[name] = pa.array(np.asarray(numbers, dtype=np.int64))
    return _checked(intake)


def range_indexes(schema: pa.Schema) -> dict[str, range]:
    """Return DataFrame indexes that pandas wrote only as a range in the metadata."""
    try:
        metadata = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
        return {
            entry["name"]: range(entry["start"], entry["stop"], entry["step"])
            for entry in metadata.get("index_columns", ())
            if isinstance(entry, dict) and entry["kind"] == "range" and isinstance(entry["name"], str)
            and entry["name"] not in schema.names
        }  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}  # metadata of another writer


def _columns_of_stamps(schema: pa.Schema) -> frozenset[str]:
    """Return the image columns of a stamp file, which belong to the image store, not to the table."""
    try:
        header = json.loads((schema.metadata or {}).get(STAMP_FILE, b"{}"))
        return frozenset(header.get("columns", ()))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return frozenset()


def _is_cargo(name: str, kind: pa.DataType) -> bool:
    """Return whether a packet's column has images or history, which belong to the image store."""
    import pyarrow as pa

    nested = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    return name.startswith("cutout") or (nested and name.startswith(("prv", "fp_hists")))


def from_pandas(frame: pd.DataFrame) -> Intake:
    """Convert a DataFrame, including the named levels of its index."""
    named = [level for level in frame.index.names if level is not None and level not in frame.columns]
    if named:
        frame = frame.reset_index(level=named)
    names = [str(name) for name in frame.columns]
    _refuse_duplicates(names)
    objects = {
        name: whole
        for place, name in enumerate(names)
        if isinstance(kind := frame.dtypes.iloc[place], np.dtype)
        and kind.kind == "O"
        and (whole := gathered(frame.iloc[:, place].tolist(), name)) is not None
    }
    if objects:
        return from_arrays({name: objects.get(name, frame.iloc[:, n]) for n, name in enumerate(names)})
    intake = Intake({})
    for place, name in enumerate(names):
        intake.columns[name] = of_series(frame.iloc[:, place], name)
    for name, unit in (frame.attrs.get("units") or {}).items():
        _note(intake, str(name), unit, None)
    return _checked(intake)


def from_astropy(table: Table) -> Intake:
    """Convert an astropy Table.

    Masked values become nulls, times MJD TAI, positions two columns in their own frame, and ``ra`` and
    ``dec`` if the table has none.
    """
    from astropy.table.serialize import represent_mixins_as_columns
    from astropy.time import Time

    plain = table.copy(copy_data=False)
    for name in plain.colnames:
        if isinstance(plain[name], Time):
            plain[name] = plain[name].tai.mjd
        elif (angles := _angles(plain[name], plain.colnames)) is not None:
            plain["ra"], plain["dec"] = angles
    plain = represent_mixins_as_columns(plain)
    intake = Intake({})
    for name in plain.colnames:
        column = plain[name]
        mask = np.ma.getmaskarray(column) if hasattr(column, "mask") else None
        intake.columns[name] = of_values(np.asarray(np.ma.getdata(column)), name, mask)
        unit = getattr(column, "unit", None)
        _note(intake, name, None if unit is None else str(unit), getattr(column, "description", None))
    return _checked(intake)


def _angles(values: Any, names: Sequence[str]) -> tuple[Quantity, Quantity] | None:
    """Return ra and dec of celestial coordinates, ICRS, if the table has no such columns."""
    from astropy.coordinates import ConvertError, SkyCoord

    if not isinstance(values, SkyCoord) or any(one in names for one in (*names_of("ra"), *names_of("dec"))):
        return None
    try:
        place = values.icrs
    except ConvertError:
        return None  # the frame depends on an observer or a time that is not given
    return place.ra.to("deg"), place.dec.to("deg")


def from_arrays(source: Mapping[Any, Any]) -> Intake:
    """Convert a mapping of arrays, masked arrays, quantities, times, positions, series or lists."""
    intake = Intake({})
    lengths = {}
    source = {key: _with_units(values, str(key)) for key, values in source.items()}
    if any(hasattr(values, "icrs") for values in source.values()):
        from astropy.table import QTable

        return from_astropy(QTable({str(key): values for key, values in source.items()}))
    for key, values in source.items():
        name = str(key)
        if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_c_stream__"):
            import pyarrow as pa

            made = pa.chunked_array(values) if hasattr(values, "__arrow_c_stream__") else pa.array(values)
            intake.columns[name] = contiguous(made) if isinstance(made, pa.ChunkedArray) else made
        elif isinstance(values, np.ma.MaskedArray):
            intake.columns[name] = of_values(np.ma.getdata(values), name, np.ma.getmaskarray(values))
        elif hasattr(values, "tai"):  # an astropy Time
            times = np.ma.asarray(days_tai(values, name))
            intake.columns[name] = of_values(np.ma.getdata(times), name, np.ma.getmaskarray(times))
        elif has_unit(values):
            intake.columns[name] = of_values(np.asarray(values.value), name, None)
            _note(intake, name, str(values.unit), None)
        elif hasattr(values, "dtype") and hasattr(values, "iloc"):
            intake.columns[name] = of_series(values, name)
        elif isinstance(values, np.ndarray):
            intake.columns[name] = of_values(values, name, None)
        elif isinstance(values, Iterable) and not isinstance(values, (str, bytes)):
            intake.columns[name] = of_objects(list(values), name)
        else:
            raise BadTable(f"column {name!r} is a single value; a table is a mapping of arrays of one length")
        lengths[name] = len(intake.columns[name])
    if len(set(lengths.values())) > 1:
        raise BadTable(f"the columns of a table have one length; got {lengths}")
    return _checked(intake)


def _with_units(values: Any, name: str) -> Any:
    """Return a list of quantities or positions as one object; anything else unchanged."""
    if not isinstance(values, (list, tuple)):
        return values
    whole = gathered(values, name)
    return values if whole is None else whole


def from_rows(rows: Sequence[Mapping[str, Any]]) -> Intake:
    """Convert a sequence of mappings; missing keys are null."""
    names = dict.fromkeys(str(name) for row in rows for name in row)
    return from_arrays({name: [row.get(name) for row in rows] for name in names})


def _checked(intake: Intake) -> Intake:
    """Convert short bytes to text, and by column name identifiers to int64 and flags to booleans."""
    for name, given in intake.columns.items():
        told = as_text(without_views(given))
        column = intake.columns[name] = readable_text(told)
        if column is not told:
            warnings.warn(
                f"column {name!r} has text that is not UTF-8; what is no letter in it is shown as \ufffd",
                CutoutWarning,
                skip_file_prefixes=OWN_FILES,
            )
        if name in ID_COLUMNS and str(column.type) != "int64":
            try:
                intake.columns[name] = exact_identifiers(column, name)
            except BadTable:
                # Names such as objectId are text in other surveys. Rounded identifiers are
                # reported later, and refused if they are those of the rows.
                if str(column.type) in ("float", "double", "halffloat"):
                    # The same message for every table, so that Python shows the warning once.
                    intake.rounded[name] = (
                        f"the identifiers in column {name!r} came as {column.type}, which rounds numbers of "
                        "this size: they may be those of other rows; read the column as integers or as text"
                    )
        if name in ID_COLUMNS and (reason := rounded_before(intake.columns[name], name)):
            intake.rounded[name] = reason
        elif is_flag_name(name) and str(column.type) != "bool":
            intake.columns[name] = as_flag(column)
    return intake


def _note(intake: Intake, name: str, unit: str | None, description: str | None) -> None:
    """Store unit and description of a column, if given."""
    if unit:
        intake.units[name] = str(unit)
    if description:
        intake.descriptions[name] = str(description)


def _astropy_metadata(metadata: Mapping[bytes, bytes] | None, intake: Intake) -> None:
    """Read units from the YAML that astropy and the LSST Butler write into Parquet files."""
    text = (metadata or {}).get(b"table_meta_yaml")
    if text is None:
        return
    from astropy.table import meta

    try:
        header = meta.get_header_from_yaml(text.decode().split("\n"))
    except (ValueError, TypeError, meta.YamlParseError):
        return  # metadata of another writer
    for column in header.get("datatype", ()):
        unit = column.get("unit")
        _note(intake, column["name"], None if unit is None else str(unit), column.get("description"))


def _refuse_duplicates(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise BadTable(f"the table has two columns named {twice[0]!r}; rename one")
