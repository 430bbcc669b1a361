"""Footprints with their pixel values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, PartialOverlap
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.pixels.image import Image

__all__ = ["FootprintFlux", "HeavyFootprint"]


class FootprintFlux(NamedTuple):
    """The sum of an image over a footprint, with NaN pixels counted separately.

    Examples
    --------
    >>> FootprintFlux(total=6.0, good=5.0, variance=2.0, n_good=2, n_nan=0).good
    5.0
    """

    total: float
    """Plain sum; NaN if any pixel is NaN."""
    good: float
    """Sum of the pixels with a value."""
    variance: float
    """Sum of the variance of those pixels; NaN without a variance."""
    n_good: int
    """Number of pixels with a value."""
    n_nan: int
    """Number of NaN pixels."""


@dataclass(frozen=True, eq=False, repr=False)
class HeavyFootprint:
    """The pixels of an image under a footprint, flattened in span order.

    Raises
    ------
    BadOption
        If an array does not have one value for each pixel of the footprint.

    Examples
    --------
    >>> import numpy as np
    >>> heavy = HeavyFootprint(cw.Footprint.from_box(cw.Box(0, 1, 0, 3)), np.array([1.0, 2.0, 3.0]))
    >>> heavy.footprint.area
    3
    """

    footprint: Footprint
    """The footprint."""
    image: NDArray[Any]
    """Values, shape (area,)."""
    mask: NDArray[np.uint32] | None = None
    """Mask bits, shape (area,), or None."""
    variance: NDArray[Any] | None = None
    """Variance, shape (area,), or None."""
    planes: Mapping[str, int] = field(default_factory=dict)
    """Mask plane name -> bit number."""

    def __post_init__(self) -> None:
        for name in ("image", "mask", "variance"):
            values = getattr(self, name)
            if values is not None and values.shape != (self.footprint.area,):
                raise BadOption(
                    f"{name} needs one value for each of {self.footprint.area} pixels; got {values.shape}"
                )

    @classmethod
    def from_image(cls, footprint: Footprint, image: Image) -> HeavyFootprint:
        """Copy the pixels of an image under a footprint.

        Raises
        ------
        PartialOverlap
            If the footprint extends beyond the image; ``footprint.clipped(image.box)`` keeps the part inside.
        """
        if not image.box.covers(footprint.box):
            raise PartialOverlap(
                f"the footprint {footprint.box} extends beyond the image, which covers {image.box}; "
                f"footprint.clipped(image.box) keeps the part inside"
            )
        yx0 = (image.box.y0, image.box.x0)
        return cls(
            footprint,
            footprint.flatten(image.pixels, yx0),
            None if image.mask is None else footprint.flatten(image.mask, yx0),
            None if image.variance is None else footprint.flatten(image.variance, yx0),
            dict(image.planes),
        )

    @property
    def flux(self) -> FootprintFlux:
        """The sum over the footprint, and over the pixels with a value."""
        values = self.image.astype(float)
        good = ~np.isnan(values)
        variance = np.nan if self.variance is None else float(self.variance[good].astype(float).sum())
        n_good = int(good.sum())
        return FootprintFlux(
            float(values.sum()), float(values[good].sum()), variance, n_good, len(values) - n_good
        )

    @property
    def mask_bits(self) -> int:
        """All bits that any pixel has set; 0 without a mask."""
        return 0 if self.mask is None or not len(self.mask) else int(np.bitwise_or.reduce(self.mask))

    @property
    def mask_counts(self) -> dict[str, int]:
        """Number of pixels in which each mask plane is set."""
        if self.mask is None:
            return dict.fromkeys(self.planes, 0)
        bits = self.mask.astype(np.int64)
        return {name: int((bits >> bit & 1).sum()) for name, bit in self.planes.items()}

    def unflatten(
        self, what: Literal["image", "mask", "variance"] = "image", *, fill: Any = 0
    ) -> NDArray[Any]:
        """Return pixels, mask or variance as an array that covers the footprint's box.

        Parameters
        ----------
        what
            Which of the three.
        fill
            Value of the pixels of the box that are not in the footprint.

        Raises
        ------
        BadOption
            If this footprint does not have the array, or its type cannot represent `fill`.
        """
        values = getattr(self, what) if what in ("image", "mask", "variance") else None
        if values is None:
            raise BadOption(f"this footprint has no {what!r}; it is 'image', 'mask' or 'variance'")
        return self.footprint.unflatten(values, fill=fill)

    def to_image(self, image: Image | None = None) -> Image:
        """Return the pixels as an `Image` that covers the footprint's box, NaN elsewhere.

        Parameters
        ----------
        image
            Provides unit and WCS, if given.
        """
        values = self.image if self.image.dtype.kind == "f" else self.image.astype(np.float32)
        return Image(
            self.footprint.unflatten(values, fill=np.nan),
            box=self.footprint.box,
            mask=None if self.mask is None else self.footprint.unflatten(self.mask.astype(np.uint32)),
            planes=self.planes,
            variance=None
            if self.variance is None
            else self.footprint.unflatten(self.variance.astype(np.float32, copy=False), fill=np.inf),
            wcs=None if image is None else image.wcs,
            unit=None if image is None else image.unit,
        )

    def __repr__(self) -> str:
        return f"<HeavyFootprint {self.image.dtype} {self.footprint!r}>"
