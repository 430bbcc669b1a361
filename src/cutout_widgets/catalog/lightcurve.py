"""Light curves of all surveys in one format."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.catalog.columns import ZTF_BANDS, meaning_of, names_of
from cutout_widgets.catalog.photometry.fluxes import NANOJANSKY, flux_in
from cutout_widgets.catalog.photometry.magnitudes import ab_flux
from cutout_widgets.catalog.values import is_unset, number_of
from cutout_widgets.quantities import days_tai, numbers_in

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MJD_OF_JD",
    "empty_history",
    "history_frame",
    "history_of_packet",
    "lsst_points",
    "mjd_of",
]

MJD_OF_JD = 2400000.5
"""Difference between a Julian date and a modified one."""

COLUMNS = ("time", "band", "flux", "flux_err", "kind", "id")
"""The columns of every light curve; see `stores.base.HasHistory`."""

PLACES = ("visit", "detector")
"""Additional columns of light curves whose points have visit and detector."""

SCIENCE = ("science_flux", "science_flux_err")
"""Additional columns of light curves with fluxes on the science image, nJy."""


def empty_history() -> pd.DataFrame:
    """Return a light curve without points."""
    return history_frame([])


def history_frame(points: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return points as a light curve, ordered by time.

    Parameters
    ----------
    points
        Mappings with some of ``time`` (MJD, or an astropy Time: TAI), ``band``, ``flux``, ``flux_err``
        (nJy, or a Quantity), ``kind``, ``id``, ``visit``, ``detector``, ``science_flux``,
        ``science_flux_err``. Points without time are dropped, and repeated detections.

    Returns
    -------
    DataFrame
        Columns as in `stores.base.HasHistory`, followed by additional ones if any point has them.

    Examples
    --------
    >>> detection = {"time": 60001.2, "flux": 900.0, "flux_err": 30.0, "kind": "detection", "id": 7}
    >>> forced = {"time": 60000.1, "flux": -20.0, "flux_err": 25.0, "kind": "forced"}
    >>> history_frame([detection, forced])[["time", "flux", "kind"]]
          time   flux       kind
    0  60000.1  -20.0     forced
    1  60001.2  900.0  detection
    """
    import pandas as pd

    kept = []
    seen = set()
    for given in points:
        point = _without_units(given)
        if math.isnan(_number(point.get("time"))):
            continue
        if point["kind"] == "detection" and point.get("id") is not None:
            if point["id"] in seen:
                continue
            seen.add(point["id"])
        kept.append(point)
    kept.sort(key=lambda point: _number(point["time"]))
    places, science = (
        [name for name in names if any(point.get(name) is not None for point in kept)]
        for names in (PLACES, SCIENCE)
    )
    return pd.DataFrame(
        {
            "time": np.array([_number(point["time"]) for point in kept], dtype=float),
            "band": pd.array([point.get("band") for point in kept], dtype="object"),
            "flux": np.array([_number(point.get("flux")) for point in kept], dtype=float),
            "flux_err": np.array([_number(point.get("flux_err")) for point in kept], dtype=float),
            "kind": pd.array([point["kind"] for point in kept], dtype="object"),
            "id": pd.array([point.get("id") for point in kept], dtype="Int64"),
            **{name: pd.array([point.get(name) for point in kept], dtype="Int64") for name in places},
            **{name: np.array([_number(point.get(name)) for point in kept], dtype=float) for name in science},
        }
    )


