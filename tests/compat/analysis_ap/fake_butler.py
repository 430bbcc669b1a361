"""A minimal Butler for stores of exposures: names, refs and files, without an LSST package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
from tests.stores.fits_files import write_afw

from cutout_widgets.testing import make_image, make_wcs

INSTRUMENT = "SimCam"
VISITS = (2025010100001, 2025010100002)
DETECTOR = 7
SHAPE = (90, 100)
NAMES = ("template_detector", "preliminary_visit_image", "difference_image")
IDS = (506428274000265570, 506428274000265571, 527736141479149732, 527736141479149733)


@dataclass(frozen=True)
class File:
    """The part of a ``ResourcePath`` that is used."""

    ospath: str

    @contextmanager
    def as_local(self) -> Iterator[File]:
        yield self


@dataclass
class FakeButler:
    """Datasets by type and visit; pickles as a Butler does."""

    files: dict[tuple[str, int], Path]
    collections: Any = field(init=False)

    def __post_init__(self) -> None:
        self.collections = _Collections({name for name, _ in self.files})

    def clone(self) -> FakeButler:
        return FakeButler(self.files)

    def query_dimension_records(self, element: str, explain: bool) -> list[Any]:
        return [SimpleNamespace(name=INSTRUMENT)]

    def find_dataset(self, name: str, data_id: dict[str, Any], collections: Any) -> Any:
        path = self.files.get((name, data_id["visit"]))
        if path is None or data_id["instrument"] != INSTRUMENT or data_id["detector"] != DETECTOR:
            return None
        kind = SimpleNamespace(name=name, storageClass_name="ExposureF")
        return SimpleNamespace(id=str(path), datasetType=kind, dataId=data_id)

    def getURI(self, ref: Any) -> File:
        return File(ref.id)


@dataclass
class _Collections:
    names: set[str]
    defaults: tuple[str, ...] = ("run",)

    def query_info(self, collections: Any, **_: Any) -> list[Any]:
        return [SimpleNamespace(dataset_types=self.names)]


def image_of(name: str, visit: int) -> Any:
    """The content of a dataset."""
    seed = sum(map(ord, name)) + visit % 10
    return make_image(SHAPE, seed=seed, wcs=make_wcs(at=(50.0, 45.0)), planes={"BAD": 0, "DETECTED": 5})


def build(folder: Path, names: tuple[str, ...] = NAMES) -> FakeButler:
    """Write all images of two visits."""
    files = {}
    for name in names:
        for visit in VISITS:
            path = folder / f"{name}_{visit}.fits"
            files[name, visit] = write_afw(path, image_of(name, visit))
    return FakeButler(files)


def rows() -> pd.DataFrame:
    """Four DiaSources, two a visit, with the columns of an APDB that the task needs."""
    return pd.DataFrame(
        {
            "diaSourceId": IDS,
            "ra": [53.0, 53.0005, 53.0, 52.9995],
            "dec": [-28.0, -28.0005, -28.0, -27.9995],
            "visit": [VISITS[0], VISITS[0], VISITS[1], VISITS[1]],
            "detector": [DETECTOR] * 4,
            "instrument": [INSTRUMENT] * 4,
        }
    )
