"""The true sky on one detector of one visit, without noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from astropy.wcs import WCS
from numpy.typing import NDArray

from cutout_widgets.demo.gaussians import DE_VAUCOULEURS, EXPONENTIAL, paint, shape_covariance
from cutout_widgets.demo.instrument import PIXEL_ARCSEC, SIDE, Detector, Visit
from cutout_widgets.demo.sky import Sky, SkyObject

__all__ = ["Cause", "Scene"]

_PROFILES = {"point": ((1.0, 0.0),), "disc": EXPONENTIAL, "spheroid": DE_VAUCOULEURS}


@dataclass(frozen=True)
class Cause:
    """A true source in one exposure, whether or not it was detected."""

    kind: str
    """One of `sky.KINDS`, or ``"injected"`` and ``"injected in template"``."""
    object_id: int
    """`SkyObject.id`; for injected sources a larger number."""
    x: float
    """True position in array pixels of the science image."""
    y: float
    """The same, along y."""
    flux: float
    """True flux in the science image, nJy."""
    template_flux: float
    """True flux in the template, nJy."""
    template_x: float
    """Position in the template, array pixels."""
    template_y: float
    """The same, along y."""
    trail_px: float = 0.0
    """Length of its trail in this exposure."""


class Scene:
    """Draws the true sky of one exposure, and records the sources."""

    def __init__(self, sky: Sky, visit: Visit, detector: Detector) -> None:
        self.sky, self.visit, self.detector = sky, visit, detector
        self.rng = np.random.default_rng([sky.seed, visit.id % 2**32, detector.id])
        self.wcs = WCS(visit.wcs_cards(detector))
        self.science = np.zeros((SIDE, SIDE), np.float32)
        self.template = np.zeros((SIDE, SIDE), np.float32)
        self.causes: list[Cause] = []

    def paint_sky(self) -> None:
        """Draw every object whose light may fall on the detector."""
        objects = self.sky.objects
        number = self.sky.visits.index(self.visit)
        minutes = np.array([(self.visit.mjd - item.epoch) * 1440 if item.epoch else 0.0 for item in objects])
        motion = np.array([item.motion for item in objects]) * minutes[:, None]
        ra, dec = np.array([(item.ra, item.dec) for item in objects]).T
        squeeze = np.cos(np.radians(dec))
        offset = np.array([item.template_offset for item in objects])
        x, y = self.to_pixels(ra + motion[:, 0] / 3600 / squeeze, dec + motion[:, 1] / 3600)
        tx, ty = self.to_pixels(ra + offset[:, 0] / 3600 / squeeze, dec + offset[:, 1] / 3600)
        for k in np.flatnonzero((x > -80) & (x < SIDE + 80) & (y > -80) & (y < SIDE + 80)):
            item = objects[k]
            if item.kind == "asteroid" and abs(minutes[k]) > 300:
                continue  # visible only in another night
            cause = Cause(
                item.kind,
                item.id,
                float(x[k]),
                float(y[k]),
                item.flux[number],
                item.template_flux[number],
                float(tx[k]),
                float(ty[k]),
                math.hypot(*item.motion) * self.visit.exposure_s / 60 / PIXEL_ARCSEC,
            )
            self.paint(item, cause)

    def to_pixels(
        self, ra: NDArray[np.float64], dec: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return array pixels of sky positions; far from the detector without distortion."""
        x, y = self.wcs.wcs_world2pix(ra, dec, 0)
        near = (np.abs(x - SIDE / 2) < SIDE) & (np.abs(y - SIDE / 2) < SIDE)
        x[near], y[near] = self.wcs.all_world2pix(ra[near], dec[near], 0)
        return x, y

    def pixel_angle(self, angle_deg: float) -> float:
        """Return the angle from +x to +y, radians, of a position angle on the sky."""
        # +y points `rotation` east of north, and east lies counter-clockwise of north.
        return math.radians(90 + angle_deg - self.visit.rotation_deg)

    def paint(self, item: SkyObject, cause: Cause) -> None:
        """Draw one object on both images."""
        self.causes.append(cause)
        shape = shape_covariance(
            item.radius_arcsec / PIXEL_ARCSEC, item.axis_ratio, self.pixel_angle(item.angle_deg)
        )
        profile = _PROFILES[item.profile]
        steps = max(1, math.ceil(2 * cause.trail_px))
        angle = self.pixel_angle(math.degrees(math.atan2(*item.motion)))
        error_x, error_y = self.visit.astrometry_px
        for step in range(steps if cause.flux > 0 else 0):
            along = cause.trail_px * ((step + 0.5) / steps - 0.5)
            paint(
                self.science,
                cause.x + error_x + along * math.cos(angle),
                cause.y + error_y + along * math.sin(angle),
                cause.flux / steps,
                self.visit.psf,
                profile=profile,
                shape=shape,
            )
        if cause.template_flux > 0:
            paint(
                self.template,
                cause.template_x,
                cause.template_y,
                cause.template_flux,
                self.visit.template_psf,
                profile=profile,
                shape=shape,
            )

    def inject(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Add fake sources, as surveys do for testing; return their pixels in science and template."""
        y, x = np.mgrid[0:SIDE, 0:SIDE]
        places = []
        for kind, count in (("injected", 3), ("injected in template", 1)):
            where = np.zeros((SIDE, SIDE), bool)
            for _ in range(count):
                px, py = self.rng.uniform(30, SIDE - 30, 2)
                flux = float(self.rng.uniform(900, 6000))
                in_science = kind == "injected"
                canvas, psf = (
                    (self.science, self.visit.psf) if in_science else (self.template, self.visit.template_psf)
                )
                paint(canvas, px, py, flux, psf)
                number = (
                    len(self.sky.objects) + 100 * self.sky.visits.index(self.visit) + len(self.causes) + 1
                )
                self.causes.append(
                    Cause(kind, number, px, py, flux * in_science, flux * (not in_science), px, py)
                )
                where |= (x - px) ** 2 + (y - py) ** 2 < 49
            places.append(where)
        return places[0], places[1]
