"""The data of the inspector: everything about one source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.detection.sky import sky_statistics
from cutout_widgets.display.levels import CURVES, level_starts
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.compass import directions
from cutout_widgets.pixels.image import PANELS, Image, Triplet
from cutout_widgets.widget.inspection.cells import cells_of
from cutout_widgets.widget.inspection.neighbours import neighbours_of, place_on
from cutout_widgets.widget.inspection.psf_residual import fit_of
from cutout_widgets.widget.pages.array_buffer import ArrayBuffer
from cutout_widgets.widget.pages.compass import compasses_of
from cutout_widgets.widget.pages.masks import planes_of
from cutout_widgets.widget.pages.tiles import (
    LARGEST_SIDE_PX,
    badges_in_words,
    facts_of,
    outlined,
    reason_of,
)
from cutout_widgets.widget.protocol import messages as protocol
from cutout_widgets.widget.protocol.labels import NO_ENTRY

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.display.look import Look
    from cutout_widgets.footprints.footprint import Footprint

__all__ = ["inspect"]

NODE_EVERY_PX = 16
"""Spacing of the sky lattice, unless the sky is too curved: between nodes the tangent plane of a usual
detector is straight to a millionth of an arcsec."""

MOST_NODES = 33
"""Limit of the nodes on a side, however large the image is."""

STRAIGHT_PX = 1e-4
"""Largest error of a position interpolated between nodes; a wider field has more nodes."""


def inspect(
    source: DiaSource,
    triplet: Triplet,
    look: Look,
    sources: SourceTable,
    labels: Mapping[int, protocol.JournalState],
    footprint: Footprint | None = None,
    *,
    size: int | None = None,
    stamp_side: int | None = None,
    links: Sequence[protocol.Link] = (),
) -> tuple[protocol.InspectAnswer, bytes]:
    """Return all data about one source.

    Parameters
    ----------
    source
        The row.
    triplet
        Its cutouts.
    look
        Provides the level thresholds.
    sources
        The table, for units and descriptions.
    labels
        Id -> its state in the journal.
    footprint
        The source's pixels, outlined on the panels that have the pixel grid of the best one.
    size
        Size of the cutouts, as requested.
    stamp_side
        Side of the source's stamp, if it has no larger images.
    links
        Links to other sites.

    Returns
    -------
    answer, buffer
        What the view shows, and the arrays that its offsets refer to.
    """
    buffer = ArrayBuffer()
    (compasses,) = compasses_of([triplet])
    panels = {
        panel: _deep(
            getattr(triplet, panel),
            look,
            panel,
            buffer,
            compasses.get(panel),
            source,
            outlined(triplet, panel, footprint),
        )
        or protocol.Missing(reason=reason_of(triplet, panel))
        for panel in PANELS
    }
    journal = labels.get(source.id, NO_ENTRY)
    answer = protocol.InspectAnswer(
        kind="done",
        of="inspect",
        id=str(source.id),
        look=look.name,
        size=size,
        stamp_side=stamp_side,
        panels=panels,  # type: ignore[typeddict-item]  # built with the three names as keys
        curves=[
            protocol.Curve(name=name, offset=buffer.add(level_starts(name), "<f8"))
            for name in (CURVES if any(image is not None for image in triplet) else ())
        ],
        neighbours=neighbours_of(source, triplet, sources),
        badges=badges_in_words(source),
        facts=facts_of(source, None),
        band=source.band,
        cells=cells_of(source, sources),
        links=list(links),
        problems=list(triplet.problems),
        label=journal["label"],
        journal=journal,
    )
    return answer, buffer.bytes()


def _deep(
    image: Image | None,
    look: Look,
    panel: Any,
    buffer: ArrayBuffer,
    compass: protocol.Compass | None,
    source: DiaSource,
    borders: Sequence[NDArray[np.float64]],
) -> protocol.DeepPixels | None:
    """Add the data of one panel to the buffer."""
    if image is None or max(image.shape) > LARGEST_SIDE_PX or image.box.area == 0:
        return None
    stretch = look.stretch(panel).in_unit(image.unit)
    (limits,) = stretch.limits_of(image.pixels, variance=image.variance).tolist()
    return protocol.DeepPixels(
        shape=image.shape,
        offset=buffer.add(image.pixels, "<f4"),
        thresholds=buffer.add(stretch.thresholds(image.pixels, variance=image.variance), "<f4"),
        limits=(limits[0], limits[1]) if all(map(math.isfinite, limits)) else None,
        curve=stretch.curve,
        variance=None if image.variance is None else buffer.add(image.variance, "<f4"),
        mask=None if image.mask is None else buffer.add(image.mask, "<u4"),
        planes=planes_of(image),
        x0=image.box.x0,
        y0=image.box.y0,
        unit=image.unit,
        nJy=nJy_of(image.unit),
        source=place_on(image, source),
        sky=sky_of(image),
        psf=None
        if image.psf is None
        else protocol.Array(
            shape=(image.psf.shape[0], image.psf.shape[1]), offset=buffer.add(image.psf, "<f4")
        ),
        fit=fit_of(image, source, panel, buffer),
        compass=compass,
        lattice=lattice_of(image, buffer),
        outlines=[line.ravel().tolist() for line in borders],
        origin=image.origin,
    )


def nJy_of(unit: str | None) -> float | None:
    """Return the value of a unit in nJy; None if it is not a flux density."""
    from astropy import units as u

    try:
        return float(u.Unit(unit).to(u.nJy)) if unit else None
    except (ValueError, TypeError, u.UnitConversionError):
        return None


def sky_of(image: Image) -> protocol.SkyLevel | None:
    """Return level and width of the empty pixels of a cutout; None if there are too few."""
    try:
        sky = sky_statistics(image, bins=min(100, max(10, image.box.area // 40)))
    except BadOption:
        return None
    fitted = math.isfinite(sky.gauss_mean) and math.isfinite(sky.gauss_sigma)
    return protocol.SkyLevel(
        level=sky.gauss_mean if fitted else sky.median,
        sigma=sky.gauss_sigma if fitted else sky.mad_sigma,
        n_pixels=sky.n_pixels,
        fitted=fitted,
    )


def lattice_of(image: Image, buffer: ArrayBuffer) -> protocol.Lattice | None:
    """Sample the sky coordinates of an image, so that the view can interpolate them."""
    if image.projection is None:
        return None
    shape = tuple(min(MOST_NODES, math.ceil(side / NODE_EVERY_PX) + 1) for side in image.shape)
    while True:
        twice = tuple(2 * n - 1 for n in shape)
        finer = _nodes(image, twice)
        if finer is None:
            return None
        if max(shape) >= MOST_NODES or _is_straight(finer, image.shape):
            break
        shape = twice
    sky = finer[::2, ::2]
    box = image.box
    return protocol.Lattice(
        offset=buffer.add(sky, "<f8"),
        shape=(sky.shape[0], sky.shape[1]),
        x=(box.x0 - 0.5, box.x1 - 0.5),
        y=(box.y0 - 0.5, box.y1 - 0.5),
    )


def _nodes(image: Image, shape: tuple[int, ...]) -> NDArray[np.float64] | None:
    """Return sky directions (ny, nx, 3) of nodes from edge to edge of an image; None if one is undefined."""
    box, (ny, nx) = image.box, shape
    x, y = np.linspace(box.x0 - 0.5, box.x1 - 0.5, nx), np.linspace(box.y0 - 0.5, box.y1 - 0.5, ny)
    grid_y, grid_x = np.meshgrid(y, x, indexing="ij")
    sky = directions(image.projection, grid_x.ravel(), grid_y.ravel())
    if sky is None or not np.isfinite(sky).all():
        return None
    return np.reshape(sky, (ny, nx, 3))


def _is_straight(sky: NDArray[np.float64], shape: tuple[int, int]) -> bool:
    """Return whether every second node lies where its neighbours say, within `STRAIGHT_PX`."""
    for nodes, side in ((sky, shape[0]), (sky.transpose(1, 0, 2), shape[1])):
        between = (nodes[:-2:2] + nodes[2::2]) / 2
        between /= np.linalg.norm(between, axis=-1, keepdims=True)
        step = np.linalg.norm(nodes[2::2] - nodes[:-2:2], axis=-1)
        px = step * (len(nodes) - 1) / 2 / side
        if (np.linalg.norm(between - nodes[1::2], axis=-1) > STRAIGHT_PX * px).any():
            return False
    return True
