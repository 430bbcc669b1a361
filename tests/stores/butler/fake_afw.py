"""Exposures of ``lsst.afw`` and boxes of ``lsst.geom``, as strict as the real ones.

What is copied from them (source: the lsst.afw and lsst.geom documentation):

* ``Point2I`` and ``Extent2I`` take plain ints of 32 bits, ``Point2D`` plain numbers; each function takes
  its own kind and no other. ``Box2I`` has inclusive corners, and is empty if a side is 0.
* An exposure's pixels are numbered as in its parent: ``exposure[box]`` takes a parent ``Box2I``, shares
  memory with the whole, and raises ``LengthError`` (not an OSError, not a LookupError; of several
  lines) if the box leaves it.
* Arrays: float32, int32 and float32, views of what the exposure owns; that of a kernel float64.
* Mask planes are numbered by a dictionary of the class, not of the file: reading renumbers them.
* ``SkyWcs`` works in parent pixels, from 0, on 1-D arrays. ``getFitsMetadata`` counts from 1, gives a
  ``PropertyList``, and raises if FITS cannot hold it. ``writeString`` gives ``1 SkyWcs 0`` and the AST dump.
* ``PhotoCalib`` gives nJy for each unit of a pixel, on 1-D arrays. ``Psf.computeKernelImage`` gives an image
  around (0, 0), and raises off the model's area. Any of the three may be None.
* Nothing of it pickles.
"""

from __future__ import annotations

import numpy as np

from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image


class LengthError(Exception):
    """As in lsst.pex.exceptions; its text is of several lines."""


def overload(fits: bool, what: str) -> None:
    """Refuse arguments as pybind11 does."""
    if not fits:
        raise TypeError(f"__init__(): incompatible constructor arguments: {what}")


class Unpicklable:
    def __reduce__(self):
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")


class Pair2I(Unpicklable):
    def __init__(self, x, y):
        overload(all(type(one) is int and abs(one) < 1 << 31 for one in (x, y)), f"({x!r}, {y!r}): int, int")
        self.x, self.y = x, y


class Point2I(Pair2I):
    pass


class Extent2I(Pair2I):
    pass


class Point2D(Unpicklable):
    def __init__(self, x, y):
        overload(all(isinstance(one, (int, float)) for one in (x, y)), f"({x!r}, {y!r}): float, float")
        self.x, self.y = x, y


class Box2I(Unpicklable):
    def __init__(self, corner, dimensions):
        overload(type(corner) is Point2I and type(dimensions) is Extent2I, "Point2I, Extent2I")
        self._corner, self._dimensions = corner, dimensions

    def getMinX(self):
        return self._corner.x

    def getMinY(self):
        return self._corner.y

    def getMaxX(self):
        return self._corner.x + self._dimensions.x - 1

    def getMaxY(self):
        return self._corner.y + self._dimensions.y - 1

    def getWidth(self):
        return self._dimensions.x

    def getHeight(self):
        return self._dimensions.y

    def isEmpty(self):
        return self._dimensions.x < 1 or self._dimensions.y < 1


def box2i(box: Box) -> Box2I:
    return Box2I(Point2I(box.x0, box.y0), Extent2I(box.width, box.height))


class Plane(Unpicklable):
    """An image, a variance or a kernel; the array is a view."""

    def __init__(self, array):
        self._array = array

    @property
    def array(self):
        return self._array.view()


class Mask(Plane):
    planes: dict[str, int] = {  # noqa: RUF012  one for the class, as in afw; here of a stack that loaded STREAK first
        "STREAK": 0, "BAD": 9, "SAT": 1, "INTRP": 2, "CR": 3, "EDGE": 4, "DETECTED": 31,
        "DETECTED_NEGATIVE": 6, "SUSPECT": 7, "NO_DATA": 8,
    }  # fmt: skip

    @classmethod
    def conformed(cls, image: Image) -> np.ndarray:
        """Return an image's mask by the numbers of the class."""
        array = np.zeros(image.box.shape, np.uint32)
        for name in image.planes:
            array |= image.has_plane(name).astype(np.uint32) << np.uint32(cls.planes[name])
        return array.view(np.int32)

    def getMaskPlaneDict(self):
        return dict(self.planes)


