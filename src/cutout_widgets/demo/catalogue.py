"""Rows of a whole exposure, their ids and objects, and the truth about each."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutout_widgets.demo.exposure import Exposure
from cutout_widgets.demo.footprints import Footprint, find_footprints, significance
from cutout_widgets.demo.models import Row
from cutout_widgets.demo.rows import measure
from cutout_widgets.demo.scene import Cause
from cutout_widgets.demo.schema import DIA_SOURCE

__all__ = ["Detected", "detect", "injected_rows", "source_id"]

GLINT_COUNT = 7
"""Sources on a straight line that cannot be a coincidence."""

_NAME = {
    "star": "residual",
    "galaxy": "residual",
    "agn": "variable",
    "moved": "dipole",
}
"""Kind of a detection, if it differs from the kind of the object."""

_STATIC_ERROR = 0.04
"""Fraction of a steady source's flux that an imperfect kernel may leave in the difference."""


@dataclass(frozen=True, eq=False)
class Detected:
    """A processed exposure."""

    exposure: Exposure
    """The exposure, with the planes DETECTED and DETECTED_NEGATIVE."""
    rows: tuple[Row, ...]
    """Its DiaSources, in the order of their ids."""
    truth: tuple[Row, ...]
    """The truth about each of them."""
    forced: tuple[Row, ...] = ()
    """Forced photometry of the known objects it covers, after association."""


