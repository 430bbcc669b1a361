"""Deblending: separating sources whose footprints overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.detection.blend_stamp import BlendStamp, Top
from cutout_widgets.detection.detection import MASKED, Detection
from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.footprints.footprint import Footprint, Peak
from cutout_widgets.footprints.segmentation import footprints_of_labels
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.planes import where_any
from cutout_widgets.pixels.psf import PsfModel

if TYPE_CHECKING:
    from cutout_widgets.pixels.image import Image

__all__ = ["deblend"]

SMOOTHING = 0.5
"""Sigma of the smoothing in sigmas of the PSF, so that pairs at 1.5 FWHM still have two peaks."""


def deblend(
    image: Image,
    detections: Sequence[Detection],
    *,
    psf: PsfModel | NDArray[Any] | float | None = None,
    prominence: float = 4.0,
    contrast: float = 0.02,
    least_significance: float = 5.0,
) -> list[Detection]:
    """Split blends into their sources.

    Parameters
    ----------
    image
        The image they were detected on, with a variance plane.
    detections
        The result of `detect`.
    psf
        As for `detect`.
    prominence
        Minimum height of a peak above the saddle to a brighter one, in sigma of the smoothed image.
    contrast
        The same as a fraction of the peak's own height, so that structure in a bright source is not split.
    least_significance
        Signal-to-noise ratio that each source needs when all peaks of a blend are fitted together.

    Returns
    -------
    list of Detection
        One for each source, with one peak and its share of the blend's pixels. `parent` is the index
        of the blend in `detections`. Single sources are returned unchanged, and so are dipoles: peaks
        of both signs are one source.

    Raises
    ------
    MissingDependency
        If scipy is not installed.
    BadOption
        If the image has no variance plane.

    Notes
    -----
    Peaks and saddles are found by flooding downwards. Where point sources at the peaks do not explain the
    pixels, another source is searched for in the residuals. A watershed assigns the pixels to the peaks.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.random.default_rng(1).normal(size=(40, 40)).astype("f4")
    >>> pixels[20:23, 10:13] += 50
    >>> image = cw.Image(pixels, variance=np.ones_like(pixels))
    >>> len(deblend(image, cw.detect(image, psf=3.0), psf=3.0))
    1
    """
    if image.variance is None:
        raise BadOption("deblending compares peaks with the noise, so the image needs a variance plane")
    try:
        from scipy import ndimage
    except ImportError as err:
        raise MissingDependency("scipy", "detect", "deblending sources") from err
    model = PsfModel.of(image, psf)
    lost = ~np.isfinite(image.pixels) | ~np.isfinite(image.variance) | where_any(image, MASKED)
    width = SMOOTHING * model.sigma
    light = ndimage.gaussian_filter(np.where(lost, 0.0, image.pixels).astype(float), width)
    spread = ndimage.gaussian_filter(np.where(lost, 0.0, image.variance).astype(float), width / np.sqrt(2))
    noise = np.sqrt(np.maximum(spread, 1e-30) / (4 * np.pi * width**2))
    out: list[Detection] = []
    for place, one in enumerate(detections):
        if {np.sign(peak.value) for peak in one.peaks} in ({1.0}, {-1.0}):
            tops = _tops(one, light, noise, image.box, prominence, contrast)
            stamp = BlendStamp.of(one, image, lost, model)
            tops = stamp.revealed(stamp.real(tops, least_significance), least_significance)
            if len(tops) > 1:
                out += _children(place, one, tops, light, image.box)
                continue
        out.append(one)
    return out


def _tops(
    one: Detection, light: NDArray[Any], noise: NDArray[Any], box: Box, prominence: float, contrast: float
) -> list[Top]:
    """Return the peaks of a footprint that are separated from brighter ones, brightest first.

    Each pixel belongs to the hill found by going to its highest neighbour repeatedly. At the saddle, the
    highest point where two hills meet, the lower hill is a separate peak only if it rises far enough above.
    """
    from scipy import ndimage

    y, x = one.footprint.pixels()
    values = one.polarity * light[y - box.y0, x - box.x0]
    sigma = noise[y - box.y0, x - box.x0]
    frame = one.footprint.box.grown(1)
    count = len(y)
    order = np.argsort(-values, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)  # 0 is the highest; ranks are unique
    ranks = np.full(frame.shape, count)
    ranks[y - frame.y0, x - frame.x0] = rank
    up = np.full(count + 1, count)
    up[ranks.ravel()] = ndimage.minimum_filter(ranks, size=3, mode="constant", cval=count).ravel()
    up[count] = count
    while not np.array_equal(further := up[up], up):
        up = further
    heights, sigmas = values[order], sigma[order]
    kept: list[int] = []
    joined = {top: top for top in np.flatnonzero(up[:count] == np.arange(count)).tolist()}

    def root(k: int) -> int:
        while joined[k] != k:
            joined[k] = joined[joined[k]]
            k = joined[k]
        return k

    for meet, one_top, other_top in _saddles(ranks, up, count):
        high, low = sorted((root(one_top), root(other_top)))
        if high == low:
            continue
        rise = heights[low] - heights[meet]
        if rise >= prominence * sigmas[low] and rise >= contrast * heights[low]:
            kept.append(low)
        joined[low] = high
    kept += [top for top in joined if joined[top] == top]
    kept.sort()
    return [(int(x[order[k]]), int(y[order[k]]), float(heights[k] / sigmas[k])) for k in kept]


def _saddles(ranks: NDArray[np.int64], up: NDArray[np.int64], count: int) -> list[tuple[int, int, int]]:
    """Return the highest contact of each two touching hills, the highest saddle first.

    Parameters
    ----------
    ranks
        Rank of each pixel, `count` outside.
    up
        Rank -> rank of the top of its hill.
    count
        Number of pixels.
    """
    meets, pairs = [], []
    for here, there in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:-1, :-1], np.s_[1:, 1:]),
        (np.s_[:-1, 1:], np.s_[1:, :-1]),
    ):
        one, other = ranks[here].ravel(), ranks[there].ravel()
        both = np.flatnonzero((one < count) & (other < count) & (up[one] != up[other]))
        one, other = one[both], other[both]
        meets.append(np.maximum(one, other))
        tops = np.sort(np.stack([up[one], up[other]]), axis=0)
        pairs.append(tops[0] * (count + 1) + tops[1])
    meet, pair = np.concatenate(meets), np.concatenate(pairs)
    order = np.argsort(meet, kind="stable")
    _, first = np.unique(pair[order], return_index=True)
    best = order[np.sort(first)]
    return list(
        zip(
            meet[best].tolist(),
            (pair[best] // (count + 1)).tolist(),
            (pair[best] % (count + 1)).tolist(),
            strict=True,
        )
    )


def _children(place: int, one: Detection, tops: list[Top], light: NDArray[Any], box: Box) -> list[Detection]:
    """Assign each pixel of a blend to the peak it belongs to."""
    from scipy import ndimage

    frame = one.footprint.box
    inside = one.footprint.to_array()
    height = np.where(inside, one.polarity * light[frame.slices_in(box)], -np.inf)
    rank = np.zeros(frame.shape, dtype=np.uint16)
    order = np.argsort(-height[inside], kind="stable")
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    rank[inside] = (ranks * 65000 // max(len(order), 1)).astype(np.uint16)
    rank[~inside] = 65535
    markers = np.zeros(frame.shape, dtype=np.int32)
    for number, (x, y, _) in enumerate(tops, start=1):
        markers[y - frame.y0, x - frame.x0] = number
    owners = ndimage.watershed_ift(rank, markers, structure=np.ones((3, 3)))
    areas = footprints_of_labels(np.where(inside, owners, 0), (frame.y0, frame.x0))
    return [
        Detection(
            areas.get(number, Footprint(np.array([[y, x, x]]))), (Peak(x, y, one.polarity * value),), place
        )
        for number, (x, y, value) in enumerate(tops, start=1)
    ]
