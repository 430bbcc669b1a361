"""The demo as a Butler repository: SQLite registry, ``lsst.images`` files with the same pixels."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.time import Time

from cutout_widgets.demo.catalogue import Detected
from cutout_widgets.demo.instrument import DETECTORS, INSTRUMENT, Visit
from cutout_widgets.demo.lsst_images import as_lsst_image
from cutout_widgets.demo.schema import DIA_FORCED_SOURCE, DIA_SOURCE
from cutout_widgets.demo.sky import Sky
from cutout_widgets.demo.tables import arrow_table
from cutout_widgets.demo.write_fits import MISSING_TEMPLATE
from cutout_widgets.errors import MissingDependency

__all__ = ["COLLECTION", "DATASETS", "RepositoryWriter", "butler_is_installed"]

COLLECTION = "demo"
"""The collection for users: a chain with the single run."""

RUN = "demo/run1"
"""The run with the datasets."""

DATASETS = {
    "science": ("preliminary_visit_image", "VisitImage"),
    "template": ("template_detector", "VisitImage"),
    "difference": ("difference_image", "DifferenceImage"),
}
"""Panel -> dataset type and storage class, named as in Rubin's prompt processing."""

SOURCES = "dia_source_apdb"
"""Dataset type of the DiaSources of one detector and visit."""

FORCED = "dia_forced_source_apdb"
"""Dataset type of the forced photometry on one detector and visit."""

_FORMATTER = "lsst.images.formatters.GenericFormatter"


def butler_is_installed() -> bool:
    """Return whether the packages of the extra ``rubin`` are installed, without importing them."""
    try:
        return all(importlib.util.find_spec(name) for name in ("lsst.daf.butler", "lsst.images"))
    except ModuleNotFoundError:  # not even the namespace package
        return False


class RepositoryWriter:
    """Fills a new repository, exposure by exposure: a context manager that moves it into place at the end.

    After an error it is removed.

    Parameters
    ----------
    place
        Folder of the repository; it must not exist.
    sky
        Its visits are registered.

    Raises
    ------
    MissingDependency
        If the Rubin packages are not installed.
    """

    def __init__(self, place: Path, sky: Sky) -> None:
        if not butler_is_installed():
            raise MissingDependency("lsst.daf.butler", "rubin", "writing a Butler repository")
        from lsst.daf.butler import Butler, Config

        self._place = place
        # Not a hidden folder: the Butler would interpret the text after the dot as a file format.
        self._building = Path(tempfile.mkdtemp(prefix=f"{place.name}-unfinished-", dir=place.parent))
        try:
            Butler.makeRepo(str(self._building), config=Config(_lossless_rice()))
            self._butler = Butler.from_config(str(self._building), writeable=True, run=RUN)
            _register(self._butler, sky)
        except BaseException:
            self.abandon()
            raise

    def put(self, detected: Detected) -> None:
        """Store the images and the rows of one detector and visit; a missing template is skipped."""
        exposure = detected.exposure
        key = exposure.visit.id, exposure.detector.id
        data_id = {"instrument": INSTRUMENT, "visit": key[0], "detector": key[1]}
        for panel, (name, kind) in DATASETS.items():
            if panel == "template" and key == MISSING_TEMPLATE:
                continue
            self._butler.put(as_lsst_image(exposure, getattr(exposure, panel), kind), name, data_id)  # type: ignore[arg-type]  # DATASETS has the two kinds
        self._butler.put(arrow_table(DIA_SOURCE, detected.rows), SOURCES, data_id)
        self._butler.put(arrow_table(DIA_FORCED_SOURCE, detected.forced), FORCED, data_id)

    def __enter__(self) -> RepositoryWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish, or remove the repository after an error."""
        if kind is None:
            self.finish()
        else:
            self.abandon()

    def finish(self) -> None:
        """Define the chain, close the repository and move it into place."""
        from lsst.daf import butler as daf

        try:
            kinds: Any = daf  # the package exports by star, which mypy does not follow
            self._butler.registry.registerCollection(COLLECTION, kinds.CollectionType.CHAINED)
            self._butler.registry.setCollectionChain(COLLECTION, [RUN])
            self._close()
            self._building.chmod(0o755)  # mkdtemp makes it private
            try:
                self._building.rename(self._place)
            except OSError:
                if not self._place.is_dir():
                    raise
                self.abandon()  # another process has created the same one in the meantime
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Remove what was written."""
        self._close()
        shutil.rmtree(self._building, ignore_errors=True)

    def _close(self) -> None:
        """Close the Butler, if this version supports that."""
        close = getattr(getattr(self, "_butler", None), "close", None)
        if close is not None:
            close()


