"""Fluxes and positions of point sources, fitted together where they overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.detection.normal_equations import RIDGE, Design, Overlaps, deviations
from cutout_widgets.pixels.psf import PsfModel

__all__ = ["PsfFluxes", "fit_point_sources"]

ROUNDS = 8
"""Maximum Gauss-Newton steps; positions converge within five."""

SETTLED_PX = 0.003
"""Smaller steps do not change the flux."""

STAMPS_AT_ONCE = 256
"""Sources whose PSF is drawn at once, so that it fits into the caches."""

LARGEST_GROUP = 80
"""Maximum overlapping sources whose errors are computed at once; larger groups are split."""

LARGEST_DENSE = 200_000
"""Smaller design matrices are faster as dense arrays."""

LARGEST_STEP_PX = 0.5
"""Maximum step, because the linear approximation is only local."""


@dataclass(frozen=True)
class PsfFluxes:
    """Fitted parameters, one value for each source."""

    x: NDArray[np.float64]
    """Position, in pixels of the array."""
    y: NDArray[np.float64]
    """Position along y."""
    flux: NDArray[np.float64]
    """In the unit of the pixels; NaN without pixels to fit."""
    flux_error: NDArray[np.float64]
    """1 sigma."""
    x_error: NDArray[np.float64]
    """1 sigma, px; NaN if the position was not fitted."""
    y_error: NDArray[np.float64]
    """1 sigma along y."""
    chi2: NDArray[np.float64]
    """Sum of squared residuals over variance within the source's radius."""
    n_pixels: NDArray[np.int64]
    """Number of these pixels."""
    wandered: NDArray[np.bool_]
    """True if the fit moved off the image or too far from the start, which is then kept."""


def fit_point_sources(
    pixels: NDArray[Any],
    variance: NDArray[Any],
    usable: NDArray[np.bool_],
    x: NDArray[Any],
    y: NDArray[Any],
    psf: PsfModel,
    *,
    free: bool = True,
    radius_px: float | None = None,
) -> PsfFluxes:
    """Fit all point sources of an image simultaneously.

    Parameters
    ----------
    pixels, variance
        Background-subtracted, shape (ny, nx).
    usable
        False for pixels to ignore.
    x, y
        Approximate positions, in pixels of the array.
    psf
        The PSF.
    free
        Whether positions are fitted or held fixed.
    radius_px
        Radius around each source within which pixels are fitted; None = 2 FWHM.

    Returns
    -------
    PsfFluxes
        Errors are those of the unweighted fit for the given variance; weights from a bright source's
        own variance would bias its flux.
    """
    count = len(x)
    start = np.column_stack([x, y]).astype(float)
    at, flux = start.copy(), np.zeros(count)
    wandered = np.zeros(count, dtype=bool)
    near = _near(usable, start, 2 * psf.fwhm if radius_px is None else float(radius_px))
    cells, compact, owner = near.cells, near.compact, near.owner
    data = np.asarray(pixels, dtype=float).ravel()[cells]
    noise = np.asarray(variance, dtype=float).ravel()[cells]
    furthest = max(2.0, 0.7 * psf.fwhm)
    corner = np.array(pixels.shape[::-1]) - 0.5
    overlaps = Overlaps(compact, owner, len(cells), count)

    def linear(*, moving: bool) -> Any:
        """Return the design matrix: a column for each flux, and for each x and y if they move."""
        value, slope_x, slope_y = near.psf_values(psf, at)
        columns = [value, slope_x * flux[owner], slope_y * flux[owner]] if moving else [value]
        if len(cells) * len(columns) * count <= LARGEST_DENSE:
            return _Dense(columns, compact, owner, (len(cells), count))
        return Design(overlaps, columns)

    design = linear(moving=False)
    flux = design.solve(data)
    for _ in range(ROUNDS if free else 0):
        design = linear(moving=True)
        change = design.solve(data - design.model(flux))
        step = np.clip(change[count:].reshape(2, count).T, -LARGEST_STEP_PX, LARGEST_STEP_PX)
        at = at + step
        lost = ~(np.hypot(*(at - start).T) < furthest) | (at < -0.5).any(axis=1) | (at >= corner).any(axis=1)
        at[lost] = start[lost]
        wandered |= lost
        flux = flux + change[:count]
        if np.abs(step).max(initial=0.0) < SETTLED_PX:
            break
    if free:
        design = linear(moving=False)
        flux = design.solve(data)
    model = design.model(flux)
    errors = _errors(linear(moving=True) if free else design, noise, 3 if free else 1, start)
    n_pixels = np.bincount(owner, minlength=count)
    chi2 = np.bincount(owner, weights=((data - model) ** 2 / noise)[compact], minlength=count)
    empty = n_pixels == 0
    return PsfFluxes(
        at[:, 0],
        at[:, 1],
        np.where(empty, np.nan, flux),
        np.where(empty, np.nan, errors[0]),
        errors[1] if free else np.full(count, np.nan),
        errors[2] if free else np.full(count, np.nan),
        chi2,
        n_pixels,
        wandered,
    )


