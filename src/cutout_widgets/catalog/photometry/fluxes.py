"""Fluxes of rows, converted to nJy and AB magnitudes, or in the column's unit.

All conversions of flux columns to nJy are here; saved headers, tiles and light curves use
them.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cutout_widgets.catalog.columns import meaning_of, names_among, names_of, unit_of
from cutout_widgets.catalog.photometry.magnitudes import AB_ZERO_POINT, MAG_PER_E_FOLD, ab_flux
from cutout_widgets.catalog.values import number_of

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = [
    "NANOJANSKY",
    "Flux",
    "Meaning",
    "flux_in",
    "flux_of",
    "is_fainter",
    "signal_to_noise",
    "units_with_errors",
]

NANOJANSKY = "nJy"

_MAGNITUDE_0_NJY = 10 ** (AB_ZERO_POINT / 2.5)
"""Flux of AB magnitude 0, one maggy: 3630.78 Jy."""

Meaning = Literal["flux", "ap_flux", "science_flux", "template_flux"]
"""Which flux: on the difference image, in an aperture there, on the science image, on the template."""

_AS_MAGNITUDE: Mapping[str, str] = MappingProxyType({"flux": "magnitude", "ap_flux": "ap_magnitude"})
"""Meaning of a flux -> meaning of the magnitude that surveys without this flux have."""

_NO_MEASUREMENT = -99999.0
"""ZTF's value for missing forced photometry."""

_NO_MAGNITUDE = 90.0
"""Values of magnitudes from here on, of either sign, mean none in catalogues (99 of SExtractor, -999)."""

_ERROR_ENDING = re.compile(r"_?(err|error|sigma|unc)$", re.IGNORECASE)

_PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_LONG_PREFIXES = {
    "milli": "m",
    "micro": "u",
    "nano": "n",
    "\N{MICRO SIGN}": "u",
    "\N{GREEK SMALL LETTER MU}": "u",
}
_WORDS = re.compile(
    r"(milli|micro|nano|[mun\u00b5\u03bc])?[ -]?(?:(jy|janskys?)|(mgy|mgys|maggy|maggies))", re.IGNORECASE
)
_MAGNITUDE_WORDS = re.compile(r"ab[ _-]?mag(nitude)?s?|mag(nitude)?s?([ _-]?[(\[]?ab[)\]]?)?", re.IGNORECASE)


@dataclass(frozen=True)
class Flux:
    """A flux of one row, in nJy if its unit can be converted."""

    value: float | None
    """None if missing."""
    error: float | None
    """One sigma, in the same unit; None if missing or in an inconsistent unit."""
    unit: str = NANOJANSKY
    """``"nJy"``; or the table's unit if it is not a flux density, such as ``"adu"``."""

    @property
    def snr(self) -> float | None:
        """Signal to noise with the sign of the flux, or None."""
        if self.value is None or self.error is None or not 0 < self.error < math.inf:
            return None
        return self.value / self.error

    @property
    def magnitude(self) -> float | None:
        """AB magnitude; None if the flux is not positive, or its unit is unknown."""
        if self.unit != NANOJANSKY or self.value is None or not 0 < self.value < math.inf:
            return None
        return AB_ZERO_POINT - 2.5 * math.log10(self.value)


def flux_of(source: DiaSource, meaning: Meaning = "flux") -> Flux:
    """Return a flux of a source.

    Parameters
    ----------
    source
        The row, whose units are those of its table.
    meaning
        Which flux: ``"flux"`` on the difference image, ``"ap_flux"`` in an aperture there,
        ``"science_flux"``, ``"template_flux"``.
    """
    return flux_in(source.row, meaning, source.units)


def flux_in(
    row: Mapping[str, Any], meaning: Meaning = "flux", units: Mapping[str, str] | None = None
) -> Flux:
    """Return a flux of a row.

    Parameters
    ----------
    row
        Column names of any survey.
    meaning
        As `flux_of` takes.
    units
        Column -> unit, if given in the table; others are in the default units of known surveys.

    Notes
    -----
    Jy with any prefix, other units of flux density, maggies and magnitudes are converted; magnitudes are AB
    unless the unit says otherwise. Surveys with the magnitude of the absolute difference have its
    flux with the sign of their column ``isdiffpos``. In each row the first column with a value is
    used.
    """
    units = units or {}
    found = _first_number(row, names_among(meaning, row))
    magnitudes = _AS_MAGNITUDE.get(meaning)
    if found is None and magnitudes is not None:
        found = _first_number(row, [one for one in names_of(magnitudes) if _is_magnitude(row.get(one))])
        meaning_err = f"{magnitudes}_err"
    else:
        meaning_err = f"{meaning}_err"
    if found is None:
        named = next((name for name in names_among(meaning, row) if name in row), "")
        unit, scale = _scale(named, row, units)
        return Flux(None, None, unit if scale is None else NANOJANSKY)
    name, value = found
    unit, scale = _scale(name, row, units)
    if scale is not None and scale.is_magnitude and not _is_magnitude(value):
        return Flux(None, None)
    error_name, error = _first_number(
        row, _errors_of(name, names_among(meaning, row), names_among(meaning_err, row))
    ) or (
        "",
        None,
    )
    if name in units and error_name not in units:
        error_unit, error_scale = unit, scale
    else:
        error_unit, error_scale = _scale(error_name, row, units)
    if scale is None:
        return Flux(value, error if error_unit == unit else None, unit)
    flux = scale.flux(value)
    if scale.is_magnitude and is_fainter(row):
        flux = -flux
    if error is None or error_scale is None:
        return Flux(flux, None)
    if error_scale.is_magnitude:
        return Flux(flux, abs(flux) * error / MAG_PER_E_FOLD)
    return Flux(flux, error_scale.flux(error))


