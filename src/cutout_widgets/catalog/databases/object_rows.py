"""The rows of one object: its detections as a table, and its light curve."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.arguments import whole_number
from cutout_widgets.catalog.databases.selection import Selection
from cutout_widgets.catalog.identifiers.objects import id_of_object
from cutout_widgets.catalog.lightcurve import history_frame, lsst_points
from cutout_widgets.catalog.source import DiaSource

if TYPE_CHECKING:
    import pandas as pd
    import sqlalchemy as sa

    from cutout_widgets.catalog.table import SourceTable

__all__ = ["ObjectRows"]


class ObjectRows:
    """The rows of one object in an `Apdb`."""

    _tables: Mapping[str, sa.Table]

    @abstractmethod
    def table(self, selection: Selection | None = None, *, columns: Any = None) -> SourceTable:
        """Return the rows of a selection as one table."""

    @abstractmethod
    def _mappings(self, table: sa.Table, condition: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a table that satisfy a condition."""

    def sources_of(self, object: int | Sequence[int]) -> SourceTable:
        """Return the DiaSources of one or several DiaObjects; raises as `pages`."""
        return self.table(Selection(object=object))

    def epochs(self, source: DiaSource) -> SourceTable:
        """Return the detections of a source's object, in time order; see `stores.HasEpochs`.

        The object is the DiaObject, or without one the solar system object.

        Raises
        ------
        BadTable
            If an identifier is not a whole number or was rounded as a float, or the database fails.
        """
        if object_id := id_of_object(source, "object", "diaObjectId"):
            return self.table(Selection(object=object_id)).sort("time")
        if moving_id := self._moving_id(source):
            return self.table(Selection(moving_object=moving_id)).sort("time")
        return self.table(Selection(limit=0))

    def history(self, source: DiaSource | int) -> pd.DataFrame:
        """Return the light curve of a DiaObject: its DiaSources and its forced sources.

        Parameters
        ----------
        source
            A row of the table, or a ``diaObjectId``.

        Returns
        -------
        DataFrame
            Columns as in `stores.base.HasHistory`, with ``visit`` and ``detector``. Without a DiaObject
            (0, NULL or NaN): the detections with the same ``ssObjectId``, else only the source itself.

        Raises
        ------
        BadTable
            If the ``diaObjectId`` is not a whole number or was rounded as a float, or the database fails.
        """
        table = self._tables["DiaSource"]
        if not isinstance(source, DiaSource):
            object_id, alone = whole_number(source, "diaObjectId"), []
        else:
            object_id = id_of_object(source, "object", "diaObjectId")
            alone = lsst_points([source.row], "detection", source.units)
            if object_id == 0 and (moving_id := self._moving_id(source)):
                found = self._mappings(table, table.c.ssObjectId == moving_id)
                return history_frame(lsst_points(found, "detection") or alone)
        if object_id == 0:
            return history_frame(alone)
        points = lsst_points(self._mappings(table, table.c.diaObjectId == object_id), "detection")
        forced = self._tables.get("DiaForcedSource")
        if forced is not None:
            points += lsst_points(self._mappings(forced, forced.c.diaObjectId == object_id), "forced")
        return history_frame(points)

    def _moving_id(self, source: DiaSource) -> int:
        """Return the ``ssObjectId`` of a row; 0 without one, or if the database has no such column."""
        if "ssObjectId" not in self._tables["DiaSource"].columns:
            return 0
        return id_of_object(source, "moving_object", "ssObjectId")
