"""A light curve as a figure: magnitudes or fluxes against time, coloured by band or by any other column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import close_names, names_of
from cutout_widgets.catalog.lightcurve import MJD_OF_JD
from cutout_widgets.catalog.reading.intake import take_in
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadTable
from cutout_widgets.outputs.figure.marks import column_floats
from cutout_widgets.outputs.figure.notebook_figure import axes_for, figure_of
from cutout_widgets.palette import BAND_SYMBOLS, band_colour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_light_curve"]

TIMES = (*names_of("time"), "time", "mjd", "expMidptMjd", "MJD")
"""Columns of times in order of preference: of source tables, of `images.history`, of visit tables."""

VALUES = ("psfMag", "mag", *names_of("flux"), "flux")
"""Columns of brightness in order of preference."""

BANDS = (*names_of("band"), "band", "filter")


def plot_light_curve(
    points: Any,
    *,
    y: str | None = None,
    colour_by: str | None = None,
    colormap: str = "viridis",
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw the points of a light curve.

    Parameters
    ----------
    points
        Any table with a column of times: rows of one object, or the result of ``images.history(source)`` or
        ``Apdb.history``.
    y
        Column of magnitudes or fluxes; None = ``psfMag``, else the difference flux. Magnitudes are drawn
        with bright values at the top.
    colour_by
        A column of numbers that colours the points, with a colorbar, such as ``"zeroPoint"``: a variation
        that follows it is not astrophysical. None = colour by band.
    colormap
        Its colormap.
    title
        Above the plot.
    ax
        Axes to draw on; None = a new figure.

    Returns
    -------
    Figure
        Bands also differ by symbol. The figure is independent of pyplot's global state.

    Raises
    ------
    BadTable
        If a column is missing, or is not numeric.

    Examples
    --------
    >>> rows = {"mjd": [61000.1, 61001.2], "psfMag": [18.2, 18.4], "zeroPoint": [31.4, 31.3]}
    >>> [one.get_ylabel() for one in plot_light_curve(rows, colour_by="zeroPoint").axes]
    ['psfMag', 'zeroPoint']
    """
    intake = take_in(points.to_arrow() if isinstance(points, SourceTable) else points)
    columns = intake.columns
    time_name = _chosen(columns, None, TIMES, "times (MJD)")
    y_name = _chosen(columns, y, VALUES, "magnitudes or fluxes")
    time, values = _numbers(columns, time_name), _numbers(columns, y_name)
    if time_name == "jd":
        time = time - MJD_OF_JD
    errors = next((column_floats(columns[name]) for name in _names_of_error(y_name) if name in columns), None)
    shade = None if colour_by is None else _numbers(columns, _chosen(columns, colour_by, (), "colours"))
    band_name = next((name for name in BANDS if name in columns), None)
    bands = np.array([""] * len(time) if band_name is None else columns[band_name].to_pylist(), dtype=object)
    axes = axes_for(ax, (8.0, 4.5))
    ends = (
        {}
        if shade is None or not np.isfinite(shade).any()
        else {"vmin": float(np.nanmin(shade)), "vmax": float(np.nanmax(shade))}
    )
    drawn = None
    for band in sorted({str(one) for one in bands if one is not None} | ({"?"} if None in bands else set())):
        there = np.array([str(one) if one is not None else "?" for one in bands], dtype=object) == band
        symbol = BAND_SYMBOLS.get(band, "o")
        colour = band_colour(band) if band else "#2979c1"
        if errors is not None:
            axes.errorbar(
                time[there],
                values[there],
                errors[there],
                fmt="none",
                elinewidth=0.8,
                ecolor=colour if shade is None else "#999999",
                zorder=1,
            )
        look = {"color": colour} if shade is None else {"c": shade[there], "cmap": colormap, **ends}
        drawn = axes.scatter(
            time[there], values[there], s=36, marker=symbol, label=band or None, zorder=2, **look
        )
    if shade is not None and drawn is not None:
        figure_of(axes).colorbar(drawn, ax=axes, label=_with_unit(str(colour_by), intake.units))
    if _is_magnitude(y_name, intake.units):
        axes.invert_yaxis()
    axes.set_xlabel("MJD")
    axes.set_ylabel(_with_unit(y_name, intake.units))
    axes.set_title(title)
    axes.ticklabel_format(axis="x", useOffset=False)
    if band_name is not None and drawn is not None:
        axes.legend(frameon=False, title=None)
    return figure_of(axes)


def _chosen(columns: Mapping[str, Any], given: str | None, known: tuple[str, ...], what: str) -> str:
    """Return the requested column, or the first known one."""
    name = given if given is not None else next((one for one in known if one in columns), None)
    if name is None or name not in columns:
        near = close_names(given, list(columns)) if given else f"; it has {', '.join(columns) or 'none'}"
        named = f" named {given!r}" if given else ""
        raise BadTable(f"a light curve needs a column of {what}{named}, which is not there{near}")
    return name


def _numbers(columns: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    """Return a column of numbers."""
    found = column_floats(columns[name])
    if len(found) and not np.isfinite(found).any():
        raise BadTable(f"the column {name!r} of a light curve has no numbers")
    return found


def _names_of_error(name: str) -> tuple[str, ...]:
    """Return possible names of the error column of a column."""
    return f"{name}Err", f"{name}_err", f"{name}_error", f"sigma{name}"


def _is_magnitude(name: str, units: Mapping[str, str]) -> bool:
    """Return whether a column holds magnitudes, whose axis is inverted."""
    return units.get(name, "").startswith("mag") or "mag" in name.lower()


def _with_unit(name: str, units: Mapping[str, str]) -> str:
    return f"{name} ({units[name]})" if units.get(name) else name
