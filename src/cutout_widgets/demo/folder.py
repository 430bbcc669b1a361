"""The demo as a folder of files: written completely or not at all, and opened again."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cutout_widgets.demo.association import Associator, known_asteroids
from cutout_widgets.demo.catalogue import injected_rows
from cutout_widgets.demo.instrument import DETECTORS, INSTRUMENT
from cutout_widgets.demo.models import Row
from cutout_widgets.demo.optional_repository import OptionalRepository
from cutout_widgets.demo.schema import DIA_SOURCE
from cutout_widgets.demo.sky import Sky, make_sky
from cutout_widgets.demo.survey import observe
from cutout_widgets.demo.tables import INJECTED, TRUTH, VISIT_COLUMNS, arrow_table, visit_rows
from cutout_widgets.demo.write_apdb import write_apdb
from cutout_widgets.demo.write_butler import RepositoryWriter, butler_is_installed
from cutout_widgets.demo.write_fits import image_path, write_images
from cutout_widgets.errors import BadOption, ImageNotFound
from cutout_widgets.paths import path_to
from cutout_widgets.pixels.image import PANELS

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.stores.fits.store import FitsImages

__all__ = ["Demo", "open_demo", "write"]

_ABOUT = "demo.json"
"""The file that identifies a demo folder; it is written last."""

_REPOSITORY = "repo"
"""The folder of the Butler repository."""

_FORMAT = 1
"""Version of the folder's contents; a demo of another version is not reused."""


@dataclass(frozen=True)
class Demo:
    """A demo on disk."""

    folder: Path
    """The folder."""
    seed: int
    """Seed of its sky."""

    @property
    def index(self) -> Path:
        """Table of image files: ``visit``, ``detector``, ``band``, and a column for each panel."""
        return self.folder / "images.csv"

    @property
    def table(self) -> Path:
        """DiaSources, with all columns of the APDB schema 10.0.0."""
        return self.folder / "dia_sources.parquet"

    @property
    def apdb(self) -> str:
        """URL of the alert production database: the same DiaSources, their objects and forced sources."""
        return f"sqlite:///{self.folder.absolute() / 'apdb.db'}"

    @property
    def repository(self) -> Path:
        """The Butler repository, collection ``demo``; it exists if the Rubin packages were installed."""
        return self.folder / _REPOSITORY

    @property
    def truth(self) -> Path:
        """The truth about each DiaSource: ``kind``, and the object with its true position and flux."""
        return self.folder / "truth.parquet"

    @property
    def injected(self) -> Path:
        """Every true source on every image, detected or not: position (parent pixels and sky) and fluxes."""
        return self.folder / "injected.parquet"

    @property
    def visits(self) -> Path:
        """Properties of each image: time, band, PSF, noise, zero point."""
        return self.folder / "visits.parquet"

    def images(self) -> FitsImages:
        """Open the images."""
        from cutout_widgets.stores.fits.store import FitsImages

        return FitsImages.from_index(self.index)

    def sources(self) -> SourceTable:
        """Open the DiaSources."""
        from cutout_widgets.catalog.table import SourceTable

        return SourceTable.read(self.table, instrument=INSTRUMENT)

    def truth_table(self) -> pd.DataFrame:
        """Return the truth about each DiaSource, one row each, in the order of the DiaSources."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.parquet as pq

        # Nullable integers, because floats would round ids.
        exact = {pa.int64(): pd.Int64Dtype(), pa.int16(): pd.Int16Dtype()}
        frame: pd.DataFrame = pq.read_table(self.truth).to_pandas(types_mapper=exact.get)
        return frame


def open_demo(folder: str | os.PathLike[str]) -> Demo:
    """Open an existing demo.

    Raises
    ------
    ImageNotFound
        If the folder is not a demo.
    """
    place = path_to(folder, "the folder of a demo")
    try:
        about = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
        return Demo(place, int(about["seed"]))
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise ImageNotFound(
            f"wanted a demo sky in {str(place)!r}, found none; make one with: cutout-widgets demo {place}"
        ) from err


def write(
    folder: str | os.PathLike[str],
    *,
    seed: int = 0,
    repository: Literal["if possible", "always", "never"] = "if possible",
) -> Demo:
    """Create a demo sky in a folder: images, DiaSources, truth, and the same as a Butler and an APDB.

    Parameters
    ----------
    folder
        The folder; created if it does not exist. An existing demo with the same seed is
        opened instead; if it lacks a Butler repository, that is added.
    seed
        Different numbers give different skies.
    repository
        Whether to create a Butler repository; ``"if possible"``: if the packages of the extra
        ``rubin`` are installed in a supported version.

    Returns
    -------
    Demo
        About 900 DiaSources on 6 visits x 2 detectors of 1024 x 1024 pixels; 36 MB, and the same again for
        the repository.

    Raises
    ------
    BadOption
        If the folder holds something else, or a demo of another seed.
    MissingDependency
        If `repository` is ``"always"`` and the Rubin packages are not installed.

    Notes
    -----
    Pixels are whole nJy and variances whole nJy squared, so that RICE compression is lossless and FITS
    and Butler have the same pixels. The folder is written under a temporary name and moved into
    place at the end; of several processes that create the same one, the first to finish is used by all.
    """
    place = path_to(folder, "the folder of a demo")
    writer: _Writer = {
        "always": RepositoryWriter,
        "if possible": OptionalRepository if butler_is_installed() else _no_repository,
        "never": _no_repository,
    }[repository]
    if (place / _ABOUT).is_file():
        present = open_demo(place)
        if _format_of(place) != _FORMAT:
            raise BadOption(
                f"{str(place)!r} holds a demo of another version; remove it, or give another folder"
            )
        if present.seed != seed:
            raise BadOption(
                f"{str(place)!r} holds a demo of seed {present.seed}; give another folder for seed {seed}"
            )
        if writer is not _no_repository and not present.repository.exists():
            _add_repository(present, writer)
        return present
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise BadOption(f"{str(place)!r} exists and is not a demo; give the name of a new or empty folder")
    place.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"{place.name}-unfinished-", dir=place.parent))
    try:
        _fill(building, seed, writer)
        building.chmod(0o755)  # mkdtemp makes it private
        try:
            if place.is_dir():
                place.rmdir()  # empty, as was checked
            building.rename(place)
        except OSError:
            if not (place / _ABOUT).is_file():
                raise
            # Another process was faster, for example if two notebooks run at once: use its demo.
            shutil.rmtree(building, ignore_errors=True)
            return write(place, seed=seed, repository=repository)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return Demo(place, seed)


def _format_of(place: Path) -> int | None:
    """Return the version of a demo folder's contents."""
    return json.loads((place / _ABOUT).read_text(encoding="utf-8")).get("format")  # type: ignore[no-any-return]  # JSON


