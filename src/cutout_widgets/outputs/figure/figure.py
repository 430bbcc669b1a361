"""The saved figure as data: positions of panels and texts.

Both renderers, the composer (`cutout_widgets.outputs.figure.compose`) and matplotlib's
(`cutout_widgets.outputs.figure.matplotlib_figure`), draw these data. All lengths are pixels of the canvas,
counted from its upper left corner; a text's `y` is its baseline.

Source of the positions: analysis_ap's ``plotImageSubtractionCutouts`` as matplotlib 3.10 draws it,
10 px plus the fraction of 640 px given in its code. There are two differences: the band is moved where a
13-digit visit would overlap it, and the panels are centred on the wider canvas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from cutout_widgets.catalog.flags import BADGES, Badge, badges_of, flag_of, flux_flags
from cutout_widgets.outputs.figure.glyphs import Face, Fitted, font
from cutout_widgets.outputs.figure.values import fluxes_of, numbers_of, shown
from cutout_widgets.palette import BADGE_COLOURS, MUTED_TEXT

if TYPE_CHECKING:
    from cutout_widgets.catalog.photometry.fluxes import Flux
    from cutout_widgets.catalog.source import DiaSource

__all__ = [
    "BLACK",
    "GREY",
    "PANEL_PX",
    "STYLES",
    "Canvas",
    "Style",
    "Text",
    "fixed_labels",
    "header",
    "titles",
]

Style = Literal["documented", "analysis_ap"]
"""Header style: as documented by analysis_ap, on a canvas that is wide enough for a long visit; or as its
newest code draws it, on its own canvas."""
STYLES: tuple[Style, ...] = get_args(Style)

PANEL_PX = 205
"""Side of a panel."""

BLACK = "#000000"
"""Font size of values."""
GREY = MUTED_TEXT
"""Font size of labels."""

_PANEL_STEPS = (0, 214, 427)
"""Left edges of the panels, relative to the first."""
_ROW_STEP = 229
"""Distance between the tops of two rows of panels."""
_MARGIN = 10


class Text(NamedTuple):
    """A text and its position."""

    text: str
    x: int
    """Start of the text."""
    y: int
    """Baseline."""
    face: Face
    colour: str
    """``#rrggbb``."""


@dataclass(frozen=True)
class Canvas:
    """The geometry of a figure, which depends only on these fields."""

    rows: int = 1
    """Number of rows of panels: one for each size."""
    with_header: bool = True
    """Whether there are rows of metadata above the panels."""
    style: Style = "documented"
    """Canvas style: that of analysis_ap is 655 px wide even with a header."""

    @property
    def width(self) -> int:
        """Width, px. One less than a multiple of 8, so that a PNG row is a whole number of 64-bit words."""
        return 703 if self.with_header and self.style == "documented" else 655

    @property
    def height(self) -> int:
        """Height, px."""
        return self.top(self.rows - 1) + PANEL_PX + _MARGIN

    def left(self, column: int) -> int:
        """Return the left edge of a panel."""
        inner = _PANEL_STEPS[-1] + PANEL_PX
        return (self.width - inner) // 2 + _PANEL_STEPS[column]

    def top(self, row: int) -> int:
        """Return the upper edge of a row of panels."""
        return (134 if self.with_header else 30) + _ROW_STEP * row


def titles(canvas: Canvas) -> list[Text]:
    """Return the titles of the panels, centred above the first row."""
    face = font("title")
    return [
        Text(
            name,
            round(canvas.left(column) + (PANEL_PX - face.width(name)) / 2),
            canvas.top(0) - 8,
            "title",
            BLACK,
        )
        for column, name in enumerate(("Template", "Science", "Difference"))
    ]


LINES = (21, 40, 59, 79, 98)
"""Baselines of the rows of metadata."""


class Label(NamedTuple):
    """A word that is the same in every figure, except for its colour."""

    text: str
    x: int
    line: int
    name: str = ""
    """The flux whose unit it shows and whose flags turn it red."""


