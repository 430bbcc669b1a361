"""Association of sources with DiaObjects, and forced photometry of these, visit by visit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from cutout_widgets.demo.catalogue import source_id
from cutout_widgets.demo.exposure import Exposure
from cutout_widgets.demo.measure import Stamp, fit_models
from cutout_widgets.demo.models import Row
from cutout_widgets.demo.schema import DIA_FORCED_SOURCE, DIA_OBJECT
from cutout_widgets.demo.sky import Sky

__all__ = ["Associator", "DiaObject", "Known", "known_asteroids"]

ASSOCIATION_ARCSEC = 1.0
"""Maximum distance of a source from its object."""


@dataclass(frozen=True)
class Known:
    """A solar system object with a known orbit, and its predicted position at a time."""

    id: int
    """Its ``ssObjectId``."""
    ra: float
    """Predicted right ascension, ICRS degrees."""
    dec: float
    """Predicted declination."""
    mjd: float
    """Time of the prediction."""


def known_asteroids(sky: Sky) -> list[Known]:
    """Return predictions for every second asteroid of the sky; the others are unknown."""
    out = []
    for item in sky.objects:
        if item.kind != "asteroid" or item.id % 2:
            continue
        for visit in sky.visits:
            minutes = (visit.mjd - item.epoch) * 1440
            if abs(minutes) < 300:
                east, north = item.motion[0] * minutes / 3600, item.motion[1] * minutes / 3600
                ra = item.ra + east / math.cos(math.radians(item.dec))
                out.append(Known(21_163_611_375_480_000 + item.id, ra, item.dec + north, visit.mjd))
    return out


@dataclass
class DiaObject:
    """An object, with everything that was measured at its position."""

    id: int
    """``diaObjectId``: that of its first source, as Rubin's pipeline does."""
    sources: list[Row] = field(default_factory=list)
    """Its DiaSources, in time order."""
    forced: list[Row] = field(default_factory=list)
    """Its forced sources: a measurement on every exposure since, with or without a detection."""

    @property
    def place(self) -> tuple[float, float]:
        """Mean of the sources' ra and dec, degrees."""
        count = len(self.sources)
        return sum(s["ra"] for s in self.sources) / count, sum(s["dec"] for s in self.sources) / count

    def row(self) -> Row:
        """Return its row in table DiaObject."""
        ra, dec = self.place
        last = self.sources[-1]
        error = min(source["raErr"] for source in self.sources) / math.sqrt(len(self.sources))
        out: Row = {column.name: None for column in DIA_OBJECT}
        out |= {
            "diaObjectId": self.id,
            "validityStartMjdTai": last["timeProcessedMjdTai"],
            "ra": ra,
            "raErr": error,
            "dec": dec,
            "decErr": error,
            "ra_dec_Cov": 0.0,
            "firstDiaSourceMjdTai": self.sources[0]["midpointMjdTai"],
            "lastDiaSourceMjdTai": last["midpointMjdTai"],
            "nDiaSources": len(self.sources),
        }
        for band in "ugrizy":
            out |= {f"{band}_{name}": value for name, value in self._summary(band).items()}
        return out

    def _summary(self, band: str) -> Row:
        """Return statistics of the object in one band."""
        out: Row = {}
        for name, rows, column in (
            ("psfFlux", self.sources, "psfFlux"),
            ("fpFlux", self.forced, "psfFlux"),
            ("scienceFlux", self.forced, "scienceFlux"),
        ):
            points = [
                (row["midpointMjdTai"], row[column], row[f"{column}Err"])
                for row in rows
                if row["band"] == band and row[column] is not None
            ]
            if points:
                _, flux, error = np.array(points).T
                weight = error**-2.0
                out[f"{name}Mean"] = float((weight * flux).sum() / weight.sum())
                out[f"{name}MeanErr"] = float(weight.sum() ** -0.5)
            if name == "psfFlux":
                out["psfFluxNdata"] = len(points)
                if points:
                    out |= _spread(points)
        return out


