"""Images in a Butler repository of the Rubin Observatory."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from cutout_widgets._public import shown_by
from cutout_widgets.catalog.columns import close_names
from cutout_widgets.errors import BadOption, CutoutError, ImageNotFound, refuse_unknown, sentence
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.butler.backgrounds import background_of_archive, stored_background
from cutout_widgets.stores.butler.connection import Butlers, parse_spec
from cutout_widgets.stores.butler.datasets import Found, Located, open_located
from cutout_widgets.stores.butler.known import query_exposures
from cutout_widgets.stores.butler.lsst_images import OpenArchive
from cutout_widgets.stores.butler.names import check_kinds, choose_names
from cutout_widgets.stores.butler.queries import dataset_types_in
from cutout_widgets.stores.butler.visits import visits_of
from cutout_widgets.stores.exposures import exposure_row, one_panel
from cutout_widgets.stores.fits.masks import chosen_planes
from cutout_widgets.stores.group_cutting import cut_open_group
from cutout_widgets.stores.handles import Handles
from cutout_widgets.stores.open_image import OpenImage
from cutout_widgets.stores.whole_exposures import WholeExposures

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["ButlerImages", "read_table"]


class ButlerImages(WholeExposures):
    """Images in a Butler repository, found by instrument, visit and detector.

    Parameters
    ----------
    butler
        A ``lsst.daf.butler.Butler``, or the repository: a path, URI or alias.
    collections
        Collections to search, in order; None = those of the Butler, else all chains of the
        repository, else all runs.
    instrument
        Name of the instrument, for rows without one; None = the repository's only one.
    science, template, difference
        Dataset types; None = the first of `butler_names.NAMES` that exists in the collections.
    planes
        Mask planes to keep, by their names in afw or lsst.images; None = all that fit into 32 bits.

    Raises
    ------
    MissingDependency
        If lsst-daf-butler is not installed.
    BadOption
        If there is no such repository, collection, dataset type or instrument, none of the
        three images exists, or a given dataset type is not an image of a visit and detector.
    """

    def __init__(
        self,
        butler: Any,
        collections: str | Sequence[str] | None = None,
        instrument: str | None = None,
        *,
        science: str | None = None,
        template: str | None = None,
        difference: str | None = None,
        planes: str | Sequence[str] | None = None,
    ) -> None:
        self._butlers = Butlers(butler, collections)
        self._collections = self._butlers.collections
        wanted: dict[Panel, str | None] = {
            "science": science,
            "template": template,
            "difference": difference,
        }
        self.dataset_types = choose_names(
            self._butlers.ask(partial(dataset_types_in, collections=self._collections)),
            wanted,
            f"{self._butlers.name}, collections {', '.join(self._collections)}",
        )
        """Panel -> dataset type; None where the repository has none."""
        self._butlers.ask(partial(check_kinds, wanted=wanted))
        instruments = self._butlers.ask(_instruments)
        if instrument is not None and not isinstance(instrument, str):
            raise BadOption(f"instrument= is the name of an instrument; got {instrument!r}")
        if instrument and instrument not in instruments:
            raise BadOption(
                f"{self._butlers.name} has no instrument {instrument!r}{close_names(instrument, instruments)}"
            )
        self._instruments = (instrument,) if instrument else tuple(instruments)
        self._planes = chosen_planes(planes)
        self._handles = Handles(partial(open_located, planes=self._planes))
        self._found = Found()

    @classmethod
    def from_spec(cls, spec: str) -> ButlerImages:
        """Create a store from ``REPO?collections=a,b&instrument=I&science=...``.

        Raises
        ------
        BadOption
            If an option is not one of the class.
        """
        place, options = parse_spec(spec)
        return cls(place, **options)

    def group(self, source: DiaSource) -> Hashable:
        """Return instrument, visit and detector."""
        return self._instrument_of(source), source.visit, source.detector

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order."""
        return cut_open_group(self.open_panels(sources), sources, region)

    def open_panels(
        self, sources: Sequence[DiaSource]
    ) -> dict[Panel, Callable[[], AbstractContextManager[OpenImage]]]:
        """Return for each panel a function that opens the image of a group's sources."""
        return {panel: partial(self._open, panel, sources[0]) for panel in PANELS} if sources else {}

    def table(self, dataset: str | None = None) -> SourceTable:
        """Return the DiaSources in a dataset of the repository, for all detectors of all visits.

        Parameters
        ----------
        dataset
            Dataset type; None = the first of `butler_table.TABLE_NAMES` that exists in the collections.

        Raises
        ------
        BadTable
            If there is none, or the package to read it is not installed.
        """
        from cutout_widgets.stores.butler.table import read_dataset

        return read_dataset(self._butlers, dataset)

    def epochs(self, source: DiaSource) -> SourceTable:
        """Return all detections of a source's object in the repository, ordered by time; see `HasEpochs`.

        The datasets of DiaSources whose region covers the source are searched for its DiaObject or, if none
        is named, within 1 arcsec. As the ``history`` of a grid, the store provides the light curve and the
        epochs of an object from these detections, whatever rows the grid has.

        Raises
        ------
        BadTable
            If there is no dataset of DiaSources, or it cannot be read.
        BadOption
            If the registry fails.
        """
        from cutout_widgets.stores.butler.object_rows import ButlerObjects

        return ButlerObjects(self._butlers).epochs(source)

    def forced(self, source: DiaSource) -> pd.DataFrame:
        """Return the forced photometry of a source's DiaObject in the repository, as a light curve.

        Read from the first dataset type of forced photometry at DiaObjects with rows of this one:
        ``dia_forced_source_apdb``, ``dia_object_forced_source`` and their older names. As the ``history``
        of a grid, the store adds these points to the detections. Without a ``diaObjectId`` there are none.

        Raises
        ------
        BadTable
            If a dataset cannot be read.
        BadOption
            If the registry fails.
        """
        from cutout_widgets.stores.butler.forced import forced_history

        return forced_history(self._butlers, source)

    def background(self, name: str | None = None, *, panel: Panel = "science", **key: Any) -> Image:
        """Return the sky background that was subtracted from an exposure, as stored.

        Parameters
        ----------
        name
            Dataset type (afw), or the name of one of several models in the file (lsst.images). None =
            the model that was subtracted, or the dataset type that belongs to the image's.
        panel, **key
            As for `exposure`.

        Returns
        -------
        Image
            With the pixel grid and the unit of `exposure`: `cutout_widgets.add_background` adds it back.

        Raises
        ------
        ImageNotFound
            If there is none.
        """
        source = exposure_row(key)
        with self._open(one_panel(panel), source) as image:
            if isinstance(image, OpenArchive):
                return background_of_archive(image, name)
            located = self._locate(panel, source)
            return stored_background(located, self._collections, name, image)

    def _open_exposure(self, panel: Panel, source: DiaSource) -> AbstractContextManager[OpenImage]:
        """Open a row's exposure."""
        return self._open(panel, source)

    def _known_exposures(self, panel: Panel, key: Mapping[str, Any]) -> pd.DataFrame:
        """Query the registry for exposures with some values."""
        named = key.get("instrument")
        asked = partial(
            query_exposures,
            dataset_type=self.dataset_types[panel],
            collections=self._collections,
            instruments=self._instruments if named is None else (named,),
            key={name: value for name, value in key.items() if name != "instrument"},
        )
        return self._butlers.ask(asked)

    def visits_at(self, ra: float, dec: float) -> list[dict[str, Any]]:
        """Return the exposures whose region on the sky covers a position; see `HasVisits`.

        Raises
        ------
        BadOption
            If the registry fails.
        """
        names = (self.dataset_types[panel] for panel in ("difference", "science", "template"))
        name = next((one for one in names if one is not None), None)
        if name is None or not (math.isfinite(ra) and math.isfinite(dec) and abs(dec) <= 90):
            return []
        ask = partial(visits_of, name=name, collections=self._collections, ra=ra, dec=dec)
        return self._butlers.ask(ask)

    def close(self) -> None:
        """Close the files kept open for the next read; the store can still be used."""
        self._handles.close()

    def _instrument_of(self, source: DiaSource) -> str | None:
        """Return the instrument of a row; None if neither it nor the repository determines it."""
        named = source.row.get("instrument")
        if named is not None and named != "" and named == named:
            return named.decode(errors="replace") if isinstance(named, bytes) else str(named)
        return self._instruments[0] if len(self._instruments) == 1 else None

    @contextmanager
    def _open(self, panel: Panel, source: DiaSource) -> Iterator[OpenImage]:
        """Find the dataset of a panel and borrow a handle; reopen a file that was rewritten."""
        located = self._locate(panel, source)
        try:
            with self._handles.borrow((located, located.version)) as image:
                try:
                    yield image
                finally:
                    image.forget()
        except CutoutError:
            self._found.forget(located)  # it may have moved: query again next time
            raise

    def _locate(self, panel: Panel, source: DiaSource) -> Located:
        """Return the location of a panel's image.

        Raises
        ------
        ImageNotFound
            If there is none; the message has the data id.
        """
        name = self.dataset_types[panel]
        instrument = self._instrument_of(source)
        if name is None:
            raise ImageNotFound(f"{self._butlers.name} has no dataset type for it; give {panel}=")
        if instrument is None:
            raise ImageNotFound(
                "the row names no instrument, and the repository has "
                f"{', '.join(self._instruments) or 'none'}; give instrument="
            )
        if source.visit is None or source.detector is None:
            raise ImageNotFound(f"DiaSource {source.id} has no visit and detector to find its {name} by")
        key = (name, instrument, source.visit, source.detector)
        known = self._found.get(key)
        if known is not None and not known.is_gone:
            return known
        data_id = {"instrument": instrument, "visit": source.visit, "detector": source.detector}
        where = ", ".join(f"{key} {value}" for key, value in data_id.items())
        try:
            ref = self._butlers.mine.find_dataset(name, data_id, collections=self._collections)
        except Exception as err:  # the Butler raises some forty types of errors
            raise ImageNotFound(f"no {name} for {where}: {sentence(err)}") from err
        if ref is None:
            raise ImageNotFound(f"no {name} for {where} in collections {', '.join(self._collections)}")
        located = Located(str(ref.id), where, ref, self._butlers)
        self._found.keep(key, located)
        return located

    def reads(self) -> dict[str, str]:
        """Return what the store reads, as labelled text."""
        return {
            "repository": str(self._butlers.name),
            "collections": ", ".join(self._collections),
            "instrument": "/".join(self._instruments) or "none",
            **{panel: self.dataset_types[panel] or "none" for panel in PANELS},
        }

    _repr_html_ = shown_by("outputs.preview:store_html")

    def __repr__(self) -> str:
        panels = ", ".join(f"{panel}={self.dataset_types[panel]}" for panel in PANELS)
        instrument = "/".join(self._instruments) or "no instrument"
        return f"<ButlerImages {self._butlers.name} {instrument} in {', '.join(self._collections)}: {panels}>"


def _instruments(butler: Any) -> list[str]:
    """Return the names of the repository's instruments."""
    records = butler.query_dimension_records("instrument", explain=False)
    return sorted(record.name for record in records)


def read_table(url: str, **options: Any) -> SourceTable:
    """Read a DiaSource dataset: ``butler:REPO?collections=a,b#dia_source_apdb``.

    Parameters
    ----------
    url
        Repository, options of `ButlerImages.from_spec` and dataset type (by default the first existing one
        of `butler_table.TABLE_NAMES`).
    **options
        Arguments of `ButlerImages`, which override those in the URL.

    Raises
    ------
    BadTable
        If there is no such dataset.
    BadOption
        If there is no such repository or collection.
    """
    from cutout_widgets.stores.butler.table import read_dataset

    place, _, dataset = url.removeprefix("butler:").partition("#")
    repository, given = parse_spec(place)
    collections = options.pop("collections", given.get("collections"))
    refuse_unknown("a table of a Butler", options, ("collections",))
    return read_dataset(Butlers(repository, collections), dataset or None)
