"""Two catalogues of the same sky: rows that are each other's nearest, against astropy's matching both ways.

Many rows with the same declination made an earlier sweep algorithm quadratic. Needs scipy, as astropy does.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from benchmarks.timing import compare, report
from cutout_widgets.catalog.matching import match_positions

ARCSEC = 1 / 3600
RADIUS = 0.5 * ARCSEC


def astropy_both_ways(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return which rows of the first are mutually nearest to one of the second."""
    one, two = (SkyCoord(where[:, 0], where[:, 1], unit="deg") for where in (first, second))
    there, separation, _ = one.match_to_catalog_sky(two)
    back, _, _ = two.match_to_catalog_sky(one)
    return (back[there] == np.arange(len(first))) & (separation <= RADIUS * u.deg)


def skies() -> dict[str, np.ndarray]:
    """Return positions of several kinds."""
    rng = np.random.default_rng(0)
    n = 100_000
    return {
        "an equatorial strip": np.column_stack([rng.uniform(0, 360, n), rng.uniform(-0.5, 0.5, n)]),
        "one declination": np.column_stack([rng.uniform(0, 360, n), np.zeros(n)]),
        "a field of a degree": np.column_stack([rng.uniform(150, 151, n), rng.uniform(2, 3, n)]),
        "all the sky": np.column_stack(
            [rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))]
        ),
        "a lattice": rng.integers(0, 300, (n, 2)) * ARCSEC,
    }


def main() -> None:
    rng = np.random.default_rng(1)
    for name, first in skies().items():
        second = first + rng.normal(0, 0.1 * ARCSEC, first.shape)
        found = compare(
            partial(astropy_both_ways, first, second),
            partial(match_positions, first, second, RADIUS),
            rounds=3,
        )
        report(f"{len(first)} rows of {name}", found)


if __name__ == "__main__":
    main()
