"""The source of a grid's light curves: a store, a database, or the grid's own rows."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np

from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.catalog.lightcurve import history_frame, lsst_points
from cutout_widgets.catalog.reading.intake import is_table
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption
from cutout_widgets.stores.base import HasEpochs, HasHistory

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.source import DiaSource

__all__ = ["OBJECTS", "EpochHistory", "TableHistory", "history_from", "own_history", "rows_of_object"]


OBJECTS = ("object", "moving_object")
"""Meanings of columns that identify an object; the first one with a value is used."""


def history_from(given: object) -> HasHistory:
    """Return an object that has light curves: the given one, or one for a table, an address or a path.

    Parameters
    ----------
    given
        An address is that of an `Apdb`, or of a Butler's DiaSources, ``butler:REPO?collections=a#dataset``.
        If an object only has epochs, such as `ButlerImages`, they are the light curve, with its forced
        photometry.

    Raises
    ------
    BadOption
        If it has no light curves.
    BadTable
        If an address is not that of a database.
    """
    if isinstance(given, str) and given.startswith("butler:"):
        from cutout_widgets.stores.butler.object_rows import ButlerObjects

        return EpochHistory(ButlerObjects.from_spec(given.removeprefix("butler:")))
    if isinstance(given, (str, os.PathLike)):
        from cutout_widgets.catalog.databases.apdb import Apdb

        return Apdb(os.fspath(given))
    if isinstance(given, HasHistory):
        return given
    if isinstance(given, HasEpochs):
        return EpochHistory(given)
    if isinstance(given, SourceTable) or is_table(given):
        return TableHistory(SourceTable.read(given))
    raise BadOption(
        f"{given!r} has no light curves; alert packets, an APDB, a Butler and tables do: "
        "grid.light_curve('sqlite:///apdb.db')"
    )


def own_history(
    sources: SourceTable, images: object, history: HasHistory | None
) -> tuple[HasHistory, Literal["history", "table"]]:
    """Return the source of a grid's light curves, and whether it is only the grid's own rows.

    Parameters
    ----------
    sources
        Its rows.
    images
        Its image store; alert packets have light curves.
    history
        The source of light curves that the user gave; it has priority.
    """
    if history is not None:
        return history, "history"
    if isinstance(images, HasHistory):
        return images, "history"
    return TableHistory(sources), "table"


def rows_of_object(sources: SourceTable, source: DiaSource) -> SourceTable:
    """Return the rows of a table of the same object as a source, in time order.

    A source without an object id (0 or null) and without a solar system object id is returned alone.
    """
    for meaning in OBJECTS:
        object, name = meaning_of(source.row, meaning), sources.names.get(meaning)
        if object and name is not None:
            rows = sources.take(np.flatnonzero(sources.values(name) == object))
            return rows.sort("time") if "time" in sources.names else rows
    place = sources.place_of(source.id)
    return sources.take([] if place is None else [place])


class TableHistory:
    """Light curves made of the rows of a table: detections only.

    Parameters
    ----------
    sources
        The table.
    """

    def __init__(self, sources: SourceTable) -> None:
        self._sources = sources

    def history(self, source: DiaSource) -> pd.DataFrame:
        """Return the rows of the source's object as a light curve; see `stores.base.HasHistory`."""
        return history_frame(_points_of(rows_of_object(self._sources, source)))


@runtime_checkable
class HasForced(Protocol):
    """A source of forced photometry at the position of an object, such as `ButlerImages`."""

    def forced(self, source: DiaSource) -> pd.DataFrame:
        """Return it as a light curve."""


class EpochHistory:
    """Light curves of detections, and of forced photometry if there is some, from an object that has epochs.

    Parameters
    ----------
    epochs
        A `ButlerImages`, for example.
    """

    def __init__(self, epochs: HasEpochs) -> None:
        self._epochs = epochs

    def epochs(self, source: DiaSource) -> SourceTable:
        """Return the detections of the source's object; see `HasEpochs`."""
        return self._epochs.epochs(source)

    def history(self, source: DiaSource) -> pd.DataFrame:
        """Return the light curve; the source alone if there are no detections; see `HasHistory`."""
        rows = self._epochs.epochs(source)
        points = _points_of(rows if len(rows) else [source])
        if isinstance(self._epochs, HasForced):
            points += self._epochs.forced(source).to_dict("records")  # type: ignore[arg-type]  # its names are text
        return history_frame(points)


def _points_of(rows: Iterable[DiaSource]) -> list[dict[str, Any]]:
    """Return rows as points of a light curve."""
    points: list[dict[str, Any]] = []
    for row in rows:
        (point,) = lsst_points([row.row], "detection", row.units)
        points.append({**point, "id": row.id})
    return points
