"""Footprints: the pixels of a source, in any shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.footprints import spans as runs
from cutout_widgets.footprints.outline import trace
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image

__all__ = ["Footprint", "Moments", "Peak", "Stencil"]

Stencil = Literal["circle", "manhattan", "box"]
"""Shapes for growing and shrinking footprints."""

Connectivity = Literal[4, 8]
"""4: pixels are connected by sides; 8: also by corners."""


class Moments(NamedTuple):
    """Second moments of positions, px**2."""

    xx: float
    yy: float
    xy: float


class Peak(NamedTuple):
    """A local extreme of an image, in parent pixels.

    Examples
    --------
    >>> Peak(x=3, y=5, value=9.5).value
    9.5
    """

    x: int
    y: int
    value: float


@dataclass(frozen=True, eq=False, repr=False)
class Footprint:
    """A set of pixels of the parent image; it may have several pieces, and holes.

    Parameters
    ----------
    spans
        Runs ``(y, x0, x1)`` with `x1` inclusive, as in afw; in any order, overlaps allowed.

    Raises
    ------
    BadOption
        If the spans are not whole numbers of shape (n, 3), or one ends before it starts.

    Examples
    --------
    >>> place = Footprint.from_box(cw.Box(y0=2, y1=4, x0=5, x1=8))
    >>> place.area
    6
    """

    spans: NDArray[np.int64]
    """Shape (n, 3): y, x0, x1 (inclusive), sorted by y, then x; read-only."""

    def __post_init__(self) -> None:
        own = runs.normal(self.spans)
        own.flags.writeable = False
        object.__setattr__(self, "spans", own)

    @classmethod
    def _of(cls, spans: NDArray[np.int64]) -> Footprint:
        """Return the footprint of spans known to be sorted and merged."""
        self = object.__new__(cls)
        spans.flags.writeable = False
        object.__setattr__(self, "spans", spans)
        return self

    @classmethod
    def from_array(cls, array: NDArray[Any], yx0: tuple[int, int] = (0, 0)) -> Footprint:
        """Return the footprint of the true pixels of an array.

        Parameters
        ----------
        array
            Shape (ny, nx), row 0 at the bottom; of a type that converts to bool.
        yx0
            Position of the first pixel in the parent, y first.
        """
        if np.ndim(array) != 2:
            raise BadOption(f"a footprint's array is two-dimensional; got shape {np.shape(array)}")
        return cls._of(runs.from_array(array, yx0))

    @classmethod
    def from_box(cls, box: Box) -> Footprint:
        """Return the footprint of all pixels of a box."""
        if not box.area:
            return cls(runs.empty())
        y = np.arange(box.y0, box.y1)
        return cls(np.column_stack([y, np.full_like(y, box.x0), np.full_like(y, box.x1 - 1)]))

    @classmethod
    def from_plane(cls, image: Image, plane: str) -> Footprint:
        """Return the footprint of the pixels with a mask plane set."""
        return cls.from_array(image.has_plane(plane), (image.box.y0, image.box.x0))

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int((self.spans[:, 2] - self.spans[:, 1] + 1).sum())

    @property
    def box(self) -> Box:
        """The smallest box that covers it; an empty box without pixels."""
        return runs.box_of(self.spans)

    @property
    def centroid(self) -> XY:
        """Mean position of the pixels; NaN without pixels."""
        if not len(self.spans):
            return XY(np.nan, np.nan)
        y, n, middle = self._rows()
        return XY(float((n * middle).sum() / n.sum()), float((n * y).sum() / n.sum()))

    @property
    def moments(self) -> Moments:
        """Mean squared offsets of the pixel centres from the centroid, px**2 (no 1/12 for their size)."""
        if not len(self.spans):
            return Moments(np.nan, np.nan, np.nan)
        y, n, middle = self._rows()
        centre = self.centroid
        dx, dy = middle - centre.x, y - centre.y
        within = (n**2 - 1) / 12  # variance of n consecutive whole numbers
        area = n.sum()
        return Moments(
            float((n * (dx**2 + within)).sum() / area),
            float((n * dy**2).sum() / area),
            float((n * dx * dy).sum() / area),
        )

    def _rows(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return y, number of pixels and centre of each span."""
        y, x0, x1 = self.spans.T
        return y, (x1 - x0 + 1).astype(float), (x0 + x1) / 2

    def contains(self, x: Any, y: Any) -> Any:
        """Return whether points (parent pixels) are on pixels of the footprint.

        Parameters
        ----------
        x, y
            Numbers or arrays of the same shape; a point belongs to the pixel with the nearest centre.

        Returns
        -------
        bool or ndarray of bool
            False for NaN.
        """
        xs, ys = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        inside = np.zeros(xs.shape, dtype=bool)
        box = self.box
        near = (xs >= box.x0 - 0.5) & (xs < box.x1 - 0.5) & (ys >= box.y0 - 0.5) & (ys < box.y1 - 0.5)
        column = np.floor(xs[near] + 0.5).astype(np.int64) - box.x0
        row = np.floor(ys[near] + 0.5).astype(np.int64) - box.y0
        stride = box.width + 1
        first = (self.spans[:, 0] - box.y0) * stride + self.spans[:, 1] - box.x0
        last = first + self.spans[:, 2] - self.spans[:, 1]
        at = row * stride + column
        span = np.searchsorted(first, at, side="right") - 1
        inside[near] = (span >= 0) & (at <= last[span]) if len(first) else False
        return bool(inside) if inside.ndim == 0 else inside

    def covers(self, other: Footprint) -> bool:
        """Return whether every pixel of `other` is in this footprint (always true if it is empty)."""
        return not len(runs.difference(other.spans, self.spans))

    def overlaps(self, other: Footprint) -> bool:
        """Return whether the two share a pixel."""
        return bool(len(runs.intersection(self.spans, other.spans)))

    def __or__(self, other: Footprint) -> Footprint:
        """Return the union."""
        return Footprint._of(runs.union(self.spans, other.spans))

    def __and__(self, other: Footprint) -> Footprint:
        """Return the intersection."""
        return Footprint._of(runs.intersection(self.spans, other.spans))

    def __sub__(self, other: Footprint) -> Footprint:
        """Return the pixels of this footprint that are not in the other."""
        return Footprint._of(runs.difference(self.spans, other.spans))

    union = __or__
    intersection = __and__
    difference = __sub__

    def clipped(self, box: Box) -> Footprint:
        """Return the part inside a box."""
        if box.covers(self.box):
            return self
        y, x0, x1 = self.spans.T
        x0, x1 = np.maximum(x0, box.x0), np.minimum(x1, box.x1 - 1)
        inside = (y >= box.y0) & (y < box.y1) & (x0 <= x1)
        return Footprint._of(np.column_stack([y, x0, x1])[inside])

    def shifted(self, dy: int, dx: int) -> Footprint:
        """Return the footprint moved by whole pixels."""
        return Footprint(self.spans + np.array([dy, dx, dx]))

    def dilated(self, radius: int, stencil: Stencil = "circle") -> Footprint:
        """Return the footprint grown by `radius` pixels; it may extend beyond the image."""
        return Footprint._of(runs.dilated(self.spans, stencil, radius))

    def eroded(self, radius: int, stencil: Stencil = "circle") -> Footprint:
        """Return the pixels whose neighbourhood of `radius` pixels is entirely in the footprint."""
        return Footprint._of(runs.eroded(self.spans, stencil, radius))

    def edge(self) -> Footprint:
        """Return the pixels with a side on the outside: those removed by an erosion with the 3x3 cross."""
        return self - self.eroded(1, "manhattan")

    def split(self, connectivity: Connectivity = 8) -> tuple[Footprint, ...]:
        """Return the connected pieces, in the order of their first pixels."""
        piece = runs.connected(self.spans, connectivity)
        order = np.argsort(piece, kind="stable")
        starts = np.searchsorted(piece[order], np.arange(1, piece.max(initial=-1) + 1))
        return tuple(Footprint._of(part) for part in np.split(self.spans[order], starts) if len(part))

    def holes(self) -> tuple[Footprint, ...]:
        """Return the pieces (connected by sides) that the footprint encloses, bottom to top."""
        around = Footprint.from_box(self.box.grown(1))
        corner = around.spans[0, 1], around.spans[0, 0]
        return tuple(part for part in (around - self).split(4) if not part.contains(*corner))

    def outline(self) -> tuple[NDArray[np.float64], ...]:
        """Return the outline as closed polygons along pixel edges, for drawing.

        Returns
        -------
        tuple of ndarray
            Each of shape (n, 2): x, y of corners, with the first repeated at the end, on half pixels in
            parent coordinates; outer outlines are anticlockwise, holes clockwise.
        """
        box = self.box
        return trace(self.to_array(), (box.y0, box.x0))

    def pixels(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return y and x of every pixel, in span order (row by row, from the bottom)."""
        y, x0, x1 = self.spans.T
        n = x1 - x0 + 1
        return np.repeat(y, n), np.arange(n.sum()) - np.repeat(np.cumsum(n) - n - x0, n)

    def to_array(self, box: Box | None = None) -> NDArray[np.bool_]:
        """Return the footprint as a bool array that covers a box, by default its own."""
        return self.unflatten(np.ones(self.area, dtype=bool), fill=False, box=box)

    def flatten(self, array: NDArray[Any], yx0: tuple[int, int] = (0, 0)) -> NDArray[Any]:
        """Return the values of an array on the footprint, in span order.

        Raises
        ------
        BadOption
            If the footprint extends beyond the array; `clipped` keeps the part inside.
        """
        have = Box.from_shape((array.shape[0], array.shape[1]), yx0)
        if not have.covers(self.box):
            raise BadOption(
                f"the footprint {self.box} extends beyond the array, which covers {have}; use clipped()"
            )
        y, x = self.pixels()
        return array[y - yx0[0], x - yx0[1]]

    def unflatten(self, values: NDArray[Any], *, fill: Any = 0, box: Box | None = None) -> NDArray[Any]:
        """Return an array that covers a box, with one value for each pixel of the footprint.

        Parameters
        ----------
        values
            Shape (area,), in span order.
        fill
            Value of pixels of the box that are not in the footprint.
        box
            None = the footprint's own; pixels outside it are dropped.

        Raises
        ------
        BadOption
            If the number of values is wrong, or their type cannot represent `fill`.
        """
        given = np.asarray(values)
        if given.shape != (self.area,):
            raise BadOption(f"a footprint of {self.area} pixels needs as many values; got {given.shape}")
        if given.dtype.kind in "iub" and (fill != fill or given.dtype.type(fill) != fill):
            raise BadOption(f"an array of {given.dtype} cannot hold the fill value {fill}")
        target = self.box if box is None else box
        out = np.full(target.shape, fill, dtype=given.dtype)
        y, x = self.pixels()
        inside = (y >= target.y0) & (y < target.y1) & (x >= target.x0) & (x < target.x1)
        out[y[inside] - target.y0, x[inside] - target.x0] = given[inside]
        return out

    def __reduce__(self) -> tuple[Any, ...]:
        return Footprint, (self.spans,)

    def __len__(self) -> int:
        """Number of spans."""
        return len(self.spans)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Iterate over the spans as (y, x0, x1)."""
        return ((int(y), int(x0), int(x1)) for y, x0, x1 in self.spans)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Footprint) and np.array_equal(self.spans, other.spans)

    def __hash__(self) -> int:
        return hash(self.spans.tobytes())

    def __str__(self) -> str:
        return "".join(f"{y}: {x0}..{x1}\n" for y, x0, x1 in self)

    def __repr__(self) -> str:
        return f"<Footprint {self.area} px in {len(self)} spans {self.box}>"
