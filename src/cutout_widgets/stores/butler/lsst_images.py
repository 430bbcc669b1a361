"""Images written by ``lsst.images``: a file that is kept open while a group is read."""

from __future__ import annotations

import logging
from collections.abc import Sequence, Set
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutError, ImageNotFound, MissingDependency, UnreadableImage, sentence
from cutout_widgets.paths import shown_place
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import EXTRAS, Extra, Image
from cutout_widgets.remarks import records_remarks
from cutout_widgets.stores.butler.facts import facts_of_archive, tiles_of
from cutout_widgets.stores.fits.ast_sky import AstSky, agrees, alone_with_ast, grid_on
from cutout_widgets.stores.fits.masks import fold_planes
from cutout_widgets.stores.fits.wcs import shift
from cutout_widgets.stores.mask_and_variance import ExtraReader
from cutout_widgets.stores.open_image import as_float32, frame_of, worth_reading_whole

if TYPE_CHECKING:
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["NANOJANSKY", "OpenArchive", "bits_of", "box_of", "sky_of"]

_log = logging.getLogger(__name__)

MASKED: frozenset[Extra] = frozenset(["mask", "variance"])
"""Component to exclude when a masked image is read without an extra."""

NANOJANSKY = "nJy"

BYTES_A_PIXEL = 4
"""Names of image, mask and variance in a file."""


