"""Histories of all surveys in one form, and fluxes as magnitudes where that has a meaning."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.catalog.columns import ZTF_BANDS, meaning_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AB_ZERO_POINT",
    "ab_flux",
    "ab_magnitude",
    "ab_magnitude_err",
    "empty_history",
    "history_frame",
    "history_of_packet",
    "lsst_points",
]

AB_ZERO_POINT = 31.4
"""AB magnitude of 1 nJy, as the LSST documentation rounds it (8.9 + 2.5 * 9 = 31.4)."""

_MJD_OF_JD = 2400000.5

COLUMNS = ("time", "band", "flux", "flux_err", "kind", "id")
"""The columns of every light curve; see `stores.base.HasHistory`."""


def ab_magnitude(flux_njy: ArrayLike) -> NDArray[np.float64]:
    """Return the AB magnitude of fluxes; NaN where the flux is not positive.

    Parameters
    ----------
    flux_njy
        Total or difference flux, nJy, any shape. A difference flux of zero or less has no magnitude.
    """
    flux = np.asarray(flux_njy, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(flux > 0, AB_ZERO_POINT - 2.5 * np.log10(np.where(flux > 0, flux, 1.0)), np.nan)


def ab_magnitude_err(flux_njy: ArrayLike, flux_err_njy: ArrayLike) -> NDArray[np.float64]:
    """Return the error of `ab_magnitude`, ``1.0857 df / f``; NaN where the flux is not positive."""
    flux, err = np.asarray(flux_njy, dtype=float), np.asarray(flux_err_njy, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(flux > 0, 2.5 / math.log(10) * err / np.where(flux > 0, flux, 1.0), np.nan)


def ab_flux(magnitude: ArrayLike) -> NDArray[np.float64]:
    """Return the flux in nJy of an AB magnitude."""
    return np.asarray(10 ** (-0.4 * (np.asarray(magnitude, dtype=float) - AB_ZERO_POINT)))


def empty_history() -> pd.DataFrame:
    """Return a light curve without points."""
    return history_frame([])


def history_frame(points: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return points as a light curve, ordered by time.

    Parameters
    ----------
    points
        Mappings with some of ``time``, ``band``, ``flux``, ``flux_err``, ``kind``, ``id``. Points
        without time are left out; a detection that is there twice is kept once.

    Returns
    -------
    DataFrame
        Columns as in `stores.base.HasHistory`.
    """
    import pandas as pd

    kept = []
    seen = set()
    for point in points:
        if math.isnan(_number(point.get("time"))):
            continue
        if point["kind"] == "detection" and point.get("id") is not None:
            if point["id"] in seen:
                continue
            seen.add(point["id"])
        kept.append(point)
    kept.sort(key=lambda point: _number(point["time"]))
    return pd.DataFrame(
        {
            "time": np.array([_number(point["time"]) for point in kept], dtype=float),
            "band": pd.array([point.get("band") for point in kept], dtype="object"),
            "flux": np.array([_number(point.get("flux")) for point in kept], dtype=float),
            "flux_err": np.array([_number(point.get("flux_err")) for point in kept], dtype=float),
            "kind": pd.array([point["kind"] for point in kept], dtype="object"),
            "id": pd.array([point.get("id") for point in kept], dtype="Int64"),
        }
    )


def history_of_packet(packet: Mapping[str, Any]) -> pd.DataFrame:
    """Return the light curve in an alert packet, the alert itself included.

    Parameters
    ----------
    packet
        A decoded packet: LSST (``diaSource``, ``prvDiaSources``, ``prvDiaForcedSources``), or ZTF
        and those that speak its dialect (``candidate``, ``prv_candidates``, ``fp_hists``).

    Returns
    -------
    DataFrame
        Columns as in `stores.base.HasHistory`; empty if the packet holds no history that we know.

    Notes
    -----
    ZTF gives magnitudes of the absolute difference: the flux is their AB flux with the sign of
    ``isdiffpos``. An upper limit (``diffmaglim`` where nothing was found) is a point of kind
    ``"limit"`` whose flux is that of the limiting magnitude, without error.
    """
    if "diaSource" in packet:
        first = packet["diaSource"]
        previous = [packet.get("prvDiaSources"), packet.get("prvDiaForcedSources")]
        points = [_lsst_point(one, "detection") for one in (first, *(previous[0] or ())) if one]
        points += [_lsst_point(one, "forced") for one in previous[1] or () if one]
        return history_frame(points)
    candidate = packet.get("candidate") or {}
    if "candid" in packet and candidate.get("candid") is None:
        candidate = {**candidate, "candid": packet["candid"]}
    nightly = (candidate, *(packet.get("prv_candidates") or ()), *(packet.get("prv_nondetections") or ()))
    found = [_ztf_point(one) for one in nightly if one]
    found += [_ztf_forced(one) for one in packet.get("fp_hists") or () if one]
    return history_frame(point for point in found if point is not None)


