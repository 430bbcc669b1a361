"""Properties of an exposure: its corners on the sky, its pixel scale, its empty pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.detection.background import SKY_EXCLUDES
from cutout_widgets.errors import BadOption, counted
from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.mapping import outlines
from cutout_widgets.pixels.photometry import flux_to_abmag
from cutout_widgets.pixels.planes import where_any
from cutout_widgets.pixels.position import pixel_scale as arcsec_per_pixel
from cutout_widgets.pixels.projection import pixels_at

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.units import Quantity

__all__ = ["SkyStatistics", "corners", "pixel_scale", "sky_statistics"]

MAD_TO_SIGMA = 1.4826
"""Converts the median absolute deviation to the sigma of a Gaussian."""

HALF_RANGE_SIGMA = 4.0
"""Half width of the histogram about the median, in sigma."""


def corners(image: Image) -> SkyCoord:
    """Return the sky positions of the outer corners of an exposure.

    Parameters
    ----------
    image
        An image with a WCS.

    Returns
    -------
    SkyCoord
        Four ICRS positions at the edges of the corner pixels (not at their centres): lower left,
        upper left, upper right, lower right, in pixels.

    Raises
    ------
    BadOption
        If the image has no WCS.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> len(corners(make_image(wcs=make_wcs())))
    4
    """
    if image.wcs is None:
        raise BadOption("corners on the sky need a WCS, and this image has none")
    (points,) = outlines([image.box], samples=1)
    return image.wcs.pixel_to_world(points[:, 0], points[:, 1]).icrs


def pixel_scale(image: Image, at: XY | SkyCoord | Literal["middle", "reference"] = "middle") -> Quantity:
    """Return the side of a pixel: the square root of its area on the sky.

    Parameters
    ----------
    image
        An image with a WCS.
    at
        A position (parent pixels or a SkyCoord) or ``"middle"``: the local scale, including distortion;
        ``"reference"``: that of the linear part at the WCS's reference point.

    Returns
    -------
    Quantity
        In arcsec.

    Raises
    ------
    BadOption
        If the image has no WCS.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> print(pixel_scale(make_image(wcs=make_wcs(scale=0.2))).round(3))
    0.2 arcsec
    """
    from astropy import units as u

    if image.wcs is None:
        raise BadOption("the pixel scale needs a WCS, and this image has none")
    if at == "reference":
        from astropy.wcs.utils import proj_plane_pixel_area

        return (np.sqrt(proj_plane_pixel_area(image.wcs)) * u.deg).to(u.arcsec)
    if hasattr(at, "icrs"):
        x, y = pixels_at(image.wcs, at)
        at = XY(float(x), float(y))
    return arcsec_per_pixel(image, None if isinstance(at, str) else at) * u.arcsec


@dataclass(frozen=True, eq=False)
class SkyStatistics:
    """The distribution of empty pixels.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> cw.sky_statistics(make_image((40, 50), fill=3.0)).median
    3.0
    """

    n_pixels: int
    """Number of pixels used."""
    mean: float
    """Mean after clipping at 4 sigma about the median."""
    median: float
    """Median."""
    mad_sigma: float
    """1.4826 times the median absolute deviation about the *median*."""
    gauss_mean: float
    """Centre of the Gaussian fitted to the histogram; NaN if the fit failed."""
    gauss_sigma: float
    """Sigma of that Gaussian."""
    gauss_height: float
    """Height of that Gaussian, pixels per bin."""
    bin_centres: NDArray[np.float64]
    """Centres of the histogram's bins."""
    counts: NDArray[np.int64]
    """Number of pixels in each bin."""
    level_mag_arcsec2: float
    """AB surface brightness of the mean level; NaN if that is not positive or not a flux density."""
    noise_mag_arcsec2: float
    """AB surface brightness of one sigma of the pixel noise: a depth, not a brightness."""

    def __repr__(self) -> str:
        return (
            f"<SkyStatistics of {counted(self.n_pixels, 'pixel')}: median {self.median:.4g}, "
            f"sigma {self.mad_sigma:.4g} (MAD), {self.gauss_sigma:.4g} (fitted)>"
        )


