"""Overview plots of a table: fluxes, flags, positions on the sky."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import close_names, is_flag_name
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.outputs.figure.notebook_figure import axes_for, figure_of
from cutout_widgets.quantities import has_unit, numbers_in

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BAD_FLAGS", "plot_flag_histogram", "plot_flux_histogram", "plot_sky"]

BAD_FLAGS = ("pixelFlags_bad", "pixelFlags_suspect", "pixelFlags_saturatedCenter")
"""Flags of bad detections, red in a histogram; those of analysis_ap."""

_COLOURS = ("#2979c1", "#d1603d", "#4daf4a", "#984ea3")
_BAD_COLOUR = "#c0392b"

_INSIDE_PERCENT = 98.0
"""Percentage of the fluxes inside the default limits of a histogram, to cut long tails."""

_LARGEST_SECANT = 50.0
"""Factor that limits the widening of a map near a pole."""


def plot_flux_histogram(
    sources: Any,
    *others: Any,
    flux: str = "flux",
    labels: Sequence[str] = (),
    bins: int = 200,
    limits: tuple[float, float] | None = None,
    log: bool = False,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw the flux distribution of one or more tables.

    Parameters
    ----------
    sources, *others
        Rows: anything that `SourceTable.read` accepts. All tables use the same bins.
    flux
        A column of numbers, or a meaning: ``"flux"``, ``"science_flux"``, ``"snr"``.
    labels
        Names of the tables, for the legend.
    bins
        Number of bins.
    limits
        First and last bin edge, in the unit of the column or as Quantities; None = the range that holds
        98 % of all values. Values outside are not drawn; the legend shows how many are inside.
    log
        Whether counts are on a logarithmic axis.
    title
        Above the plot.
    ax
        Axes to draw on; None = a new figure.

    Returns
    -------
    Figure
        It is independent of pyplot's global state: show it as the last line of a cell, or call
        ``savefig``.

    Raises
    ------
    BadTable
        If a table lacks the column, or it is not numeric.
    BadOption
        If the numbers of labels and tables differ, or limits or bins are invalid.

    Examples
    --------
    >>> rows = {"id": [1, 2], "ra": [53.0, 53.1], "dec": [-28.0, -28.1], "psfFlux": [900.0, 1200.0]}
    >>> figure = plot_flux_histogram(rows, flux="psfFlux")
    >>> len(figure.axes)
    1
    """
    tables = [SourceTable.read(one) for one in (sources, *others)]
    if labels and len(labels) != len(tables):
        raise BadOption(f"labels are one for each table; got {len(labels)} for {len(tables)}")
    if isinstance(bins, bool) or not isinstance(bins, (int, np.integer)) or bins < 1:
        raise BadOption(f"bins is a whole number, 1 or more; got {bins!r}")
    values = [_numbers(table, flux) for table in tables]
    column = tables[0].names.get(flux, flux)
    unit = tables[0].units.get(column)
    low, high = _limits(np.concatenate(values), limits, unit)
    edges = np.linspace(low, high, int(bins) + 1)
    axes = axes_for(ax, (8.0, 4.5))
    for number, found in enumerate(values):
        counts, _ = np.histogram(found, edges)
        name = labels[number] if labels else f"table {number + 1}"
        axes.stairs(
            counts,
            edges,
            fill=number == 0,
            color=_COLOURS[number % len(_COLOURS)],
            label=f"{name}: {counts.sum()} of {len(tables[number])}",
        )
    axes.set_xlabel(f"{column} ({unit})" if unit else column)
    axes.set_ylabel("DiaSources")
    axes.set_title(title)
    axes.set_xlim(low, high)
    if log:
        axes.set_yscale("log")
    axes.legend(frameon=False)
    return figure_of(axes)


