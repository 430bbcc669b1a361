"""The frames of a movie: the panels of one epoch, with date and band above."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.catalog.lightcurve import mjd_of
from cutout_widgets.catalog.motion import motion_angles
from cutout_widgets.catalog.source import NO_DETECTION
from cutout_widgets.catalog.values import number_of
from cutout_widgets.outputs.figure.compose import Composer
from cutout_widgets.outputs.figure.figure import BLACK, GREY, PANEL_PX, Canvas, Text
from cutout_widgets.outputs.figure.glyphs import font, plain
from cutout_widgets.outputs.figure.picture import Picture, Scales, Shown, pictures
from cutout_widgets.outputs.movie.turning import Up, compasses_of_panels, turned, words_of
from cutout_widgets.pixels.image import PANELS

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.display.look import Look
    from cutout_widgets.pixels.compass import Compass
    from cutout_widgets.pixels.image import Triplet

__all__ = ["Frame", "MovieCanvas", "frames_of"]

_MARGIN = 10
_LINES = (20, 40)
"""Baselines of the two lines above the titles."""
_MJD_0 = np.datetime64("1858-11-17T00:00", "m")
_MJD_RANGE = -600_000.0, 2_900_000.0
"""Years 216 to 9798, which a calendar with four-digit years can show."""


@dataclass(frozen=True)
class MovieCanvas(Canvas):
    """The geometry of a frame; width and height are even, as video encoders need."""

    with_header: bool = False

    @property
    def width(self) -> int:
        """Width, px."""
        return 656

    @property
    def height(self) -> int:
        """Height, px."""
        return self.top(0) + PANEL_PX + 11

    def top(self, row: int) -> int:
        """Return the upper edge of the panels."""
        return 72


@dataclass(frozen=True, eq=False)
class Frame:
    """An indexed image."""

    indices: NDArray[np.uint8]
    """Shape (height, width)."""
    palette: NDArray[np.uint8]
    """RGB, shape (256, 3)."""


def frames_of(
    sources: Sequence[DiaSource], triplets: Sequence[Triplet], look: Look, *, up: Up, limits: str
) -> Iterator[Frame]:
    """Yield the frame of each epoch.

    Parameters
    ----------
    sources
        The epochs, in time order.
    triplets
        The cutouts of each.
    look
        The look.
    up
        The direction to put up.
    limits
        Text about the limits of the colours.
    """
    canvas = MovieCanvas()
    composer = Composer(canvas, look)
    angles = motion_angles(*(np.array([getattr(one, name) for one in sources]) for name in ("ra", "dec")))
    scales = Scales()
    for number, (source, triplet) in enumerate(zip(sources, triplets, strict=True)):
        angle = float(angles[number]) if up == "motion" else 0.0
        (picture,) = pictures([[triplet]], [[]], look, scales=scales)
        compasses = compasses_of_panels(triplet)
        direction = words_of(up, angle, list(compasses.values()))
        if up != "detector":
            panels = tuple(
                _turned(shown, compasses.get(panel), 0.0 if math.isnan(angle) else angle)
                for shown, panel in zip(picture.rows[0], PANELS, strict=True)
            )
            picture = Picture((panels,))  # type: ignore[arg-type]  # there are three panels
        words = _texts(canvas, source, f"{number + 1} of {len(sources)}", f"{direction}; {limits}")
        raster = composer.compose(replace(picture, texts=tuple(words)))
        yield Frame(raster.rows[:, 1:].copy(), raster.palette)


def _turned(shown: Shown, compass: Compass | None, angle_deg: float) -> Shown:
    """Return a panel rotated, with its pixel scale."""
    if shown.levels is None or not shown.levels.size or compass is None:
        return shown
    scale = PANEL_PX / max(shown.levels.shape)
    arcsec_px = None if shown.arcsec_px is None else shown.arcsec_px * scale
    return Shown(turned(shown.levels, compass, angle_deg), arcsec_px)


def _texts(canvas: MovieCanvas, source: DiaSource, count: str, direction: str) -> list[Text]:
    """Return the text above the panels: date, band and brightness; then number and orientation."""
    snr = number_of(meaning_of(source.row, "snr"))
    facts = [_date(source), f"band {source.band}" if source.band else "no band"]
    facts += [] if snr is None else [f"S/N {snr:.1f}"]
    right = canvas.width - _MARGIN
    lines = []
    for y, left, end, colour in (
        (_LINES[0], "   ".join(facts), count, BLACK),
        (_LINES[1], direction, "no detection" if source.row.get(NO_DETECTION) else f"{source.id}", GREY),
    ):
        face = font("regular")
        x = right - math.ceil(face.width(end))
        text = face.fit(plain(left), x - 2 * _MARGIN).text
        lines += [Text(text, _MARGIN, y, "regular", colour), Text(end, x, y, "regular", colour)]
    return lines


def _date(source: DiaSource) -> str:
    """Return the date of an epoch, as calendar date and MJD."""
    mjd = mjd_of(source.row)
    if not _MJD_RANGE[0] < mjd < _MJD_RANGE[1]:
        return "no time"
    date = _MJD_0 + np.timedelta64(round(mjd * 1440), "m")
    return f"{str(date).replace('T', ' ')}   MJD {mjd:.5f}"
