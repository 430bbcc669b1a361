"""Cutouts of segmented sources, and of the same sources on other images, each with a status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.footprints import spans as runs
from cutout_widgets.pixels.cutting import cut, free_bit, padded
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import NO_DATA, Image
from cutout_widgets.pixels.mapping import SAMPLES, Covers, map_boxes
from cutout_widgets.pixels.projection import pixel_to_pixel, pixels_at

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord

__all__ = ["SourceCut", "SourceStatus", "cut_mapped", "cut_segments", "segment_boxes"]

SourceStatus = Literal["ok", "absent", "edge", "partial", "outside", "nowhere", "empty", "masked"]
"""Result for a source; see `SourceCut.status`."""

REASONS: dict[SourceStatus, str] = {
    "ok": "cut out",
    "absent": "its id is not in the segmentation image",
    "edge": "its segment touches the edge of the segmentation image, so it may be incomplete",
    "partial": "its box is partly outside the image",
    "outside": "its box is entirely outside the image",
    "nowhere": "its outline cannot be projected onto the image",
    "empty": "the negative padding leaves no pixel",
    "masked": "none of its pixels is good",
}
"""Description of each status."""


@dataclass(frozen=True, eq=False)
class SourceCut:
    """One source on one image.

    Examples
    --------
    >>> import numpy as np
    >>> [one] = cw.footprints.cut_segments(cw.as_image(np.ones((4, 5))), np.eye(4, 5, dtype=int), [1])
    >>> one.source_id, one.status
    (1, 'edge')
    """

    source_id: int
    """Its id in the segmentation image."""
    status: SourceStatus
    """``"ok"``, or the reason why there is no cutout."""
    image: Image | None = None
    """The cutout (`source_id` set, `anchor` at the source), or None."""
    bad: NDArray[np.bool_] | None = None
    """True for pixels to exclude for this source; shape of the cutout."""

    @property
    def reason(self) -> str:
        """The description of the status."""
        return f"source {self.source_id}: {REASONS[self.status]}"


def segment_boxes(labels: NDArray[Any], yx0: tuple[int, int] = (0, 0)) -> dict[int, Box]:
    """Return the box of every id in a segmentation image, in one pass.

    Parameters
    ----------
    labels
        Whole numbers, shape (ny, nx); 0 is the background.
    yx0
        Position of the first pixel, y first.

    Examples
    --------
    >>> import numpy as np
    >>> segment_boxes(np.array([[0, 7, 7], [0, 0, 7]]))
    {7: Box(y0=0, y1=2, x0=1, x1=3)}
    """
    if labels.ndim != 2 or labels.dtype.kind not in "iub":
        raise BadOption(f"a segmentation image is 2-d whole numbers; got {labels.dtype} {labels.shape}")
    ids, spans, starts = runs.from_labels(labels, yx0)
    if not len(ids):
        return {}
    at = starts[:-1]
    y0, y1 = spans[at, 0], spans[starts[1:] - 1, 0]
    x0, x1 = np.minimum.reduceat(spans[:, 1], at), np.maximum.reduceat(spans[:, 2], at)
    rows = zip(ids.tolist(), y0.tolist(), y1.tolist(), x0.tolist(), x1.tolist(), strict=True)
    return {one: Box(a, b + 1, c, d + 1) for one, a, b, c, d in rows}


def cut_segments(
    image: Image,
    labels: NDArray[Any],
    ids: Sequence[int],
    *,
    padding_px: int = 0,
    positions: Sequence[tuple[float, float]] | SkyCoord | None = None,
    bad_bits: int = 0,
) -> list[SourceCut]:
    """Cut the segments of sources from the image they were found on.

    Parameters
    ----------
    image
        The image.
    labels
        Its segmentation image, of the same shape.
    ids
        The sources, in any order.
    padding_px
        Pixels added on every side.
    positions
        x, y of each source in parent pixels, or a SkyCoord; None = the centre of its cutout.
    bad_bits
        Mask bits that make a pixel bad.

    Returns
    -------
    list of SourceCut
        One for each id, in order. Pixels of other sources and of the sky, flagged ones and
        those without a finite value are bad. Sources are not cut if their segment touches the edge of the
        segmentation image, their box is partly outside the image, or they have no good pixel.

    Raises
    ------
    BadOption
        If the segmentation image has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.zeros((4, 5), int)
    >>> labels[1:3, 1:4] = 7
    >>> [one.image.shape for one in cut_segments(cw.as_image(np.ones((4, 5))), labels, [7])]
    [(2, 3)]
    """
    _same_shape(image, labels)
    if hasattr(positions, "icrs"):
        if image.projection is None:
            raise BadOption("positions on the sky need a WCS, and this image has none; give x and y")
        positions = np.column_stack(pixels_at(image.projection, positions)).tolist()
    boxes = segment_boxes(labels, (image.box.y0, image.box.x0))
    inner = image.box.grown(-1) if min(image.shape) > 1 else Box(0, 0, 0, 0)
    cuts = []
    for k, one in enumerate(ids):
        box = boxes.get(int(one))
        if box is None or one == 0:
            cuts.append(SourceCut(int(one), "absent"))
        elif not inner.covers(box):
            cuts.append(SourceCut(int(one), "edge"))
        elif box.height + 2 * padding_px <= 0 or box.width + 2 * padding_px <= 0:
            cuts.append(SourceCut(int(one), "empty"))
        elif not image.box.covers(wide := box.grown(padding_px)):
            cuts.append(SourceCut(int(one), "partial"))
        else:
            at = None if positions is None else XY(float(positions[k][0]), float(positions[k][1]))
            cuts.append(_one(image, wide, int(one), at, labels, bad_bits, None))
    return cuts


def cut_mapped(
    cuts: Sequence[SourceCut],
    target: Image,
    *,
    padding_px: float = 0.0,
    covers: Covers = "all",
    labels: NDArray[Any] | None = None,
    bad_bits: int = 0,
    fill: float | None = None,
    samples: int = SAMPLES,
) -> list[SourceCut]:
    """Cut the same sources from another image, on any pixel grid.

    Parameters
    ----------
    cuts
        Cutouts with a WCS, from one or several images.
    target
        The other image, with a WCS.
    padding_px
        Added on every side: pixels of `target`, or an angle.
    covers
        ``"all"``: the padded box must be on the image; ``"touch"``: one pixel is enough, and the
        rest is filled.
    labels
        Segmentation image on the grid of `target`; pixels of other sources are then bad.
    bad_bits
        Mask bits that make a pixel bad.
    fill
        Value of filled pixels; see `cut`.
    samples
        Points along each side of an outline; see `mapping.outlines`.

    Returns
    -------
    list of SourceCut
        One for each cut, in order; one without an image keeps its status. The source's position
        is mapped too.

    Examples
    --------
    >>> import numpy as np
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> labels = np.zeros((40, 50), int)
    >>> labels[10:14, 20:26] = 7
    >>> coarse = make_image((40, 50), wcs=make_wcs(at=(24.5, 19.5), scale=0.4))
    >>> fine = make_image((80, 100), wcs=make_wcs(at=(49.5, 39.5), scale=0.2))
    >>> [mapped] = cut_mapped(cw.footprints.cut_segments(coarse, labels, [7]), fine)
    >>> mapped.status, mapped.image.shape
    ('ok', (8, 12))
    """
    if labels is not None:
        _same_shape(target, labels)
    if target.projection is None:
        raise BadOption("sources can only be mapped onto an image with a WCS")
    if covers not in ("all", "touch"):
        raise BadOption(f"covers is 'all' or 'touch'; got {covers!r}")
    target = _with_no_data(target) if covers == "touch" else target
    results = list(cuts)
    for places in _by_wcs(cuts):
        images = [image for place in places if (image := cuts[place].image) is not None]
        wcs = images[0].projection
        boxes = map_boxes(
            [image.box for image in images], wcs, target, padding_px=padding_px, samples=samples
        )
        at = np.array([image.anchor or image.box.centre for image in images])
        x, y = pixel_to_pixel(wcs, target.projection, at[:, 0], at[:, 1])
        for k, (place, mapped) in enumerate(zip(places, boxes, strict=True)):
            one = cuts[place].source_id
            if mapped.box is not None and mapped.wanted(covers):
                position = XY(float(x[k]), float(y[k]))
                results[place] = _one(target, mapped.box, one, position, labels, bad_bits, fill)
            elif mapped.place != "inside":
                results[place] = SourceCut(one, mapped.place)
    return results


def _by_wcs(cuts: Sequence[SourceCut]) -> list[list[int]]:
    """Group the indices of cuts with an image by their WCS object."""
    groups: dict[int, list[int]] = {}
    for place, one in enumerate(cuts):
        if one.image is not None:
            if one.image.projection is None:
                raise BadOption(f"source {one.source_id} cannot be mapped: its cutout has no WCS")
            groups.setdefault(id(one.image.projection), []).append(place)
    return list(groups.values())


def _one(
    image: Image,
    box: Box,
    source_id: int,
    position: XY | None,
    labels: NDArray[Any] | None,
    bad_bits: int,
    fill: float | None,
) -> SourceCut:
    """Cut one source and determine its bad pixels."""
    part = replace(cut(image, box, fill=fill), source_id=source_id, anchor=position or box.centre)
    bad = ~np.isfinite(part.pixels)
    if not image.box.covers(box):
        inside = np.zeros(box.shape, dtype=bool)
        inside[box.intersection(image.box).slices_in(box)] = True
        bad |= ~inside
    if labels is not None:
        bad |= padded(labels, image.box, box, fill=0) != source_id
    if part.mask is not None and bad_bits:
        bad |= (part.mask & np.uint32(bad_bits)) != 0
    if bad.all():
        return SourceCut(source_id, "masked")
    return SourceCut(source_id, "ok", part, bad)


def _with_no_data(image: Image) -> Image:
    """Return the image with a NO_DATA plane, added once instead of for every cutout."""
    if image.mask is None or NO_DATA in image.planes:
        return image
    return replace(image, planes={**image.planes, NO_DATA: free_bit(image)})


def _same_shape(image: Image, labels: NDArray[Any]) -> None:
    """Raise for a segmentation image of another shape."""
    if labels.shape != image.shape:
        raise BadOption(f"the segmentation image has shape {labels.shape}, the image {image.shape}")
