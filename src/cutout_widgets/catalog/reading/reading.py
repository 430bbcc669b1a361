"""Read rows from any source into the view that a table is based on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutout_widgets.catalog.databases.addresses import is_address, read_address, read_catalogue
from cutout_widgets.catalog.export import as_arrow
from cutout_widgets.catalog.hats.layout import is_catalogue
from cutout_widgets.catalog.hats.remote_layout import is_catalogue_at
from cutout_widgets.catalog.reading.arrays import contiguous
from cutout_widgets.catalog.reading.arrow import speaks_arrow
from cutout_widgets.catalog.reading.intake import Intake, take_in
from cutout_widgets.catalog.table_data import TableData
from cutout_widgets.catalog.view import View
from cutout_widgets.errors import OWN_FILES, BadOption, CutoutWarning, refuse_unknown, require
from cutout_widgets.paths import local_path, shown_place

__all__ = ["view_of"]

_NAMED = ("id", "ra", "dec", "instrument")
"""Keyword arguments for all sources of rows."""


def view_of(
    source: Any, *, chosen: Mapping[str, str | None], instrument: str | None, options: Mapping[str, Any]
) -> View:
    """Return the rows of any source.

    Parameters
    ----------
    source
        As for `SourceTable`.
    chosen
        Meaning -> column name, as chosen by the user.
    instrument
        The instrument of all rows, if the user gave it.
    options
        For addresses: options of their reader.

    Raises
    ------
    BadTable
        If the source cannot be read, or lacks a required column.
    BadOption
        If the instrument is not a name.
    UnknownOption
        If the source does not have such an option.
    """
    require("pyarrow", "a table")
    if not (instrument is None or isinstance(instrument, str)):
        raise BadOption(f"instrument= is the name of an instrument; got {instrument!r:.60}")
    if isinstance(source, (str, Path)) and is_address(source):
        source, options = read_address(source, **options), {}
    elif is_catalogue_at(source, options.get("remote")) or (
        isinstance(source, (str, Path)) and is_catalogue(Path(local_path(str(source))).expanduser())
    ):
        source, options = read_catalogue(source, **options), {}
    refuse_unknown(f"a table of a {type(source).__name__}", options, _NAMED)
    view = getattr(source, "_view", None)
    if not isinstance(view, View) and _has_table(source):
        return view_of(source.table(), chosen=chosen, instrument=instrument, options={})
    if isinstance(view, View):
        if instrument is None and not any(chosen.values()):
            return view
        return _identified(_intake_of(view), chosen, instrument, "")
    where = Path(shown_place(source)).name if isinstance(source, (str, Path)) else ""
    return _identified(take_in(source), chosen, instrument, where)


def _has_table(source: Any) -> bool:
    """Return whether an object has a method ``table()`` for rows, and is not another library's object."""
    own = type(source).__module__.partition(".")[0] in ("duckdb", "_duckdb", "ibis", "polars", "pyarrow")
    return not own and not speaks_arrow(source) and callable(getattr(source, "table", None))


def _identified(
    intake: Intake, chosen: Mapping[str, str | None], instrument: str | None, origin: str
) -> View:
    """Return the rows that have an identifier, with a warning about the others."""
    data = TableData.of(intake, chosen=chosen, instrument=instrument, origin=origin)
    for rounded in intake.rounded.values():
        warnings.warn(rounded, CutoutWarning, skip_file_prefixes=OWN_FILES)
    scope = data.identified()
    if scope is not None:
        left_out = data.frame.length - len(scope)
        warnings.warn(
            f"{left_out} of {data.frame.length} rows have no {data.names['id']} (NULL) and are skipped",
            CutoutWarning,
            skip_file_prefixes=OWN_FILES,
        )
    return View(data, scope)


def _intake_of(view: View) -> Intake:
    """Return a view as columns, to be read again under different names."""
    table = as_arrow(view)
    columns = {
        name: contiguous(column) for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return Intake(columns, dict(view.data.units), dict(view.data.descriptions))