LABELS = (
    Label("diaSourceId:", 10, 0),
    Label("detector:", 420, 0),
    Label("visit:", 519, 0),
    Label("ra:", 10, 1),
    Label("dec:", 144, 1),
    Label("detection S/N:", 330, 1),
    Label("PSF chi2:", 490, 1),
    Label("PSF (%s):", 10, 2, "PSF"),
    Label("ap (%s):", 10, 3, "ap"),
    Label("total (%s):", 10, 4, "total"),
    Label("+/-", 171, 2),
    Label("+/-", 171, 3),
    Label("+/-", 171, 4),
    Label("S/N:", 266, 2),
    Label("S/N:", 266, 3),
    Label("S/N:", 266, 4),
    Label("ABmag:", 362, 4),
)


_OF_FLUXES = tuple(one for one in LABELS if one.name)
_MOVING = ("detector:", "visit:")
"""Labels that move for a long visit on the narrow canvas."""


@lru_cache(maxsize=2)
def fixed_labels(style: Style) -> tuple[Label, ...]:
    """Return the labels that have the same colour and position in all figures of a style."""
    return tuple(one for one in LABELS if not one.name and (style == "documented" or one.text not in _MOVING))


class Value(NamedTuple):
    """The position of a number."""

    name: str
    left: int
    """Left limit."""
    line: int
    right: int
    """Right limit."""
    form: str
    """Number format."""
    end: int | None = None
    """Where numbers end if there is space to their left; None = they begin at `left`."""


VALUES = (
    Value("ra", 34, 1, 140, ".8f"),
    Value("dec", 180, 1, 326, "+.8f"),
    Value("snr", 430, 1, 484, ".1f", 476),
    Value("chi2", 551, 1, 640, ".2f", 595),
    Value("psf_flux", 86, 2, 170, ".1f", 170),
    Value("psf_err", 194, 2, 262, ".1f", 250),
    Value("psf_snr", 296, 2, 356, ".2f", 345),
    Value("ap_flux", 86, 3, 170, ".1f", 170),
    Value("ap_err", 194, 3, 262, ".1f", 250),
    Value("ap_snr", 296, 3, 356, ".2f", 345),
    Value("total_flux", 86, 4, 170, ".1f", 170),
    Value("total_err", 194, 4, 262, ".1f", 250),
    Value("total_snr", 296, 4, 356, ".2f", 345),
    Value("magnitude", 419, 4, 475, ".3f"),
)
"""Positions of the numbers from `numbers_of`, in reading order."""

BADGES_AT = {
    "EDGE": (362, 2),
    "INTERP": (407, 2),
    "SAT": (471, 2),
    "CR": (503, 2),
    "BAD": (528, 2),
    "DIPOLE": (567, 2),
    "SUS": (362, 3),
    "CENTROID": (394, 3),
    "SHAPE": (477, 3),
    "RB": (477, 4),
}
"""Badge -> x, line: fixed, so that users learn the positions."""

FREE = ((566, 4), (553, 3))
"""Positions of all other badges, one after another: from x on, on these lines."""

_DRAWN = frozenset(rule.name for rule in BADGES if rule.documented)

_ID_AT, _INSTRUMENT_AT, _DETECTOR_AT, _VISIT_AT, _BAND_AT = 103, 285, 486, 554, 618
_GAP = 6
"""Gap between neighbours that move."""
_MOST_MOVED = 60
"""How far detector and visit can move on the narrow canvas, px, which leaves 70 for the instrument."""


