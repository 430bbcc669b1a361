"""Background, deblending and measurement of a crowded field, against sep (``pip install sep``) and the truth.

sep segments and sums apertures; ours fits all point sources simultaneously, which is more work.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmarks.timing import compare, report
from cutout_widgets import Image, deblend, detect, measure, subtract_background

SIGMA_PX, NOISE = 2.0, 10.0
FWHM_PX = 2.3548 * SIGMA_PX
MATCH_PX = 2.0


class Field(NamedTuple):
    """A field of Gaussian stars, and the truth."""

    sky: np.ndarray
    image: np.ndarray
    x: np.ndarray
    y: np.ndarray
    flux: np.ndarray


def field(stars: int, side: int = 1000, *, tilt: float = 0.0) -> Field:
    """Make a field of Gaussian stars."""
    rng = np.random.default_rng(3)
    y, x = np.indices((side, side))
    sky = tilt * (0.5 * x - 0.3 * y)
    image = sky + rng.normal(0, NOISE, sky.shape)
    flux = 10 ** rng.uniform(2.7, 4.5, stars)
    xs, ys = rng.uniform(0, side, stars), rng.uniform(0, side, stars)
    for at_x, at_y, one in zip(xs, ys, flux, strict=True):
        rows, columns = (slice(max(0, int(at) - 12), int(at) + 13) for at in (at_y, at_x))
        square = (x[rows, columns] - at_x) ** 2 + (y[rows, columns] - at_y) ** 2
        image[rows, columns] += one / (2 * np.pi * SIGMA_PX**2) * np.exp(-square / (2 * SIGMA_PX**2))
    return Field(sky, image.astype(np.float32), xs, ys, flux)


def flux_errors(stars: int, side: int = 500) -> str:
    """Compare the errors of fluxes with the truth, for sources with and without an undetected neighbour."""
    from scipy.spatial import KDTree

    one = field(stars * side**2 // 10**6, side)
    image = Image(one.image, variance=np.full(one.image.shape, NOISE**2, np.float32), unit="nJy")
    found = measure(image, deblend(image, detect(image, psf=FWHM_PX), psf=FWHM_PX), psf=FWHM_PX)
    table = found.sources.to_pandas()
    true, seen = np.c_[one.x, one.y], table[["x", "y"]].to_numpy()
    distance, nearest = KDTree(true).query(seen)
    lost = true[KDTree(seen).query(true)[0] > MATCH_PX]
    near = KDTree(lost).query(seen)[0] < 2 * FWHM_PX if len(lost) else np.zeros(len(seen), dtype=bool)
    good = distance < MATCH_PX
    words = [f"{stars} stars per Mpx, {len(lost) / len(true):.0%} of them not separated; scatter / error"]
    for name in ("psfFlux", "apFlux"):
        pull = ((table[name] - one.flux[nearest]) / table[f"{name}Err"]).to_numpy()
        widths = [_width(pull[good & which]) for which in (np.ones_like(near), near, ~near)]
        words.append("{} {:.2f} (beside such a star {:.2f}, else {:.2f})".format(name, *widths))
    return ", ".join(words)


def _width(values: np.ndarray) -> float:
    """Return the standard deviation of normal values, whatever a few of them are."""
    return float(1.4826 * np.median(np.abs(values - np.median(values)))) if len(values) else float("nan")


def main() -> None:
    for stars in (1000, 2000, 4000, 8000):
        print(f"  {flux_errors(stars)}")
    try:
        import sep
    except ImportError:
        print("  sep is not installed: pip install sep")
        return
    sep.set_extract_pixstack(10**7)
    sep.set_sub_object_limit(10**5)
    for stars in (300, 2000):
        sky, pixels = field(stars, tilt=1.0)[:2]
        edge = np.ones(sky.shape, dtype=bool)
        edge[32:-32, 32:-32] = False
        ours = subtract_background(Image(pixels), mesh_px=64).background.pixels
        theirs = sep.Background(pixels, bw=64, bh=64).back()
        residuals = [float(np.sqrt(((one - sky)[edge] ** 2).mean())) for one in (theirs, ours)]
        print(f"  residual at the edges, {stars} stars: sep {residuals[0]:.2f}, ours {residuals[1]:.2f}")
    pixels = field(4000).image
    image = Image(pixels, variance=np.full(pixels.shape, NOISE**2, np.float32), unit="nJy")
    kernel = np.exp(-(np.mgrid[-3:4, -3:4] ** 2).sum(axis=0) / (2 * SIGMA_PX**2))
    blends = detect(image, psf=FWHM_PX)

    def usual() -> None:
        data = pixels.astype(float)
        found = sep.extract(data, 5.0, err=NOISE, filter_kernel=kernel)
        sep.sum_circle(data, found["x"], found["y"], 6.0, err=NOISE)

    def ours() -> None:
        measure(image, deblend(image, blends, psf=FWHM_PX), psf=FWHM_PX)

    report("4000 stars: extract and sum; deblend and fit", compare(usual, ours, rounds=1))


if __name__ == "__main__":
    main()
