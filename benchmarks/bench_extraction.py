"""10 000 cutouts of 30x30 from one detector in memory, some over its edge, against Cutout2D."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from astropy.nddata import Cutout2D

from benchmarks.timing import compare, report
from cutout_widgets.pixels.cutting import cut, cut_stack
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.region import Region

CUTOUTS = 10_000
SIDE = 30


class Place(NamedTuple):
    """A source with a position."""

    xy: tuple[float, float]
    ra: float = np.nan
    dec: float = np.nan


def main() -> None:
    rng = np.random.default_rng(3)
    pixels = rng.normal(size=(4000, 4072)).astype(np.float32)
    image = Image(pixels)
    places = [Place((x, y)) for x, y in rng.uniform((-10.0, -10.0), (4081.0, 4009.0), (CUTOUTS, 2)).tolist()]
    region = Region.of(SIDE)

    def usual() -> list[Cutout2D]:
        return [Cutout2D(pixels, place.xy, (SIDE, SIDE), mode="partial", copy=True) for place in places]

    def as_stack() -> np.ndarray:
        return cut_stack(image, region.boxes_on(image, places))

    def one_by_one() -> list[Image]:
        return [cut(image, box) for box in region.boxes_on(image, places)]

    expected = np.array([one.data for one in usual()])
    assert np.array_equal(expected, as_stack(), equal_nan=True)
    assert np.array_equal(expected, np.array([one.pixels for one in one_by_one()]), equal_nan=True)
    what = f"{CUTOUTS} cutouts {SIDE}x{SIDE} at positions"
    report(f"{what}, one stack", compare(usual, as_stack, rounds=7), floor=12)
    report(f"{what}, images", compare(usual, one_by_one, rounds=7))


if __name__ == "__main__":
    main()
