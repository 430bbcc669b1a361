"""The Butler and the modules that ButlerImages talks to where afw is installed, as strict as theirs are.

What is copied from the real ones (source: the lsst.daf.butler documentation):

* ``get(ref, parameters={"bbox": box})`` reads only that; what the formatter raises comes as a
  ``ValueError``; a parameter that the storage class lacks is a ``KeyError``.
* A dataset type that is not registered is an error, a dataset that is not there is None.
* A Butler pickles and clones, and is used by one thread at a time. Exposures are those of `fake_afw`.
"""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from typing import Any

from tests.stores.butler.fake_afw import Box2I, Extent2I, LengthError, Point2D, Point2I, exposure_of

VISITS = (2, 1)
"""Visits that the registry has, in no order; those of tract 1."""


class MissingDatasetTypeError(KeyError):
    """As in lsst.daf.butler."""


class Ref:
    """A DatasetRef, which does pickle."""

    def __init__(self, name, data_id, component=None):
        self.id = f"{name}/{sorted(data_id.items())}"
        self.datasetType = types.SimpleNamespace(name=name, storageClass_name="ExposureF")
        self.dataId, self.component = data_id, component

    def makeComponentRef(self, component):
        if component not in ("image", "mask", "variance", "bbox", "wcs", "psf", "photoCalib"):
            raise KeyError(component)
        return Ref(self.datasetType.name, self.dataId, component)


class Coordinate(dict):
    """A DataCoordinate, as far as it is asked."""

    @property
    def mapping(self):
        return self


class FakeButler:
    """A Butler that has an exposure wherever the given function has an image.

    Parameters
    ----------
    find
        Module-level function of (dataset type, visit, detector) that gives (image, SkyWcs or None, nJy
        for each unit of a pixel or None), or None.
    names
        Dataset types it has.
    whole_reads
        Filled with the names of what is read whole, by the Butler and its clones.
    """

    def __init__(self, find: Callable[[str, int, int], Any], names: tuple[str, ...], whole_reads=None):
        self._find, self._names = find, names
        self.collections = FakeCollections(names)
        self.whole_reads = [] if whole_reads is None else whole_reads
        self._user = None

    def __reduce__(self):
        return FakeButler, (self._find, self._names)

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Fail as SQLite does where two threads are in at once."""
        me = threading.get_ident()
        if self._user not in (None, me):
            raise RuntimeError("sqlite3.InterfaceError: bad parameter or other API misuse")
        self._user = me
        yield
        self._user = None

    def clone(self):
        return FakeButler(self._find, self._names, self.whole_reads)

    def query_dimension_records(self, element, explain=True, data_id=None, limit=None):
        if element == "visit":
            assert data_id["instrument"] == "FakeCam"
            return [types.SimpleNamespace(id=visit, timespan=None, exposure_time=30.0) for visit in VISITS]
        assert element == "instrument"
        return [types.SimpleNamespace(name="FakeCam")]

    def query_datasets(self, name, collections=None, *, data_id=None, limit=-20000, explain=True):
        unknown = set(data_id) - {"instrument", "visit", "detector", "band", "skymap", "tract", "patch"}
        if unknown:
            raise ValueError(f"Unknown dimension {unknown}")
        found = []
        for visit in VISITS:
            for detector in (0, 1):
                full = {"instrument": "FakeCam", "visit": visit, "detector": detector, "band": "r"}
                wanted = all(full.get(name, value) == value for name, value in data_id.items())
                if wanted and data_id.get("tract", 1) == 1 and self._find(name, visit, detector):
                    found.append(Ref(name, Coordinate(full)))
        return found

    def find_dataset(self, name, data_id, collections=None):
        with self._used():
            if name not in self._names:
                raise MissingDatasetTypeError(f"Dataset type {name!r} does not exist.")
            found = self._find(name, data_id["visit"], data_id["detector"])
            return Ref(name, data_id) if found else None

    def get(self, ref, parameters=None):
        with self._used():
            exposure = exposure_of(
                *self._find(ref.datasetType.name, ref.dataId["visit"], ref.dataId["detector"])
            )
            if ref.component is not None:
                assert ref.component == "bbox"
                return exposure.getBBox()
            if unknown := set(parameters or ()) - {"bbox", "origin"}:
                raise KeyError(f"Parameters {unknown} not understood by StorageClass ExposureF")
            if not parameters:
                self.whole_reads.append(ref.datasetType.name)
                return exposure
            try:
                return exposure[parameters["bbox"]]
            except LengthError as err:
                raise ValueError(f"Failure from formatter 'FitsExposureFormatter' for {ref.id}") from err

    def __str__(self):
        return "a fake Butler"


class FakeCollections:
    defaults = ("LSSTComCam/runs/fake",)

    def __init__(self, names):
        self._names = names

    def query_info(self, collections, flatten_chains=False, include_summary=False):
        return [types.SimpleNamespace(name=name, dataset_types=set(self._names)) for name in collections]


def install(monkeypatch) -> None:
    """Make ``lsst.afw`` and ``lsst.geom`` importable for one test."""
    geom = types.ModuleType("lsst.geom")
    geom.Box2I, geom.Point2I, geom.Point2D, geom.Extent2I = Box2I, Point2I, Point2D, Extent2I
    afw = types.ModuleType("lsst.afw")
    for module in (geom, afw):
        module.__spec__ = ModuleSpec(module.__name__, None)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    try:
        import lsst  # noqa: F401  is the namespace there?
    except ImportError:
        monkeypatch.setitem(sys.modules, "lsst", types.ModuleType("lsst"))
