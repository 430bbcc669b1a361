"""Fluxes and positions of point sources, fitted together where they overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import MissingDependency
from cutout_widgets.pixels.psf import PsfModel

__all__ = ["PsfFluxes", "fit_point_sources"]

ROUNDS = 8
"""Maximum Gauss-Newton steps; positions converge within five."""

SETTLED_PX = 0.003
"""Steps smaller than this do not change the flux."""

LARGEST_DENSE = 200_000
"""Smaller design matrices are faster as dense arrays."""

LARGEST_STEP_PX = 0.5
"""Largest step: the linear model holds only nearby."""

RIDGE = 1e-9
"""Relative damping that keeps two coincident sources from making the matrix singular."""


@dataclass(frozen=True)
class PsfFluxes:
    """Fitted parameters, one value for each source."""

    x: NDArray[np.float64]
    """Position, in pixels of the array."""
    y: NDArray[np.float64]
    """The same, along y."""
    flux: NDArray[np.float64]
    """In the unit of the pixels; NaN where there were no pixels to fit."""
    flux_error: NDArray[np.float64]
    """1 sigma."""
    x_error: NDArray[np.float64]
    """1 sigma, px; NaN where the position was not fitted."""
    y_error: NDArray[np.float64]
    """The same, along y."""
    chi2: NDArray[np.float64]
    """Sum of squared residuals over variance within the source's radius."""
    n_pixels: NDArray[np.int64]
    """How many pixels that is."""
    wandered: NDArray[np.bool_]
    """True where the fit moved off the image or too far from the start; the start is then kept."""


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
        Radius around each source within which pixels are fitted; by default 2 FWHM.

    Returns
    -------
    PsfFluxes
        Errors are those of the unweighted fit for the given variance; weighting by a bright source's
        own variance would bias its flux.
    """
    count = len(x)
    start = np.column_stack([x, y]).astype(float)
    at, flux = start.copy(), np.zeros(count)
    wandered = np.zeros(count, dtype=bool)
    cells, compact, owner = _near(usable, start, 2 * psf.fwhm if radius_px is None else float(radius_px))
    data = np.asarray(pixels, dtype=float).ravel()[cells]
    noise = np.asarray(variance, dtype=float).ravel()[cells]
    place = np.column_stack([cells % pixels.shape[1], cells // pixels.shape[1]])[compact]
    furthest = max(2.0, 0.7 * psf.fwhm)
    corner = np.array(pixels.shape[::-1]) - 0.5

    def linear(*, moving: bool) -> Any:
        """Return the design matrix: a column for each flux, and for each x and y if they move."""
        offsets = (place - at[owner]).T
        if not moving:
            return _matrix([psf.at(*offsets)], compact, owner, (len(cells), count))
        value, slope_x, slope_y = psf.slopes(*offsets)
        columns = [value, slope_x * flux[owner], slope_y * flux[owner]]
        return _matrix(columns, compact, owner, (len(cells), count))

    design = linear(moving=False)
    flux = _solve(design, data)
    for _ in range(ROUNDS if free else 0):
        design = linear(moving=True)
        change = _solve(design, data - design[:, :count] @ flux)
        step = np.clip(change[count:].reshape(2, count).T, -LARGEST_STEP_PX, LARGEST_STEP_PX)
        at = at + step
        lost = ~(np.hypot(*(at - start).T) < furthest) | (at < -0.5).any(axis=1) | (at >= corner).any(axis=1)
        at[lost] = start[lost]
        wandered |= lost
        flux = _solve(linear(moving=False), data)
        if np.abs(step).max(initial=0.0) < SETTLED_PX:
            break
    errors = _errors(linear(moving=free), noise, 3 if free else 1)
    model = linear(moving=False) @ flux
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


def _near(
    usable: NDArray[np.bool_], at: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the usable pixels near any source, and for each pair of pixel and source both numbers."""
    reach = int(np.ceil(radius)) + 1
    oy, ox = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    base = np.rint(at).astype(np.int64)
    px, py = base[:, :1] + ox.ravel(), base[:, 1:] + oy.ravel()
    near = np.hypot(px - at[:, :1], py - at[:, 1:]) <= radius
    near &= (px >= 0) & (py >= 0) & (px < usable.shape[1]) & (py < usable.shape[0])
    owner = np.broadcast_to(np.arange(len(at))[:, None], px.shape)[near]
    flat = py[near] * usable.shape[1] + px[near]
    good = usable.ravel()[flat]
    cells, compact = np.unique(flat[good], return_inverse=True)
    return cells, compact.astype(np.int64), owner[good]


def _matrix(
    columns: list[NDArray[np.float64]],
    rows: NDArray[np.int64],
    owner: NDArray[np.int64],
    shape: tuple[int, int],
) -> Any:
    """Return blocks of columns, one for each kind of parameter, as one matrix: sparse if it is large."""
    width = len(columns) * shape[1]
    where = np.concatenate([owner + k * shape[1] for k in range(len(columns))])
    values, places = np.concatenate(columns), np.tile(rows, len(columns))
    if shape[0] * width <= LARGEST_DENSE:
        dense = np.zeros((shape[0], width))
        dense[places, where] = values
        return dense
    try:
        from scipy import sparse
    except ImportError as err:
        raise MissingDependency("scipy", "detect", "measuring sources") from err
    return sparse.csr_matrix((values, (places, where)), shape=(shape[0], width))


def _solve(design: Any, data: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve the normal equations."""
    normal = design.T @ design
    scale = normal.diagonal().copy()
    scale[scale <= 0] = 1.0
    if isinstance(design, np.ndarray):
        return np.asarray(np.linalg.solve(normal + np.diag(RIDGE * scale), design.T @ data))
    from scipy import sparse
    from scipy.sparse.linalg import splu

    factors = splu((normal + sparse.diags(RIDGE * scale)).tocsc())
    return np.asarray(factors.solve(design.T @ data))


def _errors(design: Any, noise: NDArray[np.float64], kinds: int) -> NDArray[np.float64]:
    """Return the standard deviations of all parameters, shape (kinds, count).

    The unweighted solution is linear in the data, so its covariance is
    ``N^-1 A^T V A N^-1`` with the normal matrix N: found group by group of overlapping sources.
    """
    count = design.shape[1] // kinds
    out = np.full(design.shape[1], np.nan)
    if isinstance(design, np.ndarray):
        out[:] = _deviations(design.T @ design, design.T @ (noise[:, None] * design))
        return out.reshape(kinds, count)
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    normal = (design.T @ design).tocsr()
    spread = (design.T @ sparse.diags(noise) @ design).tocsr()
    _, group = connected_components(abs(normal[:count, :count]), directed=False)
    order = np.argsort(group, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        own = np.concatenate([members + k * count for k in range(kinds)])
        out[own] = _deviations(normal[own][:, own].toarray(), spread[own][:, own].toarray())
    return out.reshape(kinds, count)


def _deviations(normal: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root of the diagonal of ``N^-1 S N^-1``."""
    scale = np.diag(normal).copy()
    scale[scale <= 0] = 1.0
    inverse = np.linalg.inv(normal + np.diag(RIDGE * scale))
    square = ((inverse @ spread) * inverse).sum(axis=1)
    # Fewer pixels than parameters leave nothing but round-off.
    return np.sqrt(square, out=np.full(len(square), np.nan), where=square > 0)
