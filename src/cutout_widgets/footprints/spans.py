"""Sets of pixels as runs along rows: the arithmetic behind `Footprint`.

A span array has shape (n, 3) with columns ``y, x0, x1`` with `x1` inclusive, sorted by y, then x;
spans of one row never touch. Every set operation is one sweep along a line of concatenated rows,
so its cost depends on the number of spans, not on the number of pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.geometry import Box

__all__ = [
    "Spans",
    "connected",
    "difference",
    "dilated",
    "empty",
    "eroded",
    "from_array",
    "from_labels",
    "intersection",
    "normal",
    "stencil_half_widths",
    "union",
]

Spans = NDArray[np.int64]
"""Shape (n, 3): y, x0, x1 (inclusive)."""

FARTHEST = 2**30
"""Maximum pixel coordinate, beyond any detector or sky map; the line of rows stays within int64."""


def empty() -> Spans:
    """Return the spans of no pixels."""
    return np.zeros((0, 3), dtype=np.int64)


def normal(spans: Any) -> Spans:
    """Return runs, in any order and possibly overlapping, as spans.

    Raises
    ------
    BadOption
        If they are not whole numbers of shape (n, 3), end before they start or are unreasonably far away.
    """
    given = np.asarray(spans)
    if given.size == 0:
        return empty()
    if given.ndim != 2 or given.shape[1] != 3 or given.dtype.kind not in "iu":
        raise BadOption(f"spans are whole numbers (y, x0, x1); got {given.dtype} of shape {given.shape}")
    runs = given.astype(np.int64)
    if np.abs(runs).max() > FARTHEST:
        raise BadOption(f"a span is beyond pixel {FARTHEST}; are these pixel coordinates?")
    if (runs[:, 2] < runs[:, 1]).any():
        bad = runs[runs[:, 2] < runs[:, 1]][0]
        raise BadOption(f"a span must not end before it starts; got y {bad[0]}, x {bad[1]}..{bad[2]}")
    return _sweep([(runs, 1)], at_least=1)


def union(a: Spans, b: Spans) -> Spans:
    """Return the union."""
    return _sweep([(a, 1), (b, 1)], at_least=1)


def intersection(a: Spans, b: Spans) -> Spans:
    """Return the intersection."""
    return _sweep([(a, 1), (b, 1)], at_least=2)


def difference(a: Spans, b: Spans) -> Spans:
    """Return the pixels of `a` that are not in `b`."""
    return _sweep([(a, 1), (b, -1)], at_least=1)


def _sweep(sets: list[tuple[Spans, int]], *, at_least: int) -> Spans:
    """Return where the weights of all runs that cover a pixel sum to `at_least` or more."""
    runs = np.concatenate([part for part, _ in sets])
    if not len(runs):
        return empty()
    weights = np.concatenate([np.full(len(part), weight) for part, weight in sets])
    x_first, y_first = runs[:, 1].min(), runs[:, 0].min()
    stride = runs[:, 2].max() - x_first + 2  # one pixel more than the widest row, so that rows do not touch
    start = (runs[:, 0] - y_first) * stride + runs[:, 1] - x_first
    stop = start + runs[:, 2] - runs[:, 1] + 1
    at = np.concatenate([start, stop])
    step = np.concatenate([weights, -weights])
    order = np.argsort(at, kind="stable")
    at, depth = at[order], np.cumsum(step[order])
    last = np.append(at[1:] != at[:-1], True)  # of events at one position only the sum counts
    at, inside = at[last], depth[last] >= at_least
    edges = at[np.diff(inside, prepend=False)]
    first, beyond = edges[0::2], edges[1::2]
    y, x0 = np.divmod(first, stride)
    return np.column_stack([y + y_first, x0 + x_first, x0 + x_first + beyond - first - 1])


def stencil_half_widths(stencil: str, radius: int) -> list[tuple[int, int]]:
    """Return (dy, half width) of each row of a stencil.

    ``"circle"``: ``|dx| <= int(sqrt(r**2 - dy**2))``; ``"manhattan"``: ``|dx| <= r - |dy|``;
    ``"box"``: ``|dx|, |dy| <= r``. Source: the definitions of afw's ``Stencil``.

    Raises
    ------
    BadOption
        If the stencil is unknown, or the radius is negative or not a whole number.
    """
    if radius < 0 or radius != int(radius):
        raise BadOption(f"a radius is a whole number of pixels from 0 up; got {radius}")
    rows = range(-int(radius), int(radius) + 1)
    if stencil == "circle":
        return [(dy, int(np.sqrt(radius**2 - dy**2))) for dy in rows]
    if stencil == "manhattan":
        return [(dy, int(radius) - abs(dy)) for dy in rows]
    if stencil == "box":
        return [(dy, int(radius)) for dy in rows]
    raise BadOption(f"a stencil is 'circle', 'manhattan' or 'box'; got {stencil!r}")


def dilated(spans: Spans, stencil: str, radius: int) -> Spans:
    """Return the pixels that a stencil covers when centred on each pixel of `spans`."""
    rows = stencil_half_widths(stencil, radius)
    return _sweep([(spans + np.array([dy, -half, half]), 1) for dy, half in rows], at_least=1)


def eroded(spans: Spans, stencil: str, radius: int) -> Spans:
    """Return the pixels at which a stencil is entirely inside `spans`."""
    rows = stencil_half_widths(stencil, radius)
    sets = []
    for dy, half in rows:
        fits = spans[:, 2] - spans[:, 1] >= 2 * half
        sets.append((spans[fits] + np.array([-dy, half, -half]), 1))
    return _sweep(sets, at_least=len(rows))


def from_array(array: NDArray[Any], yx0: tuple[int, int] = (0, 0)) -> Spans:
    """Return the spans of the true pixels of an array (ny, nx) whose first pixel is at `yx0`."""
    wanted = np.asarray(array).astype(bool, copy=False)
    padded = np.zeros((wanted.shape[0], wanted.shape[1] + 1), dtype=bool)  # each row ends in False
    padded[:, :-1] = wanted
    edges = np.flatnonzero(np.diff(padded.ravel(), prepend=False))
    y, x0 = np.divmod(edges[0::2], padded.shape[1])
    x1 = edges[1::2] % padded.shape[1] - 1
    return np.column_stack([y + yx0[0], x0 + yx0[1], x1 + yx0[1]]).astype(np.int64, copy=False)


def from_labels(
    labels: NDArray[Any], yx0: tuple[int, int] = (0, 0)
) -> tuple[NDArray[Any], Spans, NDArray[np.int64]]:
    """Find the runs of all labels of a segmentation image in one pass.

    Parameters
    ----------
    labels
        Whole numbers, shape (ny, nx); 0 is the background. Their type is preserved.
    yx0
        Position of the first pixel, y first.

    Returns
    -------
    ids
        The labels present, ascending, in the type of `labels`.
    spans
        The runs of all labels, those of one label together in span order.
    starts
        Where each label's runs begin in `spans`, and their end: shape (len(ids) + 1,).
    """
    flat = np.ascontiguousarray(labels).ravel()
    nx = labels.shape[1]
    new = np.empty(flat.shape, dtype=bool)
    np.not_equal(flat[1:], flat[:-1], out=new[1:])
    new[::nx] = True  # every row starts a run
    first = np.flatnonzero(new)
    beyond = np.append(first[1:], flat.size)
    label = flat[first]
    real = label != 0
    first, beyond, label = first[real], beyond[real], label[real]
    order = np.argsort(label, kind="stable")
    first, beyond, label = first[order], beyond[order], label[order]
    y, x0 = np.divmod(first, nx)
    spans = np.column_stack([y + yx0[0], x0 + yx0[1], x0 + yx0[1] + beyond - first - 1])
    ids, starts = np.unique(label, return_index=True)
    return ids, spans.astype(np.int64, copy=False), np.append(starts, len(spans))


def connected(spans: Spans, connectivity: int) -> NDArray[np.int64]:
    """Number the connected pieces of a set of pixels.

    Parameters
    ----------
    spans
        The set.
    connectivity
        4: pixels are connected by sides; 8: also by corners.

    Returns
    -------
    ndarray
        The piece of each span, numbered from 0 in the order of their first spans.

    Raises
    ------
    BadOption
        If `connectivity` is neither.
    """
    if connectivity not in (4, 8):
        raise BadOption(f"connectivity is 4 or 8; got {connectivity!r}")
    if not len(spans):
        return np.zeros(0, dtype=np.int64)
    upper, lower = _neighbours(spans, reach=1 if connectivity == 8 else 0)
    parent = np.arange(len(spans))
    while (parent[upper] != parent[lower]).any():
        least = np.minimum(parent[upper], parent[lower])
        np.minimum.at(parent, parent[upper], least)
        np.minimum.at(parent, parent[lower], least)
        while (parent != (grand := parent[parent])).any():
            parent = grand
    return np.unique(parent, return_inverse=True)[1].astype(np.int64, copy=False)


def _neighbours(spans: Spans, *, reach: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of touching spans in consecutive rows, as indices of the lower and upper one."""
    box = box_of(spans)
    stride = box.width + 2 * reach + 2
    first = (spans[:, 0] - box.y0) * stride + (spans[:, 1] - box.x0) + reach
    last = first + spans[:, 2] - spans[:, 1]
    begin = np.searchsorted(last, first + stride - reach, side="left")
    end = np.searchsorted(first, last + stride + reach, side="right")
    counts = np.maximum(end - begin, 0)
    below = np.repeat(np.arange(len(spans)), counts)
    above = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begin, counts)
    return below, above


def box_of(spans: Spans) -> Box:
    """Return the smallest box that covers a set; an empty one for no pixel."""
    if not len(spans):
        return Box(0, 0, 0, 0)
    return Box(int(spans[0, 0]), int(spans[-1, 0]) + 1, int(spans[:, 1].min()), int(spans[:, 2].max()) + 1)
