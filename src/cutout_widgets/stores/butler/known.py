"""List the exposures in a Butler repository."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["query_exposures"]

_log = logging.getLogger(__name__)

COLUMNS = ("instrument", "visit", "detector", "band", "physical_filter", "day_obs")
"""Columns that are always listed first; other dimensions of the dataset type follow."""


def query_exposures(
    butler: Any,
    *,
    dataset_type: str | None,
    collections: Sequence[str],
    instruments: Sequence[str],
    key: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the data ids of the images of a dataset type, with the times of their visits.

    Parameters
    ----------
    butler
        A Butler of this thread.
    dataset_type
        Name; None for no images.
    collections
        Collections to search.
    instruments
        Each is queried separately: the Butler needs the instrument's name for visits.
    key
        Further dimensions and their values, including spatial ones.

    Returns
    -------
    DataFrame
        Columns of the data id, then ``mjd`` (TAI, middle of the visit; NaN if unknown) and
        ``exposure_time`` (s).
    """
    import pandas as pd

    found: list[dict[str, Any]] = []
    for instrument in instruments if dataset_type is not None else ():
        asked = {"instrument": instrument, **key}
        refs = butler.query_datasets(
            dataset_type, collections=list(collections), data_id=asked, limit=None, explain=False
        )
        times = _times(butler, asked) if refs else {}
        for ref in refs:
            data_id = dict(ref.dataId.mapping)
            mjd, exposure_s = times.get(data_id["visit"], (np.nan, np.nan))
            found.append({**data_id, "mjd": mjd, "exposure_time": exposure_s})
    others = sorted({name for one in found for name in one} - {*COLUMNS, "mjd", "exposure_time"})
    return pd.DataFrame(found, columns=[*COLUMNS, *others, "mjd", "exposure_time"])


def _times(butler: Any, asked: Mapping[str, Any]) -> dict[int, tuple[float, float]]:
    """Return visit -> mid-time (MJD, TAI) and exposure time (s), where known."""
    try:
        records = butler.query_dimension_records("visit", data_id=dict(asked), limit=None, explain=False)
        return {record.id: (_middle(record.timespan), _seconds(record.exposure_time)) for record in records}
    except Exception:  # noqa: BLE001  the Butler raises some forty types of errors; times are optional
        _log.info("the times of visits could not be queried", exc_info=True)
        return {}


def _middle(timespan: Any) -> float:
    """Return the middle of a timespan, NaN if it is unbounded."""
    ends = [getattr(timespan, name, None) for name in ("begin", "end")]
    if not all(hasattr(end, "tai") for end in ends):
        return np.nan
    return float(np.mean([end.tai.mjd for end in ends if end is not None]))


def _seconds(value: Any) -> float:
    return np.nan if value is None else float(value)
