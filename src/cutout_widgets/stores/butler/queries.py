"""Which datasets a repository has, and which of them cover a position on the sky."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["dataset_types_in", "refs_at"]

REGIONS = (
    ({"visit", "detector"}, "visit_detector_region.region"),
    ({"visit"}, "visit.region"),
    ({"patch"}, "patch.region"),
    ({"tract"}, "tract.region"),
)
"""Dimensions of a dataset type -> the registry's region of one dataset, the finest first."""


def dataset_types_in(butler: Any, collections: Sequence[str]) -> set[str]:
    """Return the dataset types that exist in collections."""
    found: set[str] = set()
    for info in butler.collections.query_info(collections, flatten_chains=True, include_summary=True):
        found |= info.dataset_types or set()
    return found


def refs_at(butler: Any, *, name: str, collections: Sequence[str], ra: float, dec: float) -> list[Any]:
    """Return the datasets of a type whose region covers a position; all if they have no region."""
    dimensions = set(butler.get_dataset_type(name).dimensions.names)
    region = next((region for needed, region in REGIONS if needed <= dimensions), None)
    there = (
        {}
        if region is None
        else {
            "where": f"{region} OVERLAPS POINT(place_ra, place_dec)",
            "bind": {"place_ra": float(ra), "place_dec": float(dec)},
        }
    )
    found = butler.query_datasets(
        name, collections=collections, find_first=True, limit=None, explain=False, **there
    )
    return list(found)
