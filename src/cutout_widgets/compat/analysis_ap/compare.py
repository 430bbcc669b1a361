"""Match tables of sources, and compare their fluxes, as ``lsst.analysis.ap.compare`` does."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.nearest import directions, separations
from cutout_widgets.errors import NotInTable, close_names, require
from cutout_widgets.quantities import numbers_in

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Truth", "flux_residuals", "match_catalogs", "match_to_truth"]

DISTANCE = "xmatch_dist_arcsec"
"""Column of separations, arcsec."""

_FAR = 8.0
"""Distance between groups on a fourth axis: larger than any distance of unit vectors."""

_DEGREES = 1 / 3600


class Truth(TypedDict):
    """What `match_to_truth` returns."""

    srcs: pd.DataFrame
    """The sources, with the columns ``is_real``, ``truth_dist_arcsec`` and ``<truth_id>_match``."""
    truth: pd.DataFrame
    """The truth, with the columns ``detected``, ``detection_dist_arcsec`` and ``<src_id>_match``."""
    purity: float
    """Fraction of the sources that are real; 0 without sources or truth."""
    completeness: float
    """Fraction of the truth that was detected."""


def match_catalogs(
    srcs1: pd.DataFrame,
    srcs2: pd.DataFrame,
    radius: Any = 0.5,
    on: Sequence[str] = ("visit", "detector"),
    ra_col: str = "ra",
    dec_col: str = "dec",
    id_col: str = "diaSourceId",
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Match each source of one table with the nearest one of another.

    Parameters
    ----------
    srcs1, srcs2
        The tables, with positions in degrees.
    radius
        Maximum separation: arcsec, or a Quantity.
    on
        Columns in which matched sources agree; empty = none.
    ra_col, dec_col, id_col
        Names of columns in both tables.

    Returns
    -------
    matched, unique1, unique2 : DataFrame
        Rows of the first table with a match, and the columns ``<id_col>_2`` and ``xmatch_dist_arcsec``;
        its other rows; rows of the second table that match none. All in the order of their table.

    Raises
    ------
    NotInTable
        If a table lacks a column.

    Notes
    -----
    Several sources of the first table may match the same one of the second; `cutout_widgets.compare_sources`
    returns pairs of mutual nearest neighbours.
    """
    for table in (srcs1, srcs2):
        _need(table, [ra_col, dec_col, id_col, *on])
    groups = _groups(srcs1, srcs2, list(on))
    place, arcsec = _nearest(
        _positions(srcs1, ra_col, dec_col), _positions(srcs2, ra_col, dec_col), radius, groups
    )
    has_match = place >= 0
    matched = srcs1[has_match].assign(
        **{DISTANCE: arcsec[has_match], f"{id_col}_2": srcs2[id_col].to_numpy()[place[has_match]]}
    )
    taken = np.zeros(len(srcs2), dtype=bool)
    taken[place[has_match]] = True
    return matched, srcs1[~has_match].copy(), srcs2[~taken].copy()


def flux_residuals(
    matched: pd.DataFrame,
    srcs2: pd.DataFrame,
    flux_col: str = "psfFlux",
    err_col: str = "psfFluxErr",
    id_col: str = "diaSourceId",
    plot: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, Figure]:
    """Return the differences of the fluxes of matched sources.

    Parameters
    ----------
    matched
        As `match_catalogs` returns it.
    srcs2
        The second table.
    flux_col, err_col, id_col
        Names of columns in both tables.
    plot
        Whether to return a figure, too: the histogram of the normalised residuals, and their quantiles
        against those of the normal distribution.

    Returns
    -------
    DataFrame
        A row for each pair: both ids, ``flux1``, ``flux2``, ``err1``, ``err2``, ``delta_flux``,
        ``delta_flux_sigma`` (NaN without errors) and ``xmatch_dist_arcsec``. With `plot` also the Figure.

    Raises
    ------
    NotInTable
        If a table lacks a column, or a match is not in `srcs2`.
    """
    import pandas as pd

    other = f"{id_col}_2"
    _need(matched, [id_col, other, DISTANCE, flux_col, err_col])
    _need(srcs2, [id_col, flux_col, err_col])
    place = pd.Index(srcs2[id_col].drop_duplicates())
    rows = srcs2.drop_duplicates(id_col).iloc[place.get_indexer(matched[other])]
    if len(rows) and not (rows[id_col].to_numpy() == matched[other].to_numpy()).all():
        raise NotInTable(f"some of the matches in {other!r} are not in the second table; pass that one")
    flux1, err1 = (matched[name].to_numpy(dtype=float) for name in (flux_col, err_col))
    flux2, err2 = (rows[name].to_numpy(dtype=float) for name in (flux_col, err_col))
    sigma = np.hypot(err1, err2)
    with np.errstate(divide="ignore", invalid="ignore"):
        normalised = np.where(sigma > 0, (flux1 - flux2) / sigma, np.nan)
    residuals = pd.DataFrame(
        {
            id_col: matched[id_col].to_numpy(),
            other: matched[other].to_numpy(),
            "flux1": flux1,
            "flux2": flux2,
            "err1": err1,
            "err2": err2,
            "delta_flux": flux1 - flux2,
            "delta_flux_sigma": normalised,
            DISTANCE: matched[DISTANCE].to_numpy(),
        }
    )
    return (residuals, _plotted(normalised, flux_col)) if plot else residuals


