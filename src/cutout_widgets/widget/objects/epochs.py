"""All epochs of one object: its rows, and visits without a detection."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.lightcurve import MJD_OF_JD, lsst_points
from cutout_widgets.catalog.reading.conversion import from_arrow, from_rows
from cutout_widgets.catalog.reading.parts import joined
from cutout_widgets.catalog.source import NO_DETECTION, DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.stores.base import HasEpochs, HasVisits
from cutout_widgets.widget.objects.histories import rows_of_object

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Epoch", "epoch_rows", "epoch_table", "epochs_of"]


@dataclass(frozen=True)
class Epoch:
    """One exposure of an object's position."""

    source: DiaSource
    """A row of a table; or, for a visit without a detection, an artificial one at the forced position with a
    negative id."""
    time: float
    """MJD; NaN if unknown."""
    is_detected: bool
    """Whether a DiaSource was found there."""


def epochs_of(sources: SourceTable, source: DiaSource, history: object, images: object) -> list[Epoch]:
    """Return all exposures of a source's object in time order, with and without detection.

    Parameters
    ----------
    sources
        The table.
    source
        One of its rows.
    history
        The grid's source of light curves; an `Apdb` also has rows.
    images
        The image store; one that can list visits adds those without a detection, at the median position
        of the detections. A moving object has no fixed position: its epochs are the detections.

    Raises
    ------
    BadTable
        If the database fails.
    BadOption
        If the image store cannot list its visits.
    """
    rows = list(epoch_rows(sources, source, history))
    epochs = [Epoch(row, _time_of(row), True) for row in rows]
    epochs += _undetected(sources, source, rows, images)
    return sorted(epochs, key=lambda epoch: (math.isnan(epoch.time), epoch.time))


def epoch_table(sources: SourceTable, source: DiaSource, history: object, images: object) -> SourceTable:
    """Return the epochs of `epochs_of` as rows: those of `epoch_rows`, and one for each other visit.

    Identifiers of visits without a detection are -1, -2, ... in time order (below those of the rows, if some
    are negative). They have position, time, band and what the image store needs to find them, and else no
    values; the column ``noDetection`` tells them apart.

    Raises
    ------
    BadTable, BadOption
        As `epochs_of` does.
    """
    import pyarrow as pa

    rows = epoch_rows(sources, source, history)
    undetected = _undetected(sources, source, list(rows), images)
    if not undetected:
        return rows
    undetected.sort(key=lambda epoch: (math.isnan(epoch.time), epoch.time))
    names = {meaning: rows.names.get(meaning, meaning) for meaning in ("id", "ra", "dec")}
    there = from_arrow(rows.to_arrow())
    there.columns[NO_DETECTION] = pa.array([False] * len(rows))
    last = min(0, int(rows.ids.min())) if len(rows) else 0
    made = from_rows([_as_row(one, last - number, rows) for number, one in enumerate(undetected, start=1)])
    table = SourceTable(joined([there, made], ["the rows", "the visits"]), **names)
    return table.sort("time") if "time" in table.names else table


def _as_row(epoch: Epoch, id: int, rows: SourceTable) -> dict[str, Any]:
    """Return a visit without a detection as a row with the columns of others."""
    source, names = epoch.source, rows.names
    values = {name: getattr(source, name) for name in ("ra", "dec", "visit", "detector", "band")}
    row = {names.get(meaning, meaning): value for meaning, value in values.items()}
    time = names.get("time", "midpointMjdTai")
    in_days = epoch.time + (MJD_OF_JD if time == "jd" else 0.0)
    known = {time: in_days} if math.isfinite(in_days) else {}
    return {**source.row, **row, **known, names["id"]: id, NO_DETECTION: True}


def _undetected(
    sources: SourceTable, source: DiaSource, rows: Sequence[DiaSource], images: object
) -> list[Epoch]:
    """Return the visits without a detection; a moving object has none, for it has no fixed position."""
    if not isinstance(images, HasVisits) or source.row.get("ssObjectId"):
        return []
    return _without_detection(sources, rows or [source], images)


def _without_detection(sources: SourceTable, rows: Sequence[DiaSource], images: HasVisits) -> list[Epoch]:
    """Return the visits that cover the position of some rows and are not among theirs."""
    first = rows[0]
    turns = np.array([(row.ra - first.ra + 180) % 360 - 180 for row in rows])
    ra = (first.ra + float(np.median(turns))) % 360
    dec = float(np.median([row.dec for row in rows]))
    seen = {(row.visit, row.detector) for row in rows} | {(row.visit, None) for row in rows}
    places = [one for one in images.visits_at(ra, dec) if (one.get("visit"), one.get("detector")) not in seen]
    known = _exposures_of(sources, {one["visit"] for one in places})
    epochs = []
    for one in places:
        time, band = known.get(one["visit"], (math.nan, None))
        visit, detector = int(one["visit"]), one.get("detector")
        made = DiaSource(
            # The same for the same exposure and position, and no id that a table has.
            id=-1 - (hash((visit, detector, ra, dec)) & (2**62 - 1)),
            ra=ra,
            dec=dec,
            visit=visit,
            detector=None if detector is None else int(detector),
            band=band if band is not None else one.get("band"),
            row={name: value for name, value in one.items() if name not in ("time", "band")},
        )
        epochs.append(Epoch(made, time if math.isfinite(time) else one.get("time", math.nan), False))
    return epochs


def _exposures_of(sources: SourceTable, visits: set[Any]) -> dict[Any, tuple[float, str | None]]:
    """Return time and band of visits, from any row of the table of the same visit."""
    name = sources.names.get("visit")
    if name is None or not visits:
        return {}
    column = np.asarray(sources.values(name))
    places = np.flatnonzero(np.isin(column, np.array(list(visits))))
    found, at = np.unique(column[places], return_index=True)
    rows = sources.take(places[at])
    return {visit: (_time_of(row), row.band) for visit, row in zip(found.tolist(), rows, strict=True)}


def _time_of(row: DiaSource) -> float:
    """Return the MJD of a row; NaN if it has none."""
    ((point),) = lsst_points([row.row], "detection", row.units)
    return float(point["time"])


def epoch_rows(sources: SourceTable, source: DiaSource, history: object) -> SourceTable:
    """Return the rows of a source's object in time order, from the history if it has rows, else the table.

    Parameters
    ----------
    sources
        The table.
    source
        One of its rows.
    history
        The grid's source of light curves: an `Apdb` and alert packets also have rows.

    Raises
    ------
    BadTable
        If the database fails.
    """
    if isinstance(history, HasEpochs):
        rows = history.epochs(source)
        if len(rows):
            return rows
    return rows_of_object(sources, source)
