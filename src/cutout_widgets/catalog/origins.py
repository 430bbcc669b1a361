"""Methods that read rows by identifier, and select or export rows by sky position."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import NDArray

if TYPE_CHECKING:
    from regions import Regions

__all__ = ["TableOrigins"]

_BY_ID = "cutout_widgets.catalog.identifiers.by_id"
"""The function that reads rows by identifier, set later because it depends on this class."""


class TableOrigins:
    """Methods of a `SourceTable` that find rows by identifier and by position."""

    if TYPE_CHECKING:

        @property
        def ids(self) -> NDArray[Any]:
            """Identifiers."""

        def values(self, name: str) -> NDArray[Any]:
            """Return a column."""

        def take(self, row_numbers: Any) -> Self:
            """Return some rows."""

    @classmethod
    def of_ids(
        cls,
        ids: int | Iterable[int],
        *,
        butler: Any = None,
        apdb: Any = None,
        tap: Any = None,
        **options: Any,
    ) -> Self:
        """Return the rows of identifiers, in the order of the identifiers.

        Parameters
        ----------
        ids
            ``diaSourceId`` of the rows.
        butler
            A Butler, its repository, or a `ButlerImages`: visit and detector are unpacked from the
            identifiers, for instruments whose packing is known (`unpack_id`).
        apdb
            An `Apdb`, or its URL.
        tap
            A `Tap`, or the URL of the service.
        options
            Options of the source: ``collections=``, ``instrument=``, ``dataset=`` of a Butler, ``schema=``,
            ``table=`` and ``token=`` of a TAP service.

        Raises
        ------
        BadOption
            If not exactly one of the three is given.
        NotInTable
            If none of the rows exists.
        BadTable
            If the packing is unknown, or the source fails.

        Warns
        -----
        CutoutWarning
            If some of the rows do not exist.
        """
        read = import_module(_BY_ID).rows_of_ids
        return cls(read(ids, butler=butler, apdb=apdb, tap=tap, options=options))  # type: ignore[call-arg]

    def to_regions(self, radius: Any = 5.0) -> Regions:
        """Return circles around the rows as regions, for DS9: ``table.to_regions().write("rows.reg")``.

        Parameters
        ----------
        radius
            arcsec, or a Quantity.

        Returns
        -------
        regions.Regions
            Each labelled ``id=`` and its identifier, so that `SourceTable` can read it back. Rows without
            position are skipped.

        Raises
        ------
        MissingDependency
            If the package regions is not installed (extra ``regions``).
        BadOption
            If the radius is not a positive angle.
        """
        from cutout_widgets.catalog.regions import regions_of

        return regions_of(self.ids, self.values("ra"), self.values("dec"), radius)

    def inside(self, moc: Any) -> Self:
        """Return the rows inside a region of the sky.

        Parameters
        ----------
        moc
            A ``mocpy.MOC``, or the path of one.

        Raises
        ------
        MissingDependency
            If mocpy is not installed (extra ``moc``).
        BadOption
            If it is not a MOC.
        """
        from cutout_widgets.catalog.regions import in_moc

        return self.take(in_moc(moc, self.values("ra"), self.values("dec")))