class PropertyList(Unpicklable):
    """Not a dict, but ``dict`` understands it."""

    def __init__(self, cards):
        self._cards = cards

    def keys(self):
        return list(self._cards)

    def __getitem__(self, name):
        return self._cards[name]


class SkyWcs(Unpicklable):
    """Made of an astropy WCS of parent pixels, and of an AST dump if FITS cannot hold it."""

    def __init__(self, wcs, dump: str | None = None):
        self._wcs, self._dump = wcs, dump

    def pixelToSkyArray(self, x, y, degrees=False):
        overload(np.ndim(x) == np.ndim(y) == 1, "1-D arrays")
        sky = self._wcs.pixel_to_world(x, y).icrs
        return (sky.ra.deg, sky.dec.deg) if degrees else (sky.ra.rad, sky.dec.rad)

    def getFitsMetadata(self, precise=False):
        if precise and self._dump is not None:
            raise RuntimeError("not a FITS WCS")
        return PropertyList(dict(self._wcs.to_header(relax=True)))

    def writeString(self):
        return f"1 SkyWcs 0 {self._dump}"


class PhotoCalib(Unpicklable):
    def __init__(self, mean, slope=0.0):
        self._mean, self._slope = mean, slope

    def getCalibrationMean(self):
        return self._mean

    def getLocalCalibrationArray(self, x, y):
        overload(x.dtype == y.dtype == np.float64 and x.ndim == 1 and x.shape == y.shape, "(N,), (N,) double")
        return self._mean + self._slope * (x + 2 * y)


class Psf(Unpicklable):
    def __init__(self, area: Box):
        self._area = area

    def computeKernelImage(self, at):
        overload(type(at) is Point2D, "Point2D")
        if not (self._area.x0 <= at.x < self._area.x1 and self._area.y0 <= at.y < self._area.y1):
            raise LengthError("\n  File 'src/Psf.cc', line 1\nLengthError: 'position is outside the model'")
        kernel = Plane(np.full((5, 5), 1 / 25))
        kernel.getBBox = lambda: Box2I(Point2I(-2, -2), Extent2I(5, 5))
        return kernel


class Exposure(Unpicklable):
    """Planes of a parent box, with what belongs to all of it."""

    def __init__(self, box: Box, arrays, belongings):
        self._box, self._arrays = box, arrays
        self._sky, self._photo_calib, self._psf = self._belongings = belongings
        image, mask, variance = arrays
        self.image, self.mask, self.variance = Plane(image), Mask(mask), Plane(variance)

    def getBBox(self):
        return box2i(self._box)

    def getWcs(self):
        return self._sky

    def getPhotoCalib(self):
        return self._photo_calib

    def getPsf(self):
        return self._psf

    def __getitem__(self, bbox):
        overload(type(bbox) is Box2I, "Box2I")
        box = Box(bbox.getMinY(), bbox.getMaxY() + 1, bbox.getMinX(), bbox.getMaxX() + 1)
        if bbox.isEmpty() or not self._box.covers(box):
            raise LengthError(f"\n  File 'src/ImageBase.cc', line 1\nLengthError: '{box} is outside'")
        part = box.slices_in(self._box)
        return Exposure(box, [array[part] for array in self._arrays], self._belongings)


def exposure_of(image: Image, sky: SkyWcs | None, calibration: PhotoCalib | None) -> Exposure:
    """Return the exposure of an image in nJy: in the units of a calibration, or uncalibrated without."""
    unit = np.float32(1)
    if calibration is not None:
        y, x = np.mgrid[float(image.box.y0) : image.box.y1, float(image.box.x0) : image.box.x1]
        unit = calibration.getLocalCalibrationArray(x.ravel(), y.ravel()).reshape(image.shape)
    arrays = [
        (image.pixels / unit).astype(np.float32),
        Mask.conformed(image),
        (image.variance / unit**2).astype(np.float32),
    ]
    return Exposure(image.box, arrays, (sky, calibration, Psf(image.box)))
