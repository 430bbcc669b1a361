"""The normal equations of sources fitted together: sums over pixels that two of them share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import MissingDependency

__all__ = ["RIDGE", "Design", "Overlaps", "deviations"]

RIDGE = 1e-9
"""Relative damping that keeps two coincident sources from making the matrix singular."""


class Overlaps:
    """The pixels shared by sources; the same for all steps of a fit.

    Parameters
    ----------
    compact
        For each pair of pixel and source, sorted by source: the number of the pixel.
    owner
        For each pair, the source.
    n_pixels, count
        Number of pixels and of sources.
    """

    def __init__(
        self, compact: NDArray[np.int64], owner: NDArray[np.int64], n_pixels: int, count: int
    ) -> None:
        self.compact, self.owner, self.n_pixels, self.count = compact, owner, n_pixels, count

    @cached_property
    def _shared(self) -> tuple[NDArray[np.int64], ...]:
        """Pairs of entries at the same pixel, sorted by pair of sources; the start of each; its sources."""
        order = np.argsort(self.compact, kind="stable")
        pixel = self.compact[order]
        one, other = [], []
        for apart in range(1, int(np.bincount(pixel, minlength=1).max())):
            same = np.flatnonzero(pixel[apart:] == pixel[:-apart])
            one.append(order[same])
            other.append(order[same + apart])
        none = np.zeros(0, dtype=np.int64)
        a, b = np.concatenate([none, *one]), np.concatenate([none, *other])
        key = self.owner[a] * self.count + self.owner[b]
        order = np.argsort(key, kind="stable")
        a, b, key = a[order], b[order], key[order]
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        return a, b, begins, key[begins] // self.count, key[begins] % self.count

    def sums(self, columns: Sequence[NDArray[np.float64]], weights: NDArray[np.float64] | None = None) -> Any:
        """Return ``A^T W A``, sparse.

        Parameters
        ----------
        columns
            Values of the entries of A, one array for each kind of parameter.
        weights
            Diagonal of W, one for each pixel; None = 1.
        """
        try:
            from scipy import sparse
        except ImportError as err:
            raise MissingDependency("scipy", "detect", "measuring sources") from err
        a, b, begins, first, second = self._shared
        own = np.arange(self.count)
        rows, places, values = [], [], []
        weighted = columns if weights is None else [one * weights[self.compact] for one in columns]
        left, right = [one[a] for one in weighted], [one[b] for one in columns]
        for p in range(len(columns)):
            for q in range(len(columns)):
                alone = np.bincount(self.owner, weights=weighted[p] * columns[q], minlength=self.count)
                shared = np.add.reduceat(left[p] * right[q], begins) if len(begins) else np.zeros(0)
                rows += [own + p * self.count, first + p * self.count, second + q * self.count]
                places += [own + q * self.count, second + q * self.count, first + p * self.count]
                values += [alone, shared, shared]
        width = len(columns) * self.count
        where = np.concatenate(rows), np.concatenate(places)
        return sparse.coo_matrix((np.concatenate(values), where), shape=(width, width)).tocsc()


class Design:
    """The sparse design matrix of a step, with a block of columns for each kind of parameter.

    Parameters
    ----------
    overlaps
        The pixels shared by sources.
    columns
        Its values: for each kind, those of all pairs of pixel and source.
    """

    def __init__(self, overlaps: Overlaps, columns: Sequence[NDArray[np.float64]]) -> None:
        self.overlaps, self.columns = overlaps, columns

    def model(self, flux: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the pixels of the first block of columns, times fluxes."""
        on = self.overlaps
        return np.bincount(on.compact, weights=self.columns[0] * flux[on.owner], minlength=on.n_pixels)

    def solve(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the best-fitting parameters."""
        normal, on = self.overlaps.sums(self.columns), self.overlaps
        from scipy import sparse
        from scipy.sparse.linalg import splu

        scale = normal.diagonal()
        scale[scale <= 0] = 1.0
        seen = data[on.compact]
        right = [np.bincount(on.owner, weights=one * seen, minlength=on.count) for one in self.columns]
        factors = splu((normal + sparse.diags(RIDGE * scale)).tocsc())
        return np.asarray(factors.solve(np.concatenate(right)))


def deviations(
    normal: NDArray[np.float64], spread: Any, wanted: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """Return the root of the diagonal of ``N^-1 S N^-1``.

    Parameters
    ----------
    normal, spread
        N and S, symmetric; S may be sparse.
    wanted
        Indices of parameters; None = all.
    """
    scale = np.diag(normal).copy()
    scale[scale <= 0] = 1.0
    damped = normal + np.diag(RIDGE * scale)
    asked = np.eye(len(normal)) if wanted is None else np.eye(len(normal))[:, wanted]
    inverse = _solved(damped, asked)
    square = ((spread @ inverse) * inverse).sum(axis=0)
    # With fewer pixels than parameters only rounding errors remain.
    found: NDArray[np.float64] = np.sqrt(square, out=np.full(len(square), np.nan), where=square > 0)
    return found


def _solved(symmetric: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve equations whose matrix is positive definite, or nearly so."""
    from scipy import linalg

    try:
        factor = linalg.cho_factor(symmetric, lower=True, check_finite=False)
    except linalg.LinAlgError:
        return np.linalg.solve(symmetric, right)
    return np.asarray(linalg.cho_solve(factor, right, check_finite=False))