def plot_flag_histogram(
    sources: Any,
    *,
    flags: Sequence[str] | None = None,
    bad: Sequence[str] = BAD_FLAGS,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw how often each flag is set.

    Parameters
    ----------
    sources
        Rows: anything that `SourceTable.read` accepts.
    flags
        Columns to count; None = all flags of the table.
    bad
        Flags drawn in red.
    title
        Above the plot.
    ax
        Axes to draw on; None = a new figure.

    Returns
    -------
    Figure
        A bar with its count for each flag, in the order of the table from top to bottom. A null flag
        counts as not set; one that is null in all rows is labelled n/a.

    Raises
    ------
    BadTable
        If the table has no flags, or lacks a requested one.

    Examples
    --------
    >>> rows = {"id": [1, 2], "ra": [53.0, 53.1], "dec": [-28.0, -28.1], "isDipole": [True, False]}
    >>> figure = plot_flag_histogram(rows)
    >>> [int(bar.get_width()) for bar in figure.axes[0].patches]
    [1]
    """
    table = SourceTable.read(sources)
    known = tuple(name for name in table.columns if name in table.flag_columns or is_flag_name(name))
    wanted = known if flags is None else (flags,) if isinstance(flags, str) else tuple(flags)
    for name in wanted:
        if name not in known:
            raise BadTable(f"the table has no flag {name!r}{close_names(name, known)}")
    if not wanted:
        raise BadTable("the table has no flags to count; it needs columns of True and False")
    counts, texts = [], []
    for name in wanted:
        given = [one for one in table.values(name).tolist() if one is not None and one == one]
        counts.append(sum(1 for one in given if one == 1))
        texts.append(f"{counts[-1]}" if given or not len(table) else "n/a")
    axes = axes_for(ax, (8.0, max(2.0, 0.22 * len(wanted) + 1.0)))
    places = np.arange(len(wanted))
    bars = axes.barh(places, counts, color=[_BAD_COLOUR if one in bad else _COLOURS[0] for one in wanted])
    axes.bar_label(bars, texts, padding=3, fontsize="small")
    axes.set_yticks(places, wanted, fontsize="small")
    axes.invert_yaxis()
    axes.set_xlabel(f"DiaSources with the flag set, of {len(table)}")
    axes.set_title(title)
    axes.margins(x=0.12)
    return figure_of(axes)


def plot_sky(
    sources: Any,
    *,
    colour_by: str | None = None,
    size: float = 4.0,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw the positions of sources on the sky, north up and east left.

    Parameters
    ----------
    sources
        Rows: anything that `SourceTable.read` accepts. Those without a position are skipped.
    colour_by
        A column of numbers, or a meaning such as ``"snr"``, that colours the points.
    size
        Size of the points, points squared.
    title
        Above the plot.
    ax
        Axes to draw on; None = a new figure.

    Returns
    -------
    Figure
        Right ascension and declination in degrees; a field across right ascension 0 is drawn
        contiguously, with values beyond 360 or below 0.

    Raises
    ------
    BadTable
        If the table lacks the column, or no row has a position.

    Examples
    --------
    >>> figure = plot_sky({"id": [1, 2], "ra": [53.0, 53.1], "dec": [-28.0, -28.1]})
    >>> len(figure.axes)
    1
    """
    table = SourceTable.read(sources)
    ra, dec = _numbers(table, "ra", gaps=True), _numbers(table, "dec", gaps=True)
    there = np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90)
    if not there.any():
        raise BadTable("no row has a position on the sky: ra and dec")
    ra, dec = _in_one_piece(ra[there]), dec[there]
    axes = axes_for(ax, (7.0, 6.0))
    colours = None if colour_by is None else _numbers(table, colour_by, gaps=True)[there]
    drawn = axes.scatter(ra, dec, s=size, c=colours if colours is not None else _COLOURS[0], linewidths=0)
    if colour_by is not None:
        column = table.names.get(colour_by, colour_by)
        unit = table.units.get(column)
        axes.figure.colorbar(drawn, ax=axes, label=f"{column} ({unit})" if unit else column)
    axes.set_xlabel("right ascension (deg)")
    axes.set_ylabel("declination (deg)")
    axes.set_title(title)
    axes.invert_xaxis()
    middle = np.radians((dec.min() + dec.max()) / 2)
    axes.set_aspect(min(1 / max(np.cos(middle), 1e-9), _LARGEST_SECANT), adjustable="datalim")
    return figure_of(axes)


def _numbers(table: SourceTable, name: str, *, gaps: bool = False) -> NDArray[np.float64]:
    """Return a numeric column, without missing values, or with `gaps` as NaN."""
    import pandas as pd

    if name not in table.columns and name not in table.names:
        raise BadTable(f"the table has no column {name!r}{close_names(name, table.columns)}")
    values = pd.to_numeric(pd.Series(table.values(name)), errors="coerce").to_numpy(dtype=np.float64)
    if len(values) and not np.isfinite(values).any():
        raise BadTable(f"column {table.names.get(name, name)!r} has no number")
    return values if gaps else values[np.isfinite(values)]


def _limits(values: NDArray[np.float64], limits: Any, unit: str | None) -> tuple[float, float]:
    """Return the limits, checked, or chosen from the values."""
    if limits is None:
        if not len(values):
            return 0.0, 1.0
        outside = (100 - _INSIDE_PERCENT) / 2
        low, high = np.percentile(values, [outside, 100 - outside])
        return (float(low), float(high)) if low < high else (float(low) - 0.5, float(low) + 0.5)
    try:
        pair = tuple(limits)
        if unit is None and any(has_unit(one) for one in pair):
            raise BadOption("limits with a unit need a column that has one; give plain numbers")
        low, high = (float(numbers_in(one, "limits", unit or "")) for one in pair)
    except BadOption:
        raise
    except (TypeError, ValueError):
        low = high = np.nan
    if not low < high or not np.isfinite([low, high]).all():
        raise BadOption(f"limits are two numbers, the lower first; got {limits!r:.60}")
    return low, high


def _in_one_piece(ra: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return right ascensions within half a turn of their mean direction, without a jump at 0."""
    turned = np.radians(ra)
    middle = np.degrees(np.arctan2(np.sin(turned).mean(), np.cos(turned).mean())) % 360
    return np.asarray(middle + (ra - middle + 180) % 360 - 180)
