"""Convert any table given by a user to Arrow columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cutout_widgets.catalog.columns import names_of
from cutout_widgets.catalog.reading.arrow import arrow_of
from cutout_widgets.catalog.reading.celestial import is_positions, positions_of
from cutout_widgets.catalog.reading.conversion import (
    Intake,
    from_arrays,
    from_arrow,
    from_astropy,
    from_pandas,
    from_rows,
)
from cutout_widgets.catalog.reading.files import split_hdu, take_in_file
from cutout_widgets.catalog.reading.nested import computed, table_of_nested_frame
from cutout_widgets.catalog.regions import is_regions, rows_of_regions
from cutout_widgets.catalog.services.results import from_results, is_results
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadTable, CutoutError, ImageNotFound, UnreadableImage
from cutout_widgets.paths import is_url, local_path
from cutout_widgets.remote.copies import local_copy
from cutout_widgets.web import is_web_page, shown

__all__ = ["Intake", "is_table", "take_in"]

_NAMES = {
    "id": "diaSourceId",
    "ra": "ra",
    "dec": "dec",
    "visit": "visit",
    "detector": "detector",
    "band": "band",
}
"""Attribute of a `DiaSource` -> column."""


def take_in(source: Any) -> Intake:
    """Convert a table of any kind to Arrow columns.

    Parameters
    ----------
    source
        pandas DataFrame, astropy Table, Arrow table, batches or dataset, anything with the Arrow C
        stream interface (polars, duckdb, ibis, nanoarrow), a lazy frame, a mapping of arrays, a sequence
        of mappings or of `DiaSource`, positions (a `SkyCoord`), or a path. An `Intake` is returned
        unchanged.

    Raises
    ------
    BadTable
        If it is none of these, or cannot be read.
    """
    if isinstance(source, Intake):
        return source
    if is_url(source):
        return _take_in_url(source)
    if isinstance(source, (str, Path)):
        return take_in_file(Path(local_path(str(source))))
    module = type(source).__module__.partition(".")[0]
    if is_results(source):
        return from_results(source)
    if module == "lsdb" and callable(getattr(source, "compute", None)):
        return take_in(computed(source))
    if module == "nested_pandas" and hasattr(source, "columns"):
        return from_arrow(table_of_nested_frame(source))
    if module == "pandas" and hasattr(source, "columns"):
        return from_pandas(source)
    if module == "astropy" and hasattr(source, "colnames"):
        return from_astropy(source)
    if isinstance(source, Mapping):
        return from_arrays(source)
    if (table := arrow_of(source)) is not None:
        return from_arrow(table)
    if callable(getattr(source, "collect", None)):  # a polars lazy frame
        return take_in(source.collect())
    if is_regions(source):
        return rows_of_regions(source)
    if is_positions(source):
        return from_arrays(positions_of(source))
    if isinstance(source, np.ndarray) and source.dtype.names:
        return from_arrays({name: source[name] for name in source.dtype.names})
    if hasattr(source, "colnames") or hasattr(source, "itercols"):
        return from_astropy(source)
    if isinstance(source, Sequence) and all(isinstance(row, Mapping) for row in source):
        return from_rows(source)
    if isinstance(source, Sequence) and all(isinstance(row, DiaSource) for row in source):
        intake = from_rows([_row_of(one) for one in source])
        for one in source:
            intake.units.update(one.units)
        return intake
    raise BadTable(
        f"a table is a pandas DataFrame, an astropy Table, an Arrow table, a mapping of arrays, a sequence "
        f"of mappings or of DiaSources, a path, or an image store that has rows; got {type(source).__name__}"
    )


def is_table(thing: Any) -> bool:
    """Return whether an object is an in-memory table: not a path or a sequence of rows."""
    return (
        any(hasattr(thing, name) for name in ("columns", "colnames", "__arrow_c_stream__"))
        or (isinstance(thing, Mapping) and bool(thing) and all(np.ndim(one) for one in thing.values()))
        or (isinstance(thing, np.ndarray) and bool(thing.dtype.names))
    )


def _take_in_url(url: str) -> Intake:
    """Read a table at a URL, which is downloaded completely."""
    place, hdu = split_hdu(url)
    try:
        file = local_copy(place)
    except (ImageNotFound, UnreadableImage) as err:
        raise BadTable(str(err)) from err
    try:
        return take_in_file(file if hdu is None else Path(f"{file}{url[len(place) :]}"))
    except CutoutError as err:
        if is_web_page(file):
            raise BadTable(f"{shown(url)} is a web page, not a table; has the session ended?") from err
        said = str(err).replace(str(file), shown(url)).replace(file.name, shown(url))
        raise type(err)(said) from err


def _row_of(source: DiaSource) -> dict[str, Any]:
    """Return all columns of a row; other attributes get LSST's column names."""
    row = {**source.row, **{name: flag for name, flag in source.flags.items() if name not in source.row}}
    for meaning, name in _NAMES.items():
        value = getattr(source, meaning)
        if value is not None and not any(known in row for known in names_of(meaning)):
            row[name] = value
    return row