def _spread(points: list[tuple[float, float, float]]) -> Row:
    """Return statistics of the scatter in one band, from (time, flux, error) in time order."""
    _, flux, error = np.array(points).T
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points) if b[0] > a[0]]
    return {
        "psfFluxSigma": float(flux.std(ddof=1)) if len(points) > 1 else None,
        "psfFluxMin": float(flux.min()),
        "psfFluxMax": float(flux.max()),
        "psfFluxMaxSlope": max(slopes) if slopes else None,
        "psfFluxErrMean": float(error.mean()),
    }


class Associator:
    """Associates sources with objects as visits are processed, in time order.

    Parameters
    ----------
    known
        Predicted positions of known asteroids; a source near one is assigned to it, not to an object.
    """

    def __init__(self, known: list[Known]) -> None:
        self.objects: list[DiaObject] = []
        """Objects in the order of first detection."""
        self._known = known

    def take(self, rows: list[Row]) -> None:
        """Set the ``ssObjectId`` or ``diaObjectId`` of each row of one detector, in place."""
        places = np.array([item.place for item in self.objects]).reshape(-1, 2)
        known_before = len(self.objects)
        for row in rows:
            near = [
                (_apart(row, body.ra, body.dec), body.id)
                for body in self._known
                if abs(body.mjd - row["midpointMjdTai"]) < 1e-6
            ]
            if near and min(near)[0] < 2 * ASSOCIATION_ARCSEC:
                row["ssObjectId"] = min(near)[1]
                continue
            item = None
            if known_before:
                squeeze = math.cos(math.radians(row["dec"]))
                apart = 3600 * np.hypot((places[:, 0] - row["ra"]) * squeeze, places[:, 1] - row["dec"])
                if apart.min() < ASSOCIATION_ARCSEC:
                    item = self.objects[int(apart.argmin())]
            if item is None:
                item = DiaObject(row["diaSourceId"])
                self.objects.append(item)
            item.sources.append(row)
            row["diaObjectId"] = item.id

    def force(self, exposure: Exposure) -> list[Row]:
        """Measure every known object on an exposure that covers its position; return the new rows."""
        rows: list[Row] = []
        visit, detector = exposure.visit, exposure.detector
        ra, dec = np.array([item.place for item in self.objects]).reshape(-1, 2).T
        x, y = exposure.array_wcs.all_world2pix(ra, dec, 0, quiet=True)
        ny, nx = exposure.difference.shape
        for k in np.flatnonzero((x > -0.5) & (x < nx - 0.5) & (y > -0.5) & (y < ny - 0.5)):
            item = self.objects[k]
            row: Row = {column.name: None for column in DIA_FORCED_SOURCE}
            row |= {
                # The upper half of the exposure's numbers, so that they differ from ids of sources.
                "diaForcedSourceId": source_id(visit.id, detector.id, 2**20 + int(k)),
                "diaObjectId": item.id,
                "ra": float(ra[k]),
                "dec": float(dec[k]),
                "visit": visit.id,
                "detector": detector.id,
                "midpointMjdTai": visit.mjd,
                "band": visit.band,
                "timeProcessedMjdTai": visit.mjd + 0.002,
            }
            px, py = round(float(x[k])), round(float(y[k]))
            model = visit.psf.image(float(x[k]) - px, float(y[k]) - py)
            for name, image in (("psfFlux", exposure.difference), ("scienceFlux", exposure.science)):
                fit = fit_models(Stamp.of(image, px, py), [model])
                if math.isfinite(fit.flux[0]):
                    row[name], row[f"{name}Err"] = fit.flux[0], fit.error[0]
            item.forced.append(row)
            rows.append(row)
        return rows


def _apart(row: Row, ra: float, dec: float) -> float:
    """Return the distance of a row from a position, arcsec."""
    return 3600 * math.hypot((ra - row["ra"]) * math.cos(math.radians(row["dec"])), dec - row["dec"])
