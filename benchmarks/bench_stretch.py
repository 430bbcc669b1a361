"""A page of 72 images to grey levels: one call of ours against an astropy norm for each image.

Both give the same product: bytes with 0 for NaN and 1 to 255 for the levels.
"""

from __future__ import annotations

import numpy as np
from astropy.visualization import AsinhStretch, ImageNormalize, LinearStretch, MinMaxInterval, ZScaleInterval

from benchmarks.timing import compare, report
from cutout_widgets.display.stretch import Stretch

IMAGES = 72
FLOORS = {("asinh", 30): 20, ("asinh", 64): 8, ("asinh", 256): 3, ("zscale", 64): 8}


def page(side: int) -> np.ndarray:
    """Noise with a star in the middle, float32."""
    y, x = np.mgrid[:side, :side] - side // 2
    noise = np.random.default_rng(2).normal(0, 5, (IMAGES, side, side))
    return (noise + 500 * np.exp(-(x**2 + y**2) / 8)).astype(np.float32)


def with_astropy(images: np.ndarray, interval: type, curve: type) -> list[np.ndarray]:
    pages = []
    for image in images:
        norm = ImageNormalize(image, interval=interval(), stretch=curve(), clip=True)
        bent = np.asarray(norm(image))
        pages.append(np.where(np.isnan(bent), 0, 1 + np.rint(254 * bent)).astype(np.uint8))
    return pages


def main() -> None:
    ways = {
        "asinh": (Stretch("minmax", "asinh"), MinMaxInterval, AsinhStretch),
        "zscale": (Stretch("zscale", "linear"), ZScaleInterval, LinearStretch),
    }
    for side in (30, 64, 256):
        images = page(side)
        for name, (stretch, interval, curve) in ways.items():
            usual = np.array(with_astropy(images, interval, curve), dtype=int)
            assert np.abs(usual - stretch.to_bytes(images)).max() <= 1
            found = compare(
                lambda: with_astropy(images, interval, curve),  # noqa: B023  called before the next iteration
                lambda: stretch.to_bytes(images),  # noqa: B023  called before the next iteration
                rounds=21 if side < 256 else 7,
            )
            report(f"{IMAGES} images of {side}x{side}, {name}", found, floor=FLOORS.get((name, side)))


if __name__ == "__main__":
    main()
