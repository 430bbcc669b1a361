"""Read rows by identifier, and report those that were not found."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.arguments import whole_numbers
from cutout_widgets.errors import OWN_FILES, BadOption, BadTable, CutoutWarning, NotInTable, refuse_unknown

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["rows_of_ids"]

_OPTIONS = {
    "butler": ("collections", "instrument", "dataset"),
    "apdb": ("namespace", "instrument"),
    "tap": ("schema", "table", "token", "instrument", "timeout_s"),
}
"""Data source -> its options."""

_BUTLER = "cutout_widgets.stores.butler.by_id"


def rows_of_ids(ids: Any, *, butler: Any, apdb: Any, tap: Any, options: dict[str, Any]) -> SourceTable:
    """Return the rows of identifiers, in the order of the identifiers.

    Parameters
    ----------
    ids
        64-bit whole numbers, or text of their digits.
    butler, apdb, tap
        The data source: exactly one of them.
    options
        Options of its reader.

    Raises
    ------
    BadOption
        If not exactly one source is given.
    BadTable
        If an identifier is invalid, or the reader fails.
    NotInTable
        If none of the rows exists.

    Warns
    -----
    CutoutWarning
        If some rows do not exist.
    """
    wanted = tuple(dict.fromkeys(whole_numbers(ids, "ids")))
    places = {"butler": butler, "apdb": apdb, "tap": tap}
    given = [name for name, place in places.items() if place is not None]
    if len(given) != 1:
        raise BadOption(
            "give one source of rows for identifiers: butler=, apdb= or tap=; "
            f"got {', '.join(given) or 'none'}"
        )
    if not wanted:
        raise BadTable("no identifiers were given")
    refuse_unknown(f"of_ids with {given[0]}=", options, _OPTIONS[given[0]])
    read = {"butler": _from_butler, "apdb": _from_apdb, "tap": _from_tap}[given[0]]
    found = read(places[given[0]], wanted, options)
    return _in_order(found, wanted)


def _from_apdb(place: Any, ids: Sequence[int], options: dict[str, Any]) -> SourceTable:
    from cutout_widgets.catalog.databases.apdb import Apdb
    from cutout_widgets.catalog.databases.selection import Selection

    apdb = place if isinstance(place, Apdb) else Apdb(str(place), **options)
    return apdb.table(Selection(id=ids))


def _from_tap(place: Any, ids: Sequence[int], options: dict[str, Any]) -> SourceTable:
    from cutout_widgets.catalog.services.tap import Tap

    table = options.pop("table", None)
    tap = place if isinstance(place, Tap) else Tap(place, **options)
    return tap.of_ids(ids, table)


def _from_butler(place: Any, ids: Sequence[int], options: dict[str, Any]) -> SourceTable:
    found: SourceTable = import_module(_BUTLER).rows_of_ids(place, ids, **options)
    return found


def _in_order(found: SourceTable, wanted: Sequence[int]) -> SourceTable:
    """Return the rows in the order requested, and report missing ones."""
    places = {int(one): n for n, one in reversed(list(enumerate(found.ids)))}
    lacking = [one for one in wanted if one not in places]
    if len(lacking) == len(wanted):
        raise NotInTable(f"there is no row of {_listed(lacking)}")
    if lacking:
        warnings.warn(
            f"{len(lacking)} of {len(wanted)} identifiers have no row: {_listed(lacking)}",
            CutoutWarning,
            skip_file_prefixes=OWN_FILES,
        )
    return found.take(np.array([places[one] for one in wanted if one in places]))


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids[:3])) + (", ..." if len(ids) > 3 else "")