def _is_magnitude(value: Any) -> bool:
    """Return whether a magnitude was measured; 99, -99 and the like mean that it was not."""
    number = number_of(value)
    return number is not None and abs(number) < _NO_MAGNITUDE


def signal_to_noise(source: DiaSource) -> float | None:
    """Return the signal to noise of a detection: the table's own, else that of its flux; None if unknown."""
    own = _first_number(source.row, names_of("snr"))
    if own is not None and math.isfinite(own[1]):
        return own[1]
    ratio = flux_of(source).snr
    return ratio if ratio is not None and math.isfinite(ratio) else None


def is_fainter(row: Mapping[str, Any]) -> bool | None:
    """Return whether a survey with a column ``isdiffpos`` found the source fainter than its template.

    Returns
    -------
    bool or None
        None without a value. ``f``, ``false``, 0 and -1 mean fainter, as text or number.
    """
    value = meaning_of(row, "positive")
    number = number_of(value)
    if number is not None:
        return number <= 0
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, str):
        word = value.strip().lower()
        return {"f": True, "false": True, "n": True, "no": True, "t": False, "true": False}.get(word)
    return None


def units_with_errors(names: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the unit of each column that has one.

    Parameters
    ----------
    names
        The columns of a table.
    given
        Column -> unit, if given in the table.

    Returns
    -------
    dict
        The given units; else, for the error of a flux, the unit of the flux; else the default of known
        surveys.
    """
    units = {}
    for name in names:
        unit = given.get(name) or unit_of(name)
        if name not in given and unit == NANOJANSKY and (of := _ERROR_ENDING.sub("", name)) != name:
            unit = given.get(of) or unit
        if unit is not None:
            units[name] = unit
    return {**units, **given}


@dataclass(frozen=True)
class _Scale:
    """Conversion of a unit to nJy."""

    njy: float
    """Flux of 1, or of magnitude 0."""
    is_magnitude: bool = False

    def flux(self, value: float) -> float:
        """Return a number as nJy; infinity for a magnitude too bright for a float."""
        if not self.is_magnitude:
            return value * self.njy
        try:
            return self.njy * math.pow(10.0, -0.4 * value)
        except OverflowError:
            return math.inf


def _first_number(row: Mapping[str, Any], names: Iterable[str]) -> tuple[str, float] | None:
    """Return the first of some columns in which a row has a number, and the number."""
    for name in names:
        number = number_of(row.get(name))
        if number is not None and number != _NO_MEASUREMENT:
            return name, number
    return None


def _errors_of(name: str, fluxes: tuple[str, ...], errors: tuple[str, ...]) -> tuple[str, ...]:
    """Return possible error columns of a flux column, that of its own survey first."""
    own = tuple(one for one in errors if _ERROR_ENDING.sub("", one) == name)
    others = {_ERROR_ENDING.sub("", one) for one in fluxes} - {name}
    return own + tuple(one for one in errors if one not in own and _ERROR_ENDING.sub("", one) not in others)


def _scale(name: str, row: Mapping[str, Any], units: Mapping[str, str]) -> tuple[str, _Scale | None]:
    """Return the unit of a column, and its conversion to nJy."""
    unit = units.get(name) or unit_of(name) or NANOJANSKY
    if name in names_of("counts") and any(one in row for one in names_of("zero_point")):
        zero = _first_number(row, names_of("zero_point"))
        return ("counts", None) if zero is None else (NANOJANSKY, _Scale(float(ab_flux(zero[1]))))
    return unit, _scale_of(unit)


@lru_cache(maxsize=1024)
def _scale_of(unit: str) -> _Scale | None:
    """Return the conversion of a unit to nJy; None if it is not a flux density."""
    if unit == NANOJANSKY:
        return _Scale(1.0)
    text = unit.strip().strip("[]").strip()
    if _MAGNITUDE_WORDS.fullmatch(text):
        return _Scale(_MAGNITUDE_0_NJY, is_magnitude=True)
    word = _WORDS.fullmatch(text)
    if word is not None and word[1] != "M":
        prefix = (word[1] or "").lower()
        factor = _PREFIXES[_LONG_PREFIXES.get(prefix, prefix)]
        return _Scale(_rounded(factor * (1e9 if word[2] else _MAGNITUDE_0_NJY)))
    return _scale_in_astropy(text)


def _scale_in_astropy(text: str) -> _Scale | None:
    """Return the conversion to nJy of a unit that astropy can parse."""
    from astropy import units as u

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", u.UnitsWarning)  # about non-standard spelling
        try:
            known = u.Unit(text, parse_strict="silent")
        except (ValueError, TypeError):
            return None
    if isinstance(known, u.MagUnit):
        zero = known.physical_unit
        return _Scale(_rounded(zero.to(u.nJy)), is_magnitude=True) if zero.is_equivalent(u.nJy) else None
    if isinstance(known, (u.function.FunctionUnitBase, u.UnrecognizedUnit)):
        return None
    if known.is_equivalent(u.nJy):
        return _Scale(_rounded(known.to(u.nJy)))
    if known.is_equivalent(u.mgy):
        return _Scale(_rounded(known.to(u.mgy) * _MAGNITUDE_0_NJY))
    return None


def _rounded(factor: float) -> float:
    """Remove rounding errors in the last digits: 999.9999999999999 is 1000."""
    return float(f"{factor:.14g}")
