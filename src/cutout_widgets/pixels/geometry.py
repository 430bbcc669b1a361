"""Positions and boxes in pixels, with the axis order in their names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from cutout_widgets.errors import NoOverlap

__all__ = ["XY", "YX", "Box"]


class YX(NamedTuple):
    """A pair in array order: y, x.

    Examples
    --------
    >>> YX(5.0, 3.0).xy()
    XY(x=3.0, y=5.0)
    """

    y: float
    x: float

    def xy(self) -> XY:
        """Return the same point, x first."""
        return XY(self.x, self.y)


class XY(NamedTuple):
    """A pair in the order x, y.

    Examples
    --------
    >>> XY(3.0, 5.0).yx()
    YX(y=5.0, x=3.0)
    """

    x: float
    y: float

    def yx(self) -> YX:
        """Return the same point, y first."""
        return YX(self.y, self.x)


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle of whole pixels, half-open and 0-based, in the parent image's pixels.

    The centre of the first pixel of a detector is 0.0, so the box covers the plane from
    ``y0 - 0.5`` to ``y1 - 0.5``. A box may be empty (``y1 == y0``) but not negative.

    Parameters
    ----------
    y0, y1, x0, x1
        First row, one past the last row, first column, one past the last column.

    Raises
    ------
    ValueError
        If an end is before its start.

    Examples
    --------
    >>> import cutout_widgets as cw
    >>> box = cw.Box.centred(cw.XY(680, 560), (260, 260))
    >>> str(box), box.shape, str(box.intersection(cw.Box.from_shape((600, 700))))
    ('[y 430:690, x 550:810]', (260, 260), '[y 430:600, x 550:700]')
    """

    y0: int
    y1: int
    x0: int
    x1: int

    def __post_init__(self) -> None:
        if self.y1 < self.y0 or self.x1 < self.x0:
            raise ValueError(f"a box must not end before it starts; got {self}")

    @classmethod
    def from_shape(cls, shape: tuple[int, int], yx0: tuple[int, int] = (0, 0)) -> Box:
        """Return the box of an array of `shape` (ny, nx) whose first pixel is at `yx0` (y, x)."""
        return cls(yx0[0], yx0[0] + shape[0], yx0[1], yx0[1] + shape[1])

    @classmethod
    def centred(cls, at: XY, shape: tuple[int, int]) -> Box:
        """Return the box of `shape` (ny, nx) whose centre is nearest to a point.

        Parameters
        ----------
        at
            Wanted centre in parent pixels, x first.
        shape
            Height and width in pixels. An even side has no central pixel; its box then
            reaches one pixel further down (left) of the pixel that contains `at`.

        Notes
        -----
        ``y0 = ceil(y - ny / 2)``, the rule of ``astropy.nddata.Cutout2D``.
        """
        y0, x0 = math.ceil(at.y - shape[0] / 2), math.ceil(at.x - shape[1] / 2)
        return cls(y0, y0 + shape[0], x0, x0 + shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels: the shape of an array that fills the box."""
        return self.y1 - self.y0, self.x1 - self.x0

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.y1 - self.y0

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.x1 - self.x0

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.height * self.width

    @property
    def centre(self) -> XY:
        """Centre of the box in parent pixels; on a pixel edge if a side is even."""
        return XY((self.x0 + self.x1 - 1) / 2, (self.y0 + self.y1 - 1) / 2)

    def covers(self, other: Box) -> bool:
        """Return whether every pixel of `other` is in this box (always true for an empty box)."""
        return other.area == 0 or (
            self.y0 <= other.y0 and other.y1 <= self.y1 and self.x0 <= other.x0 and other.x1 <= self.x1
        )

    def holds_all_of(self, other: Box) -> bool:
        """Return whether `other` has pixels and all of them are in this box."""
        return self.y0 <= other.y0 < other.y1 <= self.y1 and self.x0 <= other.x0 < other.x1 <= self.x1

    def overlaps(self, other: Box) -> bool:
        """Return whether the two share at least one pixel."""
        return max(self.y0, other.y0) < min(self.y1, other.y1) and max(self.x0, other.x0) < min(
            self.x1, other.x1
        )

    def holds(self, at: XY) -> bool:
        """Return whether a point (parent pixels) is on one of the box's pixels."""
        return self.x0 - 0.5 <= at.x < self.x1 - 0.5 and self.y0 - 0.5 <= at.y < self.y1 - 0.5

    def intersection(self, other: Box) -> Box:
        """Return the pixels in both boxes.

        Raises
        ------
        NoOverlap
            If there is none.
        """
        if self.holds_all_of(other):
            return other
        if not self.overlaps(other):
            raise NoOverlap(f"{self} and {other} share no pixel")
        return Box(
            max(self.y0, other.y0), min(self.y1, other.y1), max(self.x0, other.x0), min(self.x1, other.x1)
        )

    def union(self, other: Box) -> Box:
        """Return the smallest box that covers both; empty boxes are ignored."""
        if not self.area or not other.area:
            return other if not self.area else self
        return Box(
            min(self.y0, other.y0), max(self.y1, other.y1), min(self.x0, other.x0), max(self.x1, other.x1)
        )

    def shifted(self, dy: int, dx: int) -> Box:
        """Return the box moved by whole pixels."""
        return Box(self.y0 + dy, self.y1 + dy, self.x0 + dx, self.x1 + dx)

    def grown(self, pad: int) -> Box:
        """Return the box with `pad` more pixels on every side (fewer, if negative)."""
        return Box(self.y0 - pad, self.y1 + pad, self.x0 - pad, self.x1 + pad)

    def slices_in(self, parent: Box) -> tuple[slice, slice]:
        """Return the (y, x) slices of this box in an array that fills `parent`.

        Raises
        ------
        NoOverlap
            If `parent` does not cover the box, because the slices would refer to other pixels.
        """
        if not parent.covers(self):
            raise NoOverlap(f"{self} is not inside {parent}; intersect the two first")
        return (
            slice(self.y0 - parent.y0, self.y1 - parent.y0),
            slice(self.x0 - parent.x0, self.x1 - parent.x0),
        )

    def __str__(self) -> str:
        return f"[y {self.y0}:{self.y1}, x {self.x0}:{self.x1}]"
