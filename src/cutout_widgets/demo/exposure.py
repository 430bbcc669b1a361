"""One detector of one visit: science, template and difference, as after pipeline processing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from astropy.wcs import WCS
from numpy.typing import NDArray

from cutout_widgets.demo.defects import (
    ArtefactTruth,
    add_cosmic_rays,
    add_glints,
    add_hot_column,
    add_streak,
    bleed,
    hot_column_visit,
    known_defects,
    repair,
)
from cutout_widgets.demo.gaussians import Psf, shape_covariance
from cutout_widgets.demo.instrument import SATURATION, Detector, Visit
from cutout_widgets.demo.scene import Cause, Scene
from cutout_widgets.demo.sky import Sky
from cutout_widgets.pixels.image import Image

__all__ = ["AFW_PLANES", "TEMPLATE_PLANES", "Exposure", "convolve", "expose"]

AFW_PLANES = {
    "BAD": 0,
    "SAT": 1,
    "INTRP": 2,
    "CR": 3,
    "EDGE": 4,
    "DETECTED": 5,
    "DETECTED_NEGATIVE": 6,
    "SUSPECT": 7,
    "NO_DATA": 8,
    "STREAK": 9,
    "INJECTED": 10,
    "INJECTED_TEMPLATE": 11,
    "SAT_TEMPLATE": 12,
}
"""Mask planes and their bits in science and difference images; the first nine are afw's own."""

TEMPLATE_PLANES = {"BAD": 0, "SAT": 1, "NO_DATA": 3, "INTRP": 5, "EDGE": 2, "DETECTED": 4, "INJECTED": 9}
"""Mask planes of templates, with other bits, as if from another run."""

STREAK_VISIT = 2026051900064
"""The visit with a satellite trail."""

GLINT_VISIT = 2026060200039
"""The visit with flashes of a tumbling satellite."""

DEAD_ROWS_VISIT = 2026051100203
"""The visit in which an amplifier lacks its last rows."""

UNCOVERED_VISIT = 2026050400087
"""The visit whose template covers only part of the detector."""

_ELECTRONS_PER_NJY = 2.0
_EDGE_PX = 6


@dataclass(frozen=True, eq=False)
class Exposure:
    """The three images of one detector and visit, with the truth about them."""

    visit: Visit
    """The visit."""
    detector: Detector
    """The detector."""
    science: Image
    """The visit image, background subtracted, nJy."""
    template: Image
    """The template on the same pixels."""
    difference: Image
    """Science minus PSF-matched template."""
    causes: tuple[Cause, ...]
    """Every true source on or near the image."""
    artefacts: ArtefactTruth
    """Pixels changed by anything other than sources."""

    @cached_property
    def array_wcs(self) -> WCS:
        """World coordinates of array pixels."""
        return WCS(self.visit.wcs_cards(self.detector))

    @cached_property
    def cause_places(self) -> NDArray[np.float64]:
        """Positions of the causes, array pixels; shape (n, 2, 2): in science and template, x and y."""
        places = [((c.x, c.y), (c.template_x, c.template_y)) for c in self.causes]
        return np.array(places, np.float64).reshape(-1, 2, 2)