def source_id(visit: int, detector: int, number: int) -> int:
    """Return an 18-digit id: days since 2010, sequence, detector and a running number, packed in bits.

    Consecutive ids differ by one, so that rounding to floats makes them equal, which tests can detect.
    """
    day, sequence = divmod(visit, 100_000)
    year, month_day = divmod(day, 10_000)
    days = (year - 2010) * 372 + (month_day // 100) * 31 + month_day % 100
    return ((days * 2**17 + sequence) * 2**8 + detector) * 2**21 + number


def detect(exposure: Exposure) -> Detected:
    """Detect and measure all sources on a difference image, and look up the truth about each."""
    psf = exposure.visit.psf
    significant = significance(exposure.difference, psf)
    footprints = find_footprints(significant, psf)
    exposure = _with_detected_planes(exposure, footprints)
    rows, truth = [], []
    for number, footprint in enumerate(footprints, start=1):
        row: Row = {column.name: None for column in DIA_SOURCE}
        row |= {name: _nullable(value) for name, value in measure(exposure, footprint).items()}
        row["diaSourceId"] = source_id(exposure.visit.id, exposure.detector.id, number)
        rows.append(row)
        truth.append({"diaSourceId": row["diaSourceId"], **_true_cause(exposure, footprint, row)})
    _flag_glints(rows)
    return Detected(exposure, tuple(rows), tuple(truth))


def _nullable(value: Any) -> Any:
    """Return None for NaN, as a database has NULL for missing values."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _with_detected_planes(exposure: Exposure, footprints: list[Footprint]) -> Exposure:
    """Return the exposure with mask planes for footprints, and for bright pixels of the science image."""
    difference, science = exposure.difference, exposure.science
    if difference.mask is None or science.mask is None:
        raise ValueError("an exposure's images have masks")
    mask = difference.mask.copy()
    for footprint in footprints:
        box = footprint.box
        part = mask[box.y0 : box.y1, box.x0 : box.x1]
        names = ["DETECTED" if footprint.significance > 0 else "DETECTED_NEGATIVE"]
        if footprint.opposite is not None:
            names = ["DETECTED", "DETECTED_NEGATIVE"]
        for name in names:
            part[footprint.pixels] |= np.uint32(1 << difference.planes[name])
    bright = science.mask.copy()
    bright[significance(science, exposure.visit.psf) > 5] |= np.uint32(1 << science.planes["DETECTED"])
    return dataclasses.replace(
        exposure,
        difference=dataclasses.replace(difference, mask=mask),
        science=dataclasses.replace(science, mask=bright),
    )


def _true_cause(exposure: Exposure, footprint: Footprint, row: Row) -> Row:
    """Return the cause that changed the footprint's pixels most: an object, or a detector effect.

    Causes are weighted in nJy of the difference image, pixels by their excess above one sigma. A cause that
    explains less than two errors of the PSF flux is rejected: the source is then noise.
    """
    box, detector = footprint.box, exposure.detector
    x, y = row["x"] - detector.x0, row["y"] - detector.y0
    weights: list[tuple[float, str, Cause | None]] = []
    places = exposure.cause_places  # (n, 2, 2): science and template, x and y
    near = (places > (box.x0 - 1, box.y0 - 1)) & (places < (box.x1, box.y1))
    for k in np.flatnonzero(near.all(axis=2).any(axis=1)):
        cause = exposure.causes[k]
        if not any(_within(footprint, float(px), float(py)) for px, py in places[k]):
            continue
        weight = abs(cause.flux - cause.template_flux) + _STATIC_ERROR * min(cause.flux, cause.template_flux)
        apart = math.hypot(cause.x - cause.template_x, cause.y - cause.template_y)
        if cause.template_flux > 0 and cause.flux > 0:
            weight += cause.flux * min(1.0, apart / (2 * exposure.visit.psf.sigma))
        weights.append((weight, _NAME.get(cause.kind, cause.kind), cause))
    number = exposure.artefacts.number[box.y0 : box.y1, box.x0 : box.x1][footprint.pixels]
    change = np.nan_to_num(exposure.difference.pixels[box.y0 : box.y1, box.x0 : box.x1][footprint.pixels])
    for k in np.unique(number[number > 0]):
        light = (np.abs(change[number == k]) - exposure.visit.sky_sigma).clip(0).sum()
        weights.append((float(light), exposure.artefacts.kinds[k - 1], None))
    nothing: tuple[float, str, Cause | None] = (0.0, "noise", None)
    best = max(weights, key=lambda item: item[0], default=nothing)
    if best[0] < 2 * (row["psfFluxErr"] or 0.0):
        best = (0.0, _cause_by_flags(row), None)
    kind, source = best[1:]
    out: Row = dict.fromkeys(
        ("objectId", "x", "y", "ra", "dec", "flux", "scienceFlux", "templateFlux", "separationPx")
    )
    out |= {"visit": exposure.visit.id, "detector": detector.id, "kind": kind}
    if source is not None:
        ra, dec = exposure.array_wcs.all_pix2world(source.x, source.y, 0)
        out |= {
            "objectId": source.object_id,
            "x": source.x + detector.x0,
            "y": source.y + detector.y0,
            "ra": float(ra),
            "dec": float(dec),
            "flux": source.flux - source.template_flux,
            "scienceFlux": source.flux,
            "templateFlux": source.template_flux,
            "separationPx": math.hypot(source.x - x, source.y - y),
        }
    return out


def _cause_by_flags(row: Row) -> str:
    """Return why noise was detected as a source: interpolated pixels have a different noise."""
    if row["pixelFlags_crCenter"]:
        return "cosmic ray"
    if row["pixelFlags_interpolatedCenter"]:
        return "bad column"
    return "edge" if row["pixelFlags_edge"] else "noise"


def _within(footprint: Footprint, x: float, y: float) -> bool:
    """Return whether a position (array pixels) is on a footprint."""
    column, row = round(x) - footprint.box.x0, round(y) - footprint.box.y0
    ny, nx = footprint.pixels.shape
    return 0 <= row < ny and 0 <= column < nx and bool(footprint.pixels[row, column])


def _flag_glints(rows: list[Row]) -> None:
    """Set ``glint_trail`` on sources if many are on a straight line, in place."""
    x, y = np.array([[row["x"], row["y"]] for row in rows], float).reshape(-1, 2).T
    for a in range(len(rows)):
        for b in range(a + 1, len(rows)):
            length = math.hypot(x[b] - x[a], y[b] - y[a])
            distance = np.abs((x[b] - x[a]) * (y - y[a]) - (y[b] - y[a]) * (x - x[a])) / max(length, 1e-6)
            on_line = np.flatnonzero(distance < 1.0)
            if len(on_line) >= GLINT_COUNT:
                for k in on_line:
                    rows[k]["glint_trail"] = True


def injected_rows(exposure: Exposure) -> list[Row]:
    """Return every true source centred on the image: position, fluxes and kind."""
    visit, detector = exposure.visit, exposure.detector
    on_image = [
        cause
        for cause in exposure.causes
        if -0.5 <= cause.x < detector.box.width - 0.5 and -0.5 <= cause.y < detector.box.height - 0.5
    ]
    ra, dec = exposure.array_wcs.all_pix2world([c.x for c in on_image], [c.y for c in on_image], 0)
    return [
        {
            "visit": visit.id,
            "detector": detector.id,
            "objectId": cause.object_id,
            "kind": cause.kind,
            "x": cause.x + detector.x0,
            "y": cause.y + detector.y0,
            "ra": float(ra[k]),
            "dec": float(dec[k]),
            "scienceFlux": cause.flux,
            "templateFlux": cause.template_flux,
            "flux": cause.flux - cause.template_flux,
            "trailLengthPx": cause.trail_px,
        }
        for k, cause in enumerate(on_image)
    ]