def lsst_points(rows: Iterable[Mapping[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return rows of a DiaSource or DiaForcedSource table as points of a light curve.

    Parameters
    ----------
    rows
        Mappings of columns, names of any release.
    kind
        ``"detection"`` or ``"forced"``.
    """
    return [_lsst_point(row, kind) for row in rows]


def _lsst_point(row: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {
        "time": meaning_of(row, "time"),
        "band": meaning_of(row, "band"),
        "flux": meaning_of(row, "flux"),
        "flux_err": meaning_of(row, "flux_err"),
        "kind": kind,
        "id": row.get("diaSourceId") if kind == "detection" else row.get("diaForcedSourceId"),
    }


def _ztf_point(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return one entry of ``prv_candidates``: a detection, or the limit of a night without one."""
    point = {"time": _mjd(row), "band": _ztf_band(row), "id": row.get("candid")}
    magnitude, error = _number(row.get("magpsf")), _number(row.get("sigmapsf"))
    if math.isfinite(magnitude):
        flux = float(ab_flux(magnitude)) * (-1.0 if _is_negative(row) else 1.0)
        return {
            **point,
            "kind": "detection",
            "flux": flux,
            "flux_err": abs(flux) * error * math.log(10) / 2.5,
        }
    flux = _number(row.get("psfFlux"))  # BOOM adds fluxes in nJy
    if math.isfinite(flux):
        return {**point, "kind": "detection", "flux": flux, "flux_err": row.get("psfFluxErr")}
    limit = _number(row.get("diffmaglim"))
    if math.isfinite(limit) and limit > 0:
        return {**point, "kind": "limit", "flux": float(ab_flux(limit)), "flux_err": math.nan, "id": None}
    return None


def _ztf_forced(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return one entry of ``fp_hists``: forced photometry in counts of its own zero point."""
    point = {"time": _mjd(row), "band": _ztf_band(row), "kind": "forced", "id": None}
    if row.get("psfFlux") is not None:
        return {**point, "flux": row["psfFlux"], "flux_err": row.get("psfFluxErr")}
    counts, error = _number(row.get("forcediffimflux")), _number(row.get("forcediffimfluxunc"))
    zero = _number(row.get("magzpsci"))
    # -99999 stands for "no measurement" in ZTF's forced photometry.
    if not (math.isfinite(counts) and math.isfinite(zero) and counts > -99998 and error > 0):
        return None
    scale = float(ab_flux(zero))
    return {**point, "flux": counts * scale, "flux_err": error * scale}


def _mjd(row: Mapping[str, Any]) -> float:
    jd = _number(row.get("jd"))
    return jd - _MJD_OF_JD if math.isfinite(jd) else _number(row.get("mjd"))


def _ztf_band(row: Mapping[str, Any]) -> str | None:
    if row.get("band") is not None:
        return str(row["band"])
    number = row.get("fid")
    if number is None:
        return None
    # WINTER and others number their own filters; only ZTF's rows name the readout channel.
    return ZTF_BANDS.get(number, str(number)) if "rcid" in row else str(number)


def _is_negative(row: Mapping[str, Any]) -> bool:
    sign = row.get("isdiffpos")
    return sign is not None and str(sign).strip().lower() in ("f", "0", "false")


def _number(value: Any) -> float:
    """Return a number as float, NaN for anything else."""
    return float(value) if isinstance(value, (int, float, np.number)) else math.nan
