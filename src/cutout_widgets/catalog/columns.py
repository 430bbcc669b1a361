"""The meanings of the columns of DiaSource tables of all surveys and releases.

A survey is a row of `SURVEYS`. Meanings are resolved from the columns that are present, without asking
for a release.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any

from cutout_widgets.catalog.values import is_unset
from cutout_widgets.errors import BadTable, close_names

__all__ = [
    "ID_COLUMNS",
    "NEEDED",
    "NUMBERS",
    "SURVEYS",
    "UNITS",
    "ZTF_BANDS",
    "Survey",
    "close_names",
    "is_flag_name",
    "meaning_of",
    "names_among",
    "names_of",
    "resolve",
    "unit_of",
]


@dataclass(frozen=True)
class Survey:
    """The column names of one survey or release; a meaning without a column is an empty tuple."""

    name: str
    """Name of the survey."""
    id: tuple[str, ...] = ()
    """The 64-bit identifier of the row."""
    ra: tuple[str, ...] = ()
    """Right ascension, ICRS degrees."""
    dec: tuple[str, ...] = ()
    """Declination, ICRS degrees."""
    visit: tuple[str, ...] = ()
    """The exposure."""
    detector: tuple[str, ...] = ()
    """The detector of the exposure."""
    exposure: tuple[str, ...] = ()
    """Exposure and detector in one number: ``visit * 1000 + detector``."""
    band: tuple[str, ...] = ()
    """Filter: a letter, a name, or a number to be translated by `band_codes`."""
    time: tuple[str, ...] = ()
    """Mid-exposure time: MJD TAI, or JD for surveys that use it."""
    flux: tuple[str, ...] = ()
    """Difference flux, nJy, signed."""
    flux_err: tuple[str, ...] = ()
    """Its error, nJy."""
    ap_flux: tuple[str, ...] = ()
    """Difference flux in an aperture, nJy, signed."""
    ap_flux_err: tuple[str, ...] = ()
    """Its error, nJy."""
    science_flux: tuple[str, ...] = ()
    """Flux on the science image, nJy."""
    science_flux_err: tuple[str, ...] = ()
    """Its error, nJy."""
    template_flux: tuple[str, ...] = ()
    """Flux on the template, nJy."""
    template_flux_err: tuple[str, ...] = ()
    """Its error, nJy."""
    magnitude: tuple[str, ...] = ()
    """Difference magnitude without sign, for surveys that have no flux."""
    magnitude_err: tuple[str, ...] = ()
    """Its error, mag."""
    ap_magnitude: tuple[str, ...] = ()
    """The same in an aperture."""
    ap_magnitude_err: tuple[str, ...] = ()
    """Its error, mag."""
    zero_point: tuple[str, ...] = ()
    """AB magnitude of one count."""
    counts: tuple[str, ...] = ()
    """Columns in counts, for rows with a `zero_point`."""
    positive: tuple[str, ...] = ()
    """Sign of the difference: ``t`` or ``1`` for positive, ``f``, ``0`` or ``-1`` for negative."""
    snr: tuple[str, ...] = ()
    """Signal to noise of the detection."""
    score: tuple[str, ...] = ()
    """Real/bogus score, 0 to 1; in each row the first one with a value is used."""
    object: tuple[str, ...] = ()
    """The object the source was associated with."""
    moving_object: tuple[str, ...] = ()
    """The solar system object that the source was linked to."""
    band_codes: Mapping[int, str] = field(default_factory=dict)
    """Number -> band, if the band column is numeric."""
    mark: str | None = None
    """A column that only this survey has among those with the same names; `band_codes` are used only with
    it, or with `designation`."""
    designation: str | None = None
    """Prefix of the names of its objects."""


ZTF_BANDS: Mapping[int, str] = MappingProxyType({1: "g", 2: "r", 3: "i"})
"""ZTF's ``fid``. WINTER also numbers its filters, differently."""


