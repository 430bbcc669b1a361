"""Badges: the flags of a source in familiar words and order, defined in one table."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from cutout_widgets.catalog.columns import names_of
from cutout_widgets.catalog.photometry.fluxes import is_fainter
from cutout_widgets.catalog.values import number_of
from cutout_widgets.palette import BADGE_COLOURS, MUTED_TEXT, reliability_colour

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["BADGES", "FLUX_LABELS", "Badge", "BadgeRule", "badges_of", "flag_of", "flux_flags"]

Kind = Literal["any", "centre", "source", "score"]
"""What a badge is about: a pixel of the footprint, the central pixels, the measurement, a score."""


@dataclass(frozen=True)
class BadgeRule:
    """The columns that raise a badge."""

    name: str
    """Text of the badge."""
    columns: tuple[str, ...]
    """Flag columns; the badge is raised if any is True."""
    centre: tuple[str, ...] = ()
    """Flag columns for the central pixels only: a saturated neighbour is not a saturated source."""
    kind: Literal["any", "source", "score"] = "any"
    """What `columns` are about."""
    title: str = ""
    """Description of the badge."""
    documented: bool = True
    """Whether analysis_ap's figure has it; saved figures draw only those."""

    @property
    def colour(self) -> str:
        """Colour when raised, hex; the additional badges differ by text and shape, not by colour."""
        return BADGE_COLOURS.get(self.name, MUTED_TEXT)


def _pixels(name: str, plane: str, title: str, *, documented: bool = True) -> BadgeRule:
    """Return the rule of a mask plane with an *any* and a *Center* flag."""
    return BadgeRule(
        name, (f"pixelFlags_{plane}",), (f"pixelFlags_{plane}Center",), title=title, documented=documented
    )


_SHAPE = ("shape_flag", "shape_flag_no_pixels", "shape_flag_not_contained", "shape_flag_parent_source")
_TRAIL = ("trail_flag", "trail_flag_edge")

BADGES: tuple[BadgeRule, ...] = (
    BadgeRule("EDGE", ("pixelFlags_edge",), title="touches the edge of the image"),
    _pixels("INTERP", "interpolated", "interpolated pixels"),
    _pixels("SAT", "saturated", "saturated pixels"),
    _pixels("CR", "cr", "cosmic ray"),
    BadgeRule("BAD", ("pixelFlags_bad",), title="bad pixels"),
    BadgeRule("DIPOLE", ("isDipole",), kind="source", title="fitted as a dipole"),
    _pixels("SUS", "suspect", "suspect pixels"),
    BadgeRule("CENTROID", ("centroid_flag",), kind="source", title="centroid failed"),
    BadgeRule("SHAPE", _SHAPE, kind="source", title="shape failed"),
    BadgeRule("RB", (), kind="score", title="real/bogus score"),
    _pixels("NODATA", "nodata", "pixels without data", documented=False),
    _pixels("STREAK", "streak", "streak", documented=False),
    BadgeRule("OFF", ("pixelFlags_offimage",), title="off the image", documented=False),
    BadgeRule("NEG", ("isNegative",), kind="source", title="negative detection", documented=False),
    BadgeRule("TRAIL", _TRAIL, kind="source", title="trail fit flagged", documented=False),
    BadgeRule("GLINT", ("glint_trail",), kind="source", title="part of a glint trail", documented=False),
    _pixels("INJ", "injected", "injected source", documented=False),
    _pixels("INJ-T", "injected_template", "injected source in the template", documented=False),
)
"""All badges, in the familiar order. Source: analysis_ap's figure, then those that it does not show."""

_COLUMNS_OF = tuple((rule, frozenset(rule.columns + rule.centre)) for rule in BADGES)
"""Each badge with its flag columns."""

_COLUMNS = frozenset[str]().union(*(columns for _, columns in _COLUMNS_OF))
"""Flag columns of all badges."""