def _no_repository(place: Path, sky: Sky) -> AbstractContextManager[None]:
    """Return a context that does nothing, for a demo without repository."""
    return nullcontext()


_Writer = Callable[[Path, Sky], AbstractContextManager[RepositoryWriter | OptionalRepository | None]]
"""Creates the repository writer for a folder and a sky."""


def _fill(folder: Path, seed: int, writer: _Writer) -> None:
    """Write everything into an empty folder."""
    import pyarrow.parquet as pq

    sky = make_sky(seed)
    rows: list[Row] = []
    truth: list[Row] = []
    injected: list[Row] = []
    associator = Associator(known_asteroids(sky))
    with writer(folder / _REPOSITORY, sky) as repository:
        for detected in observe(sky, associator):
            write_images(detected.exposure, folder)
            if repository is not None:
                repository.put(detected)
            rows += detected.rows
            truth += detected.truth
            injected += injected_rows(detected.exposure)
    pq.write_table(arrow_table(DIA_SOURCE, rows), folder / "dia_sources.parquet")
    pq.write_table(arrow_table(TRUTH, truth), folder / "truth.parquet")
    pq.write_table(arrow_table(INJECTED, injected), folder / "injected.parquet")
    pq.write_table(arrow_table(VISIT_COLUMNS, visit_rows(sky)), folder / "visits.parquet")
    write_apdb(
        folder / "apdb.db",
        instrument=INSTRUMENT,
        sources=rows,
        objects=[item.row() for item in associator.objects],
        forced=[row for item in associator.objects for row in item.forced],
    )
    _write_index(folder / "images.csv", [(visit.id, visit.band) for visit in sky.visits])
    about = {"format": _FORMAT, "seed": seed, "instrument": INSTRUMENT, "n_sources": len(rows)}
    (folder / _ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _add_repository(demo: Demo, writer: _Writer) -> None:
    """Simulate the sky of a demo again, for a missing repository."""
    sky = make_sky(demo.seed)
    with writer(demo.repository, sky) as repository:
        if repository is not None:
            for detected in observe(sky, Associator(known_asteroids(sky))):
                repository.put(detected)


def _write_index(path: Path, visits: Sequence[tuple[int, str]]) -> None:
    """Write the index of image files; paths are relative to the index."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["visit", "detector", "band", *PANELS])
        for visit, band in visits:
            for detector in DETECTORS:
                files = [image_path(visit, detector.id, panel) for panel in PANELS]
                table.writerow([visit, detector.id, band, *files])