def _without_units(point: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a point with astropy times and quantities converted to MJD TAI and nJy."""
    plain: dict[str, Any] = {}
    for name in ("time", "flux", "flux_err", *SCIENCE):
        value = point.get(name)
        if hasattr(value, "to_value"):
            plain[name] = days_tai(value, name) if name == "time" else numbers_in(value, name, NANOJANSKY)
    return {**point, **plain} if plain else point


def history_of_packet(packet: Mapping[str, Any]) -> pd.DataFrame:
    """Return the light curve in an alert packet, including the alert itself.

    Parameters
    ----------
    packet
        A decoded packet: LSST (``diaSource``, ``prvDiaSources``, ``prvDiaForcedSources``), or ZTF
        and brokers with the same format (``candidate``, ``prv_candidates``, ``fp_hists``): BOOM, ALeRCE,
        DECam's DESIRT.

    Returns
    -------
    DataFrame
        Columns as in `stores.base.HasHistory`; empty if the packet has no known history.

    Notes
    -----
    ZTF has magnitudes of the absolute difference: the flux is their AB flux with the sign of
    ``isdiffpos``. Forced fluxes are counts with their row's zero point, or uJy if rows have none
    (DESIRT). An upper limit (``diffmaglim`` without a detection) is a point of kind
    ``"limit"`` with the flux of the limiting magnitude, without error.
    """
    if "diaSource" in packet:
        detections = (*_records(packet["diaSource"]), *_records(packet.get("prvDiaSources")))
        forced = _records(packet.get("prvDiaForcedSources"))
        return history_frame([*lsst_points(detections, "detection"), *lsst_points(forced, "forced")])
    candidate = next(iter(_records(packet.get("candidate"))), {})
    if "candid" in packet and candidate.get("candid") is None:
        candidate = {**candidate, "candid": packet["candid"]}
    is_ztf = any(str(packet.get(name)).startswith("ZTF") for name in ("objectId", "oid"))
    nightly = (
        candidate,
        *_records(packet.get("prv_candidates")),
        *_records(packet.get("prv_nondetections")),
    )
    found = [_ztf_point(one, is_ztf) for one in nightly if one]
    found += [_ztf_forced(one, is_ztf) for one in _records(packet.get("fp_hists")) if one]
    return history_frame(point for point in found if point is not None)


def lsst_points(
    rows: Iterable[Mapping[str, Any]], kind: str, units: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return rows of a DiaSource or DiaForcedSource table as points of a light curve.

    Parameters
    ----------
    rows
        Mappings with column names of any release.
    kind
        ``"detection"`` or ``"forced"``.
    units
        Column -> unit, if given in the table. Fluxes in other units than flux density are dropped,
        because light curves are in nJy.
    """
    points = []
    for row in rows:
        flux = flux_in(row, "flux", units)
        known = flux.unit == NANOJANSKY
        science = flux_in(row, "science_flux", units)
        is_science = science.unit == NANOJANSKY
        points.append(
            {
                "time": mjd_of(row),
                "band": _ztf_band(row, False) if "fid" in row else meaning_of(row, "band"),
                "flux": flux.value if known else None,
                "flux_err": flux.error if known else None,
                "science_flux": science.value if is_science else None,
                "science_flux_err": science.error if is_science else None,
                "kind": kind,
                "id": row.get("diaSourceId" if kind == "detection" else "diaForcedSourceId"),
                **{name: _whole(row.get(name)) for name in PLACES},
            }
        )
    return points


def _records(value: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the records of a history, given as a list or a single one; skip anything else."""
    if isinstance(value, Mapping):
        return (value,)
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple(one for one in value if isinstance(one, Mapping))


def _ztf_point(row: Mapping[str, Any], is_ztf: bool) -> dict[str, Any] | None:
    """Return an entry of ``prv_candidates``: a detection, or the limit of a night without one."""
    point = {"time": mjd_of(row), "band": _ztf_band(row, is_ztf), "id": row.get("candid")}
    flux = flux_in(row)
    if flux.value is not None and flux.unit == NANOJANSKY:
        return {**point, "kind": "detection", "flux": flux.value, "flux_err": flux.error}
    limit = number_of(row.get("diffmaglim"))
    if limit is not None and 0 < limit < math.inf:
        return {**point, "kind": "limit", "flux": float(ab_flux(limit)), "flux_err": math.nan, "id": None}
    return None


def _ztf_forced(row: Mapping[str, Any], is_ztf: bool) -> dict[str, Any] | None:
    """Return an entry of ``fp_hists``: forced photometry, in counts with its own zero point or in uJy."""
    flux = flux_in(row)
    if flux.value is None or flux.unit != NANOJANSKY or not (flux.error is None or flux.error > 0):
        return None
    return {
        "time": mjd_of(row),
        "band": _ztf_band(row, is_ztf),
        "kind": "forced",
        "id": None,
        "flux": flux.value,
        "flux_err": flux.error,
    }


def mjd_of(row: Mapping[str, Any]) -> float:
    """Return the time of a row, MJD; NaN if it has none."""
    for name in names_of("time"):
        time = number_of(row.get(name))
        if time is not None:
            return time - MJD_OF_JD if name == "jd" else time
    return math.nan


def _ztf_band(row: Mapping[str, Any], is_ztf: bool) -> str | None:
    if not is_unset(row.get("band")):
        return str(row["band"])
    fid = row.get("fid")
    if is_unset(fid):
        return None
    number = number_of(fid)
    word = str(fid) if number is None else f"{number:g}"
    # WINTER and others use different filter numbers; only ZTF's rows have the readout channel.
    known = ZTF_BANDS if is_ztf or "rcid" in row else {}
    return next((band for code, band in known.items() if code == number), word)


def _whole(value: Any) -> int | None:
    """Return a whole number, or None for anything else."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _number(value: Any) -> float:
    """Return a number as float, or NaN for anything else."""
    number = number_of(value)
    return math.nan if number is None else number
