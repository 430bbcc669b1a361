"""The hierarchical triangular mesh (HTM): an integer for each sky position, used by the APDB."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["htm_index"]

LEVEL = 20
"""Depth of ``pixelId`` in Rubin's APDB: triangles a third of an arcsecond wide."""

_X, _Y, _Z = np.eye(3)

_ROOTS = np.array(
    [
        [_X, -_Z, _Y],
        [_Y, -_Z, -_X],
        [-_X, -_Z, -_Y],
        [-_Y, -_Z, _X],
        [_X, _Z, -_Y],
        [-_Y, _Z, -_X],
        [-_X, _Z, _Y],
        [_Y, _Z, _X],
    ]
)
"""Corners of the eight faces of the octahedron, S0 to S3 and N0 to N3; indices 8 to 15."""


def htm_index(ra: ArrayLike, dec: ArrayLike, *, level: int = LEVEL) -> NDArray[np.int64]:
    """Return the index of the triangle that contains each position.

    Parameters
    ----------
    ra, dec
        ICRS degrees, shape (n,).
    level
        How often each of the eight faces is divided into four.

    Returns
    -------
    ndarray of int64
        Shape (n,). Two bits per level after the four of the face.

    Notes
    -----
    Source: the mesh of Szalay et al. (2005, "Indexing the sphere with the hierarchical triangular
    mesh"), numbered as ``lsst.sphgeom.HtmPixelization`` does.
    """
    lon, lat = (
        np.radians(np.atleast_1d(np.asarray(ra, float))),
        np.radians(np.atleast_1d(np.asarray(dec, float))),
    )
    at = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
    inside = np.ones((len(at), 8), bool)
    for first, second in ((0, 1), (1, 2), (2, 0)):
        inside &= at @ np.cross(_ROOTS[:, first], _ROOTS[:, second]).T >= 0
    face = inside.argmax(axis=1)
    corners = _ROOTS[face]
    index = 8 + face.astype(np.int64)
    for _ in range(level):
        v0, v1, v2 = corners[:, 0], corners[:, 1], corners[:, 2]
        w0, w1, w2 = _middle(v1, v2), _middle(v2, v0), _middle(v0, v1)
        child = np.full(len(at), 3)
        # A point beyond the side that separates a corner is in that corner's triangle.
        for number, (p, q) in enumerate(((w1, w2), (w2, w0), (w0, w1))):
            beyond = (child == 3) & ((np.cross(p, q) * at).sum(axis=1) < 0)
            child[beyond] = number
        choices = np.stack(
            [np.stack(three, axis=1) for three in ((v0, w2, w1), (v1, w0, w2), (v2, w1, w0), (w0, w1, w2))],
            axis=1,
        )
        corners = choices[np.arange(len(at)), child]
        index = index * 4 + child
    return index


def _middle(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit vectors halfway between two sets."""
    both = a + b
    out: NDArray[np.float64] = both / np.linalg.norm(both, axis=-1, keepdims=True)
    return out