class OpenArchive:
    """An open ``lsst.images`` file: an `OpenImage` for use by one thread at a time.

    Parameters
    ----------
    uri
        Path or URI of the file, as returned by ``Butler.getURI``.
    planes
        Mask planes to keep; None = all that fit into 32 bits.

    Raises
    ------
    MissingDependency
        If lsst-images is not installed.
    ImageNotFound
        If there is no such file.
    UnreadableImage
        If it is not an lsst.images file, or damaged.
    """

    @records_remarks(lambda self, uri, **_: shown_place(uri))
    def __init__(self, uri: Any, *, planes: Sequence[str] | None = None) -> None:
        try:
            # Not lsst.images.serialization: while another thread imports the package, that module exists
            # before the classes it needs. This waits for the whole package.
            from lsst.images import serialization
        except ImportError as err:
            raise MissingDependency("lsst.images", "rubin", f"reading {uri}") from err
        self.origin = str(uri)
        self._planes = planes
        self._stack = ExitStack()
        try:
            self._reader: Any = self._stack.enter_context(serialization.open_archive(uri, partial=True))
            self._box = box_of(self._reader.get_component("bbox"))
            wcs = self._sky()
            self._unit, self._frame = self._calibration(wcs)
            self._tiles = tiles_of(self.origin)
        except FileNotFoundError as err:
            self._stack.close()
            raise ImageNotFound(f"the repository lists the file {uri}, but it does not exist") from err
        except CutoutError:
            self._stack.close()
            raise
        except Exception as err:
            # lsst.images, pydantic and astropy each raise their own errors for a damaged file.
            self._stack.close()
            raise UnreadableImage(f"{uri} cannot be read as an lsst.images file: {sentence(err)}") from err
        self._whole: dict[str, Any] = {}
        self._ever_whole: set[str] = set()
        self._damaged: set[str] = set()
        self._extras = ExtraReader(self.origin)
        self._read_whole = False

    @property
    def held_bytes(self) -> int:
        """Memory used when idle: a plane that was read completely stays in its HDU."""
        return BYTES_A_PIXEL * self._box.area * len(self._ever_whole)

    @property
    def frame(self) -> Image:
        """Box, WCS and unit."""
        return self._frame

    def close(self) -> None:
        """Close the file."""
        self.forget()
        with alone_with_ast():  # the archive may contain AST objects
            self._stack.close()
            self._reader = None
            self.__dict__.pop("_psf", None)

    def forget(self) -> None:
        """Release planes that were read completely; the file stays open."""
        self._whole.clear()
        self._read_whole = False

    def expect(self, boxes: Sequence[Box]) -> None:
        """Decide between sub-image reads and one full read."""
        self.forget()
        self._read_whole = worth_reading_whole(boxes, self._box, self._tiles)

    @records_remarks(lambda self, *_: self.origin)
    def part(self, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
        """Read a box inside the frame, calibrated to nJy if possible.

        Mask and variance are read only if they are among the extras.

        Warns
        -----
        CutoutWarning
            Once each for a mask and a variance that cannot be read there; it is then None.
        """
        try:
            return self._part(box, extras)
        except CutoutError:
            raise
        except Exception as err:
            raise UnreadableImage(f"the pixels of {self.origin} cannot be read: {sentence(err)}") from err

    @cached_property
    @records_remarks(lambda self: self.origin)
    def metadata(self) -> dict[str, Any]:
        """Metadata of the exposure; see `facts_of_archive`."""
        return facts_of_archive(self._optional, self._box)

    def backgrounds(self) -> Any:
        """Return the ``BackgroundMap`` of the file, None if it cannot have one."""
        return self._optional("backgrounds")

    def rendered(self, field: Any) -> Image:
        """Return a field of lsst.images, such as a background, as an image in the unit of the frame."""
        from astropy import units as u
        from lsst.images import Box as LsstBox

        box, scale = self._box, self._scale_on(self._box)
        values = field.render(LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1]).array
        if field.unit is not None and self._unit is not None and field.unit != self._unit:
            if field.unit.is_equivalent(u.nJy) and self._frame.unit == NANOJANSKY:
                values, scale = values * field.unit.to(u.nJy), None
            else:
                values = values * field.unit.to(self._unit)
        return replace(self._frame, pixels=as_float32(values if scale is None else values * scale))

    @property
    def may_have_psf(self) -> bool:
        """Always True: the file must be read to know whether it has a model."""
        return True

    def psf_at(self, at: XY) -> NDArray[np.float32] | None:
        """Return the PSF kernel at a parent position; None if there is no (readable) model."""
        if self._psf is None:
            return None
        try:
            return as_float32(self._psf.compute_kernel_image(x=float(at.x), y=float(at.y)).array)
        except Exception:  # noqa: BLE001  a model may fail at a position in various ways; pixels are still useful
            _log.info("no PSF at %s in %s", at, self.origin, exc_info=True)
            return None

    @cached_property
    def _psf(self) -> Any:
        """The point-spread function, read once; None if there is none, or it cannot be read."""
        try:
            with alone_with_ast():  # some models use AST
                return self._reader.get_component("psf")
        except Exception:  # noqa: BLE001  with an unreadable model (piff not installed) pixels are still useful
            _log.info("the PSF of %s could not be read", self.origin, exc_info=True)
            return None

    def _part(self, box: Box, extras: Set[Extra]) -> Image:
        """Read a box."""
        image = self._plane("image", box)
        unread = MASKED - extras
        noise = None if "variance" in unread else self._extra("variance", box)
        flags = None if "mask" in unread else self._extra("mask", box)
        pixels = as_float32(image.array)
        variance = None if noise is None else as_float32(noise.array)
        mask: NDArray[np.uint32] | None = None
        planes: dict[str, int] = {}
        if flags is not None:
            mask, planes = bits_of(flags, self._planes, self.origin)
        scale = self._scale_on(box)
        if scale is not None:
            pixels = as_float32(pixels * scale)
            variance = None if variance is None else as_float32(variance * scale**2)
        if self._read_whole:  # cutouts from shared arrays must be copies
            pixels, variance = pixels.copy(), None if variance is None else variance.copy()
        return replace(
            self._frame, pixels=pixels, box=box, mask=mask, planes=planes, variance=variance, unread=unread
        )

    def _extra(self, name: Extra, box: Box) -> Any:
        """Return the mask or variance in a box, or None if there is none or it is damaged there."""
        return self._extras.read(name, lambda: self._plane(name, box))

    def _plane(self, name: str, box: Box) -> Any:
        """Return the image, mask or variance in a box as lsst.images represents it; None if there is none."""
        from lsst.images import Box as LsstBox

        where = LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1]
        if not self._read_whole or not self._have_whole(name):
            return self._read(name, bbox=where)
        whole = self._whole[name]
        return None if whole is None else whole[where]

    def _have_whole(self, name: str) -> bool:
        """Read a plane once for all sources; return False if part of it is damaged: the rest may be good."""
        if name not in self._whole and name not in self._damaged:
            try:
                self._whole[name] = self._read(name)
                self._ever_whole.add(name)
            except Exception:  # noqa: BLE001  damaged tiles make decompressors raise various errors
                _log.info("%s has damaged tiles; reading part by part", self.origin)
                self._damaged.add(name)
        return name in self._whole

    def _read(self, name: str, **options: Any) -> Any:
        """Read a plane; for a file of a single image, the image itself."""
        plane = self._optional(name, **options)
        if plane is not None or name != "image":
            return plane
        with alone_with_ast():  # this also reads the WCS
            return self._reader.read(**options)

    def _sky(self) -> BaseHighLevelWCS | None:
        """Read the WCS."""
        with alone_with_ast():
            projection = self._optional("sky_projection")
            sky = None if projection is None else sky_of(projection, self._box)
            del projection  # must be freed under the lock too
            return sky

    def _calibration(self, wcs: Any) -> tuple[Any, Image]:
        """Return the calibration of the pixels to nJy, and a frame with the resulting unit."""
        from astropy import units as u

        unit = self._optional("unit")
        self._factor: float | None = None
        self._field: Any = None
        name = None if unit is None else str(unit)
        if unit is not None:
            scaling = self._optional("photometric_scaling")
            if unit.is_equivalent(u.nJy):
                self._factor, name = float(unit.to(u.nJy)), NANOJANSKY
            elif (
                scaling is not None
                and scaling.unit is not None
                and (unit * scaling.unit).is_equivalent(u.nJy)
            ):
                self._field, name = scaling, NANOJANSKY
                self._factor = float((unit * scaling.unit).to(u.nJy))
        return unit, frame_of(self._box, wcs=wcs, unit=name, origin=self.origin)

    def _scale_on(self, box: Box) -> Any:
        """Return the factor for pixels in a box, or None."""
        if self._field is not None:
            from lsst.images import Box as LsstBox

            rendered = self._field.render(LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1])
            return rendered.array * self._factor
        return None if self._factor in (None, 1.0) else np.float32(self._factor)

    def _optional(self, component: str, **options: Any) -> Any:
        """Read a component that not all kinds of images have."""
        from lsst.images.serialization import InvalidComponentError

        try:
            return self._reader.get_component(component, **options)
        except InvalidComponentError:
            return None


