"""DiaSources in a Butler by identifier, from which visit and detector are unpacked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.identifiers.packed_ids import unpack_id
from cutout_widgets.errors import BadTable, NotInTable
from cutout_widgets.stores.butler.connection import Butlers, parse_spec
from cutout_widgets.stores.butler.table import choose_table, read_refs

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["butlers_of", "instruments_of", "rows_of_ids"]


def rows_of_ids(
    butler: Any,
    ids: Sequence[int],
    *,
    collections: str | Sequence[str] | None = None,
    instrument: str | None = None,
    dataset: str | None = None,
) -> SourceTable:
    """Return the rows of identifiers.

    Parameters
    ----------
    butler
        A Butler, its repository, or a Butler store.
    ids
        Identifiers of DiaSources.
    collections, instrument, dataset
        As for `ButlerImages` and `table.read_dataset`.

    Raises
    ------
    BadTable
        If the instrument's packing is unknown, or there is no dataset of DiaSources.
    NotInTable
        If there is no such dataset for any visit and detector of the identifiers.
    """
    butlers = butlers_of(butler, collections)
    name = dataset or butlers.ask(lambda one: choose_table(one, butlers.collections))
    instruments = [instrument] if instrument else instruments_of(butlers)
    if not instruments:
        raise BadTable(f"{butlers.name} has no instrument; give instrument=")
    refs, faults = {}, {}
    for one in instruments:
        for id in ids:
            try:
                place = unpack_id(id, one)
            except BadTable as err:
                faults[id] = err
                continue
            key = (one, place.visit, place.detector)
            if key not in refs:
                data_id = dict(zip(("instrument", "visit", "detector"), key, strict=True))
                refs[key] = butlers.ask(
                    partial(_find, name=name, data_id=data_id, collections=butlers.collections)
                )
    found = [ref for ref in refs.values() if ref is not None]
    if not refs:
        raise next(iter(faults.values()))
    if not found:
        shown = ", ".join(f"visit {visit} detector {detector}" for _, visit, detector in list(refs)[:3])
        raise NotInTable(f"{butlers.name} has no {name} for {shown}, to which the identifiers belong")
    wanted = frozenset(ids)
    table = read_refs(butlers, name, found)
    return table.take([n for n, id in enumerate(table.ids) if int(id) in wanted])


def _find(butler: Any, *, name: str, data_id: dict[str, Any], collections: Sequence[str]) -> Any:
    """Return the reference of a dataset, or None."""
    return butler.find_dataset(name, data_id, collections=collections)


def butlers_of(butler: Any, collections: str | Sequence[str] | None) -> Butlers:
    """Return the connection for a Butler, a repository, its address, or a store."""
    known = getattr(butler, "_butlers", None)
    if isinstance(known, Butlers):
        return known
    if isinstance(butler, str) and butler.startswith("butler:"):
        butler, options = parse_spec(butler.removeprefix("butler:").partition("#")[0])
        collections = collections or options.get("collections")
    return Butlers(butler, collections)


def instruments_of(butlers: Butlers) -> list[str]:
    """Return the names of the repository's instruments."""
    records = butlers.ask(lambda one: one.query_dimension_records("instrument", explain=False))
    return sorted(record.name for record in records)
