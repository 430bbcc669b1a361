"""Images in FITS files: the same three for all rows, or those listed in a table."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from cutout_widgets._public import shown_by
from cutout_widgets.catalog.columns import close_names
from cutout_widgets.errors import BadOption, CutoutError, CutoutWarning, ImageNotFound
from cutout_widgets.paths import is_url, shown_place
from cutout_widgets.pixels.image import PANELS, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.stores.coverage import Frames
from cutout_widgets.stores.fits.index import FitsIndex, FitsPart, part_of, read_index
from cutout_widgets.stores.fits.masks import chosen_planes
from cutout_widgets.stores.fits.planes import FitsKey, open_fits
from cutout_widgets.stores.fits.roles import HduName
from cutout_widgets.stores.group_cutting import cut_open_group
from cutout_widgets.stores.handles import ALWAYS, Handles, version_of
from cutout_widgets.stores.open_image import OpenImage, Stamp
from cutout_widgets.stores.whole_exposures import WholeExposures

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.source import DiaSource

__all__ = ["FitsImages"]

EPOCHS_OF_FILES = 320
"""Idle files whose parsed headers are kept: three for each of a hundred epochs of one object. Parsing
them takes several times longer than a cutout from it."""

HEADERS_AT_ONCE = 16
"""Files at URLs whose headers are read at the same time."""

SIDE_BY_SIDE = 64
"""Groups that may be read in parallel: practically unlimited."""


class FitsImages(WholeExposures):
    """A store of FITS files; from compressed files only the tiles under a cutout are read.

    Parameters
    ----------
    template, science, difference
        Files of the three panels, the same for all rows; None for a missing panel. A file
        with several images can be given with the HDU of the panel: ``"alert.fits[SCIENCE]"``,
        ``"alert.fits[2]"``, ``"alert.fits[SCI,2]"``.
    hdu
        The HDU of the image, for all panels or as panel -> HDU: its number, its EXTNAME or (EXTNAME,
        EXTVER). None = the one with the panel's name in a file with images of several panels
        (``DIFFIM``, ``SCIENCE``, ``TEMPLATE`` and the like), else the one whose EXTTYPE is ``IMAGE``,
        else with EXTNAME ``IMAGE`` or ``SCI``, else the first two-dimensional image.
    planes
        Mask planes to keep, by their names in afw or lsst.images; None = all that fit into 32 bits.
    remote
        How to read files at URLs (``https://``, ``s3://``, ``gs://``, ``az://``; extra ``remote``): by
        ranges, so that a cutout needs only its tiles. Files at URLs are assumed not to change while the store
        is open.

    Raises
    ------
    BadOption
        If no file is given.

    See Also
    --------
    FitsImages.from_index : different files for different rows.
    """

    def __init__(
        self,
        template: str | Path | None = None,
        science: str | Path | None = None,
        difference: str | Path | None = None,
        *,
        hdu: HduName | Mapping[Panel, HduName] | None = None,
        planes: str | Sequence[str] | None = None,
        remote: RemoteOptions | None = None,
    ) -> None:
        files: dict[Panel, str | Path | None] = {
            "template": template,
            "science": science,
            "difference": difference,
        }
        given = {panel: part_of(file) for panel, file in files.items() if _is_given(file)}
        if not given:
            raise BadOption("FitsImages needs at least one file: template=, science= or difference=")
        self._start(FitsIndex.of_one(given), hdu, planes, remote)

    @classmethod
    def from_file(
        cls,
        file: str | Path,
        *,
        planes: str | Sequence[str] | None = None,
        remote: RemoteOptions | None = None,
    ) -> FitsImages:
        """Use one file that contains all panels, each in its own HDU.

        Parameters
        ----------
        file
            HDUs are recognised by their names, such as ``DIFFIM``, ``SCIENCE`` and ``TEMPLATE``.
        planes, remote
            As for the class.
        """
        return cls(file, file, file, planes=planes, remote=remote)

    def _start(
        self,
        index: FitsIndex,
        hdu: HduName | Mapping[Panel, HduName] | None,
        planes: str | Sequence[str] | None,
        remote: RemoteOptions | None,
    ) -> None:
        """Initialise the store."""
        self._index = index
        self.side_by_side = 1 if index.has_gzip else SIDE_BY_SIDE
        """Groups read in parallel: fewer for gzip files, which are decompressed in memory while read."""
        self._warned_of_sky = False
        self._hdus: Mapping[Panel, HduName] = (
            hdu if isinstance(hdu, Mapping) else {} if hdu is None else dict.fromkeys(PANELS, hdu)
        )
        if unknown := set(self._hdus) - set(PANELS):
            raise BadOption(f"hdu= is for template, science and difference; got {', '.join(sorted(unknown))}")
        self._frames = Frames()
        open_file = partial(open_fits, planes=chosen_planes(planes), remote=remote)
        self._handles = Handles(open_file, idle=EPOCHS_OF_FILES, files_each=0)

    @classmethod
    def from_index(
        cls,
        table: Any,
        *,
        key: str | Sequence[str] | None = None,
        folder: str | Path | None = None,
        hdu: HduName | Mapping[Panel, HduName] | None = None,
        planes: str | Sequence[str] | None = None,
        remote: RemoteOptions | None = None,
    ) -> FitsImages:
        """Read a table that lists the files of each row.

        Parameters
        ----------
        table
            Anything that `SourceTable.read` accepts: a DataFrame of pandas or polars, an astropy
            or Arrow table, a dict of columns, or the path of one (parquet, csv, ecsv, fits, votable).
            Columns ``template``, ``science`` and ``difference`` contain paths (any of the three may be
            missing, or null in a row), or ``file`` those of files with all panels; ``science_hdu`` and
            similar ones contain HDUs, as in ``a.fits[SCIENCE]``. All other columns can be keys.
        key
            Columns that match rows of the index to sources. None = ``diaSourceId`` if the table
            has it, else ``visit`` and ``detector`` (and ``instrument``), else all other columns that
            the sources also have and that do not contain fractions.
        folder
            Base of relative paths; None = the folder of the table's file, or the current one.
        hdu, planes, remote
            As for the class.

        Raises
        ------
        BadTable
            If the table has none of the three columns, no key, or different rows with the same key.
        """
        store = cls.__new__(cls)
        store._start(read_index(table, key=key, folder=folder), hdu, planes, remote)
        return store

    def group(self, source: DiaSource) -> Hashable:
        """Return the key of the files that a source is cut from."""
        return self._index.group(source)

    def for_rows(self, sources: Sequence[DiaSource]) -> FitsImages:
        """Return a store with only the files of some rows; see `HasIndex`."""
        store = copy(self)
        store._index = self._index.narrowed(sources)
        return store

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order."""
        return cut_open_group(self.open_panels(sources), sources, region)

    def open_panels(
        self, sources: Sequence[DiaSource]
    ) -> dict[Panel, Callable[[], AbstractContextManager[OpenImage]]]:
        """Return for each panel a function that opens the file of a group's sources."""
        if not sources:
            return {}
        try:
            files = self._index.files_of(sources[0])
        except ImageNotFound as err:
            return dict.fromkeys(self._index.panels, partial(_raise, err))
        panels: dict[Panel, Callable[[], AbstractContextManager[OpenImage]]] = {}
        stamps = self._index.is_of_stamps and sources[0].xy is None
        for panel, file in files.items():
            if file is None:
                why = ImageNotFound(f"the index names no {panel} file for {self._index.describe(sources[0])}")
                panels[panel] = partial(_raise, why)
            else:
                panels[panel] = partial(self._open, self._key(files, panel, file), stamp=stamps)
        return panels

    @contextmanager
    def _open(self, key: FitsKey, *, stamp: bool) -> Iterator[OpenImage]:
        """Borrow a file; one that was replaced on disk has another handle."""
        with self._handles.borrow(key) as image:
            problem = image.frame.sky_problem
            if problem and not self._warned_of_sky:
                self._warned_of_sky = True
                warnings.warn(
                    f"the WCS of {shown_place(key.path)} cannot be used: {problem}; x and y are used if "
                    "the rows have them (and so for others like it)",
                    CutoutWarning,
                    stacklevel=2,
                )
            try:
                yield Stamp(image) if stamp and image.frame.wcs is None else image
            finally:
                image.forget()

    def _open_exposure(self, panel: Panel, source: DiaSource) -> AbstractContextManager[OpenImage]:
        """Open a row's exposure."""
        files = self._index.files_of(source)
        file = files.get(panel)
        if file is None:
            raise ImageNotFound(f"the index names no {panel} file for {self._index.describe(source)}")
        return self._open(self._key(files, panel, file), stamp=False)

    def _known_exposures(self, panel: Panel, key: Mapping[str, Any]) -> pd.DataFrame:
        """Return the rows of the index with a file of a panel and with some values."""
        import pandas as pd

        found = pd.DataFrame(self._index.rows(panel))
        for name, value in key.items():
            if name not in found:
                near = close_names(name, [str(one) for one in found])
                raise BadOption(f"the index of FITS files has no column {name!r}{near}")
            found = found[found[name] == value]
        return found

    def visits_at(self, ra: float, dec: float) -> list[dict[str, Any]]:
        """Return the rows of an index by visit whose images cover a position; see `HasVisits`.

        Files are opened once, to read their headers; only those near the position if the index has columns
        with the outlines of the images.
        """
        index = self._index
        if "visit" not in index.columns or not (math.isfinite(ra) and math.isfinite(dec) and abs(dec) <= 90):
            return []
        keys = {}
        for values, triple in index.may_cover(ra, dec).items():
            files = dict(zip(index.panels, triple, strict=True))
            panel = next((one for one in reversed(index.panels) if files[one]), None)
            part = None if panel is None else files[panel]
            if panel is not None and part is not None:
                keys[values] = self._key(files, panel, part)
        self._note_frames([key for key in keys.values() if key not in self._frames])
        found = []
        for values, key in keys.items():
            words = self._frames.words_at(key, ra, dec)
            if words is not None:
                found.append(dict(zip(index.columns, values, strict=True)) | words)
        return found

    def _note_frames(self, keys: Sequence[FitsKey]) -> None:
        """Open files to cache the area they cover; files at URLs in parallel, as servers answer slowly."""
        distant = [key for key in keys if is_url(key.path)]
        if len(distant) > 1:
            with ThreadPoolExecutor(
                min(HEADERS_AT_ONCE, len(distant)), thread_name_prefix="headers"
            ) as workers:
                list(workers.map(self._note_frame, distant))
        for key in keys:
            if key not in self._frames:
                self._note_frame(key)

    def _note_frame(self, key: FitsKey) -> None:
        """Open a file to cache the area it covers; an unreadable one covers nothing."""
        try:
            with self._open(key, stamp=False) as image:
                self._frames.keep(key, image.frame, getattr(image, "metadata", {}))
        except (CutoutError, OSError):
            self._frames.keep(key, None, {})

    def _key(self, files: Mapping[Panel, FitsPart | None], panel: Panel, file: FitsPart) -> FitsKey:
        """Return the pool key for a panel of a triplet of files."""
        return FitsKey(
            file.path,
            self._hdus.get(panel) if file.hdu is None else file.hdu,
            panel,
            [part.path for part in files.values() if part].count(file.path) > 1,
            ALWAYS if is_url(file.path) else version_of(file.path),
        )

    def close(self) -> None:
        """Close the files kept open for the next read; the store can still be used."""
        self._handles.close()

    def reads(self) -> dict[str, str]:
        """Return what the store reads, as labelled text."""
        return {"FITS files": str(self._index)}

    _repr_html_ = shown_by("outputs.preview:store_html")

    def __repr__(self) -> str:
        return f"<FitsImages {self._index}>"


def _raise(error: ImageNotFound) -> AbstractContextManager[OpenImage]:
    """Raise, as the opener of a missing file."""
    raise error


def _is_given(file: Any) -> TypeGuard[str | Path]:
    """Return whether an argument is a file, not None or an empty text."""
    return file is not None and not (isinstance(file, str) and not file)
