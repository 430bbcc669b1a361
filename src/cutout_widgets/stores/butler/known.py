"""What exposures a Butler repository has."""

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
"""Always listed, in this order; other dimensions of the dataset type follow."""


def query_exposures(
    butler: Any,
    *,
    dataset_type: str | None,
    collections: Sequence[str],
    instruments: Sequence[str],
    key: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the data ids of the images of a dataset type, with the time of their visits.

    Parameters
    ----------
    butler
        A Butler of this thread.
    dataset_type
        Name; None has no images.
    collections
        Where to look.
    instruments
        Each is asked for: the Butler wants its visits with the name of one.
    key
        Further dimensions and their values, spatial ones too.

    Returns
    -------
    DataFrame
        Columns of the data id, then ``mjd`` (TAI, middle of the visit; NaN where the repository does not
        say) and ``exposure_time`` (s).
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
    """Return visit -> middle (MJD, TAI) and exposure time (s), as far as the repository knows."""
    try:
        records = butler.query_dimension_records("visit", data_id=dict(asked), limit=None, explain=False)
        return {record.id: (_middle(record.timespan), _seconds(record.exposure_time)) for record in records}
    except Exception:  # noqa: BLE001  the Butler has some forty errors of its own; times are a courtesy
        _log.info("the times of visits could not be queried", exc_info=True)
        return {}


def _middle(timespan: Any) -> float:
    """Return the middle of a timespan, NaN if it is not bounded."""
    ends = [getattr(timespan, name, None) for name in ("begin", "end")]
    if not all(hasattr(end, "tai") for end in ends):
        return np.nan
    return float(np.mean([end.tai.mjd for end in ends if end is not None]))


def _seconds(value: Any) -> float:
    return np.nan if value is None else float(value)
