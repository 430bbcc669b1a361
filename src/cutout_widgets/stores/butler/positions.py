"""All images of some places on the sky, as rows: what a Butler has there, in a range of times."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.reading.conversion import from_arrays
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable, NotInTable
from cutout_widgets.quantities import days_tai
from cutout_widgets.stores.butler.by_id import butlers_of
from cutout_widgets.stores.butler.connection import Butlers
from cutout_widgets.stores.butler.names import choose_names
from cutout_widgets.stores.butler.store import dataset_types_in

if TYPE_CHECKING:
    from cutout_widgets.pixels.image import Panel

__all__ = ["images_at"]


def images_at(
    positions: Any,
    butler: Any,
    *,
    time: tuple[Any, Any] | None = None,
    band: str | Sequence[str] | None = None,
    collections: str | Sequence[str] | None = None,
    instrument: str | None = None,
    dataset: str | None = None,
) -> SourceTable:
    """Return a row for each image of each place: all the template, science and difference cutouts there.

    Parameters
    ----------
    positions
        A `SkyCoord` of one place or many, a sequence of them or of (ra, dec) in ICRS degrees, or rows:
        anything `SourceTable` takes.
    butler
        A Butler, its repository, or a `ButlerImages`.
    time
        First and last moment of the exposures: MJD TAI or astropy's Time, None for no end.
    band
        One band, or several.
    collections
        Where to look; by default where the Butler looks.
    instrument
        Name of the instrument; by default all.
    dataset
        The dataset type whose images are looked for; by default that of the difference images, else of
        the science images.

    Returns
    -------
    SourceTable
        Columns ``id`` (1, 2, ...), ``position`` (the identifier of the place, by which places are
        grouped), ``ra``, ``dec``, ``instrument``, ``visit``, ``detector``, ``band`` and
        ``midpointMjdTai``, in the order of the places and then of the times.

    Raises
    ------
    BadOption
        If there is no such repository, or the times are none.
    BadTable
        If the positions are none.
    NotInTable
        If there is no image of any of the places.

    Notes
    -----
    The Butler knows the outline of each detector of each visit: a place on an edge may be just outside
    the pixels. Then its panels say so.
    """
    places = SourceTable.read(_columns(positions))
    butlers = butlers_of(butler, collections)
    kind = dataset or _image_type(butlers)
    where, bind = _conditions(time, band, instrument)
    rows: list[dict[str, Any]] = []
    for id, ra, dec in zip(places.ids, places["ra"], places["dec"], strict=True):
        if not (np.isfinite(ra) and abs(dec) <= 90):
            continue
        there = {**bind, "ra": float(ra), "dec": float(dec)}
        found = butlers.ask(
            partial(_found, kind=kind, collections=butlers.collections, where=where, bind=there)
        )
        here = [_row(ref, int(id), float(ra), float(dec)) for ref in found]
        rows += sorted(here, key=lambda row: (row["midpointMjdTai"], row["visit"], row["detector"]))
    if not rows:
        raise NotInTable(
            f"{butlers.name} has no {kind} at these {len(places)} positions in collections "
            f"{', '.join(butlers.collections)}" + (" at these times" if time else "")
        )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return SourceTable(from_arrays({"id": np.arange(1, len(rows) + 1), **columns}))


def _columns(positions: Any) -> Any:
    """Return pairs of numbers as columns, and anything else as it is."""
    if not isinstance(positions, (tuple, list)) or not positions:
        return positions
    pairs = [positions] if all(isinstance(one, (int, float, np.number)) for one in positions) else positions
    if not all(isinstance(one, (tuple, list)) and len(one) == 2 for one in pairs):
        return positions
    ra, dec = zip(*pairs, strict=True)
    return {"id": list(range(1, len(pairs) + 1)), "ra": list(map(float, ra)), "dec": list(map(float, dec))}


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
        raise BadTable(f"{butlers.name} has no difference or science images; say dataset=")
    return kind


def _conditions(time: Any, band: Any, instrument: str | None) -> tuple[str, dict[str, Any]]:
    """Return the condition on images, and its values; the place is bound later."""
    where = ["visit_detector_region.region OVERLAPS POINT(:ra, :dec)"]
    bind: dict[str, Any] = {}
    if time is not None:
        where.append("visit.timespan OVERLAPS (:span)")
        bind["span"] = _timespan(time)
    if band is not None:
        where.append("band IN (:bands)")
        bind["bands"] = (band,) if isinstance(band, str) else tuple(band)
    if instrument is not None:
        where.append("instrument = :camera")
        bind["camera"] = instrument
    return " AND ".join(where), bind


def _timespan(time: Any) -> Any:
    """Return a range of times as the Butler takes it."""
    from astropy.time import Time
    from lsst.daf.butler import Timespan

    try:
        begin, end = (None if one is None else float(days_tai(one, "time")) for one in time)
    except (TypeError, ValueError) as err:
        raise BadOption(
            "time is the first and the last moment, MJD TAI or astropy's Time, None for no end; "
            f"got {time!r:.80}"
        ) from err
    if begin is not None and end is not None and not begin <= end:
        raise BadOption(f"time is the first moment and then the last; got {begin} and {end}")
    first, last = (None if one is None else Time(one, format="mjd", scale="tai") for one in (begin, end))
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