def match_to_truth(
    srcs: pd.DataFrame,
    truth: pd.DataFrame,
    radius: Any = 0.5,
    src_ra: str = "ra",
    src_dec: str = "dec",
    src_id: str = "diaSourceId",
    truth_ra: str = "ra",
    truth_dec: str = "dec",
    truth_id: str = "injection_id",
) -> Truth:
    """Match detected sources with those that were injected.

    Parameters
    ----------
    srcs, truth
        The two tables, with positions in degrees.
    radius
        Maximum separation: arcsec, or a Quantity.
    src_ra, src_dec, src_id, truth_ra, truth_dec, truth_id
        Names of their columns.

    Returns
    -------
    dict
        Copies of the tables with their matches, and the fractions that match; see `Truth`.

    Raises
    ------
    NotInTable
        If a table lacks a column.
    """
    _need(srcs, [src_ra, src_dec, src_id])
    _need(truth, [truth_ra, truth_dec, truth_id])
    sources, injected = _positions(srcs, src_ra, src_dec), _positions(truth, truth_ra, truth_dec)
    of_sources = _matches(sources, injected, truth[truth_id], radius)
    of_truth = _matches(injected, sources, srcs[src_id], radius)
    real, found = (match.notna().to_numpy() for match, _ in (of_sources, of_truth))
    return {
        "srcs": srcs.assign(
            is_real=real,
            truth_dist_arcsec=of_sources[1],
            **{f"{truth_id}_match": of_sources[0].set_axis(srcs.index)},
        ),
        "truth": truth.assign(
            detected=found,
            detection_dist_arcsec=of_truth[1],
            **{f"{src_id}_match": of_truth[0].set_axis(truth.index)},
        ),
        "purity": float(real.mean()) if len(real) else 0.0,
        "completeness": float(found.mean()) if len(found) else 0.0,
    }


def _matches(
    first: NDArray[np.float64], second: NDArray[np.float64], ids: pd.Series[Any], radius: Any
) -> tuple[pd.Series[Any], NDArray[np.float64]]:
    """Return the id of each row's match, NA without one, and the separation of the nearest, arcsec."""
    place, arcsec = _nearest(first, second, None)
    near = arcsec <= _arcsec(radius)
    kept = ids.reset_index(drop=True).astype("Int64" if ids.dtype.kind in "iu" else object)
    return kept.reindex(np.where(near, place, -1)).reset_index(drop=True), arcsec


def _arcsec(radius: Any) -> float:
    """Return a separation in arcsec."""
    return float(numbers_in(radius, "radius", "arcsec"))


def _need(table: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise if a table lacks a column."""
    for name in names:
        if name not in table.columns:
            raise NotInTable(f"there is no column {name!r}{close_names(name, [str(one) for one in table])}")


def _positions(table: pd.DataFrame, ra: str, dec: str) -> NDArray[np.float64]:
    """Return positions, shape (n, 2), degrees."""
    return table[[ra, dec]].to_numpy(dtype=float)


def _groups(
    first: pd.DataFrame, second: pd.DataFrame, on: list[str]
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Number the groups of two tables."""
    import pandas as pd

    if not on:
        return None
    groups = pd.concat([first[on], second[on]]).groupby(on, dropna=False)
    numbers: NDArray[np.intp] = np.asarray(groups.ngroup(), dtype=np.intp)
    return numbers[: len(first)], numbers[len(first) :]


def _nearest(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    radius: Any,
    groups: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the nearest row of the second table, -1 if there is none within the radius; and arcsec."""
    require("scipy", "matching of tables")
    from scipy.spatial import cKDTree

    place = np.full(len(first), -1, dtype=np.intp)
    arcsec = np.full(len(first), np.nan)
    rows1, rows2 = (np.flatnonzero(np.isfinite(one).all(axis=1)) for one in (first, second))
    if not len(rows1) or not len(rows2):
        return place, arcsec
    towards1, towards2 = directions(first[rows1]), directions(second[rows2])
    numbers1, numbers2 = (0, 0) if groups is None else (groups[0][rows1], groups[1][rows2])
    tree = cKDTree(np.column_stack([towards2, np.broadcast_to(numbers2, len(rows2)) * _FAR]))
    chord, found = tree.query(np.column_stack([towards1, np.broadcast_to(numbers1, len(rows1)) * _FAR]))
    apart = separations(towards1, towards2[found]) / _DEGREES
    near = (chord < _FAR / 2) & (apart <= (np.inf if radius is None else _arcsec(radius)))
    place[rows1[near]] = rows2[found[near]]
    arcsec[rows1[near]] = apart[near]
    return place, arcsec


def _plotted(normalised: NDArray[np.float64], flux: str) -> Figure:
    """Return the figure of normalised residuals."""
    from matplotlib.figure import Figure

    values = np.sort(normalised[np.isfinite(normalised)])
    figure = Figure(figsize=(10, 4), layout="tight")
    histogram, quantiles = figure.subplots(1, 2)
    median = float(np.median(values)) if len(values) else float("nan")
    spread = float(np.median(np.abs(values - median))) if len(values) else float("nan")
    histogram.hist(values, bins=50)
    histogram.set(
        xlabel=f"residual of {flux} / sigma",
        ylabel="pairs",
        title=f"{len(values)} pairs, median {median:.3f}, MAD {spread:.3f}",
    )
    normal = [NormalDist().inv_cdf((k + 0.5) / len(values)) for k in range(len(values))]
    quantiles.plot(normal, values, ".", markersize=2)
    quantiles.axline((0, 0), slope=1, color="grey", linestyle="--")
    quantiles.set(xlabel="normal distribution", ylabel="residual / sigma", title="quantiles")
    return figure
