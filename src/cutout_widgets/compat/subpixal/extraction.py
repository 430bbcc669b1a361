"""The class of ``subpixal.cutout``: a wrapper of `Image` with subpixal's names."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.compat.subpixal.arguments import in_either_order
from cutout_widgets.compat.subpixal.attributes import AttributesOfCutout
from cutout_widgets.compat.subpixal.files import ExtraAttributes, read_cutout, write_cutout
from cutout_widgets.errors import BadOption, NoOverlap, PartialOverlap
from cutout_widgets.footprints.tracked import SourceCut
from cutout_widgets.pixels.cutting import cut, padded
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.projection import shifted

__all__ = ["Cutout", "NoOverlapError", "PartialOverlapError"]


class NoOverlapError(NoOverlap):
    """The extraction box is entirely outside the image."""


class PartialOverlapError(PartialOverlap):
    """The extraction box is partly outside the image, and the mode is strict."""


class Cutout(AttributesOfCutout):
    """A rectangular part of an image with its flags, weights, source and WCS.

    Parameters
    ----------
    data
        The image, shape (ny, nx); None for an empty grid of float32.
    wcs
        Its WCS.
    blc, trc
        Bottom left and top right corner (x, y), both inclusive; None = the whole image.
    src_pos
        Position of the source in the image, x, y; None = the centre of the cutout.
    src_weight
        Weight of the source, non-negative; or None.
    dq, weight
        Flags and weights of the image's pixels, of its shape; 0 outside.
    src_id
        Any identifier of the source.
    data_units, exptime
        ``"rate"`` or ``"counts"``, and seconds. Positional arguments may also follow the documentation,
        without `src_pos` and `src_weight`.
    mode
        ``"strict"``: raise if the box is partly outside the image; ``"fill"``: fill with `fillval`.
    fillval
        Value of pixels outside.

    Raises
    ------
    NoOverlapError
        If the cutout is entirely outside the image, in either mode.
    PartialOverlapError
        If the box is partly outside, in mode strict.
    ValueError
        If an argument is invalid, including a `fillval` that the image cannot represent.
    """

    DEFAULT_ACCURACY = 1e-5
    DEFAULT_MAXITER = 50
    DEFAULT_QUIET = True

    @in_either_order("src_pos", "src_weight")
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
                raise BadOption("without data, the top right corner 'trc' must be given")
            data = np.full((int(trc[1]) + 1, int(trc[0]) + 1), fillval, dtype=np.float32)
        image = Image(np.asarray(data), wcs=wcs)
        box = _inclusive(image.box, blc, trc)
        for name, array in (("dq", dq), ("weight", weight)):
            if array is not None and array.shape != image.shape:
                raise BadOption(f"{name} has shape {array.shape}, but the image {image.shape}")
        try:
            part = cut(image, box, mode="strict" if mode == "strict" else "fill", fill=fillval)
        except PartialOverlap as err:
            raise PartialOverlapError(
                f"the box from {(box.x0, box.y0)} to {(box.x1 - 1, box.y1 - 1)} is partly outside "
                f"the image {image.box}; mode='fill' allows that"
            ) from err
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
        """Create the wrapper of a cutout."""
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

    def to_image(self) -> Image:
        """Return the cutout as an `Image`, to use with the rest of this package.

        Returns
        -------
        Image
            Pixels and weights are shared, not copied. Its box is given by `blc` and `trc`, its WCS
            includes `dx` and `dy`, its anchor is `src_pos`; flags are its mask, without names of planes
            (if they need more than 32 bits, there is no mask).
        """
        box = _inclusive(self._image.box, self.blc, self.trc)
        flags = _bits(self._dq)
        image = replace(
            self._image,
            box=box,
            mask=flags,
            weight=self._weight,
            exposure_s=self._exptime,
            source_id=_plain_id(self.src_id),
            anchor=XY(float(self._src_pos[0]), float(self._src_pos[1])),
        )
        return image if image.wcs is None else shifted(image, self.dx, self.dy)

    @classmethod
    def from_image(cls, image: Image, *, data_units: str = "rate", src_weight: float | None = None) -> Self:
        """Create a cutout from an `Image`, as returned by `cut`, `read` and stores.

        Parameters
        ----------
        image
            Its arrays are copied. Its mask becomes `dq`; pixels without a finite value are bad.
        data_units, src_weight
            Attributes that an image does not have.
        """
        self = object.__new__(cls)
        flags = None if image.mask is None else image.mask.copy()
        weight = None if image.weight is None else image.weight.copy()
        part = replace(image, pixels=image.pixels.copy(), mask=None)
        self._fill_in(part, ~np.isfinite(part.pixels), flags, weight, image.box)
        self.src_pos = image.anchor
        self.src_weight = src_weight
        self.src_id = 0 if image.source_id is None else image.source_id
        self.exptime = 1 if image.exposure_s is None else image.exposure_s
        self.data_units = data_units
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the cutout to a FITS file with all its data.

        Parameters
        ----------
        path
            The file; an existing one is replaced completely or not at all.

        Raises
        ------
        NotWritable
            If the file cannot be written.
        BadOption
            If the WCS is not a FITS WCS.

        Notes
        -----
        `cutout_widgets.read_image` can also read the file, and viewers display it correctly. An id that is
        neither a whole number nor text is not stored.
        """
        kept = ExtraAttributes(self.data_units, self.src_weight, self._slices, self.mask, self.dq)
        write_cutout(self.to_image(), kept, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a cutout written by `save`.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        ImageNotFound
            If there is no such file.
        UnreadableImage
            If it is not a FITS file, or not one written by `save`.
        """
        image, kept = read_cutout(path)
        dx, dy = image.shift
        cutout = cls.from_image(
            image if image.wcs is None else shifted(image, -dx, -dy),
            data_units=kept.data_units,
            src_weight=kept.src_weight,
        )
        cutout._slices = kept.slices
        cutout.mask, cutout.dq = kept.bad, kept.dq
        cutout.dx, cutout.dy = dx, dy
        return cutout


def _plain_id(src_id: Any) -> int | str | None:
    """Return an id as a whole number, text, or None."""
    if isinstance(src_id, np.integer):
        return int(src_id)
    return src_id if isinstance(src_id, (int, str)) else None


def _bits(flags: NDArray[Any] | None) -> NDArray[np.uint32] | None:
    """Return flags as uint32, or None if they need more than 32 bits."""
    if flags is None:
        return None
    bits = flags.astype(np.uint32)
    lost = flags.dtype.itemsize > 4 and bool((bits.astype(flags.dtype) != flags).any())
    return None if lost else bits


def _inclusive(image: Box, blc: Any, trc: Any) -> Box:
    """Return the box of two inclusive corners, checked in subpixal's order."""
    first = blc
    last = (image.x1 - 1, image.y1 - 1) if trc is None else trc
    corners = [*first, *last]
    if any(value != int(value) for value in corners):
        raise BadOption(f"corners are whole pixels; got {first} and {last}")
    x0, y0, x1, y1 = (int(value) for value in corners)
    if x0 >= image.x1 or y0 >= image.y1 or x1 < image.x0 or y1 < image.y0:
        raise NoOverlapError(f"the box from {first} to {last} is entirely outside the image {image}")
    if x1 < x0 or y1 < y0:
        raise BadOption(f"the top right corner {last} is below or left of the bottom left corner {first}")
    return Box(y0, y1 + 1, x0, x1 + 1)