def convolve(pixels: NDArray[np.float32], kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    """Convolve an image with a small odd kernel; pixels beyond the edges are 0."""
    ny, nx = pixels.shape
    ky, kx = kernel.shape
    shape = (ny + ky - 1, nx + kx - 1)
    padded = tuple(_smooth(n) for n in shape)
    product = np.fft.rfft2(pixels, padded) * np.fft.rfft2(kernel.astype(np.float32), padded)
    both: NDArray[np.floating[Any]] = np.fft.irfft2(product, padded)
    return both[ky // 2 : ky // 2 + ny, kx // 2 : kx // 2 + nx].astype(np.float32)


def _smooth(n: int) -> int:
    """Return the next number without prime factors above 5, for fast Fourier transforms."""
    while True:
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 1


def _kernel(covariance: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return a normalised Gaussian kernel image of covariance (xx, yy, xy)."""
    image = Psf(((1.0, *covariance),)).image(half=10)
    return image / image.sum()


def _bits(planes: dict[str, int], **where: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return a bit field of some planes."""
    first = next(iter(where.values()))
    bits = np.zeros(first.shape, np.uint32)
    for name, pixels in where.items():
        bits[pixels] |= np.uint32(1 << planes[name])
    return bits


def grown(where: NDArray[np.bool_], pad: int) -> NDArray[np.bool_]:
    """Return the pixels within a square of `pad` pixels around the given ones."""
    for axis in (0, 1):
        wide = where.copy()
        for step in range(1, pad + 1):
            near, far = (slice(step, None), slice(None, -step))
            if axis == 1:
                wide[:, near] |= where[:, far]
                wide[:, far] |= where[:, near]
            else:
                wide[near] |= where[far]
                wide[far] |= where[near]
        where = wide
    return where


def expose(sky: Sky, visit: Visit, detector: Detector) -> Exposure:
    """Simulate the three images of one detector and visit.

    The template has its own, sharper PSF and less noise, slightly correlated as by warping. It is convolved
    with a kernel that is wrong by `Visit.kernel_error` and subtracted. Values are whole nJy, so that
    tile compression with a step of one is lossless.
    """
    scene = Scene(sky, visit, detector)
    scene.paint_sky()
    in_science, in_template = scene.inject()
    science, suspect, masks, artefacts = _read_out(scene)
    template, template_masks = _stack(scene)

    xx, yy, xy = shape_covariance(*visit.kernel)
    wrong = (1 + visit.kernel_error) ** 2
    kernel = _kernel((xx * wrong, yy * wrong, xy * wrong))
    unseen = template_masks["NO_DATA"]
    pad = kernel.shape[0] // 2
    # The template extends beyond the detector, where its mirror image is used.
    around = np.pad(np.where(unseen, 0, template), pad, mode="reflect")
    matched = convolve(around, kernel)[pad:-pad, pad:-pad]
    science_variance = visit.sky_sigma**2 + scene.science.clip(0) / _ELECTRONS_PER_NJY
    template_variance = visit.template_sky_sigma**2 + scene.template.clip(0) / (20 * _ELECTRONS_PER_NJY)
    missing = masks["NO_DATA"] | grown(unseen, pad)

    saturated_template = grown(template_masks["SAT"], 2)
    difference_masks = masks | {
        "NO_DATA": missing,
        "EDGE": grown(masks["EDGE"], 2),
        "SAT_TEMPLATE": saturated_template,
        "INJECTED": in_science,
        "INJECTED_TEMPLATE": in_template,
    }
    around = np.pad(template_variance, pad, mode="reflect")
    variance = science_variance + convolve(around, kernel**2)[pad:-pad, pad:-pad]

    def image(
        pixels: NDArray[np.floating[Any]],
        variance: NDArray[np.floating[Any]],
        where: dict[str, NDArray[np.bool_]],
        planes: dict[str, int],
    ) -> Image:
        lost = where["NO_DATA"]
        return Image(
            pixels=np.where(lost, np.nan, np.rint(pixels)).astype(np.float32),
            box=detector.box,
            mask=_bits(planes, **where),
            planes=planes,
            variance=np.where(lost, np.nan, np.rint(variance)).astype(np.float32),
            unit="nJy",
        )

    if (significant := grown(suspect, 3)).any():
        edge = significant & (np.abs(science - matched) > 3 * visit.sky_sigma) & (artefacts.number == 0)
        artefacts.put("saturated star", edge)
    return Exposure(
        visit,
        detector,
        science=image(science, science_variance, masks | {"INJECTED": in_science}, AFW_PLANES),
        template=image(
            template, template_variance, template_masks | {"INJECTED": in_template}, TEMPLATE_PLANES
        ),
        difference=image(science - matched, variance, difference_masks, AFW_PLANES),
        causes=tuple(scene.causes),
        artefacts=artefacts,
    )


def _read_out(
    scene: Scene,
) -> tuple[NDArray[np.float32], NDArray[np.bool_], dict[str, NDArray[np.bool_]], ArtefactTruth]:
    """Return science pixels after detector effects and repair, the nearly saturated ones, masks, truth."""
    visit, detector, rng = scene.visit, scene.detector, scene.rng
    shape = scene.science.shape
    artefacts = ArtefactTruth.nothing(shape)
    nowhere = np.zeros(shape, bool)
    streak = nowhere
    if visit.id == STREAK_VISIT and detector.id == 93:
        streak = add_streak(scene.science, visit.psf, artefacts, rng, brightness=0.9 * visit.sky_sigma)
    if visit.id == GLINT_VISIT and detector.id == 94:
        add_glints(scene.science, visit.psf, artefacts, rng)
    pixels = scene.science + rng.normal(0, 1, shape).astype(np.float32) * np.sqrt(
        visit.sky_sigma**2 + scene.science.clip(0) / _ELECTRONS_PER_NJY
    )
    suspect = pixels > 0.85 * SATURATION
    saturated = bleed(pixels, artefacts)
    rays = add_cosmic_rays(pixels, artefacts, rng, count=14, sky_sigma=visit.sky_sigma)
    if hot_column_visit(visit, detector):
        add_hot_column(pixels, artefacts, rng, sky_sigma=visit.sky_sigma)
    bad = known_defects(detector, shape)
    before = pixels.copy()
    repair(pixels, bad | rays, rng, sky_sigma=visit.sky_sigma)
    artefacts.put("bad column", bad & (np.abs(pixels - before) > 4 * visit.sky_sigma))
    lost = nowhere.copy()
    if visit.id == DEAD_ROWS_VISIT and detector.id == 94:
        lost[-36:] = True  # rows without data from their amplifier
    edge = np.ones(shape, bool)
    edge[_EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX] = False
    masks = {
        "BAD": bad,
        "SAT": grown(saturated, 1),
        "INTRP": bad | rays,
        "CR": rays,
        "EDGE": edge,
        "SUSPECT": suspect,
        "NO_DATA": lost,
        "STREAK": streak,
    }
    return pixels, suspect | saturated, masks, artefacts


def _stack(scene: Scene) -> tuple[NDArray[np.float32], dict[str, NDArray[np.bool_]]]:
    """Return the template's pixels with the noise of a stack, and its masks."""
    visit, detector, rng = scene.visit, scene.detector, scene.rng
    shape = scene.template.shape
    variance = visit.template_sky_sigma**2 + scene.template.clip(0) / (20 * _ELECTRONS_PER_NJY)
    warp = np.outer([0.15, 0.7, 0.15], [0.15, 0.7, 0.15])  # interpolation during warping smooths the noise
    noise = convolve(rng.normal(0, 1, shape).astype(np.float32), warp / math.sqrt((warp**2).sum()))
    pixels = scene.template + noise * np.sqrt(variance)
    saturated = pixels > SATURATION
    np.minimum(pixels, np.float32(SATURATION), out=pixels)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    lost = np.zeros(shape, bool)
    if visit.id == UNCOVERED_VISIT and detector.id == 93:
        lost = x + 0.35 * y < 120  # the tract ends here
    return pixels, {"SAT": saturated, "NO_DATA": lost, "BAD": np.zeros(shape, bool)}
