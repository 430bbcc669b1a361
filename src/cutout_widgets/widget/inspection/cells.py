"""The columns of a row as text, in groups."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.columns import ID_COLUMNS, is_flag_name
from cutout_widgets.catalog.flags import badges_of
from cutout_widgets.widget.pages.tiles import minus
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["cells_of", "exact_words"]

_GROUPS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (group, re.compile(rule))
    for group, rule in (
        ("time", r".*(mjd|jd\d?$|time|exposure|night|obsdate|validity|processed).*|jd.*|.*jd"),
        ("ids", r".*(_id|ids?|name)|visit|detector|band|fid|filter.*|instrument|field|rcid|ccd"),
        (
            "position",
            r"(coord_)?(ra|decl?)(err|mean)?|ra_dec.*|[xy](err|pos|_y_cov)?|glon|glat|ecl.*|pixelid|.*htm.*"
            r"|.*(psf|trail|dip\w*)(ra|dec).*",
        ),
        (
            "fluxes",
            r".*(flux|mag(?!e(?!rr))|snr|chi2|ndata|lnl|zero|zp).*|drb|rb|reliability.*|ap_?sum.*|sky.*",
        ),
        (
            "shape",
            r"i(xx|yy|xy).*|[ab]image.*"
            r"|.*(shape|trail|dipole|dip|extended|bbox|fwhm|ellip|elong|size|angle|length).*",
        ),
    )
)
"""Pattern of a column's lower-case name -> its group; the first match counts."""

LONGEST_COPY = 2000
"""Longest value, in characters, that can be copied as Python."""


def cells_of(source: DiaSource, sources: SourceTable) -> list[protocol.Cell]:
    """Return all columns of a row as text, in table order."""
    units, descriptions = sources.units, sources.descriptions
    raised = {column: badge.name for badge in badges_of(source) for column in badge.columns}
    return [
        protocol.Cell(
            name=name,
            value=exact_words(value),
            unit=units.get(name, ""),
            description=descriptions.get(name, ""),
            group=group_of(name, flag=name in source.flags),  # type: ignore[typeddict-item]  # from `_GROUPS`
            null=is_null(value),
            flag=name in source.flags,
            badge=raised.get(name),
            python=as_python(value),
        )
        for name, value in source.row.items()
    ]


def group_of(name: str, *, flag: bool = False) -> str:
    """Return the group of a column, from its type and name."""
    if flag or is_flag_name(name):
        return "flags"
    if name in ID_COLUMNS:
        return "ids"
    return next((group for group, rule in _GROUPS if rule.fullmatch(name.lower())), "other")


def is_null(value: Any) -> bool:
    """Return whether a value is missing."""
    return value is None or (isinstance(value, (float, np.floating)) and math.isnan(value))


def exact_words(value: Any) -> str:
    """Return a value with all its significant digits, and no others.

    A number that single precision holds exactly is written with the digits of single precision.
    """
    if is_null(value):
        return "n/a"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return minus(_shortest(float(value)))
    if isinstance(value, (bytes, bytearray)):
        return f"{len(value)} bytes"
    if isinstance(value, (list, tuple, np.ndarray)):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {exact_words(one)}" for key, one in value.items())
    return str(value)


def as_python(value: Any) -> str | None:
    """Return a value as a Python expression; None for images and other large values."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (bytes, bytearray)):
        return None
    if isinstance(value, float):
        return _shortest(value) if math.isfinite(value) else f'float("{value}")'
    if not isinstance(value, (bool, int, str, list, tuple, dict, type(None))):
        return repr(str(value))
    text = repr(value)
    return text if len(text) <= LONGEST_COPY else None


def _shortest(number: float) -> str:
    """Return the shortest text of a number, in single precision if that is exact."""
    if abs(number) < 3e38 and float(np.float32(number)) == number:
        return str(np.float32(number))
    return repr(number)
