"""Finding sources: connected pixels of the PSF-smoothed image above a threshold in sigma."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, MissingDependency
from cutout_widgets.footprints.footprint import Connectivity, Footprint, Peak
from cutout_widgets.footprints.segmentation import footprints_above, peaks
from cutout_widgets.pixels.planes import where_any
from cutout_widgets.pixels.psf import PsfModel
from cutout_widgets.stores.in_hand import as_image

if TYPE_CHECKING:
    from cutout_widgets.pixels.image import Image

__all__ = ["MASKED", "Detection", "Polarity", "detect", "significance"]

Polarity = Literal["positive", "negative", "both"]
"""Sources brighter than the sky, fainter (on differences), or both."""

MASKED = ("NO_DATA", "BAD")
"""Mask planes whose pixels are ignored. Saturated pixels are used, or a bright star would be a ring."""

MAD_TO_SIGMA = 1.4826
"""Converts the median absolute deviation to the sigma of a Gaussian."""


@dataclass(frozen=True)
class Detection:
    """A connected region of significant pixels.

    Examples
    --------
    >>> from cutout_widgets.footprints import Peak
    >>> one = Detection(cw.Footprint.from_box(cw.Box(0, 2, 0, 3)), (Peak(x=1, y=1, value=9.0),))
    >>> one.footprint.area
    6
    """

    footprint: Footprint
    """Its pixels, grown as requested."""
    peaks: tuple[Peak, ...]
    """Local extremes of the significance, the most significant first; `value` in sigma, signed."""
    parent: int | None = None
    """After deblending: the index of the blend it came from; None if it was not blended."""

    @property
    def polarity(self) -> int:
        """1 for a source brighter than the sky, -1 for a fainter one."""
        return -1 if self.peaks and self.peaks[0].value < 0 else 1


def significance(
    image: Image,
    psf: PsfModel,
    *,
    masked_planes: Sequence[str] = MASKED,
    noise: Literal["variance", "measured"] | None = None,
) -> NDArray[np.float32]:
    """Return the signal-to-noise ratio of a point source at every pixel.

    Parameters
    ----------
    image
        Background subtracted.
    psf
        The PSF.
    masked_planes
        Mask planes whose pixels are ignored.
    noise
        ``"variance"``: use the image's variance plane; ``"measured"``: use the scatter of the smoothed
        image itself (right for correlated noise). By default the variance plane if there is one.

    Returns
    -------
    ndarray
        Shape (ny, nx): the image correlated with the PSF, divided by the standard deviation of that;
        NaN where the image is NaN.
    """
    try:
        from scipy.signal import oaconvolve
    except ImportError as err:
        raise MissingDependency("scipy", "detect", "detecting sources") from err
    pixels = np.asarray(image.pixels, dtype=float)
    lost = ~np.isfinite(pixels) | where_any(image, masked_planes)
    if image.variance is not None and noise != "measured":
        variance = np.asarray(image.variance, dtype=float)
        lost |= ~np.isfinite(variance) | (variance <= 0)
    elif noise == "variance":
        raise BadOption("noise='variance' needs an image with a variance plane")
    else:
        variance = np.ones_like(pixels)
    kernel = psf.kernel[::-1, ::-1]
    signal = oaconvolve(np.where(lost, 0.0, pixels), kernel, mode="same")
    spread = oaconvolve(np.where(lost, 0.0, variance), kernel**2, mode="same")
    floor = 1e-3 * float(np.median(variance[~lost])) / psf.noise_area if (~lost).any() else 1.0
    ratio = signal / np.sqrt(np.maximum(spread, floor))
    ratio[lost] = np.nan
    if image.variance is None or noise == "measured":
        known = ratio[~lost]
        middle = np.median(known) if len(known) else 0.0
        scatter = MAD_TO_SIGMA * float(np.median(np.abs(known - middle))) if len(known) else 1.0
        ratio /= scatter if scatter > 0 else 1.0
    found: NDArray[np.float32] = ratio.astype(np.float32)
    return found


def detect(
    image: Image | Any,
    *,
    threshold: float = 5.0,
    polarity: Polarity = "positive",
    psf: PsfModel | NDArray[Any] | float | None = None,
    grow_px: int | None = None,
    least_area: int = 1,
    connectivity: Connectivity = 8,
    masked_planes: Sequence[str] = MASKED,
    noise: Literal["variance", "measured"] | None = None,
) -> list[Detection]:
    """Find sources on a background-subtracted image.

    Parameters
    ----------
    image
        The image, or anything that `cutout_widgets.as_image` accepts.
    threshold
        In standard deviations of the PSF-smoothed image; pixels equal to it count.
    polarity
        ``"both"`` finds negative sources too; regions that touch after growing become one source with
        peaks of either sign, a dipole.
    psf
        Kernel image or FWHM in pixels; None = the image's own.
    grow_px
        Radius in pixels by which regions grow; None = 2.4 sigma of the PSF, as in LSST.
    least_area
        Minimum number of significant pixels in a region.
    connectivity
        4 or 8.
    masked_planes
        Mask planes whose pixels are ignored.
    noise
        See `significance`.

    Returns
    -------
    list of Detection
        Ordered by first pixel, in parent pixels, clipped to the image.

    Raises
    ------
    MissingDependency
        If scipy is not installed.
    BadOption
        If an option is invalid, or there is no PSF.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.random.default_rng(1).normal(size=(40, 40)).astype("f4")
    >>> pixels[20:23, 10:13] += 50
    >>> [len(one.peaks) for one in detect(cw.as_image(pixels), psf=3.0, noise="measured")]
    [1]
    """
    if polarity not in ("positive", "negative", "both"):
        raise BadOption(f"polarity is 'positive', 'negative' or 'both'; got {polarity!r}")
    if not threshold > 0:
        raise BadOption(f"a threshold is a positive number of sigma; got {threshold}")
    image = as_image(image)
    model = PsfModel.of(image, psf)
    ratio = significance(image, model, masked_planes=masked_planes, noise=noise)
    yx0 = (image.box.y0, image.box.x0)
    cores: list[tuple[Footprint, list[Peak]]] = []
    for sign in {"positive": (1,), "negative": (-1,), "both": (1, -1)}[polarity]:
        parts = footprints_above(
            ratio,
            threshold,
            polarity=sign,
            least_area=least_area,
            connectivity=connectivity,
            yx0=yx0,
        )
        cores += [(part, peaks(part, ratio, polarity=sign, yx0=yx0)) for part in parts]
    radius = round(2.4 * model.sigma) if grow_px is None else grow_px
    return _merged(cores, radius, image, connectivity)


def _merged(
    cores: list[tuple[Footprint, list[Peak]]], radius: int, image: Image, connectivity: Connectivity
) -> list[Detection]:
    """Grow regions and merge those that then touch."""
    if not cores:
        return []
    grown = np.concatenate([core.dilated(radius).spans for core, _ in cores])
    regions = Footprint(grown).clipped(image.box).split(connectivity)
    first = np.array([peak[0][:2] for _, peak in cores if peak], dtype=float).reshape(-1, 2)
    owners = _owners(regions, first)
    found: list[list[Peak]] = [[] for _ in regions]
    for owner, (_, own) in zip(owners, [core for core in cores if core[1]], strict=True):
        found[owner] += own
    return [
        Detection(region, tuple(sorted(own, key=lambda peak: -abs(peak.value))))
        for region, own in zip(regions, found, strict=True)
    ]


def _owners(regions: Sequence[Footprint], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the region that contains each point (x, y); every point is in one."""
    if not len(points):
        return np.zeros(0, dtype=np.int64)
    spans = np.concatenate([region.spans for region in regions])
    owner = np.repeat(np.arange(len(regions)), [len(region) for region in regions])
    order = np.lexsort((spans[:, 1], spans[:, 0]))
    spans, owner = spans[order], owner[order]
    stride = int(spans[:, 2].max() - spans[:, 1].min()) + 2
    start = (spans[:, 0] - spans[0, 0]) * stride + spans[:, 1] - spans[:, 1].min()
    at = (points[:, 1].astype(np.int64) - spans[0, 0]) * stride + points[:, 0].astype(np.int64)
    return np.asarray(owner[np.searchsorted(start, at - spans[:, 1].min(), side="right") - 1])