@dataclass(frozen=True)
class _Near:
    """The usable pixels near sources."""

    cells: NDArray[np.int64]
    """Indices into the flat image, ascending."""
    compact: NDArray[np.int64]
    """For each pair of pixel and source, sorted by source: index of the pixel in `cells`."""
    owner: NDArray[np.int64]
    """For each pair, the source."""
    chosen: NDArray[np.bool_]
    """Which pixels of each source's stamp these are, shape (count, side * side)."""
    corner: NDArray[np.int64]
    """First pixel of each stamp: x, y."""

    def psf_values(self, psf: PsfModel, at: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return the PSF and its two derivatives for all pairs, given the sources' positions."""
        side = round(self.chosen.shape[1] ** 0.5) if self.chosen.size else 0
        found: list[list[NDArray[np.float64]]] = [[], [], []]
        for first in range(0, len(at), STAMPS_AT_ONCE):
            part = slice(first, first + STAMPS_AT_ONCE)
            offset = self.corner[part] - at[part]
            for kept, values in zip(found, psf.stamps(offset[:, 0], offset[:, 1], side), strict=True):
                kept.append(values.reshape(len(values), -1)[self.chosen[part]])
        return [np.concatenate(kept) if kept else np.zeros(0) for kept in found]


def _near(usable: NDArray[np.bool_], at: NDArray[np.float64], radius: float) -> _Near:
    """Find the usable pixels near any source."""
    reach = int(np.ceil(radius)) + 1
    oy, ox = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    base = np.rint(at).astype(np.int64)
    px, py = base[:, :1] + ox.ravel(), base[:, 1:] + oy.ravel()
    chosen = np.hypot(px - at[:, :1], py - at[:, 1:]) <= radius
    chosen &= (px >= 0) & (py >= 0) & (px < usable.shape[1]) & (py < usable.shape[0])
    flat = py * usable.shape[1] + px
    chosen[chosen] = usable.ravel()[flat[chosen]]
    cells, compact = np.unique(flat[chosen], return_inverse=True)
    owner = np.nonzero(chosen)[0]
    return _Near(cells, compact.astype(np.int64), owner, chosen, base - reach)


class _Dense:
    """The design matrix of a step as a dense array, with the methods of `Design`; faster for few sources."""

    def __init__(
        self,
        columns: list[NDArray[np.float64]],
        rows: NDArray[np.int64],
        owner: NDArray[np.int64],
        shape: tuple[int, int],
    ) -> None:
        self.count = shape[1]
        self.matrix = np.zeros((shape[0], len(columns) * self.count))
        for k, values in enumerate(columns):
            self.matrix[rows, owner + k * self.count] = values

    def model(self, flux: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the pixels of the first block of columns, times fluxes."""
        return np.asarray(self.matrix[:, : self.count] @ flux)

    def solve(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the best-fitting parameters."""
        normal = self.matrix.T @ self.matrix
        scale = normal.diagonal().copy()
        scale[scale <= 0] = 1.0
        return np.asarray(np.linalg.solve(normal + np.diag(RIDGE * scale), self.matrix.T @ data))


def _errors(
    design: Design | _Dense, noise: NDArray[np.float64], kinds: int, at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the standard deviations of all parameters, shape (kinds, count).

    The unweighted solution is linear in the data, so its covariance is
    ``N^-1 A^T V A N^-1`` with the normal matrix N, computed for each group of overlapping sources. A group
    with more than `LARGEST_GROUP` sources is processed in pieces, each with all that overlap it and what
    overlaps those; sources further away have no influence.
    """
    count = len(at)
    out = np.full(kinds * count, np.nan)
    if isinstance(design, _Dense):
        matrix = design.matrix
        out[:] = deviations(matrix.T @ matrix, matrix.T @ (noise[:, None] * matrix))
        return out.reshape(kinds, count)
    from scipy.sparse.csgraph import connected_components

    normal = design.overlaps.sums(design.columns).tocsr()
    spread = design.overlaps.sums(design.columns, noise).tocsr()
    _, group = connected_components(abs(normal[:count, :count]), directed=False)
    order = np.argsort(group, kind="stable")
    touch = normal[:count, :count].astype(bool)
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        for piece in _pieces(members, at):
            around = piece
            if len(piece) < len(members):
                for _ in range(2):
                    around = np.unique(touch[around].indices)
            own = np.concatenate([around + k * count for k in range(kinds)])
            wanted = np.flatnonzero(np.tile(np.isin(around, piece), kinds))
            out[own[wanted]] = deviations(normal[own][:, own].toarray(), spread[own][:, own], wanted)
    return out.reshape(kinds, count)


def _pieces(members: NDArray[Any], at: NDArray[np.float64]) -> list[NDArray[Any]]:
    """Split sources into compact pieces that are small enough, halving the longer side."""
    if len(members) <= LARGEST_GROUP:
        return [members]
    places = at[members]
    order = np.argsort(places[:, int(np.argmax(np.ptp(places, axis=0)))], kind="stable")
    half = len(members) // 2
    return _pieces(members[order[:half]], at) + _pieces(members[order[half:]], at)