def _lossless_rice() -> dict[str, Any]:
    """Return a repository configuration: RICE tiles of 128 x 128 with a step of one and no dither.

    The demo's pixels are whole nJy (and nJy squared), so this is lossless.
    """
    whole = {
        "algorithm": "RICE_1",
        "tile_shape": [128, 128],
        "quantization": {"dither": "NO_DITHER", "level": -1.0, "seed": 1},
    }
    recipe = {"image": whole, "variance": whole, "mask": {"algorithm": "GZIP_2", "tile_shape": [128, 128]}}
    formatters: dict[str, Any] = {"write_recipes": {_FORMATTER: {"demo": recipe}}}
    for kind in ("VisitImage", "DifferenceImage"):
        formatters[kind] = {"formatter": _FORMATTER, "parameters": {"recipe": "demo"}}
    return {"datastore": {"formatters": formatters}}


def _register(butler: Any, sky: Sky) -> None:
    """Register the instrument, its visits with their regions, and the dataset types."""
    from lsst.daf.butler import DatasetType

    def insert(element: str, *rows: dict[str, Any]) -> None:
        butler.registry.insertDimensionData(element, *rows)

    insert(
        "instrument",
        {
            "name": INSTRUMENT,
            "visit_max": 10**14,
            "exposure_max": 10**14,
            "detector_max": 200,
            "class_name": "none.Demo",
        },
    )
    bands = sorted({visit.band for visit in sky.visits})
    insert("physical_filter", *({"instrument": INSTRUMENT, "name": f"{b}_demo", "band": b} for b in bands))
    days = sorted({visit.day_obs for visit in sky.visits})
    insert("day_obs", *({"instrument": INSTRUMENT, "id": day} for day in days))
    insert(
        "detector",
        *(
            {
                "instrument": INSTRUMENT,
                "id": detector.id,
                "full_name": detector.name,
                "name_in_raft": detector.name[-3:],
                "raft": detector.name[:3],
                "purpose": "SCIENCE",
            }
            for detector in DETECTORS
        ),
    )
    insert("visit", *(_visit_record(visit) for visit in sky.visits))
    # Without these rows query_datasets does not find anything if dimension records are requested.
    insert(
        "visit_detector_region",
        *(
            {
                "instrument": INSTRUMENT,
                "visit": visit.id,
                "detector": detector.id,
                "region": _region(visit, [detector]),
            }
            for visit in sky.visits
            for detector in DETECTORS
        ),
    )
    dimensions = butler.dimensions.conform(["instrument", "visit", "detector"])
    for name, kind in (*DATASETS.values(), *((name, "ArrowTable") for name in (SOURCES, FORCED))):
        butler.registry.registerDatasetType(DatasetType(name, dimensions, kind))


def _visit_record(visit: Visit) -> dict[str, Any]:
    """Return the registry's record of a visit."""
    from lsst.daf.butler import Timespan

    half = visit.exposure_s / 2 / 86400
    begin, end = (Time(visit.mjd + sign * half, format="mjd", scale="tai") for sign in (-1, 1))
    return {
        "instrument": INSTRUMENT,
        "id": visit.id,
        "day_obs": visit.day_obs,
        "physical_filter": f"{visit.band}_demo",
        "name": str(visit.id),
        "seq_num": visit.id % 100_000,
        "exposure_time": visit.exposure_s,
        "region": _region(visit, DETECTORS),
        "timespan": Timespan(begin, end),
    }


def _region(visit: Visit, detectors: Sequence[Any]) -> Any:
    """Return the sky region that some detectors of a visit cover, as one convex polygon."""
    from astropy.wcs import WCS
    from lsst.sphgeom import ConvexPolygon, LonLat, UnitVector3d

    corners = []
    for detector in detectors:
        ny, nx = detector.box.shape
        x, y = np.array([(-0.5, -0.5), (nx - 0.5, -0.5), (nx - 0.5, ny - 0.5), (-0.5, ny - 0.5)]).T
        ra, dec = WCS(visit.wcs_cards(detector)).all_pix2world(x, y, 0)
        corners += [
            UnitVector3d(LonLat.fromDegrees(float(a), float(d))) for a, d in zip(ra, dec, strict=True)
        ]
    return ConvexPolygon.convexHull(corners)
