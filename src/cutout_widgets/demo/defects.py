"""Detector effects and satellites: particle tracks, bleed trails, dead and hot columns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.demo.gaussians import Psf, paint
from cutout_widgets.demo.instrument import SATURATION, Detector, Visit

__all__ = ["ArtefactTruth", "add_cosmic_rays", "add_glints", "add_streak", "bleed", "repair"]


@dataclass
class ArtefactTruth:
    """Pixels changed by causes other than objects: the truth about artefacts."""

    kinds: list[str] = field(default_factory=list)
    """Name of each cause; its number is its index plus one."""
    number: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    """Number of the cause for each pixel, 0 for none."""

    @classmethod
    def nothing(cls, shape: tuple[int, int]) -> ArtefactTruth:
        """Return an image without artefacts."""
        return cls([], np.zeros(shape, np.int32))

    def put(self, kind: str, where: NDArray[np.bool_]) -> None:
        """Assign pixels to a new cause, replacing earlier ones."""
        self.kinds.append(kind)
        self.number[where] = len(self.kinds)


def _track(shape: tuple[int, int], rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pixels that one particle crosses, rows and columns: mostly few, sometimes many."""
    length = min(60.0, 1.5 + rng.exponential(6.0))
    angle = rng.uniform(0, 2 * math.pi)
    y0, x0 = rng.uniform(5, shape[0] - 5), rng.uniform(5, shape[1] - 5)
    steps = np.arange(0.0, length, 0.5)
    bend = np.cumsum(rng.normal(0, 0.015, len(steps)))
    y = np.round(y0 + np.cumsum(0.5 * np.sin(angle + bend))).astype(int)
    x = np.round(x0 + np.cumsum(0.5 * np.cos(angle + bend))).astype(int)
    inside = (y >= 0) & (y < shape[0]) & (x >= 0) & (x < shape[1])
    cells = np.unique(y[inside] * shape[1] + x[inside])
    return np.divmod(cells, shape[1])


def add_cosmic_rays(
    pixels: NDArray[np.float32],
    artefacts: ArtefactTruth,
    rng: np.random.Generator,
    *,
    count: int,
    sky_sigma: float,
) -> NDArray[np.bool_]:
    """Add particle tracks to noisy pixels, in place, and detect most of them.

    Returns
    -------
    ndarray of bool
        Pixels that a pipeline's cosmic-ray finder would mask: the bright pixels of three tracks in four.
        The others remain in the image, as in reality.
    """
    found = np.zeros(pixels.shape, bool)
    for _ in range(count):
        rows, columns = _track(pixels.shape, rng)
        charge = rng.lognormal(math.log(22 * sky_sigma), 0.8) * rng.uniform(0.4, 1.6, len(rows))
        pixels[rows, columns] += charge.astype(np.float32)
        where = np.zeros(pixels.shape, bool)
        where[rows, columns] = True
        # Charge diffuses a little into the next column.
        spill = np.clip(columns + 1, 0, pixels.shape[1] - 1)
        pixels[rows, spill] += (0.12 * charge).astype(np.float32)
        if rng.uniform() < 0.72:
            found[rows, columns] |= charge > 5 * sky_sigma
        where[rows, spill] = True
        artefacts.put("cosmic ray", where)
    return found


def bleed(pixels: NDArray[np.float32], artefacts: ArtefactTruth) -> NDArray[np.bool_]:
    """Move charge above the full well along the column, in place.

    Returns
    -------
    ndarray of bool
        The saturated pixels.
    """
    full = pixels > SATURATION
    for column in np.flatnonzero(full.any(axis=0)):
        line = pixels[:, column]
        top = int(np.argmax(line))
        for end, step in ((len(line), 1), (-1, -1)):
            spare = np.float32(0)
            for row in range(top, end, step):
                # The star's own pixel belongs to both directions.
                excess = max(line[row] - SATURATION, 0.0) * (0.5 if row == top and step == 1 else 1.0)
                if excess > 0:
                    line[row] -= np.float32(excess)
                    spare += np.float32(excess)
                elif spare > 0:
                    taken = min(spare, np.float32(SATURATION) - line[row])
                    line[row] += taken
                    spare -= taken
                if spare <= 0 and line[row] < SATURATION:
                    break
    saturated = pixels >= SATURATION * 0.999
    if saturated.any():
        artefacts.put("saturated star", saturated)
    return saturated


