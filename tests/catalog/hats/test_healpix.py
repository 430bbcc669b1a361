"""HEALPix compared with cdshealpix, and pixels near a circle."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.catalog.hats.healpix import largest_radius_deg, middles, near, separations_deg


@pytest.mark.parametrize("order", [0, 1, 2, 5, 12, 29])
def test_pixel_centres_agree_with_cdshealpix(order):
    cds = pytest.importorskip("cdshealpix.nested")
    n = 12 * 4**order
    pixels = np.arange(n) if n < 20_000 else np.random.default_rng(1).integers(0, n, 5000)
    lon, lat = middles(order, pixels.astype(np.int64))
    own = cds.healpix_to_lonlat(pixels.astype(np.uint64), order)
    assert np.abs((lon - own[0].deg + 180) % 360 - 180).max() < 1e-6
    assert np.abs(lat - own[1].deg).max() < 1e-7


@pytest.mark.parametrize("order", [0, 1, 4])
def test_no_corner_is_beyond_the_largest_radius(order):
    cds = pytest.importorskip("cdshealpix.nested")
    pixels = np.arange(12 * 4**order)
    lon, lat = middles(order, pixels)
    corners = cds.vertices(pixels.astype(np.uint64), order)
    for number in range(4):
        apart = [
            separations_deg(
                corners[0][n : n + 1, number].deg, corners[1][n : n + 1, number].deg, lon[n], lat[n]
            )[0]
            for n in pixels
        ]
        assert max(apart) <= largest_radius_deg(order) + 1e-9


def test_pixels_near_a_position_include_the_one_that_contains_it():
    cds = pytest.importorskip("cdshealpix.nested")
    from astropy.coordinates import Latitude, Longitude

    random = np.random.default_rng(2)
    places = np.stack(
        [random.uniform(0, 360, 200), np.degrees(np.arcsin(random.uniform(-1, 1, 200)))], axis=1
    )
    for ra, dec in places:
        own = int(cds.lonlat_to_healpix(Longitude(ra, "deg"), Latitude(dec, "deg"), 3)[0])
        assert near(3, np.array([own]), ra, dec, 1e-6)[0]
    assert near(3, np.arange(768), 10.0, 20.0, 1.0).sum() < 20


def test_separations_are_angles_on_the_sphere():
    assert separations_deg(np.array([359.5, 10.0]), np.array([0.0, 90.0]), 0.5, 0.0) == pytest.approx(
        [1.0, 90.0]
    )
