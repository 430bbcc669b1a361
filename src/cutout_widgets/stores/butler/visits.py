"""Find the exposures in a repository that cover a position on the sky."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

__all__ = ["middles_of", "visits_of"]

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
    middle = _middle(data_id.records["visit"])
    if middle is not None:
        found["time"] = middle
    return found


def middles_of(butler: Any, instrument: str, visits: Sequence[int]) -> dict[int, float]:
    """Return the middle of each visit of an instrument that the registry knows, MJD TAI."""
    records = butler.query_dimension_records(
        "visit",
        where="instrument = :camera AND visit IN (:visits)",
        bind={"camera": instrument, "visits": list(visits)},
        limit=None,
        explain=False,
    )
    known = {int(record.id): _middle(record) for record in records}
    return {visit: middle for visit, middle in known.items() if middle is not None}


def _middle(record: Any) -> float | None:
    """Return the middle of the visit of a record, MJD TAI; None if it is unknown."""
    span = getattr(record, "timespan", None)
    if span is None or span.begin is None or span.end is None:
        return None
    middle = (span.begin.tai.mjd + span.end.tai.mjd) / 2
    return float(middle) if math.isfinite(middle) else None
