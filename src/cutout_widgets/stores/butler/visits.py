"""Find the exposures in a repository that cover a position on the sky."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

__all__ = ["visits_of"]

WHERE = "visit_detector_region.region OVERLAPS POINT(place_ra, place_dec)"
"""The registry's spatial query, for the region of one detector in one visit."""


def visits_of(
    butler: Any, *, name: str, collections: Sequence[str], ra: float, dec: float
) -> list[dict[str, Any]]:
    """Return the exposures with a dataset of a type whose detector covers a position.

    Parameters
    ----------
    butler
        A Butler of this thread.
    name
        Dataset type, one image for each visit and detector.
    collections
        Collections to search, in order.
    ra, dec
        ICRS degrees.

    Returns
    -------
    list of dict
        ``instrument``, ``visit``, ``detector``, and if known ``band`` and ``time``
        (MJD TAI of the middle).
    """
    refs = butler.query_datasets(
        name,
        collections=collections,
        find_first=True,
        where=WHERE,
        bind={"place_ra": float(ra), "place_dec": float(dec)},
        with_dimension_records=True,
        limit=None,
        explain=False,
    )
    return [_words(ref.dataId) for ref in refs]


def _words(data_id: Any) -> dict[str, Any]:
    """Return an exposure's data id with records as columns."""
    found: dict[str, Any] = {name: data_id[name] for name in ("instrument", "visit", "detector")}
    band = data_id.get("band")
    if band:
        found["band"] = str(band)
    span = getattr(data_id.records["visit"], "timespan", None)
    if span is not None and span.begin is not None and span.end is not None:
        middle = (span.begin.tai.mjd + span.end.tai.mjd) / 2
        if math.isfinite(middle):
            found["time"] = float(middle)
    return found
