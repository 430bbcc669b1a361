"""Segmentation images and thresholds: many footprints at once, in one pass over the pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.footprints import spans as runs
from cutout_widgets.footprints.footprint import Connectivity, Footprint, Peak
from cutout_widgets.pixels.geometry import Box

__all__ = ["footprints_above", "footprints_of_labels", "labels_of", "peaks"]


def footprints_of_labels(labels: NDArray[Any], yx0: tuple[int, int] = (0, 0)) -> dict[int, Footprint]:
    """Return the footprint of every id in a segmentation image.

    Parameters
    ----------
    labels
        Whole numbers of any type, shape (ny, nx); 0 is the background.
    yx0
        Position of the first pixel in the parent, y first.

    Returns
    -------
    dict
        Id -> footprint, ascending. An id in several pieces is one footprint.

    Raises
    ------
    BadOption
        If the array is not two-dimensional or not of whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> {label: place.area for label, place in footprints_of_labels(np.array([[0, 1, 1], [2, 2, 2]])).items()}
    {1: 2, 2: 3}
    """
    given = np.asarray(labels)
    if given.ndim != 2 or given.dtype.kind not in "iub":
        raise BadOption(f"a segmentation image is 2-d whole numbers; got {given.dtype} {given.shape}")
    ids, spans, starts = runs.from_labels(given, yx0)
    return {int(one): Footprint._of(spans[starts[k] : starts[k + 1]].copy()) for k, one in enumerate(ids)}


def labels_of(footprints: Mapping[int, Footprint] | Iterable[Footprint], box: Box) -> NDArray[np.int64]:
    """Draw footprints into a segmentation image.

    Parameters
    ----------
    footprints
        Id -> footprint; a plain sequence is numbered from 1. Where two overlap, the later one is used.
    box
        The area of the image; parts outside are dropped.

    Returns
    -------
    ndarray
        Shape of `box`, 0 for the background.

    Examples
    --------
    >>> labels_of({7: cw.Footprint.from_box(cw.Box(0, 1, 1, 3))}, cw.Box(0, 2, 0, 3))
    array([[0, 7, 7],
           [0, 0, 0]])
    """
    pairs = footprints.items() if isinstance(footprints, Mapping) else enumerate(footprints, start=1)
    out = np.zeros(box.shape, dtype=np.int64)
    for one, footprint in pairs:
        y, x = footprint.clipped(box).pixels()
        out[y - box.y0, x - box.x0] = one
    return out


def footprints_above(
    pixels: NDArray[Any],
    threshold: float | NDArray[Any],
    *,
    polarity: int = 1,
    least_area: int = 1,
    connectivity: Connectivity = 8,
    usable: NDArray[np.bool_] | None = None,
    yx0: tuple[int, int] = (0, 0),
) -> list[Footprint]:
    """Return the connected regions at or above a threshold.

    Parameters
    ----------
    pixels
        Shape (ny, nx); NaN is never part of a footprint.
    threshold
        A number, or one for each pixel (``5 * np.sqrt(variance)``). Pixels *equal* to it are included,
        as in afw (photutils and sep exclude them).
    polarity
        1: values >= threshold; -1: values <= -threshold.
    least_area
        Regions of fewer pixels are dropped.
    connectivity
        4: pixels are connected by sides; 8: also by corners.
    usable
        False for pixels to exclude, shape (ny, nx).
    yx0
        Position of the first pixel in the parent, y first.

    Returns
    -------
    list of Footprint
        In the order of their first pixels (y, then x).

    Examples
    --------
    >>> import numpy as np
    >>> [place.area for place in footprints_above(np.array([[0.0, 9.0, 9.0], [0.0, 0.0, 0.0]]), 5.0)]
    [2]
    """
    if polarity not in (1, -1):
        raise BadOption(f"polarity is 1 (brighter) or -1 (fainter); got {polarity!r}")
    wanted = polarity * pixels >= threshold  # NaN compares False
    if usable is not None:
        wanted &= usable
    everything = Footprint.from_array(wanted, yx0)
    return [part for part in everything.split(connectivity) if part.area >= least_area]


def peaks(
    footprint: Footprint, pixels: NDArray[Any], *, polarity: int = 1, yx0: tuple[int, int] = (0, 0)
) -> list[Peak]:
    """Return the local extremes of an image on a footprint, brightest first.

    Parameters
    ----------
    footprint
        Where to search; parts outside the image are ignored.
    pixels
        Shape (ny, nx).
    polarity
        1 for maxima, -1 for minima.
    yx0
        Position of the first pixel in the parent, y first.

    Returns
    -------
    list of Peak
        Pixels not below any of their 8 neighbours in the image (a plateau gives several), never
        on its outermost rows and columns, never NaN; sorted by value in descending order for either
        polarity, then x, then y. If there is none, the most extreme pixel; if all are NaN, none.

    Notes
    -----
    Source: the conventions of afw's ``FootprintSet``.
    """
    box = Box.from_shape((pixels.shape[0], pixels.shape[1]), yx0)
    inside = footprint.clipped(box)
    y, x = inside.pixels()
    y, x = y - yx0[0], x - yx0[1]
    values = polarity * pixels[y, x].astype(float)
    known = ~np.isnan(values)
    if not known.any():
        return []
    inner = known & (y > 0) & (y < box.height - 1) & (x > 0) & (x < box.width - 1)
    top = inner.copy()
    for dy, dx in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        at = np.flatnonzero(top)
        top[at] = ~(polarity * pixels[y[at] + dy, x[at] + dx].astype(float) > values[at])  # NaN hides nothing
    found = np.flatnonzero(top)
    if not len(found):
        found = np.array([np.nanargmax(values)])
    rank = np.lexsort((y[found], x[found], -polarity * values[found]))
    return [Peak(int(x[k] + yx0[1]), int(y[k] + yx0[0]), float(polarity * values[k])) for k in found[rank]]
