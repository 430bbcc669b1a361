"""Conversion of triplets to the content of figures: grey levels, pixel scales, texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import CutoutError
from cutout_widgets.outputs.figure.figure import Text
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.projection import share_pixels
from cutout_widgets.pixels.region import pixel_scale

if TYPE_CHECKING:
    from cutout_widgets.display.look import Look
    from cutout_widgets.footprints.footprint import Footprint

__all__ = ["Picture", "Scales", "Shown", "pictures"]


@dataclass(frozen=True, eq=False)
class Shown:
    """One panel of one figure."""

    levels: NDArray[np.uint8] | None
    """Grey levels, shape (ny, nx), first row at the bottom: 0 = no data, 1 to 255; None = no image."""
    arcsec_px: float | None = None
    """Length of one arcsecond in pixels of the image, for the scale bar; None = unknown."""
    footprint: NDArray[np.bool_] | None = None
    """Pixels of the source to outline, shape (ny, nx); None = no outline."""


@dataclass(frozen=True, eq=False)
class Picture:
    """The content of a figure, which a renderer turns into a file."""

    rows: tuple[tuple[Shown, Shown, Shown], ...]
    """Template, science, difference for each size."""
    texts: tuple[Text, ...] = ()
    """All text above the panels except their titles."""


class Scales:
    """A cache of pixel scales for consecutive images with the same WCS, as rows of a detector have."""

    def __init__(self) -> None:
        self._known: dict[Panel, tuple[object, float | None]] = {}

    def of(self, panel: Panel, image: Image) -> float | None:
        """Return the length of an arcsecond in pixels, or None if it is unknown."""
        if image.projection is None:
            return None
        wcs, arcsec_px = self._known.get(panel, (None, None))
        if image.projection is not wcs:
            try:
                scale = pixel_scale(image)
            except (CutoutError, ValueError, ArithmeticError):
                scale = 0.0
            arcsec_px = 1 / scale if np.isfinite(scale) and scale > 0 else None
            self._known[panel] = (image.projection, arcsec_px)
        return arcsec_px


def pictures(
    triplets: Sequence[Sequence[Triplet]],
    texts: Sequence[Sequence[Text]],
    look: Look,
    outlines: Sequence[Footprint | None] | None = None,
    scales: Scales | None = None,
) -> list[Picture]:
    """Stretch the triplets of many sources at once.

    Parameters
    ----------
    triplets
        For each source, its triplets: one for each size.
    texts
        For each source, the texts of its header.
    look
        The stretches.
    outlines
        For each source, the footprint to outline, in parent pixels, or None. It is drawn on panels that
        share the pixels of the best one; if a WCS is unknown, an equal box counts as the same pixels.
    scales
        The cache of pixel scales, to share between batches.

    Returns
    -------
    list of Picture
        One for each source.
    """
    shown: list[list[list[Shown]]] = [[[] for _ in one] for one in triplets]
    scales = scales or Scales()
    for panel in PANELS:
        wanted = [
            (place, row, getattr(triplet, panel))
            for place, one in enumerate(triplets)
            for row, triplet in enumerate(one)
        ]
        there = [image for _, _, image in wanted if image is not None]
        levels = iter(
            look.stretch(panel).to_bytes_each(
                [image.pixels for image in there],
                variances=[image.variance for image in there],
                units=[image.unit for image in there],
            )
        )
        for place, row, image in wanted:
            if image is None:
                shown[place][row].append(Shown(None))
                continue
            outline = None if outlines is None else outlines[place]
            best = triplets[place][row].best
            if best is None or (outline is not None and not share_pixels(image, best)):
                outline = None
            inside = None if outline is None else outline.clipped(image.box).to_array(image.box)
            shown[place][row].append(Shown(next(levels), scales.of(panel, image), inside))
    return [
        Picture(tuple((a, b, c) for a, b, c in rows), tuple(its_texts))
        for rows, its_texts in zip(shown, texts, strict=True)
    ]