def sky_of(projection: Any, box: Box) -> BaseHighLevelWCS:
    """Return a ``SkyProjection`` as a picklable WCS in parent pixels.

    Parameters
    ----------
    projection
        An ``lsst.images.SkyProjection``.
    box
        The image it belongs to.

    Returns
    -------
    BaseHighLevelWCS
        An astropy WCS if it agrees within 0.01 mas on the whole box; else (TPV, fitted
        distortion maps) the exact mapping as an `AstSky`.
    """
    from lsst.images import Box as LsstBox

    x, y = grid_on(box)
    exact = projection.pixel_to_sky(x=x, y=y)
    wcs = projection.as_fits_wcs(LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1])
    if wcs is not None:
        wcs = shift(wcs, dy=box.y0, dx=box.x0)
        if agrees(wcs, exact, box):
            return wcs
    return AstSky(projection.show())


def box_of(bbox: Any) -> Box:
    """Return a box of lsst.images as a `Box`."""
    return Box(bbox.y.start, bbox.y.stop, bbox.x.start, bbox.x.stop)


def bits_of(mask: Any, chosen: Sequence[str] | None, where: str) -> tuple[NDArray[np.uint32], dict[str, int]]:
    """Return an lsst.images mask, with bytes along a third axis, as one bit field and its planes."""
    bytes_ = np.asarray(mask.array, dtype=np.uint8)
    words = -(-bytes_.shape[2] // 8)
    padded = np.zeros((*bytes_.shape[:2], 8 * words), dtype=np.uint8)
    padded[..., : bytes_.shape[2]] = bytes_
    fields = padded.view("<i8")
    named: list[dict[str, int]] = [{} for _ in range(words)]
    for number, plane in enumerate(mask.schema):
        if plane is not None:
            named[number // 64][plane.name] = number % 64
    layout = fold_planes([fields[..., word] for word in range(words)], named, chosen, where)
    return layout.combine(layout.hdus), dict(layout.planes)
