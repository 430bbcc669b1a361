"""All detections of one object in a Butler repository, on any visit and detector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.columns import resolve
from cutout_widgets.catalog.identifiers.objects import id_of_object
from cutout_widgets.catalog.nearest import directions, separations
from cutout_widgets.stores.butler.connection import Butlers, parse_spec
from cutout_widgets.stores.butler.forced import forced_history
from cutout_widgets.stores.butler.queries import refs_at
from cutout_widgets.stores.butler.table import choose_table, read_refs

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["ButlerObjects"]

ASSOCIATED_ARCSEC = 1.0
"""Maximum distance of a source's other detections, if rows do not name their object.

Source: ``maxDistArcSeconds`` of the alert pipeline's association (lsst.ap.association).
"""


class ButlerObjects:
    """Finds the rows of an object in the datasets of DiaSources that cover its position.

    Parameters
    ----------
    butler
        A Butler, its repository, or a connection to one.
    collections
        Collections to search; by default those of the Butler.
    dataset
        Dataset type of the rows; by default the first of `table.TABLE_NAMES` that the collections have.
    """

    def __init__(
        self, butler: Any, collections: str | Sequence[str] | None = None, dataset: str | None = None
    ) -> None:
        self._butlers = butler if isinstance(butler, Butlers) else Butlers(butler, collections)
        self._dataset = dataset

    @classmethod
    def from_spec(cls, spec: str) -> ButlerObjects:
        """Create an instance from ``REPO?collections=a,b#dia_source_apdb``.

        Raises
        ------
        BadOption
            If there is no such repository or option.
        """
        place, _, dataset = spec.partition("#")
        repository, options = parse_spec(place)
        return cls(repository, options.get("collections"), dataset or None)

    def epochs(self, source: DiaSource) -> SourceTable:
        """Return the detections of a source's object, ordered by time; see `HasEpochs`.

        They are the rows of its DiaObject; if the source or the datasets name none, those within
        `ASSOCIATED_ARCSEC`. A solar system object has no fixed position to search: it has no rows here.

        Raises
        ------
        BadTable
            If there is no dataset of DiaSources, one cannot be read, or an identifier was rounded as a float.
        BadOption
            If the registry fails.
        """
        from cutout_widgets.catalog.table import SourceTable

        nothing = SourceTable({"id": np.empty(0, np.int64), "ra": np.empty(0), "dec": np.empty(0)})
        object_id = id_of_object(source, "object", "diaObjectId")
        moves = not object_id and id_of_object(source, "moving_object", "ssObjectId")
        if moves or not (math.isfinite(source.ra) and math.isfinite(source.dec) and abs(source.dec) <= 90):
            return nothing
        name = self._dataset or self._butlers.ask(
            partial(choose_table, collections=self._butlers.collections)
        )
        refs = self._butlers.ask(
            partial(refs_at, name=name, collections=self._butlers.collections, ra=source.ra, dec=source.dec)
        )
        keep = partial(_of_object, object_id=object_id, ra=source.ra, dec=source.dec)
        rows = read_refs(self._butlers, name, refs, keep) if refs else nothing
        return rows.sort("time") if len(rows) and "time" in rows.names else rows

    def forced(self, source: DiaSource) -> pd.DataFrame:
        """Return the forced photometry of a source's DiaObject; see `forced.forced_history`."""
        return forced_history(self._butlers, source)

    def __repr__(self) -> str:
        return f"<ButlerObjects {self._dataset or 'DiaSources'} of {self._butlers.name}>"


def _of_object(table: pa.Table, *, object_id: int, ra: float, dec: float) -> pa.Table:
    """Return the rows of an object, or near a position if the rows do not say whose they are."""
    names = resolve(table.column_names)
    if object_id and "object" in names:
        import pyarrow.compute as pc

        return table.filter(pc.equal(table.column(names["object"]), object_id))  # null counts as unequal
    if "ra" not in names or "dec" not in names:
        return table.slice(0, 0)
    places = np.column_stack([table.column(names[axis]).to_numpy() for axis in ("ra", "dec")]).astype(float)
    here = directions(np.array([[ra, dec]]))
    near = separations(directions(places), here) * 3600 <= ASSOCIATED_ARCSEC
    return table.take(np.flatnonzero(near))
