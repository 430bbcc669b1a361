"""Exposures of the LSST stack's ``lsst.afw``, used by duck typing.

Only these attributes of an exposure and its parts are used::

    exposure.getBBox()               .getMinX() .getMinY() .getWidth() .getHeight()
    exposure.image.array             (ny, nx) float
    exposure.variance.array          (ny, nx) float
    exposure.mask.array              (ny, nx) int32
    exposure.mask.getMaskPlaneDict() {name: bit}
    exposure.getWcs()                None, or .pixelToSkyArray(x, y, degrees=True) -> ra, dec
                                     .getFitsMetadata(True), .writeString() -> "1 SkyWcs 0 <AST dump>"
    exposure.getPhotoCalib()         None, or .getLocalCalibrationArray(x, y) -> nJy for each unit of a pixel;
                                     .getCalibrationMean() of a stack before that (2021)
    exposure.getInfo()               .getMetadata() cards, .getSummaryStats() numbers, if it has them
    exposure.getPsf()                None, or .computeKernelImage(point).array
    exposure.getBBox(), exposure[box] with lsst.geom.Box2I, Point2I, Extent2I, Point2D
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutError, UnreadableImage, sentence
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import EXTRAS, Extra, Image
from cutout_widgets.stores.butler.facts import facts_of_afw
from cutout_widgets.stores.fits.ast_sky import AstSky, agrees, ast_dump_of, grid_on
from cutout_widgets.stores.fits.masks import fold_planes
from cutout_widgets.stores.open_image import as_float32, frame_of, worth_reading_whole

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = [
    "OpenExposure",
    "afw_is_here",
    "box_of_afw",
    "image_of_exposure",
    "part_of_exposure",
    "sky_of_wcs",
]

_log = logging.getLogger(__name__)

ROW_TILE = (1, 1 << 30)
"""Tile shape of afw's default compression: row by row."""

_AT_ONCE = 1 << 20
"""Pixels whose calibration is evaluated at once."""


def afw_is_here() -> bool:
    """Return whether the LSST stack's ``lsst.afw`` can be imported."""
    try:
        return importlib.util.find_spec("lsst.afw") is not None
    except (ImportError, ValueError):
        return False


class OpenExposure:
    """An exposure in a Butler as an `OpenImage`, for use by one thread at a time.

    Parameters
    ----------
    butler
        A Butler used only by this handle.
    ref
        The dataset.
    planes
        Mask planes to keep; None = all that fit into 32 bits.

    Raises
    ------
    UnreadableImage
        If the Butler cannot read its bounding box and its first pixel.
    """

    held_bytes = 0
    """Memory used when idle: nothing significant."""

    def __init__(self, butler: Any, ref: Any, *, planes: Sequence[str] | None = None) -> None:
        self._butler, self._ref, self._planes = butler, ref, planes
        self._whole: Any = None
        self._read_whole = False
        self.origin = f"{ref.datasetType.name} {ref.dataId}"
        try:
            self._box = box_of_afw(butler.get(ref.makeComponentRef("bbox")))
            corner = self._get(Box(self._box.y0, self._box.y0 + 1, self._box.x0, self._box.x0 + 1))
            wcs, self._photo_calib, self._psf = corner.getWcs(), corner.getPhotoCalib(), corner.getPsf()
            sky = None if wcs is None else sky_of_wcs(wcs, self._box)
            self.metadata = facts_of_afw(corner)
            """Metadata of the exposure, by the stack's names."""
        except Exception as err:  # afw's C++ errors derive directly from Exception
            raise UnreadableImage(f"{self.origin} cannot be read: {sentence(err)}") from err
        unit = "nJy" if self._photo_calib is not None else None
        self._frame = frame_of(self._box, wcs=sky, unit=unit, origin=self.origin)

    @property
    def frame(self) -> Image:
        """Box, WCS and unit."""
        return self._frame

    def close(self) -> None:
        """Release all references."""
        self.forget()

    def forget(self) -> None:
        """Release planes that were read completely."""
        self._whole = None
        self._read_whole = False

    def expect(self, boxes: Sequence[Box]) -> None:
        """Decide between sub-image reads and one full read."""
        self.forget()
        self._read_whole = worth_reading_whole(boxes, self._box, ROW_TILE)

    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read a box inside the frame, calibrated to nJy if possible.

        Mask and variance are always included.
        """
        try:
            image = replace(
                self._frame,
                box=box,
                **_planes_of(self._get(box), box, self._photo_calib, self._planes, self.origin),
            )
        except CutoutError:
            raise
        except Exception as err:  # afw's C++ errors derive directly from Exception
            raise UnreadableImage(f"the pixels of {self.origin} cannot be read: {sentence(err)}") from err
        return image

    @property
    def may_have_psf(self) -> bool:
        """Whether the exposure has a PSF model."""
        return self._psf is not None

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the PSF kernel at a parent position; None if there is no model there."""
        return _kernel(self._psf, at, self.origin)

    def scale_on(self, box: Box) -> NDArray[np.float64] | np.float64:
        """Return nJy per pixel unit: shape (height, width), or one number if it is constant."""
        return _scale_on(self._photo_calib, box)

    def _get(self, box: Box) -> Any:
        """Return the exposure of a box."""
        if not self._read_whole:
            return self._butler.get(self._ref, parameters={"bbox": _box2i(box)})
        if self._whole is None:
            self._whole = self._butler.get(self._ref)
        return self._whole[_box2i(box)]