def header(source: DiaSource, *, instrument: str | None = None, style: Style = "documented") -> list[Text]:
    """Return the texts above the panels that differ between sources.

    Parameters
    ----------
    source
        The row. Missing values are written ``n/a``.
    instrument
        Name of the instrument; None = the row's own ``instrument``.
    style
        Wording and canvas: the flux on the science image is called ``total`` or ``sci``.

    Returns
    -------
    list of Text
        No text overlaps another or leaves the canvas: a number that is too long is written in
        scientific notation, a long name is shortened with an ellipsis.
    """
    regular = font("regular")
    edge = Canvas(style=style).width - 4
    moved, visit_room, labels = 0, edge - _VISIT_AT, []
    if style != "documented":
        widths = [_fitted(one, "regular", edge).width for one in (_words(source.visit), source.band or "")]
        wanted = sum(widths) + _GAP + 3
        moved = min(max(0, math.ceil(_VISIT_AT + wanted - edge)), _MOST_MOVED)
        visit_room = edge + moved - _VISIT_AT
        labels = [
            Text(one.text, one.x - moved, LINES[0], "regular", GREY) for one in LABELS if one.text in _MOVING
        ]
    visit = _fitted(_words(source.visit), "regular", visit_room)
    band_at = max(_BAND_AT, math.ceil(_VISIT_AT + visit.width) + _GAP + 3) - moved
    name = instrument if instrument is not None else _words(source.row.get("instrument"), "")
    first_line: tuple[tuple[Fitted, int, Face], ...] = (
        (regular.fit(str(source.id), _INSTRUMENT_AT - 2 - _ID_AT), _ID_AT, "regular"),
        (_fitted(name, "bold", 416 - moved - _INSTRUMENT_AT), _INSTRUMENT_AT, "bold"),
        (_fitted(_words(source.detector), "regular", 515 - _DETECTOR_AT), _DETECTOR_AT - moved, "regular"),
        (visit, _VISIT_AT - moved, "regular"),
        (_fitted(source.band or "", "regular", edge - band_at), band_at, "regular"),
    )
    texts = [Text(one.text, x, LINES[0], face, BLACK) for one, x, face in first_line]

    fluxes = fluxes_of(source)
    numbers = numbers_of(source, fluxes)
    starts = {}
    for place in VALUES:
        text, width = shown(numbers[place.name], place.form, place.right - place.left)
        x = place.left if place.end is None else max(place.left, math.floor(place.end - width))
        starts[place.name] = x
        texts.append(Text(text, x, LINES[place.line], "regular", BLACK))
    labels += _flux_labels(source, fluxes, starts, style)
    return [one for one in labels + texts + _badges(source, edge) if one.text]


def _flux_labels(
    source: DiaSource, fluxes: Mapping[str, Flux], starts: Mapping[str, int], style: Style
) -> list[Text]:
    """Return the labels of fluxes: each with its unit, ending where its number starts, red if flagged."""
    red = {name: BADGE_COLOURS["PSF"] for name, flagged in flux_flags(source).items() if flagged}
    texts = []
    for label in _OF_FLUXES:
        flux = label.name.lower()
        room = starts[f"{flux}_flux"] - 2 - label.x
        words = _fitted(_label_text(label.text, style) % fluxes[flux].unit, "regular", room).text
        texts.append(Text(words, label.x, LINES[label.line], "regular", red.get(label.name, GREY)))
    return texts


def _label_text(label: str, style: Style) -> str:
    """Return a label in the wording of a style."""
    return label.replace("total", "sci") if style == "analysis_ap" else label


def _badges(source: DiaSource, edge: int) -> list[Text]:
    """Place the badges: some at fixed positions, others where there is space."""
    bold = font("bold")
    badges = [badge for badge in badges_of(source) if badge.name in _DRAWN]
    if not any(badge.columns for badge in badges if badge.kind != "score") and not _has_flags(source):
        x, line = BADGES_AT["EDGE"]
        badges_na = [Text("flags: n/a", x, LINES[line], "regular", GREY)]
    else:
        badges_na = []
    texts = []
    free = [list(place) for place in FREE]
    for badge in badges:
        if badge.name in BADGES_AT:
            x, line = BADGES_AT[badge.name]
            texts.append(_badge(badge, x, line))
            continue
        width = bold.width(badge.text)
        for place in free:
            if place[0] + width <= edge:
                texts.append(_badge(badge, place[0], place[1]))
                place[0] += math.ceil(width) + _GAP
                break
    return badges_na + texts


def _badge(badge: Badge, x: int, line: int) -> Text:
    """Return a badge as a text."""
    return Text(_fitted(badge.text, "bold", 86).text, x, LINES[line], "bold", badge.colour)


def _has_flags(source: DiaSource) -> bool:
    """Return whether the row has any of the flags drawn here."""
    return any(
        flag_of(source, column) is not None
        for rule in BADGES
        if rule.name in _DRAWN
        for column in rule.columns + rule.centre
    )


@lru_cache(maxsize=1024)
def _fitted(text: str, face: Face, room_px: int) -> Fitted:
    """Fit a text into a width, cached because instruments, visits and bands repeat."""
    return font(face).fit(text, room_px)


def _words(value: Any, missing: str = "n/a") -> str:
    """Return a value of a row as text."""
    return missing if value is None or value != value else str(value)