SURVEYS: tuple[Survey, ...] = (
    Survey(
        "LSST: DP1, DP2, APDB 1 to 10, alerts v7 to v11",
        id=("diaSourceId",),
        ra=("ra", "coord_ra"),
        dec=("dec", "coord_dec"),
        visit=("visit",),
        detector=("detector",),
        band=("band",),
        time=("midpointMjdTai",),
        flux=("psfFlux",),
        flux_err=("psfFluxErr",),
        ap_flux=("apFlux",),
        ap_flux_err=("apFluxErr",),
        science_flux=("scienceFlux",),
        science_flux_err=("scienceFluxErr",),
        template_flux=("templateFlux",),
        template_flux_err=("templateFluxErr",),
        snr=("snr",),
        score=("reliability",),
        object=("diaObjectId",),
        moving_object=("ssObjectId",),
    ),
    Survey(
        "LSST: DP0.2 and the precursors",
        id=("diaSourceId",),
        ra=("ra",),
        dec=("decl",),
        exposure=("ccdVisitId",),
        band=("filterName",),
        time=("midPointTai",),
        flux=("psFlux",),
        flux_err=("psFluxErr",),
        science_flux=("totFlux",),
        science_flux_err=("totFluxErr",),
        snr=("snr",),
        object=("diaObjectId",),
    ),
    Survey(
        "ZTF, and WINTER, PGIR and others that speak its dialect",
        id=("candid",),
        ra=("ra",),
        dec=("dec",),
        visit=("pid",),
        detector=("rcid",),
        band=("fid",),
        time=("jd",),
        magnitude=("magpsf",),
        magnitude_err=("sigmapsf",),
        ap_magnitude=("magap",),
        ap_magnitude_err=("sigmagap",),
        zero_point=("magzpsci", "zpdiff"),
        counts=("forcediffimflux", "forcediffimfluxunc"),
        positive=("isdiffpos",),
        snr=("scorr",),
        score=("drb", "rb"),
        object=("objectId",),
        band_codes=ZTF_BANDS,
        mark="rcid",
        designation="ZTF",
    ),
    Survey(
        "DECam: DESIRT",
        flux=("forcediffimflux",),
        flux_err=("forcediffimfluxunc",),
        time=("mjd",),
    ),
    Survey(
        "plain tables",
        id=("id", "source_id", "sourceId", "ID"),
        ra=("RA", "ra_deg", "RA_ICRS", "RAJ2000"),
        dec=("DEC", "Dec", "dec_deg", "DE_ICRS", "DEJ2000"),
        detector=("ccd",),
        band=("filter", "FILTER"),
        time=("mjd", "MJD"),
        object=("objectid",),
    ),
    Survey(
        "LSST: forced sources at DiaObjects, whose time is in the table of visits",
        id=("forcedSourceOnDiaObjectId",),
        time=("expMidptMJD",),
        flux=("psfDiffFlux",),
        flux_err=("psfDiffFluxErr",),
    ),
    Survey("ALeRCE's tables", id=("oid",), ra=("meanra",), dec=("meandec",), object=("oid",)),
)
"""The known surveys; earlier ones have priority."""

_FORCED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "flux": ("psfDiffFlux",),
        "flux_err": ("psfDiffFluxErr",),
        "science_flux": ("psfFlux",),
        "science_flux_err": ("psfFluxErr",),
    }
)
"""If a table has ``psfDiffFlux``, its ``psfFlux`` is the flux on the science image."""

_OF_ONE_IMAGE = frozenset({"visit", "ccdVisitId", "band", "filterName"})
"""If a table has one of these, its rows are not objects, and ``diaObjectId`` repeats."""

NEEDED: tuple[str, ...] = ("id", "ra", "dec")
"""Meanings that every row needs; image stores may need more (visit and detector for a Butler)."""

NUMBERS: tuple[str, ...] = (
    "flux", "flux_err", "ap_flux", "ap_flux_err", "science_flux", "science_flux_err", "template_flux",
    "template_flux_err", "magnitude", "magnitude_err", "ap_magnitude", "ap_magnitude_err", "zero_point",
    "counts", "snr", "score",
)  # fmt: skip
"""Meanings of numeric columns, even if a single bad value in a file made the column text."""

ID_COLUMNS = frozenset(
    {
        "diaSourceId", "diaObjectId", "ssObjectId", "parentDiaSourceId", "diaForcedSourceId", "alertId",
        "visit", "ccdVisitId", "candid", "pid", "rfid", "objectidps1", "objectidps2", "objectidps3",
        "source_id", "sourceId", "objectId", "parentSourceId", "exposure", "forcedSourceOnDiaObjectId",
    }
)  # fmt: skip
"""Columns of 64-bit identifiers, which no reader may read as floating point."""

_MEANINGS = tuple(
    one.name for one in fields(Survey) if one.name not in ("name", "band_codes", "mark", "designation")
)

