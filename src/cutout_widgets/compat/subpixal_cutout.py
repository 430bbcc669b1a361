"""The class of ``subpixal.cutout``: an `Image` with subpixal's names around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.compat.subpixal_sky import SkyOfCutout
from cutout_widgets.errors import BadOption, NoOverlap, PartialOverlap
from cutout_widgets.footprints.tracked import SourceCut
from cutout_widgets.pixels.cutting import cut, padded
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image

__all__ = ["Cutout", "NoOverlapError", "PartialOverlapError"]


class NoOverlapError(NoOverlap):
    """The extraction box lies wholly outside the image."""


class PartialOverlapError(PartialOverlap):
    """The extraction box lies partly outside the image, and the mode is strict."""


class Cutout(SkyOfCutout):
    """A rectangle of an image with its flags, weights, source and WCS.

    Parameters
    ----------
    data
        The image, shape (ny, nx); None for an empty grid of float32.
    wcs
        Its WCS.
    blc, trc
        Bottom left and top right corner (x, y), both inclusive; by default the whole image.
    src_pos
        Position of the source in the image, x, y; by default the middle of the cutout.
    src_weight
        Weight of the source, not negative; or None.
    dq, weight
        Flags and weights of the image's pixels, of its shape; 0 outside.
    src_id
        Whatever names the source.
    data_units, exptime
        ``"rate"`` or ``"counts"``, and seconds.
    mode
        ``"strict"``: refuse a box that leaves the image; ``"fill"``: fill with `fillval`.
    fillval
        Value of pixels outside.

    Raises
    ------
    NoOverlapError
        If not one pixel lies in the image, in either mode.
    PartialOverlapError
        If one does not, in mode strict.
    ValueError
        If an argument makes no sense, `fillval` in an image that cannot hold it included.
    """

    DEFAULT_ACCURACY = 1e-5
    DEFAULT_MAXITER = 50
    DEFAULT_QUIET = True

    def __init__(
        self,
        data: NDArray[Any] | None,
        wcs: Any,
        blc: tuple[int, int] = (0, 0),
        trc: tuple[int, int] | None = None,
        src_pos: ArrayLike | None = None,
        src_weight: float | None = None,
        dq: NDArray[Any] | None = None,
        weight: NDArray[Any] | None = None,
        src_id: Any = 0,
        data_units: str = "rate",
        exptime: float = 1,
        mode: str = "strict",
        fillval: float = np.nan,
    ) -> None:
        if mode not in ("strict", "fill"):
            raise BadOption(f"mode is 'strict' or 'fill'; got {mode!r}")
        if data is None:
            if trc is None:
                raise BadOption("without data the top right corner 'trc' must be given")
            data = np.full((int(trc[1]) + 1, int(trc[0]) + 1), fillval, dtype=np.float32)
        image = Image(np.asarray(data), wcs=wcs)
        box = _inclusive(image.box, blc, trc)
        for name, array in (("dq", dq), ("weight", weight)):
            if array is not None and array.shape != image.shape:
                raise BadOption(f"{name} has shape {array.shape}, but the image {image.shape}")
        try:
            part = cut(image, box, mode="strict" if mode == "strict" else "fill", fill=fillval)
        except PartialOverlap as err:
            raise PartialOverlapError(str(err)) from err
        outside = np.ones(box.shape, dtype=bool)
        outside[box.intersection(image.box).slices_in(box)] = False
        self._fill_in(
            part,
            outside | ~np.isfinite(part.pixels),
            None if dq is None else padded(dq, image.box, box, fill=0),
            None if weight is None else padded(weight, image.box, box, fill=0),
            image.box,
        )
        self.src_pos = src_pos
        self.src_weight = src_weight
        self.src_id = src_id
        self.exptime = exptime
        self.data_units = data_units

    @classmethod
    def _around(
        cls, made: SourceCut, parent: Image, dq: NDArray[Any] | None, src_weight: float | None, units: str
    ) -> Cutout:
        """Put subpixal's names around a cutout that the core has made."""
        self = object.__new__(cls)
        image = made.image
        if image is None or made.bad is None:
            raise BadOption(made.reason)
        flags = None if dq is None else padded(dq, parent.box, image.box, fill=0)
        self._fill_in(image, made.bad, flags, image.weight, parent.box)
        self.src_pos = image.anchor
        self.src_weight = src_weight
        self.src_id = made.source_id
        self.exptime = 1 if image.exposure_s is None else image.exposure_s
        self.data_units = units
        return self

    def _fill_in(
        self,
        image: Image,
        bad: NDArray[np.bool_],
        dq: NDArray[Any] | None,
        weight: NDArray[Any] | None,
        parent: Box,
    ) -> None:
        """Set what every cutout has."""
        self._image, self._mask, self._dq, self._weight = image, bad, dq, weight
        common = image.box.intersection(parent)
        self.extraction_slice = common.slices_in(parent)
        self.insertion_slice = common.slices_in(image.box)
        self.blc = (image.box.x0, image.box.y0)
        self.trc = (image.box.x1 - 1, image.box.y1 - 1)
        self.naxis = [image.box.width, image.box.height]
        self.naxis1, self.naxis2 = self.naxis
        self.dx = 0.0
        self.dy = 0.0

    def _core(self) -> Image:
        """Return the cutout as an image of the core, where its corners are now."""
        return replace(self._image, box=_inclusive(self._image.box, self.blc, self.trc))

    @property
    def data(self) -> NDArray[Any]:
        """Pixels of the cutout; a new array must have their shape."""
        return self._image.pixels

    @data.setter
    def data(self, data: ArrayLike) -> None:
        self._image = replace(self._image, pixels=self._like("data", data))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True where a pixel is bad."""
        return self._mask

    @mask.setter
    def mask(self, mask: ArrayLike) -> None:
        self._mask = self._like("mask", mask).astype(bool)

    @property
    def dq(self) -> NDArray[Any] | None:
        """Flags of the pixels, or None."""
        return self._dq

    @dq.setter
    def dq(self, dq: ArrayLike | None) -> None:
        self._dq = None if dq is None else self._like("dq", dq)

    @property
    def weight(self) -> NDArray[Any] | None:
        """Weights of the pixels, or None."""
        return self._weight

    @weight.setter
    def weight(self, weight: ArrayLike | None) -> None:
        self._weight = None if weight is None else self._like("weight", weight)

    def _like(self, name: str, values: ArrayLike | None) -> NDArray[Any]:
        """Return a copy of an array that has the cutout's shape."""
        if values is None:
            raise BadOption(f"{name} cannot be None")
        given = np.array(values)
        if given.shape != self.data.shape:
            raise BadOption(f"{name} has shape {given.shape}, but the cutout {self.data.shape}")
        return given

    @property
    def src_pos(self) -> tuple[float, float]:
        """Position of the source in the image, x, y; set None for the middle of the cutout."""
        return self._src_pos

    @src_pos.setter
    def src_pos(self, position: Any) -> None:
        if position is None:
            position = ((self.blc[0] + self.trc[0]) / 2, (self.blc[1] + self.trc[1]) / 2)
        self._src_pos = (position[0], position[1])

    @property
    def cutout_src_pos(self) -> tuple[float, float]:
        """Position of the source in the cutout, x, y; set None for its middle."""
        return self._src_pos[0] - self.blc[0], self._src_pos[1] - self.blc[1]

    @cutout_src_pos.setter
    def cutout_src_pos(self, position: Any) -> None:
        if position is not None:
            position = (position[0] + self.blc[0], position[1] + self.blc[1])
        self.src_pos = position

    @property
    def src_weight(self) -> float | None:
        """Weight of the source, not negative, or None."""
        return self._src_weight

    @src_weight.setter
    def src_weight(self, weight: float | None) -> None:
        if weight is not None and weight < 0:
            raise BadOption(f"the weight of a source is not negative; got {weight}")
        self._src_weight = weight

    @property
    def exptime(self) -> float:
        """Exposure time, s; positive."""
        return self._exptime

    @exptime.setter
    def exptime(self, seconds: float) -> None:
        if not seconds > 0:
            raise BadOption(f"an exposure time is positive; got {seconds}")
        self._exptime = seconds

    @property
    def data_units(self) -> str:
        """What the pixels are: ``"rate"`` or ``"counts"``. Setting it is a statement, not a conversion."""
        return self._data_units

    @data_units.setter
    def data_units(self, units: str) -> None:
        if units.lower() not in ("rate", "counts"):
            raise BadOption(f"data units are 'rate' or 'counts'; got {units!r}")
        self._data_units = units.lower()

    @property
    def wcs(self) -> Any:
        """The WCS of the image the cutout was taken from."""
        return self._image.wcs

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.trc[0] - self.blc[0] + 1

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.trc[1] - self.blc[1] + 1


def _inclusive(image: Box, blc: Any, trc: Any) -> Box:
    """Return the box of two inclusive corners, checked in subpixal's order."""
    first = blc
    last = (image.x1 - 1, image.y1 - 1) if trc is None else trc
    corners = [*first, *last]
    if any(value != int(value) for value in corners):
        raise BadOption(f"corners are whole pixels; got {first} and {last}")
    x0, y0, x1, y1 = (int(value) for value in corners)
    if x0 >= image.x1 or y0 >= image.y1 or x1 < image.x0 or y1 < image.y0:
        raise NoOverlapError(f"the box from {first} to {last} lies wholly outside the image {image}")
    if x1 < x0 or y1 < y0:
        raise BadOption(f"the top right corner {last} lies before the bottom left corner {first}")
    return Box(y0, y1 + 1, x0, x1 + 1)
