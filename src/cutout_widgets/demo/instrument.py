"""The demo's camera and its visits: pointings, times and image quality."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from cutout_widgets.demo.gaussians import Psf, shape_covariance
from cutout_widgets.pixels.geometry import Box

__all__ = ["DETECTORS", "FIELD", "INSTRUMENT", "PIXEL_ARCSEC", "SATURATION", "VISITS", "Detector", "Visit"]

INSTRUMENT = "DemoCam"
"""Name of the camera in the Butler and in the APDB's metadata."""

PIXEL_ARCSEC = 0.2
"""Pixel scale of LSSTCam."""

FIELD = (150.10, 2.18)
"""Boresight of the first visit, ICRS degrees."""

SATURATION = 40_000.0
"""Flux of a pixel (nJy) at saturation."""

SIDE = 1024
"""Side of each detector in pixels."""


@dataclass(frozen=True)
class Detector:
    """One detector of the camera."""

    id: int
    """Its number."""
    name: str
    """Its name in the raft, as in Rubin's camera geometry."""
    x0: int
    """Parent pixel of the first column of images, in LTV1."""
    y0: int
    """Parent pixel of the first row of images, in LTV2."""
    offset_px: float
    """Position of its centre on the focal plane, pixels along x from the optical axis."""
    bad_columns: tuple[int, ...]
    """Array columns in the defect table, which are interpolated."""

    @property
    def box(self) -> Box:
        """The pixels of its images."""
        return Box.from_shape((SIDE, SIDE), (self.y0, self.x0))


DETECTORS = (
    Detector(93, "R22_S10", 0, 0, -(SIDE / 2 + 20), (212, 213, 640)),
    # The first rows and columns are not used, so that parent pixels differ from array pixels.
    Detector(94, "R22_S11", 64, 32, SIDE / 2 + 20, (77, 801, 802)),
)
"""Two neighbouring detectors in the centre of the focal plane."""


@dataclass(frozen=True)
class Visit:
    """One exposure of the whole camera."""

    id: int
    """Day of observation and sequence number, 13 digits, as in Rubin's visit ids."""
    mjd: float
    """Middle of the exposure, MJD TAI."""
    band: str
    """Filter."""
    rotation_deg: float
    """Angle from north through east to the camera's +y."""
    dither_arcsec: tuple[float, float]
    """Boresight relative to `FIELD`: east, north."""
    template_sigma: float
    """PSF core of the template in this band, pixels."""
    kernel: tuple[float, float, float]
    """Kernel that converts the template's PSF to the visit's: major sigma (px), axis ratio, angle (rad)."""
    kernel_error: float
    """Relative error of that width in the subtraction, which leaves residuals of bright stars."""
    astrometry_px: tuple[float, float]
    """Error of the visit's astrometric registration to the template, x and y."""
    sky_sigma: float
    """Noise of an empty pixel, nJy."""

    exposure_s: float = 30.0
    """Exposure time."""

    @property
    def day_obs(self) -> int:
        """The day, as eight digits."""
        return self.id // 100_000

    @property
    def template_psf(self) -> Psf:
        """PSF of the template."""
        return Psf.round_core(self.template_sigma)

    @property
    def psf(self) -> Psf:
        """PSF of the exposure: the template's, convolved with the kernel."""
        return self.template_psf.broadened(shape_covariance(*self.kernel))

    @property
    def template_sky_sigma(self) -> float:
        """Noise of an empty pixel of the template, a stack of about twenty visits."""
        return self.sky_sigma / 4.5

    @property
    def boresight(self) -> tuple[float, float]:
        """Pointing of the camera, ICRS degrees."""
        east, north = self.dither_arcsec
        return FIELD[0] + east / 3600 / math.cos(math.radians(FIELD[1])), FIELD[1] + north / 3600

    def wcs_cards(self, detector: Detector) -> fits.Header:
        """Return the TAN-SIP world coordinates of a detector, in *array* pixels as in FITS."""
        header = fits.Header()
        ra, dec = self.boresight
        angle, scale = math.radians(self.rotation_deg), PIXEL_ARCSEC / 3600
        cards: dict[str, object] = {
            "WCSAXES": 2,
            "CTYPE1": "RA---TAN-SIP",
            "CTYPE2": "DEC--TAN-SIP",
            "CUNIT1": "deg",
            "CUNIT2": "deg",
            "RADESYS": "ICRS",
            "CRVAL1": ra,
            "CRVAL2": dec,
            "CRPIX1": SIDE / 2 + 0.5 - detector.offset_px,
            "CRPIX2": SIDE / 2 + 0.5,
            "CD1_1": -scale * math.cos(angle),
            "CD1_2": scale * math.sin(angle),
            "CD2_1": scale * math.sin(angle),
            "CD2_2": scale * math.cos(angle),
            # Up to two pixels at the far corner; without inverse polynomial, as lsst.images requires.
            "A_ORDER": 3,
            "B_ORDER": 3,
            "A_2_0": 1.1e-6,
            "A_1_1": -4.0e-7,
            "A_3_0": 6.0e-10,
            "A_1_2": 6.0e-10,
            "B_0_2": 9.0e-7,
            "B_1_1": 5.0e-7,
            "B_0_3": 6.0e-10,
            "B_2_1": 6.0e-10,
        }
        header.update(cards)
        return header


VISITS = (
    Visit(
        2026043000112, 61161.0312, "r", 4.0, (0.0, 0.0), 1.55, (1.10, 0.90, 0.4), 0.010, (0.02, -0.01), 16.0
    ),
    Visit(
        2026043000151, 61161.0494, "g", 5.5, (4.0, -3.0), 1.70, (1.25, 0.85, 1.1), 0.015, (-0.03, 0.02), 13.0
    ),
    Visit(
        2026050400087, 61165.0271, "r", 183.0, (-7.0, 5.0), 1.55, (1.65, 0.92, 2.0), 0.012, (0.01, 0.03), 17.0
    ),
    Visit(
        2026051100203, 61172.0587, "i", -27.0, (9.0, 8.0), 1.50, (0.95, 0.95, 0.0), 0.020, (0.03, 0.03), 23.0
    ),
    Visit(
        2026051900064,
        61180.0190,
        "r",
        41.0,
        (-3.0, -9.0),
        1.55,
        (1.30, 0.80, 2.6),
        0.015,
        (-0.02, -0.04),
        15.0,
    ),
    Visit(
        2026060200039, 61194.0105, "g", 200.0, (6.0, -6.0), 1.70, (1.85, 0.94, 0.9), 0.012, (0.02, 0.0), 14.0
    ),
)
"""Five weeks; the first two visits are in one night, so that asteroids move visibly."""


def magnitude_to_flux(magnitude: float | np.ndarray) -> float | np.ndarray:
    """Return nJy of an AB magnitude."""
    return 10 ** ((31.4 - magnitude) / 2.5)