def add_streak(
    canvas: NDArray[np.float32],
    psf: Psf,
    artefacts: ArtefactTruth,
    rng: np.random.Generator,
    *,
    brightness: float,
) -> NDArray[np.bool_]:
    """Draw a satellite trail across the image, in place; return the pixels that a streak finder masks."""
    ny, nx = canvas.shape
    angle, offset = rng.uniform(0.3, 1.2), rng.uniform(-150, 150)
    y, x = np.mgrid[0:ny, 0:nx].astype(np.float32)
    distance = (x - nx / 2) * math.sin(angle) - (y - ny / 2) * math.cos(angle) + offset
    sigma = psf.sigma * 1.3  # satellites are out of focus
    canvas += (brightness * np.exp(-0.5 * (distance / sigma) ** 2)).astype(np.float32)
    masked: NDArray[np.bool_] = np.abs(distance) < 2.5 * sigma
    # The finder fits one straight piece and misses the end where the trail enters.
    along = (x - nx / 2) * math.cos(angle) + (y - ny / 2) * math.sin(angle)
    artefacts.put("streak", np.abs(distance) < 3.5 * sigma)
    masked &= along > -330
    return masked


def add_glints(
    canvas: NDArray[np.float32], psf: Psf, artefacts: ArtefactTruth, rng: np.random.Generator
) -> None:
    """Add the flashes of a tumbling satellite: point sources on one line, in place."""
    angle = rng.uniform(-0.6, 0.6)
    y0, x0 = rng.uniform(350, 650), 60.0
    y, x = np.mgrid[0 : canvas.shape[0], 0 : canvas.shape[1]]
    for number in range(10):
        px, py = x0 + 88 * number * math.cos(angle), y0 + 88 * number * math.sin(angle)
        paint(canvas, px, py, float(rng.uniform(1500, 6000)), psf)
        artefacts.put("glint", (x - px) ** 2 + (y - py) ** 2 < 12)


def add_hot_column(
    pixels: NDArray[np.float32], artefacts: ArtefactTruth, rng: np.random.Generator, *, sky_sigma: float
) -> None:
    """Add a hot column that is not in the defect table yet, half a detector long, in place."""
    column, start = int(rng.integers(300, 600)), int(rng.integers(100, 500))
    pixels[start:, column] += np.float32(3.0 * sky_sigma)
    where = np.zeros(pixels.shape, bool)
    where[start:, column] = True
    artefacts.put("hot column", where)


def repair(
    pixels: NDArray[np.float32], bad: NDArray[np.bool_], rng: np.random.Generator, *, sky_sigma: float
) -> None:
    """Interpolate masked pixels along rows, in place, as a pipeline does, with noise."""
    for row in np.flatnonzero(bad.any(axis=1)):
        gaps = np.flatnonzero(bad[row])
        good = np.flatnonzero(~bad[row])
        pixels[row, gaps] = np.interp(gaps, good, pixels[row, good])
    pixels[bad] += rng.normal(0, 0.5 * sky_sigma, int(bad.sum())).astype(np.float32)


def known_defects(detector: Detector, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels of the detector's bad columns."""
    bad = np.zeros(shape, bool)
    bad[:, list(detector.bad_columns)] = True
    return bad


def hot_column_visit(visit: Visit, detector: Detector) -> bool:
    """Return whether this image has the hot column that is not yet known."""
    return (visit.id % 7 + detector.id) % 6 == 0
