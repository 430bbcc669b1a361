"""The images in a Butler that cover some sky positions, in a time range."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import BadTable
from cutout_widgets.stores.butler.by_id import butlers_of
from cutout_widgets.stores.butler.connection import Butlers
from cutout_widgets.stores.butler.names import choose_names
from cutout_widgets.stores.butler.queries import dataset_types_in

if TYPE_CHECKING:
    from cutout_widgets.pixels.image import Panel

__all__ = ["rows_in_butler"]


def rows_in_butler(
    places: Sequence[tuple[int, float, float]],
    butler: Any,
    span: tuple[float | None, float | None],
    bands: Sequence[str] | None,
    *,
    collections: str | Sequence[str] | None,
    instrument: str | None,
    dataset: str | None,
) -> tuple[str, list[dict[str, Any]]]:
    """Return the start of a message for no images, and a row for each image of each position.

    Parameters
    ----------
    places
        Identifier, ra and dec of each, ICRS degrees.
    butler
        A Butler, its repository, or a `ButlerImages`.
    span
        Earliest and latest time, MJD TAI.
    bands, collections, instrument, dataset
        As in `images_at`.

    Raises
    ------
    BadOption
        If there is no such repository.
    BadTable
        If it has no images of the usual names.
    """
    butlers = butlers_of(butler, collections)
    kind = dataset or _image_type(butlers)
    where, bind = _conditions(span, bands, instrument)
    rows: list[dict[str, Any]] = []
    for id, ra, dec in places:
        there = {**bind, "ra": ra, "dec": dec}
        found = butlers.ask(
            partial(_found, kind=kind, collections=butlers.collections, where=where, bind=there)
        )
        here = [_row(ref, id, ra, dec) for ref in found]
        rows += sorted(here, key=lambda row: (row["midpointMjdTai"], row["visit"], row["detector"]))
    return f"{butlers.name} has no {kind} in collections {', '.join(butlers.collections)}", rows


def _found(butler: Any, *, kind: str, **options: Any) -> Any:
    """Return the datasets of a type that meet a condition."""
    return butler.query_datasets(
        kind, with_dimension_records=True, find_first=True, explain=False, limit=None, **options
    )


def _image_type(butlers: Butlers) -> str:
    """Return the dataset type to look for: of the difference images, else of the science images."""
    nothing: dict[Panel, str | None] = {"template": None, "science": None, "difference": None}
    names = choose_names(
        butlers.ask(lambda one: dataset_types_in(one, butlers.collections)), nothing, butlers.name
    )
    kind = names["difference"] or names["science"]
    if kind is None:
        raise BadTable(f"{butlers.name} has no difference or science images; give dataset=")
    return kind


def _conditions(
    span: tuple[float | None, float | None], bands: Sequence[str] | None, instrument: str | None
) -> tuple[str, dict[str, Any]]:
    """Return the condition on images, and its values; the place is bound later."""
    where = ["visit_detector_region.region OVERLAPS POINT(:ra, :dec)"]
    bind: dict[str, Any] = {}
    if span != (None, None):
        where.append("visit.timespan OVERLAPS (:span)")
        bind["span"] = _timespan(span)
    if bands is not None:
        where.append("band IN (:bands)")
        bind["bands"] = tuple(bands)
    if instrument is not None:
        where.append("instrument = :camera")
        bind["camera"] = instrument
    return " AND ".join(where), bind


def _timespan(span: tuple[float | None, float | None]) -> Any:
    """Return a range of times as the Butler takes it."""
    from astropy.time import Time
    from lsst.daf.butler import Timespan

    first, last = (None if one is None else Time(one, format="mjd", scale="tai") for one in span)
    return Timespan(first, last)


def _row(ref: Any, position: int, ra: float, dec: float) -> dict[str, Any]:
    """Return a row of one image of one place."""
    data_id = ref.dataId
    span = data_id.records["visit"].timespan
    middle = np.nan if span is None else (span.begin.tai.mjd + span.end.tai.mjd) / 2
    return {
        "position": position,
        "ra": ra,
        "dec": dec,
        "instrument": str(data_id["instrument"]),
        "visit": int(data_id["visit"]),
        "detector": int(data_id["detector"]),
        "band": str(data_id["band"]),
        "midpointMjdTai": float(middle),
    }