def part_of_exposure(exposure: Any, box: Box) -> Any:
    """Return the part of an afw image in a box, without copying."""
    return exposure[_box2i(box)]


def image_of_exposure(exposure: Any, psf_at: XY | None = None) -> Image:
    """Return an in-memory ``Exposure``, ``MaskedImage`` or ``Image`` of afw as an `Image`."""
    box = box_of_afw(exposure.getBBox())
    origin = f"memory: {type(exposure).__name__}"
    if not hasattr(exposure, "image"):
        return Image(as_float32(np.array(exposure.array)), box=box, origin=origin)
    wcs, photo_calib, psf = (
        getattr(exposure, name)() if hasattr(exposure, name) else None
        for name in ("getWcs", "getPhotoCalib", "getPsf")
    )
    return Image(
        box=box,
        wcs=None if wcs is None else sky_of_wcs(wcs, box),
        unit=None if photo_calib is None else "nJy",
        psf=_kernel(psf, psf_at or box.centre, origin),
        origin=origin,
        metadata=facts_of_afw(exposure),
        **_planes_of(exposure, box, photo_calib, None, origin),
    )


def _planes_of(
    exposure: Any, box: Box, photo_calib: Any, chosen: Sequence[str] | None, origin: str
) -> dict[str, Any]:
    """Return pixels, mask, planes and variance of an exposure, calibrated if possible."""
    scale = _scale_on(photo_calib, box)
    mask = np.asarray(exposure.mask.array)
    names = {str(name): int(bit) for name, bit in exposure.mask.getMaskPlaneDict().items()}
    layout = fold_planes([mask], [names], chosen, origin)
    return {
        "pixels": _scaled(exposure.image.array, scale),
        "mask": layout.combine(layout.hdus),
        "planes": layout.planes,
        "variance": _scaled(exposure.variance.array, scale**2),
    }


def _kernel(psf: Any, at: XY, origin: str) -> NDArray[np.float32] | None:
    """Return the PSF kernel at a position; None if there is none."""
    if psf is None:
        return None
    try:
        return as_float32(np.array(psf.computeKernelImage(_point(at)).array))
    except Exception:  # noqa: BLE001  a model may be undefined there; pixels are still useful
        _log.info("no PSF at %s in %s", at, origin, exc_info=True)
        return None


def _scale_on(photo_calib: Any, box: Box) -> NDArray[np.float64] | np.float64:
    """Return nJy per pixel unit: shape (height, width), or one number if it is constant."""
    if photo_calib is None:
        return np.float64(1)
    if not hasattr(photo_calib, "getLocalCalibrationArray"):
        return np.float64(photo_calib.getCalibrationMean())
    scale = np.empty(box.shape)
    step = max(1, _AT_ONCE // box.width)
    for y0 in range(box.y0, box.y1, step):
        y1 = min(y0 + step, box.y1)
        y, x = np.mgrid[float(y0) : float(y1), float(box.x0) : float(box.x1)]
        scale[y0 - box.y0 : y1 - box.y0].flat = photo_calib.getLocalCalibrationArray(x.ravel(), y.ravel())
    return scale if np.ptp(scale) else scale[0, 0]


def _scaled(array: Any, scale: NDArray[np.float64] | np.float64) -> NDArray[np.float32]:
    """Return a float32 copy of an afw array, which does not refer to afw's memory."""
    values: NDArray[Any] = np.array(array)
    return as_float32(values * scale)


def box_of_afw(bbox: Any) -> Box:
    """Return a Box2I as a `Box`."""
    x0, y0 = bbox.getMinX(), bbox.getMinY()
    return Box(y0, y0 + bbox.getHeight(), x0, x0 + bbox.getWidth())


def _box2i(box: Box) -> Any:
    """Return a `Box` as a Box2I."""
    from lsst.geom import Box2I, Extent2I, Point2I

    return Box2I(Point2I(box.x0, box.y0), Extent2I(box.width, box.height))


def _point(at: XY) -> Any:
    """Return an `XY` as a Point2D."""
    from lsst.geom import Point2D

    return Point2D(float(at.x), float(at.y))


def sky_of_wcs(wcs: Any, box: Box) -> BaseHighLevelWCS:
    """Return an afw ``SkyWcs`` as a picklable WCS in parent pixels.

    Parameters
    ----------
    wcs
        A ``SkyWcs``; its pixels are the parent's, 0-based.
    box
        The image it belongs to.

    Returns
    -------
    BaseHighLevelWCS
        An astropy WCS if it agrees within 0.01 mas on the whole box, else the exact mapping
        as an `AstSky`.
    """
    from astropy.coordinates import SkyCoord
    from astropy.wcs import WCS

    x, y = grid_on(box)
    ra, dec = wcs.pixelToSkyArray(x, y, degrees=True)
    exact = SkyCoord(ra, dec, unit="deg", frame="icrs")
    header = _header_of(wcs)
    if header is not None:
        fits_wcs = WCS(header, fix=False)
        if agrees(fits_wcs, exact, box):
            return fits_wcs
    return AstSky(ast_dump_of(wcs.writeString()))


def _header_of(wcs: Any) -> Any:
    """Return the FITS cards of a SkyWcs, or None if it cannot be represented in FITS."""
    from astropy.io import fits

    try:
        metadata = wcs.getFitsMetadata(True)
    except Exception:  # noqa: BLE001  afw raises its own RuntimeError for a WCS that FITS cannot represent
        return None
    return fits.Header({name: value for name, value in dict(metadata).items() if value is not None})
