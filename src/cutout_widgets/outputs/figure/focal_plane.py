"""A map of the number of sources in the focal plane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable, MissingDependency
from cutout_widgets.outputs.figure.notebook_figure import axes_for, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["corners_of", "plot_focal_plane"]


def plot_focal_plane(
    sources: Any,
    camera: Any,
    *,
    colormap: str = "Blues",
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw the mean number of sources per visit on each detector.

    Parameters
    ----------
    sources
        Rows with visit and detector: anything that `SourceTable.read` accepts.
    camera
        Detector -> its corners in the focal plane, shape (4, 2), x first; or a camera of the LSST stack,
        ``butler.get("camera")``.
    colormap
        A matplotlib colormap.
    title
        Above the plot.
    ax
        Axes to draw on; None = a new figure.

    Returns
    -------
    Figure
        A polygon for each detector of the camera, with its number; those without sources are white.

    Raises
    ------
    BadTable
        If the rows have no visit or detector.
    BadOption
        If `camera` is invalid, or lacks a detector that has sources.

    Examples
    --------
    >>> camera = {0: [(0, 0), (40, 0), (40, 40), (0, 40)], 1: [(42, 0), (82, 0), (82, 40), (42, 40)]}
    >>> rows = {"id": [1, 2], "ra": [53.0, 53.1], "dec": [-28.0, -28.1], "visit": [7, 7], "detector": [0, 0]}
    >>> figure = plot_focal_plane(rows, camera)
    >>> len(figure.axes[0].patches)
    2
    """
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.patches import Polygon

    table = SourceTable.read(sources)
    corners = corners_of(camera)
    counts, n_visits = _counts(table)
    lacking = sorted(counts.keys() - corners.keys())
    if lacking:
        raise BadOption(
            f"the camera has no detector {', '.join(map(str, lacking[:5]))}, which sources refer to"
        )
    if colormap not in colormaps:
        raise BadOption(f"colormap is the name of one of matplotlib's; got {colormap!r}")
    means = {detector: counts.get(detector, 0) / max(n_visits, 1) for detector in corners}
    colours, norm = colormaps[colormap], Normalize(0, max([*means.values(), 1e-9]))
    axes = axes_for(ax, (7.5, 7.0))
    for detector, polygon in corners.items():
        filled = colours(norm(means[detector])) if counts.get(detector) else "white"
        axes.add_patch(Polygon(polygon, facecolor=filled, edgecolor="grey", linewidth=0.5))
        x, y = polygon.mean(axis=0)
        axes.text(x, y, str(detector), ha="center", va="center", fontsize="x-small")
    every = np.concatenate(list(corners.values()))
    axes.set_xlim(every[:, 0].min(), every[:, 0].max())
    axes.set_ylim(every[:, 1].min(), every[:, 1].max())
    axes.margins(0.02)
    axes.set_aspect("equal")
    axes.set_xlabel("focal plane x")
    axes.set_ylabel("focal plane y")
    axes.set_title(title)
    axes.figure.colorbar(
        ScalarMappable(norm, colours), ax=axes, label=f"DiaSources a visit, mean of {n_visits} visits"
    )
    return figure_of(axes)


def _counts(table: SourceTable) -> tuple[Mapping[int, int], int]:
    """Return the number of sources on each detector, and the number of visits."""
    if {"visit", "detector"} <= table.names.keys():
        pairs: Iterable[tuple[Any, Any]] = zip(
            table.values("visit").tolist(), table.values("detector").tolist(), strict=True
        )
    else:
        pairs = ((source.visit, source.detector) for source in table)
    places = [(visit, detector) for visit, detector in pairs if _is_known(visit) and _is_known(detector)]
    counts = Counter(int(detector) for _, detector in places)
    visits = {visit for visit, _ in places}
    if len(table) and not counts:
        raise BadTable("no row has a visit and detector, so none can be placed in the focal plane")
    return counts, len(visits)


def _is_known(number: Any) -> bool:
    """Return whether a value is not missing."""
    return number is not None and number == number


def corners_of(camera: Any) -> dict[int, NDArray[np.float64]]:
    """Return the corners of each detector, shape (4, 2)."""
    try:
        if isinstance(camera, Mapping):
            found = {int(one): np.asarray(corners, dtype=float) for one, corners in camera.items()}
        else:
            plane = _focal_plane()
            found = {
                int(detector.getId()): np.array(
                    [(point.getX(), point.getY()) for point in detector.getCorners(plane)], dtype=float
                )
                for detector in camera
            }
    except (TypeError, ValueError, AttributeError) as err:
        raise BadOption(_WANTED + f"; got {camera!r:.60}") from err
    if not found or any(one.ndim != 2 or one.shape[1] != 2 or len(one) < 3 for one in found.values()):
        raise BadOption(_WANTED)
    return found


_WANTED = "camera is a mapping of detectors to the corners of each, four pairs x, y, or butler.get('camera')"


def _focal_plane() -> Any:
    """Return the LSST stack's name for focal plane coordinates."""
    try:
        from lsst.afw.cameraGeom import FOCAL_PLANE
    except ImportError as err:
        raise MissingDependency("lsst.afw", "rubin", "reading a camera of the LSST stack") from err
    return FOCAL_PLANE
