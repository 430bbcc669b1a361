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
from cutout_widgets.outputs.figure.exposure_norm import finite_pixels, norm_of, round_ticks
from cutout_widgets.outputs.figure.marks import draw_catalogues
from cutout_widgets.outputs.figure.notebook_figure import figure_class, figure_of
from cutout_widgets.palette import mask_plane_colours
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import PANELS, Image, Triplet
from cutout_widgets.pixels.planes import afw_name
from cutout_widgets.pixels.projection import latitude_first
from cutout_widgets.stores.in_hand import as_image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

__all__ = ["plot_exposure"]

MASK_ALPHA = 0.35
"""Opacity of mask planes, so that the image stays visible."""

OUTLINE_COLOUR = "#ffb000"
"""Colour of footprints: an orange that stands out on grey and differs from afw's mask planes."""

FIGURE_INCHES = (8.0, 8.0)
"""Size that notebooks show without scaling."""

PANEL_INCHES = 4.6
"""Side of each image when there are several."""

Extent = tuple[float, float, float, float]
"""Left, right, bottom and top edge, in parent pixels."""


def plot_exposure(
    image: Image | Any,
    *,
    sources: Any = None,
    footprints: Mapping[int, Footprint] | Iterable[Footprint] = (),
    planes: Sequence[str] | None = (),
    box: Box | None = None,
    stretch: Stretch | None = None,
    colormap: str = "gray",
    colorbar: bool = False,
    title: str = "",
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw an exposure, or part of it, on the sky; or several side by side.

    Parameters
    ----------
    image
        The exposure, or anything that `as_image` accepts; with a WCS its axes are right ascension and
        declination. Several of the same part of the sky: a `Triplet`, a list, or title -> exposure.
    sources
        Rows with positions: a `SourceTable` or any table with ``ra`` and ``dec``, or ``x`` and ``y``; a
        page of one, or any objects with ``ra``, ``dec`` and ``xy``. Several catalogues: label -> table,
        each with its own colour and symbol; `Marks` sets these. Positions outside are not drawn.
    footprints
        Drawn as outlines along pixel edges.
    planes
        Mask planes to draw over the image, by the names of afw or lsst.images, each with its colour and a
        legend entry; None = every plane that is set on a pixel.
    box
        Part to show, in parent pixels; None = all.
    stretch
        How values become grey; by default asinh between zscale limits.
    colormap
        A matplotlib colormap.
    colorbar
        Whether to draw a colorbar, in the unit of the image.
    title
        Above the image.
    ax
        Axes to draw on, one for each image; None = a new figure. If the same axes are used again, the
        image stays and new elements are drawn on top.

    Returns
    -------
    Figure
        It is independent of pyplot's global state: show it as the last line of a cell, or call
        ``savefig``.

    Raises
    ------
    BadOption
        If a requested plane is not in the mask, or the number of axes differs from that of images.
    BadTable
        If a table has no positions.
    NoOverlap
        If `box` is outside the image.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> image = make_image((40, 50), wcs=make_wcs(at=(25, 20)))
    >>> figure = plot_exposure(image, planes=["SAT"], title="visit 1")
    >>> figure.axes[0].get_title()
    'visit 1'
    """
    several = _several(image)
    if several is None:
        one_ax = ax[0] if isinstance(ax, (list, tuple)) else ax
        panels = [(title, as_image(image), stretch or Look.of("rubin").stretch("science"))]
        axes: Sequence[Any] = [one_ax] if one_ax is not None else _new_axes(panels)
    else:
        panels = [(name, one, stretch or own) for name, one, own in several]
        axes = _new_axes(panels) if ax is None else list(np.ravel(np.asarray(ax, dtype=object)))
    if len(axes) != len(panels):
        raise BadOption(f"ax= needs axes for each of {len(panels)} images; got {len(axes)}")
    for where, (name, whole, how) in zip(axes, panels, strict=True):
        part = whole if box is None else cut(whole, box, mode="trim")
        shown = part.box
        extent = (shown.x0 - 0.5, shown.x1 - 0.5, shown.y0 - 0.5, shown.y1 - 0.5)
        greys = _draw_pixels(where, part, how, colormap, extent)
        entries = _draw_planes(where, part, planes, extent, lenient=several is not None)
        _draw_footprints(where, footprints, shown)
        if sources is not None:
            entries += draw_catalogues(where, whole, sources, shown)
        where.set_xlim(extent[0], extent[1])
        where.set_ylim(extent[2], extent[3])
        if name or not where.get_title():
            where.set_title(name)
        _draw_grid(where, whole)
        _draw_legend(where, entries)
        if colorbar and greys.colorbar is None:
            ticks = round_ticks(norm_of(how, part))
            where.figure.colorbar(greys, ax=where, label=whole.unit or "", shrink=0.8, ticks=ticks)
    figure = figure_of(axes[0])
    if several is not None and title:
        figure.suptitle(title)
    return figure


def _several(image: Any) -> list[tuple[str, Image, Stretch]] | None:
    """Return title, image and stretch of each of several images; None for one."""
    look = Look.of("rubin")
    if isinstance(image, Triplet):
        named = [(panel, one) for panel, one in zip(PANELS, image, strict=True) if one is not None]
        if not named:
            raise BadOption(f"the triplet has no image: {'; '.join(image.problems) or 'all three are None'}")
        return [(panel.capitalize(), one, look.stretch(panel)) for panel, one in named]
    if isinstance(image, Mapping):
        return [(str(name), as_image(one), look.stretch("science")) for name, one in image.items()]
    if isinstance(image, (list, tuple)):
        return [("", as_image(one), look.stretch("science")) for one in image]
    return None


def _new_axes(panels: Sequence[tuple[str, Image, Stretch]]) -> list[Axes]:
    """Return the axes of a new figure, with sky coordinates if the images have a WCS."""
    count = len(panels)
    if not count:
        raise BadOption("there is no image to draw")
    size = FIGURE_INCHES if count == 1 else (PANEL_INCHES * count, PANEL_INCHES + 0.6)
    figure = figure_class()(figsize=size, layout="constrained")
    return [
        figure.add_subplot(1, count, place, **({} if image.wcs is None else {"projection": image.wcs}))
        for place, (_, image, _) in enumerate(panels, start=1)
    ]


def _draw_pixels(ax: Axes, part: Image, stretch: Stretch, colormap: str, extent: Extent) -> AxesImage:
    """Draw the pixels, with NaN transparent, over existing contents of the axes."""
    norm = norm_of(stretch, part)
    pixels = finite_pixels(part, norm)
    drawn = _drawn(ax, pixels, extent)
    if drawn is not None and drawn.get_cmap().name == colormap:
        drawn.set_norm(norm)
        return drawn
    return ax.imshow(pixels, origin="lower", interpolation="nearest", cmap=colormap, norm=norm, extent=extent)


def _drawn(ax: Axes, array: NDArray[Any], extent: Extent) -> AxesImage | None:
    """Return the image on the axes that already shows the same pixels at the same position."""
    for one in ax.images:
        there = one.get_array()
        if there is None or tuple(one.get_extent()) != extent or there.shape != array.shape:
            continue
        same_blanks = np.array_equal(np.ma.getmaskarray(there), np.ma.getmaskarray(array))
        if same_blanks and np.ma.allequal(there, array):
            return one
    return None


def _draw_planes(
    ax: Axes, part: Image, planes: Sequence[str] | None, extent: Extent, *, lenient: bool
) -> list[Any]:
    """Draw the mask planes over the image; return their legend entries.

    One of several images may lack a plane that another one has.
    """
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Patch

    by_name = {afw_name(name): name for name in part.planes}
    if planes is None:
        wanted = [name for name in part.planes if part.has_plane(name).any()]
    else:
        missing = [name for name in planes if afw_name(name) not in by_name]
        if missing and not lenient:
            raise BadOption(f"the mask has no plane {', '.join(missing)}; it has {', '.join(part.planes)}")
        wanted = [by_name[afw_name(name)] for name in planes if afw_name(name) in by_name]
    colours = mask_plane_colours(part.planes)
    entries = []
    for name in wanted:
        where = part.has_plane(name)
        overlay: NDArray[np.float32] = np.zeros((*where.shape, 4), dtype=np.float32)
        overlay[where] = to_rgba(colours[name], MASK_ALPHA)
        if _drawn(ax, overlay, extent) is None:
            ax.imshow(overlay, origin="lower", interpolation="nearest", extent=extent)
        entries.append(Patch(facecolor=colours[name], alpha=0.7, label=f"{name} ({int(where.sum())} px)"))
    return entries


def _draw_footprints(ax: Axes, footprints: Mapping[int, Footprint] | Iterable[Footprint], shown: Box) -> None:
    """Draw all outlines as one collection."""
    from matplotlib.collections import LineCollection

    every = footprints.values() if isinstance(footprints, Mapping) else footprints
    lines = [polygon for one in every if one.box.overlaps(shown) for polygon in one.outline()]
    if lines:
        ax.add_collection(LineCollection(lines, colors=OUTLINE_COLOUR, linewidths=0.9), autolim=False)


def _draw_legend(ax: Axes, entries: list[Any]) -> None:
    """Draw the legend, including entries from an earlier call on the same axes."""
    old = ax.get_legend()
    kept = [] if old is None else list(zip(old.legend_handles, old.get_texts(), strict=True))
    labels = [text.get_text() for _, text in kept]
    new = [one for one in entries if isinstance(one.get_label(), str) and one.get_label() not in labels]
    if kept or new:
        ax.legend(
            handles=[handle for handle, _ in kept] + new,
            labels=labels + [one.get_label() for one in new],
            loc="upper right",
            fontsize="small",
            framealpha=0.85,
        )


def _draw_grid(ax: Any, image: Image) -> None:
    """Draw lines of constant ICRS right ascension and declination, whatever the frame of the WCS."""
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