FLUX_LABELS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "PSF": ("psfFlux_flag", "psfFlux_flag_noGoodPixels", "psfFlux_flag_edge"),
        "ap": ("apFlux_flag", "apFlux_flag_apertureTruncated"),
        "total": ("forced_PsfFlux_flag", "forced_PsfFlux_flag_noGoodPixels", "forced_PsfFlux_flag_edge"),
    }
)
"""Label of a flux in the figure -> the flags that turn it red."""


@dataclass(frozen=True)
class Badge:
    """A badge that a source has.

    Examples
    --------
    >>> [badge] = cw.catalog.badges_of(cw.DiaSource(7, 53.0, -28.0, flags={"isDipole": True}))
    >>> badge.text
    'DIPOLE'
    """

    name: str
    """Name of its rule: ``"SAT"``, ``"RB"``."""
    text: str
    """Text to show: the name, or ``"RB:0.682"``."""
    colour: str
    """Hex colour."""
    columns: tuple[str, ...]
    """The columns that raised it."""
    kind: Kind
    """``"any"``: a pixel of the footprint; ``"centre"``: the central pixels; ``"source"``; ``"score"``."""
    title: str
    """Description, with the columns."""


def badges_of(source: DiaSource) -> list[Badge]:
    """Return the badges a source has, in the order of `BADGES`.

    Parameters
    ----------
    source
        Any row. A flag that is absent or null raises nothing: n/a is neither set nor unset,
        and `flag_of` distinguishes them.

    Examples
    --------
    >>> [badge.text for badge in badges_of(cw.DiaSource(7, 53.0, -28.0, flags={"isDipole": True}))]
    ['DIPOLE']
    """
    badges = []
    # Not `&`: a row may be a Series of pandas, whose names are no set.
    known = _COLUMNS.intersection(source.flags.keys()) | _COLUMNS.intersection(source.row.keys())
    up = {name for name in known if flag_of(source, name)}
    for rule, columns in _COLUMNS_OF:
        if rule.kind == "score":
            badges.extend(_score(source, rule))
        elif not up.isdisjoint(columns):
            badges.append(_raised(rule, up))
        elif rule.name == "NEG" and is_fainter(source.row):
            badges.append(_badge(rule, ("isdiffpos",)))
    return badges


def _raised(rule: BadgeRule, up: Set[str]) -> Badge:
    """Return the badge of a rule some of whose columns are up."""
    central = tuple(name for name in rule.centre if name in up)
    raised = tuple(name for name in rule.columns if name in up) + central
    return _badge(rule, raised, is_central=bool(central))


def _badge(rule: BadgeRule, raised: tuple[str, ...], *, is_central: bool = False) -> Badge:
    """Return the badge of a rule that some columns raised."""
    where = " at the centre" if is_central else ""
    title = f"{rule.title}{where}: {', '.join(raised)}"
    return Badge(rule.name, rule.name, rule.colour, raised, "centre" if is_central else rule.kind, title)


def flux_flags(source: DiaSource) -> dict[str, bool | None]:
    """Return for each flux label of the figure whether its measurement is flagged.

    Returns
    -------
    dict
        ``"PSF"``, ``"ap"``, ``"total"`` -> True, False, or None if the table has no such flags.
    """
    answers: dict[str, bool | None] = {}
    for label, names in FLUX_LABELS.items():
        known = [flag for flag in (flag_of(source, name) for name in names) if flag is not None]
        answers[label] = any(known) if known else None
    return answers


def flag_of(source: DiaSource, name: str) -> bool | None:
    """Return a flag of a source: True, False, or None if it is absent or null."""
    value: Any = source.flags.get(name)
    if value is None:
        value = source.row.get(name)
    if value is None or value != value or isinstance(value, str):
        return None
    return bool(value)


def _score(source: DiaSource, rule: BadgeRule) -> list[Badge]:
    """Return the score as a badge, if it is finite; -999 and the like mean that there is none."""
    for name in names_of("score"):
        value = number_of(source.row.get(name))
        if value is not None and 0 <= value < math.inf:
            text = f"{rule.name}:{value:.3f}"
            return [Badge(rule.name, text, reliability_colour(value), (name,), "score", rule.title)]
    return []
