"""Forced photometry of an object in the datasets of a Butler repository."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.columns import names_among, resolve
from cutout_widgets.catalog.identifiers.objects import id_of_object
from cutout_widgets.catalog.lightcurve import history_frame, lsst_points
from cutout_widgets.catalog.reading.conversion import from_arrow
from cutout_widgets.errors import BadTable, sentence
from cutout_widgets.stores.butler.queries import dataset_types_in, refs_at
from cutout_widgets.stores.butler.table import with_data_id
from cutout_widgets.stores.butler.visits import middles_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.butler.connection import Butlers

__all__ = ["FORCED_NAMES", "forced_history"]

FORCED_NAMES = (
    "dia_forced_source_apdb",
    "dia_object_forced_source",
    "forcedSourceOnDiaObjectTable",
    "forcedSourceOnDiaObjectTable_tract",
    "*_diaForcedSrc",
)
"""Dataset types with forced photometry at DiaObjects: alert production, DP1 and DP2, DP0.2, and before.

Those of two productions may be in one repository; their ``diaObjectId`` differ, so the first one with rows
counts.
"""

MEANINGS = (
    "id", "object", "visit", "detector", "band", "time", "flux", "flux_err", "science_flux",
    "science_flux_err",
)  # fmt: skip
"""The columns of a light curve: a table of a patch is large, and has many more."""

TIME = "expMidptMJD"
"""Column added if a table has no times; see `catalog.columns`."""


def forced_history(butlers: Butlers, source: DiaSource) -> pd.DataFrame:
    """Return the forced photometry of a source's DiaObject as a light curve.

    Parameters
    ----------
    butlers
        Repository and collections.
    source
        A row with its ``diaObjectId``; its position selects the datasets to read.

    Returns
    -------
    DataFrame
        Columns as in `stores.base.HasHistory`, the kind always ``"forced"``. Empty if the source has no
        DiaObject, or the collections have no forced photometry of it.

    Raises
    ------
    BadTable
        If a dataset cannot be read, or the ``diaObjectId`` was rounded as a float.
    BadOption
        If the registry fails.

    Notes
    -----
    Since DP1 the tables have no times: these are the middles of the visits in the registry.
    """
    object_id = id_of_object(source, "object", "diaObjectId")
    if object_id and math.isfinite(source.ra) and math.isfinite(source.dec) and abs(source.dec) <= 90:
        there = butlers.ask(partial(dataset_types_in, collections=butlers.collections))
        for name in _named(there):
            points = _points(butlers, name, source, object_id)
            if points:
                return history_frame(points)
    return history_frame([])


def _named(there: Iterable[str]) -> list[str]:
    """Return the dataset types with forced photometry, in the order of `FORCED_NAMES`."""
    known = sorted(there)
    found = [name for pattern in FORCED_NAMES for name in known if fnmatchcase(name, pattern)]
    return list(dict.fromkeys(found))


def _points(butlers: Butlers, name: str, source: DiaSource, object_id: int) -> list[dict[str, Any]]:
    """Return the rows of an object in the datasets of one type as points of a light curve."""
    refs = butlers.ask(
        partial(refs_at, name=name, collections=butlers.collections, ra=source.ra, dec=source.dec)
    )
    points: list[dict[str, Any]] = []
    for ref in refs:
        try:
            table = _rows_of(butlers.mine, ref, object_id)
        except Exception as err:  # the Butler raises some forty types of errors
            raise BadTable(f"{name} for {ref.dataId} cannot be read as a table: {sentence(err)}") from err
        if not len(table):
            continue
        rows = table.to_pylist()
        if not any(column in table.column_names for column in names_among("time", table.column_names)):
            times = butlers.ask(partial(_times, ref=ref, visits=[row.get("visit") for row in rows]))
            rows = [{**row, TIME: times.get(row.get("visit"))} for row in rows]
        points += lsst_points(rows, "forced", from_arrow(table).units)
    return points


def _rows_of(butler: Any, ref: Any, object_id: int) -> pa.Table:
    """Return the rows of an object in a dataset, with visit and detector."""
    import pyarrow.compute as pc

    options: dict[str, Any] = {}
    if "detector" not in ref.dataId:
        have = [str(one) for one in butler.get(ref.makeComponentRef("columns"))]
        wanted = {name for meaning in MEANINGS for name in names_among(meaning, have)} & set(have)
        if "object" in resolve(wanted):  # else it may be an index, which is no column
            options = {"parameters": {"columns": sorted(wanted)}}
    table = butler.get(ref, storageClass="ArrowTable", **options)
    column = resolve(table.column_names).get("object")
    if column is None:
        return table.slice(0, 0)
    return with_data_id(table.filter(pc.equal(table.column(column), object_id)), dict(ref.dataId.mapping))


def _times(butler: Any, *, ref: Any, visits: Sequence[Any]) -> dict[int, float]:
    """Return the middles of visits of the instrument of a dataset; without one, of all instruments."""
    wanted = sorted({one for one in visits if one is not None})
    named = ref.dataId.get("instrument")
    instruments = (
        [named]
        if named is not None
        else [one.name for one in butler.query_dimension_records("instrument", explain=False)]
    )
    times: dict[int, float] = {}
    for instrument in instruments:
        times.update(middles_of(butler, instrument, wanted))
    return times