_FLAG_NAMES = re.compile(
    r"pixelFlags(_.*)?|.*_flag(_.*)?|isDipole|isNegative|glint_trail|dipoleFitAttempted|is_negative|flag_.*"
)

_UNIT_RULES: tuple[tuple[str, str], ...] = (
    (r"(psf|psfDiff|ap|trail|science|template|ps|tot|dipoleMean|diff|dipFlux)?Flux(Diff)?(Err)?", "nJy"),
    (r"dipoleMeanFlux(Err)?|dipoleFluxDiff(Err)?|[ugrizy]_(psf|science|fp)Flux\w*", "nJy"),
    (r"forcediffimflux(unc)?", "uJy"),
    (r"ra|dec|decl|coord_ra|coord_dec|raErr|decErr|declErr|trail(Ra|Dec)(Err)?|(ra|dec)(nr|deg)", "deg"),
    (r"trailAngle(Err)?|dipoleAngle(Err)?|dipAngle", "deg"),
    (r"trailLength(Err)?|dipoleLength(Err)?|dipLength", "arcsec"),
    (r"i(xx|yy|xy)(PSF)?", "arcsec**2"),
    (r"x|y|xErr|yErr|xpos|ypos|bboxSize|x_y_Cov", "pixel"),
    (r"midpointMjdTai|midPointTai|expMidptMJD|time\w*MjdTai", "MJD TAI"),
    (r"jd|jdstarthist|jdendhist|jdstartref|jdendref", "JD"),
    (r"magpsf|sigmapsf|magap|sigmagap|diffmaglim|magnr|sigmagnr|magzpsci\w*|magapbig|sigmagapbig", "mag"),
    (r"distnr|distpsnr[123]|neargaia\w*|ssdistnr", "arcsec"),
    (r"fwhm", "pixel"),
    (r"exposureTime|exptime", "s"),
)

UNITS: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(rule), unit) for rule, unit in _UNIT_RULES)
"""Units of known columns, used if a file has none. Source: LSST ``apdb.yaml``, ZTF ``candidate.avsc``."""


@cache
def names_of(meaning: str) -> tuple[str, ...]:
    """Return all column names with a meaning (``"band"``), in order of preference."""
    return tuple(dict.fromkeys(name for survey in SURVEYS for name in getattr(survey, meaning)))


def names_among(meaning: str, present: Container[str]) -> tuple[str, ...]:
    """Return the column names of a table that have a meaning, in order of preference.

    Parameters
    ----------
    meaning
        For example ``"flux"``.
    present
        The column names of a table or row.
    """
    if meaning in _FORCED and "psfDiffFlux" in present:
        return _FORCED[meaning]
    if meaning == "id" and not any(name in present for name in _OF_ONE_IMAGE):
        return (*names_of("id"), "diaObjectId")
    return names_of(meaning)


def resolve(present: Iterable[str], chosen: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return the column of each meaning.

    Parameters
    ----------
    present
        The column names of a table.
    chosen
        Meaning -> column name, as chosen by the user; None values are ignored.

    Returns
    -------
    dict
        Meaning -> column name; meanings without a column are absent.

    Raises
    ------
    BadTable
        If a chosen column does not exist.
    """
    have = tuple(present)
    found: dict[str, str] = {}
    for meaning in _MEANINGS:
        wanted = (chosen or {}).get(meaning)
        if wanted is not None:
            if wanted not in have:
                raise BadTable(
                    f"{meaning}={wanted!r} names no column of the table{close_names(wanted, have)}"
                )
            found[meaning] = wanted
            continue
        for name in names_among(meaning, have):
            if name in have:
                found[meaning] = name
                break
    return found


def meaning_of(row: Mapping[str, Any], meaning: str) -> Any:
    """Return a row's value of a meaning (``"score"``); None if there is none.

    The first column with a value is used, so ``drb`` comes before ``rb``, and ``rb``
    is used if ``drb`` is NaN. Empty text is no value.
    """
    for name in names_among(meaning, row):
        value = row.get(name)
        if not is_unset(value):
            return value
    return None


def is_flag_name(name: str) -> bool:
    """Return whether a column is a flag according to its name, even if a file stores it as 0 and 1."""
    return _FLAG_NAMES.fullmatch(name) is not None


def unit_of(name: str) -> str | None:
    """Return the unit of a column of this name in the known surveys, or None."""
    for rule, unit in UNITS:
        if rule.fullmatch(name):
            return unit
    return None
