"""The attributes of subpixal's cutout, each value checked when it is set."""

from __future__ import annotations

from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.compat.subpixal.sky import SkyOfCutout
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image

__all__ = ["AttributesOfCutout"]


class AttributesOfCutout(SkyOfCutout):
    """The attributes of a cutout; `cutout_widgets.compat.subpixal.extraction` creates it."""

    blc: tuple[int, int]
    """Bottom left corner (x, y) in the image."""
    trc: tuple[int, int]
    """Top right corner (x, y) in the image, inclusive."""
    src_id: Any
    """Any identifier of the source."""

    def _fill_in(
        self,
        image: Image,
        bad: NDArray[np.bool_],
        dq: NDArray[Any] | None,
        weight: NDArray[Any] | None,
        parent: Box,
    ) -> None:
        """Set the attributes of every cutout."""
        self._image, self._mask, self._dq, self._weight = image, bad, dq, weight
        common = image.box.intersection(parent)
        self._slices = common.slices_in(parent), common.slices_in(image.box)
        self.blc = (image.box.x0, image.box.y0)
        self.trc = (image.box.x1 - 1, image.box.y1 - 1)
        self.dx = 0.0
        self.dy = 0.0

    @property
    def extraction_slice(self) -> tuple[slice, slice]:
        """The part of the image the pixels were taken from, y first."""
        return self._slices[0]

    @property
    def insertion_slice(self) -> tuple[slice, slice]:
        """The part of the cutout filled by these pixels, y first."""
        return self._slices[1]

    @property
    def naxis(self) -> list[int]:
        """Number of columns and rows of the array, as FITS counts axes."""
        return [self._image.box.width, self._image.box.height]

    @property
    def naxis1(self) -> int:
        """Number of columns of the array."""
        return self.naxis[0]

    @property
    def naxis2(self) -> int:
        """Number of rows of the array."""
        return self.naxis[1]

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
        """Return a copy of an array, checked to have the cutout's shape."""
        if values is None:
            raise BadOption(f"{name} cannot be None")
        given = np.array(values)
        if given.shape != self.data.shape:
            raise BadOption(f"{name} has shape {given.shape}, but the cutout {self.data.shape}")
        return given

    @property
    def src_pos(self) -> tuple[float, float]:
        """Position of the source in the image, x, y; set None for the centre of the cutout."""
        return self._src_pos

    @src_pos.setter
    def src_pos(self, position: Any) -> None:
        if position is None:
            position = ((self.blc[0] + self.trc[0]) / 2, (self.blc[1] + self.trc[1]) / 2)
        self._src_pos = _pair(position)

    @property
    def cutout_src_pos(self) -> tuple[float, float]:
        """Position of the source in the cutout, x, y; set None for its centre."""
        return self._src_pos[0] - self.blc[0], self._src_pos[1] - self.blc[1]

    @cutout_src_pos.setter
    def cutout_src_pos(self, position: Any) -> None:
        if position is not None:
            x, y = _pair(position)
            position = (x + self.blc[0], y + self.blc[1])
        self.src_pos = position

    @property
    def src_weight(self) -> float | None:
        """Weight of the source, non-negative, or None."""
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
        """Kind of pixel values: ``"rate"`` or ``"counts"``. Setting it does not convert the pixels."""
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


def _pair(position: Any) -> tuple[float, float]:
    """Return a position as two numbers, x first, or raise."""
    try:
        x, y = position
    except (TypeError, ValueError):
        x = y = None
    if not (isinstance(x, Real) and isinstance(y, Real)):
        raise BadOption(f"src_pos is two numbers, x and y; got {position!r:.60}")
    return x, y  # type: ignore[return-value]  # of any type of number, as given
