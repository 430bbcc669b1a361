"""Outlines of sets of pixels as polygons along pixel edges."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["trace"]


def trace(array: NDArray[np.bool_], yx0: tuple[int, int] = (0, 0)) -> tuple[NDArray[np.float64], ...]:
    """Return the outlines of the true pixels of an array.

    Parameters
    ----------
    array
        Shape (ny, nx).
    yx0
        Position of the first pixel, y first.

    Returns
    -------
    tuple of ndarray
        Closed polygons of shape (n, 2): x, y of corners (half pixels), with the first repeated at the
        end. The set is to the left of the path: outer outlines are anticlockwise, holes clockwise.
        Pixels that touch only at a corner get separate outlines.
    """
    padded = np.pad(array, 1)
    paths: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for start, step in _directed_edges(padded):
        for y, x in start:
            paths.setdefault((int(x), int(y)), []).append(step)
    polygons = []
    while paths:
        corner = next(iter(paths))
        polygons.append(_follow(paths, corner))
    offset = np.array([yx0[1] - 1.5, yx0[0] - 1.5])
    return tuple(np.array(polygon, dtype=float) + offset for polygon in polygons)


def _directed_edges(padded: NDArray[np.bool_]) -> list[tuple[NDArray[Any], tuple[int, int]]]:
    """Return corners (y, x) where unit edges start, by their direction (dx, dy); the set is on the left."""
    below, here = padded[:-1], padded[1:]
    left, right = padded[:, :-1], padded[:, 1:]
    return [
        (np.argwhere(here & ~below) + np.array([1, 0]), (1, 0)),  # bottom side of a pixel
        (np.argwhere(below & ~here) + np.array([1, 1]), (-1, 0)),  # top side
        (np.argwhere(left & ~right) + np.array([0, 1]), (0, 1)),  # right side
        (np.argwhere(right & ~left) + np.array([1, 1]), (0, -1)),  # left side
    ]


def _follow(
    paths: dict[tuple[int, int], list[tuple[int, int]]], corner: tuple[int, int]
) -> list[tuple[int, int]]:
    """Remove one closed path from `paths` and return it; straight runs become one edge."""
    first = step = paths[corner][0]
    polygon = [corner]
    at = corner
    while True:
        paths[at].remove(step)
        if not paths[at]:
            del paths[at]
        at = (at[0] + step[0], at[1] + step[1])
        if at == corner:
            break
        # Where four borders meet, turn left: pixels that touch at a corner stay apart.
        left = (-step[1], step[0])
        turn = left if left in paths[at] else paths[at][0]
        if turn != step:
            polygon.append(at)
        step = turn
    if step == first:
        polygon.pop(0)  # the path started in the middle of a straight run
    return [*polygon, polygon[0]]
