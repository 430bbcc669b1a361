"""Links to other sites about a position or an object; nothing is requested from them here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["LINKS", "Links"]

LINKS: tuple[tuple[str, str], ...] = (
    ("SIMBAD", "https://simbad.cds.unistra.fr/simbad/sim-coo?Coord={ra}%20{signed_dec}&CooFrame=ICRS&Radius=5&Radius.unit=arcsec"),
    (
        "NED",
        "https://ned.ipac.caltech.edu/conesearch?search_type=Near%20Position%20Search"
        "&coordinates={ra}d%20{dec}d&radius=0.1&in_csys=Equatorial&in_equinox=J2000",
    ),
    ("TNS", "https://www.wis-tns.org/search?ra={ra}&decl={dec}&radius=5&coords_unit=arcsec"),
    ("Legacy Survey", "https://www.legacysurvey.org/viewer?ra={ra}&dec={dec}&layer=ls-dr10&zoom=16&mark={ra},{dec}"),
    ("ALeRCE", "https://lsst.alerce.online/object/{diaObjectId}?survey=lsst"),
    ("ALeRCE", "https://alerce.online/object/{objectId}"),
    ("ALeRCE", "https://alerce.online/?ra={ra}&dec={dec}&radius=5&page=1"),
    ("Fink", "https://lsst.fink-portal.org/{diaObjectId}"),
    ("Fink", "https://ztf.fink-portal.org/{objectId}"),
    ("Lasair", "https://lasair.lsst.ac.uk/objects/{diaObjectId}/"),
    ("Lasair", "https://lasair-ztf.lsst.ac.uk/objects/{objectId}/"),
)  # fmt: skip
"""Name and address with fields for `ra`, `dec` (ICRS degrees), `signed_dec`, `id`, or any column. Of several
with the same name, the first one is used whose fields all have a value."""

_OWN = ("ra", "dec", "signed_dec", "id")
_SCHEME = re.compile(r"https?://[^\s/]", re.ASCII)


class Links:
    """The links that a grid offers.

    Parameters
    ----------
    changes
        Name -> address with fields in braces; None removes the link of that name.
    columns
        The table's columns, which addresses may use besides ra, dec and id.

    Raises
    ------
    BadOption
        If an address is not a web address, or uses a field that rows do not have.
    """

    def __init__(self, changes: Mapping[str, str | None] | None, columns: Iterable[str]) -> None:
        changes = dict(changes or {})
        known = {*_OWN, *columns}
        for name, template in changes.items():
            if template is not None:
                _check(name, template, known)
        self._templates = [one for one in LINKS if one[0] not in changes]
        self._templates += [(name, template) for name, template in changes.items() if template is not None]

    def of(self, source: DiaSource) -> list[protocol.Link]:
        """Return the links whose fields all have a value for a row, one for each name."""
        values = {name: _text(value) for name, value in source.row.items()}
        values |= {"id": str(source.id), "ra": _degrees(source.ra), "dec": _degrees(source.dec)}
        dec = values["dec"]
        values["signed_dec"] = dec if dec is None or dec.startswith("-") else f"+{dec}"
        found: dict[str, str] = {}
        for name, template in self._templates:
            wanted = {place: values.get(place) for place in _places(template)}
            if name not in found and None not in wanted.values():
                found[name] = "".join(
                    literal + (quote(wanted[place] or "", safe="") if place else "")
                    for literal, place, _, _ in Formatter().parse(template)
                )
        return [protocol.Link(name=name, url=url) for name, url in found.items()]


def _check(name: str, template: str, known: set[str]) -> None:
    """Raise if an address is unsafe for a browser, or uses a field that rows do not have."""
    if not isinstance(template, str) or not _SCHEME.match(template):
        raise BadOption(
            f"the link {name!r} is an address that begins with https:// or http://; got {template!r}"
        )
    unknown = sorted(set(_places(template)) - known)
    if unknown:
        raise BadOption(
            f"the link {name!r} names {', '.join(unknown)}; it may use {{ra}}, {{dec}}, {{id}} or a column"
        )
    first = re.split(r"[/?#]", template.split("//", 1)[1])[0]
    if "{" in first:
        raise BadOption(f"the link {name!r} takes its host from a column; write the host out: {template!r}")


def _places(template: str) -> list[str]:
    """Return the field names in an address.

    Raises
    ------
    BadOption
        If a field has a format or an attribute: only plain names are allowed.
    """
    try:
        parts = list(Formatter().parse(template))
    except ValueError as err:
        raise BadOption(f"the braces of {template!r} do not match: {err}") from err
    if any(
        place is not None and (not place.isidentifier() or form or turn) for _, place, form, turn in parts
    ):
        raise BadOption(f"braces in a link contain only a name, such as {{ra}}; got {template!r}")
    return [place for _, place, _, _ in parts if place is not None]


def _degrees(value: float) -> str | None:
    """Return a coordinate to 36 microarcsec, or None if it is unknown."""
    return f"{value:.8f}" if math.isfinite(value) else None


def _text(value: Any) -> str | None:
    """Return a value as text for an address; None if it is missing or unsuitable."""
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return str(value) or None
