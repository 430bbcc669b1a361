"""A whole exposure as a figure: sky grid, mask planes, catalogue positions, footprints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.display.look import Look
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.errors import BadOption
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.outputs.figure.notebook_figure import figure_class, figure_of
from cutout_widgets.palette import mask_plane_colours
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.planes import afw_name
from cutout_widgets.pixels.position import locate
from cutout_widgets.pixels.projection import latitude_first
from cutout_widgets.stores.in_hand import as_image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cutout_widgets.catalog.table import SourceTable

__all__ = ["plot_exposure"]

MASK_ALPHA = 0.35
"""Mask planes let the image shine through."""

OUTLINE_COLOUR = "#ffb000"
"""Footprints: an orange that stands out on grey and differs from every mask plane of afw."""

POSITION_COLOUR = "#ff2d55"
"""TableData positions."""

FIGURE_INCHES = (8.0, 8.0)
"""What a notebook shows without scaling."""


def plot_exposure(
    image: Image,
    *,
    sources: SourceTable | Iterable[Any] | None = None,
    footprints: Mapping[int, Footprint] | Iterable[Footprint] = (),
    planes: Sequence[str] | None = (),
    box: Box | None = None,
    stretch: Stretch | None = None,
    colormap: str = "gray",
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draw an exposure, or part of it, on the sky.

    Parameters
    ----------
    image
        The exposure, or what `as_image` makes one of; with a WCS its axes are right ascension and
        declination.
    sources
        Rows with positions: a `SourceTable`, a page of one, or any objects with ``ra``, ``dec`` and
        ``xy``. Those outside are left out.
    footprints
        Drawn as outlines along pixel edges.
    planes
        Mask planes to lay over the image, in either vocabulary, each with its colour and an entry in
        the legend; None means every plane that has a pixel set.
    box
        Part to show, in parent pixels; by default all.
    stretch
        How values become grey; by default asinh between zscale limits.
    colormap
        A matplotlib colormap.
    title
        Above the image.
    ax
        Axes to draw into; by default a new figure with axes of its own.

    Returns
    -------
    Figure
        It belongs to no window and no global state: show it as the last line of a cell, or
        ``savefig`` it.

    Raises
    ------
    BadOption
        If a wanted plane is not in the mask.
    NoOverlap
        If `box` lies outside the image.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> image = make_image((40, 50), wcs=make_wcs(at=(25, 20)))
    >>> figure = plot_exposure(image, planes=["SAT"], title="visit 1")
    >>> figure.axes[0].get_title()
    'visit 1'
    """
    whole = as_image(image)
    part = whole if box is None else cut(whole, box, mode="trim")
    if ax is None:
        figure = figure_class()(figsize=FIGURE_INCHES, layout="constrained")
        ax = figure.add_subplot(projection=whole.wcs) if whole.wcs is not None else figure.add_subplot()
    shown = part.box
    extent = (shown.x0 - 0.5, shown.x1 - 0.5, shown.y0 - 0.5, shown.y1 - 0.5)
    _draw_pixels(ax, part, stretch or Look.of("rubin").stretch("science"), colormap, extent)
    entries = _draw_planes(ax, part, planes, extent)
    _draw_footprints(ax, footprints, shown)
    if sources is not None:
        entries += _draw_positions(ax, whole, sources, shown)
    ax.set_xlim(extent[0], extent[1])
    ax.set_ylim(extent[2], extent[3])
    ax.set_title(title)
    _draw_grid(ax, whole)
    if entries:
        ax.legend(handles=entries, loc="upper right", fontsize="small", framealpha=0.85)
    return figure_of(ax)


def _draw_pixels(
    ax: Axes, part: Image, stretch: Stretch, colormap: str, extent: tuple[float, float, float, float]
) -> None:
    """Draw the grey levels; a pixel without a value is left blank."""
    levels = stretch.in_unit(part.unit).to_bytes(part.pixels, variance=part.variance)
    ax.imshow(
        np.ma.masked_equal(levels, 0),
        origin="lower",
        interpolation="nearest",
        cmap=colormap,
        vmin=1,
        vmax=255,
        extent=extent,
    )


def _draw_planes(
    ax: Axes, part: Image, planes: Sequence[str] | None, extent: tuple[float, float, float, float]
) -> list[Any]:
    """Lay the mask planes over the image; return their entries in the legend."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Patch

    by_name = {afw_name(name): name for name in part.planes}
    if planes is None:
        wanted = [name for name in part.planes if part.has_plane(name).any()]
    else:
        missing = [name for name in planes if afw_name(name) not in by_name]
        if missing:
            raise BadOption(f"the mask has no plane {', '.join(missing)}; it has {', '.join(part.planes)}")
        wanted = [by_name[afw_name(name)] for name in planes]
    colours = mask_plane_colours(part.planes)
    entries = []
    for name in wanted:
        where = part.has_plane(name)
        overlay: NDArray[np.float32] = np.zeros((*where.shape, 4), dtype=np.float32)
        overlay[where] = to_rgba(colours[name], MASK_ALPHA)
        ax.imshow(overlay, origin="lower", interpolation="nearest", extent=extent)
        entries.append(Patch(facecolor=colours[name], alpha=0.7, label=f"{name} ({int(where.sum())} px)"))
    return entries


def _draw_footprints(ax: Axes, footprints: Mapping[int, Footprint] | Iterable[Footprint], shown: Box) -> None:
    """Draw outlines, all as one collection."""
    from matplotlib.collections import LineCollection

    every = footprints.values() if isinstance(footprints, Mapping) else footprints
    lines = [polygon for one in every if one.box.overlaps(shown) for polygon in one.outline()]
    if lines:
        ax.add_collection(LineCollection(lines, colors=OUTLINE_COLOUR, linewidths=0.9), autolim=False)


def _draw_positions(ax: Axes, whole: Image, sources: Iterable[Any], shown: Box) -> list[Any]:
    """Draw a circle at each source; return the entry in the legend."""
    rows = list(sources)
    if not rows:
        return []
    places = locate(whole, rows)
    inside = (places[:, 0] >= shown.x0 - 0.5) & (places[:, 0] < shown.x1 - 0.5)
    inside &= (places[:, 1] >= shown.y0 - 0.5) & (places[:, 1] < shown.y1 - 0.5)
    marks = ax.scatter(
        places[inside, 0],
        places[inside, 1],
        s=60,
        facecolors="none",
        edgecolors=POSITION_COLOUR,
        linewidths=0.9,
        label=f"{int(inside.sum())} sources",
    )
    return [marks]


def _draw_grid(ax: Any, image: Image) -> None:
    """Draw lines of equal right ascension and declination, ICRS whatever the WCS's own frame is."""
    if image.wcs is None or not hasattr(ax, "coords"):
        ax.set_xlabel("x (px)")
        ax.set_ylabel("y (px)")
        return
    from astropy.wcs.utils import wcs_to_celestial_frame

    grid = {"color": "white", "alpha": 0.35, "linestyle": "solid", "linewidth": 0.6}
    own = wcs_to_celestial_frame(image.wcs) if hasattr(image.wcs, "all_pix2world") else None
    if own is None or own.name == "icrs":
        ax.coords.grid(**grid)
        names = ["Right ascension (ICRS)", "Declination (ICRS)"]
    else:
        names = [f"{own.name} longitude", f"{own.name} latitude"]
        ax.get_coords_overlay("icrs").grid(**grid)
    if latitude_first(image.wcs):
        names.reverse()
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
