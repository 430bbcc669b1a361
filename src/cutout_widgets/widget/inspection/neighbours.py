"""Other rows of the table whose positions are on the cutouts of a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.pixels.compass import directions
from cutout_widgets.pixels.image import PANELS, Image, Triplet
from cutout_widgets.pixels.position import locate
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["neighbours_of", "place_on"]

MOST_NEIGHBOURS = 100
"""Limit, so that the image stays visible: rows of the same exposure first, then the nearest."""


@dataclass(frozen=True)
class _Position:
    """A position on the sky, as `locate` accepts it."""

    ra: float
    dec: float
    xy: None = None


def place_on(image: Image, source: DiaSource) -> tuple[float, float] | None:
    """Return the position of a source on an image, in parent pixels; None if it is unknown."""
    ((x, y),) = locate(image, [source])
    return (float(x), float(y)) if np.isfinite(x) and np.isfinite(y) else None


def neighbours_of(source: DiaSource, triplet: Triplet, sources: SourceTable) -> list[protocol.Neighbour]:
    """Return the rows that are on a panel of a source, those of its own exposure first.

    Parameters
    ----------
    source
        The central source; it is not returned, nor are the other epochs of its DiaObject, which would
        cover it.
    triplet
        Its cutouts; a panel without a WCS shows no neighbours.
    sources
        The table.

    Returns
    -------
    list
        At most `MOST_NEIGHBOURS`.
    """
    images = {
        panel: image
        for panel, image in zip(PANELS, triplet, strict=True)
        if image is not None and image.projection is not None and image.box.area
    }
    if not images or not {"ra", "dec"} <= sources.names.keys():
        return []
    rows, distance = _near(sources, list(images.values()))
    ids = sources.ids
    rows, distance = (one[ids[rows] != source.id] for one in (rows, distance))
    same = _same_exposure(source, sources, rows)
    others = same | ~_same_object(source, sources, rows)
    rows, distance, same = rows[others], distance[others], same[others]
    order = np.lexsort((distance, ~same))[: 4 * MOST_NEIGHBOURS]
    rows, same = rows[order], same[order]
    ra, dec = (np.asarray(sources.values(name), dtype=float)[rows] for name in ("ra", "dec"))
    positions = [_Position(*one) for one in zip(ra.tolist(), dec.tolist(), strict=True)]
    places: dict[str, list[tuple[float, float] | None]] = {}
    asked: list[tuple[Image, NDArray[np.float64]]] = []
    for panel, image in images.items():
        # Panels of one exposure share a WCS, and evaluating it takes longer than all else.
        known = next((xy for other, xy in asked if other.projection is image.projection), None)
        if known is None:
            known = locate(image.replaced({"anchor": None}), positions)
            asked.append((image, known))
        places[panel] = _inside(image, known)
    found = [
        protocol.Neighbour(
            id=str(ids[row]),
            same_exposure=bool(same[k]),
            **{panel: places[panel][k] if panel in places else None for panel in PANELS},  # type: ignore[typeddict-item]
        )
        for k, row in enumerate(rows)
    ]
    return [one for one in found if any(one[panel] is not None for panel in PANELS)][:MOST_NEIGHBOURS]


def _near(sources: SourceTable, images: list[Image]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the rows within the circle around all images, and their distances from its centre."""
    corners = []
    for image in images:
        box, wcs = image.box, image.projection
        assert wcs is not None
        x, y = [box.x0 - 0.5, box.x1 - 0.5, box.centre[0]], [box.y0 - 0.5, box.y1 - 0.5, box.centre[1]]
        sky = directions(
            wcs, np.array([x[0], x[1], x[0], x[1], x[2]]), np.array([y[0], y[0], y[1], y[1], y[2]])
        )
        if sky is not None and np.isfinite(sky).all():
            corners.append(sky)
    nothing = np.zeros(0, dtype=np.intp), np.zeros(0)
    if not corners:
        return nothing
    middle = corners[0][-1]
    chord = max(float(np.linalg.norm(sky - middle, axis=1).max()) for sky in corners) * 1.01
    dec = np.asarray(sources.values("dec"), dtype=float)
    lowest = np.degrees(np.arcsin(np.clip(middle[2], -1, 1)))
    with np.errstate(invalid="ignore"):
        # Comparing declinations first keeps this fast for millions of rows: sines are needed only for a band.
        rows = np.flatnonzero(np.abs(dec - lowest) <= np.degrees(2 * np.arcsin(min(1.0, chord / 2))))
    ra = np.radians(np.asarray(sources.values("ra"), dtype=float)[rows])
    dec = np.radians(dec[rows])
    at = np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    distance = np.linalg.norm(at - middle, axis=1)
    near = distance <= chord
    return rows[near], distance[near]


def _same_exposure(source: DiaSource, sources: SourceTable, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which rows are of the exposure of a source; all of them if the table has no exposures."""
    for meaning in ("visit", "exposure"):
        name = sources.names.get(meaning)
        if name is not None and (own := source.row.get(name)) is not None:
            return np.asarray(sources.values(name)[rows] == own, dtype=bool)
    return np.ones(len(rows), dtype=bool)


def _same_object(source: DiaSource, sources: SourceTable, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which rows are of the DiaObject of a source; none if it has none."""
    name, own = sources.names.get("object"), meaning_of(source.row, "object")
    if name is None or not own:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(sources.values(name)[rows] == own, dtype=bool)


def _inside(image: Image, places: NDArray[np.float64]) -> list[tuple[float, float] | None]:
    """Return positions on an image as pairs; None for those outside."""
    box = image.box
    return [
        (float(x), float(y))
        if box.x0 - 0.5 <= x < box.x1 - 0.5 and box.y0 - 0.5 <= y < box.y1 - 0.5
        else None
        for x, y in places
    ]
