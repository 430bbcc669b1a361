"""TAP results as columns: exact identifiers, units, and a check of completeness."""

from __future__ import annotations

import warnings
from typing import Any

from cutout_widgets.catalog.reading.conversion import Intake, from_astropy
from cutout_widgets.errors import OWN_FILES, BadTable, CutoutWarning, sentence
from cutout_widgets.remarks import remarks_recorded

__all__ = ["from_results", "is_results", "numbered"]


def is_results(source: Any) -> bool:
    """Return whether an object is a pyvo result or job."""
    return type(source).__module__.partition(".")[0] == "pyvo" and (
        hasattr(source, "to_table") or hasattr(source, "fetch_result")
    )


def from_results(results: Any, *, limit: int | None = None, name: str = "the service") -> Intake:
    """Convert a result of pyvo.

    Parameters
    ----------
    results
        ``TAPResults`` or other results of pyvo, or a completed job.
    limit
        Number of rows requested; None for all.
    name
        Name of the service, for messages.

    Raises
    ------
    BadTable
        If the job has no results, or they are not a table.

    Warns
    -----
    CutoutWarning
        If the service did not send all rows.
    """
    try:
        with remarks_recorded(name):
            if not hasattr(results, "to_table"):
                results = results.fetch_result()
            table = results.to_table()
    except Exception as err:  # pyvo and requests raise various errors, all with a message
        raise BadTable(f"the results of {name} cannot be read ({sentence(err)})") from err
    status = str(getattr(results, "status", ("OK",))[0]).upper()
    if status == "OVERFLOW" and (limit is None or len(table) < limit):
        warnings.warn(
            f"{name} stopped after {len(table):,} rows (QUERY_STATUS OVERFLOW), and there are more: ask for "
            "less, or set limit= to the number of rows you need",
            CutoutWarning,
            skip_file_prefixes=OWN_FILES,
        )
    return numbered(from_astropy(table))


def numbered(intake: Intake) -> Intake:
    """Return forced sources, which have no identifier since DP1, with a column ``id``: 1, 2, ..."""
    import pyarrow as pa

    columns = intake.columns
    is_forced = "psfDiffFlux" in columns and {"diaObjectId", "objectId"} & set(columns)
    if is_forced and not {"forcedSourceOnDiaObjectId", "forcedSourceId", "id"} & set(columns):
        n = len(next(iter(columns.values())))
        intake.columns = {"id": pa.array(range(1, n + 1), pa.int64()), **columns}
    return intake