def sky_statistics(
    image: Image, *, bins: int = 100, excluded_planes: Sequence[str] = SKY_EXCLUDES
) -> SkyStatistics:
    """Describe the empty pixels of an exposure.

    Parameters
    ----------
    image
        With or without its background; in nJy (or another flux density) for surface brightnesses.
    bins
        Number of bins of the histogram; approximate for pixels in steps, such as integers or lossily
        compressed ones: each bin then holds the same number of steps.
    excluded_planes
        Mask planes, in either vocabulary, of pixels to ignore; NaN pixels are ignored too.

    Returns
    -------
    SkyStatistics
        Robust and fitted centre and width, also as surface brightnesses.

    Raises
    ------
    BadOption
        If there are fewer than 5 bins or too few pixels are left.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> sky_statistics(make_image((40, 50), fill=3.0)).median
    3.0
    """
    if bins < 5:
        raise BadOption(f"a histogram to fit has at least 5 bins; got {bins}")
    good = np.isfinite(image.pixels) & ~where_any(image, excluded_planes)
    values = np.asarray(image.pixels[good], dtype=float)
    if len(values) < 3 * bins:
        raise BadOption(f"only {len(values)} pixels are unmasked and finite; {bins} bins need {3 * bins}")
    median = float(np.median(values))
    sigma = MAD_TO_SIGMA * float(np.median(np.abs(values - median)))
    near = values[np.abs(values - median) <= HALF_RANGE_SIGMA * sigma]
    reach = HALF_RANGE_SIGMA * sigma or 0.5
    counts, edges = np.histogram(near, bins=_edges(_step(image.pixels), median, reach, bins))
    centres = (edges[1:] + edges[:-1]) / 2
    height, centre, width = _gaussian(centres, counts.astype(float), median, sigma)
    mean = float(near.mean())
    return SkyStatistics(
        len(values),
        mean,
        median,
        sigma,
        centre,
        width,
        height,
        centres,
        counts,
        _surface_brightness(image, mean),
        _surface_brightness(image, sigma),
    )


def _step(pixels: NDArray[np.floating]) -> float:
    """Return the step between pixel values, as integers and quantized images have; 0 if there is none.

    Differences of neighbours are multiples of it, even after a smooth background was subtracted.
    """
    rows = pixels[:: max(1, pixels.shape[0] // 256)].astype(float)
    differences = np.abs(np.diff(rows, axis=1)).ravel()
    differences = differences[np.isfinite(differences) & (differences > 0)]
    if not len(differences):
        return 0.0
    if (differences == np.rint(differences)).all():
        return 1.0
    typical = float(np.median(differences))
    small = differences[(differences > typical / 50) & (differences < 2 * typical)]
    step = float(np.median(small[small < 1.5 * small.min()]))
    times = np.rint(small / step)
    if np.mean(np.abs(small / step - times) < 0.1) < 0.95:
        return 0.0
    return float(np.median(small / np.maximum(times, 1)))


def _edges(step: float, middle: float, reach: float, bins: int) -> NDArray[np.float64]:
    """Return bin edges; for pixels in steps each bin is a whole number of steps wide."""
    if step == 0 or step >= reach:
        return np.linspace(middle - reach, middle + reach, bins + 1)
    width = step * max(1, round(2 * reach / bins / step))
    count = max(5, round(2 * reach / width))
    return np.asarray(middle + width * (np.arange(count + 1) - count // 2) - step / 2)


def _gaussian(
    x: NDArray[np.float64], y: NDArray[np.float64], centre: float, sigma: float
) -> tuple[float, float, float]:
    """Fit height, centre and sigma of a Gaussian by Gauss-Newton; NaN where it does not converge."""
    if not sigma > 0:
        return float(y.max()), centre, sigma
    height, start = float(y.max()), sigma
    for _ in range(50):
        u = (x - centre) / sigma
        shape = np.exp(-(u**2) / 2)
        slopes = np.column_stack([shape, height * shape * u / sigma, height * shape * u**2 / sigma])
        change = np.linalg.lstsq(slopes, y - height * shape, rcond=None)[0]
        change[1:] = np.clip(change[1:], -sigma / 2, sigma / 2)
        height, centre, sigma = height + change[0], centre + change[1], sigma + change[2]
        if not (np.isfinite(sigma) and 0.02 * start < sigma < 50 * start):
            return np.nan, np.nan, np.nan
        if np.abs(change[1:]).max() < 1e-9 * start:
            break
    return float(height), float(centre), float(sigma)


def _surface_brightness(image: Image, value: float) -> float:
    """Return AB magnitudes per square arcsec of a value per pixel."""
    from astropy import units as u

    if image.wcs is None or image.unit is None:
        return np.nan
    try:
        flux = value * u.Unit(image.unit).to(u.nJy)
    except (ValueError, u.UnitConversionError):
        return np.nan
    area = arcsec_per_pixel(image) ** 2
    return float(flux_to_abmag(flux / area).magnitude)
