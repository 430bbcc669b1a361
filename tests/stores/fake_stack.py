"""The parts of the LSST stack that ButlerImages talks to where afw is installed, behaving as theirs do.

What is copied from the real ones (source: the lsst.afw, lsst.geom and lsst.daf.butler documentation):

* ``Box2I`` has inclusive corners; its ends are ``getMaxX() == getMinX() + getWidth() - 1``.
* An exposure's pixels are numbered as in its parent: ``exposure[box]`` takes a parent box, shares
  memory with the whole, and raises ``LengthError`` (not an OSError, not a LookupError) if the box
  leaves it. ``Butler.get(ref, parameters={"bbox": box})`` does the same.
* Mask planes are numbered by a dictionary of the class, not of the file.
* ``SkyWcs`` works in parent pixels, from 0. ``getFitsMetadata`` counts from 1, and raises if FITS
  cannot hold it. ``writeString`` gives ``1 SkyWcs 0`` and the AST dump.
* ``PhotoCalib`` turns pixel values into nJy.
* ``Psf.computeKernelImage`` raises off the model's area.
* Nothing of afw pickles.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any

import numpy as np

from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image


class LengthError(Exception):
    """As in lsst.pex.exceptions."""


class Unpicklable:
    def __reduce__(self):
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


class Extent(Point):
    pass


class Box2I(Unpicklable):
    def __init__(self, corner, dimensions):
        assert isinstance(corner, Point)
        assert isinstance(dimensions, Extent)
        self._corner, self._dimensions = corner, dimensions

    def getMinX(self):
        return self._corner.x

    def getMinY(self):
        return self._corner.y

    def getWidth(self):
        return self._dimensions.x

    def getHeight(self):
        return self._dimensions.y


def box2i(box: Box) -> Box2I:
    return Box2I(Point(box.x0, box.y0), Extent(box.width, box.height))


class Plane(Unpicklable):
    def __init__(self, array):
        self.array = array


class Mask(Plane):
    planes: dict[str, int] = {"BAD": 0, "SAT": 1, "DETECTED": 5}  # noqa: RUF012  one for the class, as in afw

    def getMaskPlaneDict(self):
        return dict(self.planes)


class SkyWcs(Unpicklable):
    """Made of an astropy WCS of parent pixels, and of an AST dump if FITS cannot hold it."""

    def __init__(self, wcs, dump: str | None = None):
        self._wcs, self._dump = wcs, dump

    def pixelToSkyArray(self, x, y, degrees=False):
        sky = self._wcs.pixel_to_world(x, y).icrs
        return (sky.ra.deg, sky.dec.deg) if degrees else (sky.ra.rad, sky.dec.rad)

    def getFitsMetadata(self, precise=False):
        if precise and self._dump is not None:
            raise RuntimeError("not a FITS WCS")
        return dict(self._wcs.to_header(relax=True))

    def writeString(self):
        return f"1 SkyWcs 0 {self._dump}"


class PhotoCalib(Unpicklable):
    def __init__(self, mean):
        self._mean = mean

    def getCalibrationMean(self):
        return self._mean

    def instFluxToNanojansky(self, flux, point=None):
        assert isinstance(point, Point)
        return flux * self._mean


class Psf(Unpicklable):
    def __init__(self, area: Box):
        self._area = area

    def computeKernelImage(self, at):
        if not (self._area.x0 <= at.x < self._area.x1 and self._area.y0 <= at.y < self._area.y1):
            raise LengthError("position is outside the model")
        return Plane(np.full((5, 5), 1 / 25))


class Exposure(Unpicklable):
    def __init__(self, image: Image, sky: SkyWcs, area: Box, scale: float):
        self._image, self._sky, self._area, self._scale = image, sky, area, scale
        self.image = Plane(image.pixels / np.float32(scale))
        self.mask = Mask(image.mask.astype(np.int32))
        self.variance = Plane(image.variance / np.float32(scale) ** 2)

    def getBBox(self):
        return box2i(self._image.box)

    def getWcs(self):
        return self._sky

    def getPhotoCalib(self):
        return PhotoCalib(self._scale)

    def getPsf(self):
        return Psf(self._area)

    def __getitem__(self, bbox):
        box = Box(
            bbox.getMinY(),
            bbox.getMinY() + bbox.getHeight(),
            bbox.getMinX(),
            bbox.getMinX() + bbox.getWidth(),
        )
        if not self._image.box.covers(box):
            raise LengthError(f"Box2I {box} does not fit in the exposure")
        part = box.slices_in(self._image.box)
        image = Image(
            self._image.pixels[part],
            box=box,
            mask=self._image.mask[part],
            variance=self._image.variance[part],
        )
        return Exposure(image, self._sky, self._area, self._scale)


class Ref:
    """A DatasetRef, which does pickle."""

    def __init__(self, name, data_id, component=None):
        self.id = f"{name}/{sorted(data_id.items())}"
        self.datasetType = types.SimpleNamespace(name=name, storageClass_name="ExposureF")
        self.dataId, self.component = data_id, component

    def makeComponentRef(self, component):
        return Ref(self.datasetType.name, self.dataId, component)


class FakeButler:
    """A Butler that has an exposure wherever the given function has an image.

    Parameters
    ----------
    find
        Module-level function of (dataset type, visit, detector) that gives (image, SkyWcs, nJy for
        each unit of a pixel), or None.
    names
        Dataset types it has.
    """

    def __init__(self, find: Callable[[str, int, int], Any], names: tuple[str, ...]):
        self._find, self._names = find, names
        self.collections = FakeCollections(names)
        self.whole_reads = 0

    def clone(self):
        return FakeButler(self._find, self._names)

    def query_dimension_records(self, element, explain=True):
        assert element == "instrument"
        return [types.SimpleNamespace(name="FakeCam")]

    def find_dataset(self, name, data_id, collections=None):
        found = name in self._names and self._find(name, data_id["visit"], data_id["detector"])
        return Ref(name, data_id) if found else None

    def get(self, ref, parameters=None):
        image, sky, scale = self._find(ref.datasetType.name, ref.dataId["visit"], ref.dataId["detector"])
        exposure = Exposure(image, sky, image.box, scale)
        if ref.component is not None:
            assert ref.component == "bbox"
            return exposure.getBBox()
        if parameters is None:
            self.whole_reads += 1
            return exposure
        return exposure[parameters["bbox"]]

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
    geom.Box2I, geom.Point2I, geom.Point2D, geom.Extent2I = Box2I, Point, Point, Extent
    afw = types.ModuleType("lsst.afw")
    for module in (geom, afw):
        module.__spec__ = ModuleSpec(module.__name__, None)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    try:
        import lsst  # noqa: F401  is the namespace there?
    except ImportError:
        monkeypatch.setitem(sys.modules, "lsst", types.ModuleType("lsst"))
