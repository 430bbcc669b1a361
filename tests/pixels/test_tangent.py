"""A tangent plane as plain numbers agrees with astropy's WCS, which is made on demand."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from astropy.wcs import WCS

import cutout_widgets as cw
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.pixels.compass import compasses_in
from cutout_widgets.pixels.position import locate, pixel_scale
from cutout_widgets.pixels.projection import pixel_to_pixel, pixels_at, same_grid, speaks_icrs, world_at
from cutout_widgets.pixels.tangent import TangentPlane
from cutout_widgets.testing import make_image

TURNED = ((-4e-5, 3e-5), (3e-5, 4e-5))
"""0.18 arcsec a pixel, north 37 degrees off."""


def plane(ra=53.0, dec=-28.0, pc=TURNED):
    return TangentPlane(crpix=(20.5, 10.5), crval=(ra, dec), cdelt=(1.0, 1.0), pc=pc)


PLACES = [(53.0, -28.0), (0.0, 0.0), (359.9999, 45.0), (10.0, 89.9), (200.0, -89.99), (-60.0, 5.0)]


@pytest.mark.parametrize(("ra", "dec"), PLACES)
def test_pixel_to_sky_agrees_with_astropy(ra, dec):
    one = plane(ra, dec)
    x, y = np.meshgrid(np.linspace(-3000, 3000, 7), np.linspace(-3000, 3000, 7))
    lon, lat = one.world_at(x, y)
    expected = one.astropy.all_pix2world(x.ravel(), y.ravel(), 0)
    apart = (lon.ravel() - expected[0] + 180) % 360 - 180
    np.testing.assert_allclose(apart * np.cos(np.radians(lat.ravel())), 0, atol=1e-11)
    np.testing.assert_allclose(lat.ravel(), expected[1], rtol=0, atol=1e-11)
    assert lon.min() >= 0
    assert lon.max() < 360


@pytest.mark.parametrize(("ra", "dec"), PLACES)
def test_sky_to_pixel_agrees_with_astropy(ra, dec):
    one = plane(ra, dec)
    lon, lat = one.astropy.all_pix2world(np.linspace(-3000, 3000, 9), np.linspace(900, -800, 9), 0)
    np.testing.assert_allclose(
        np.column_stack(one.pixels_at(lon, lat)),
        np.column_stack(one.astropy.all_world2pix(lon, lat, 0)),
        rtol=0,
        atol=1e-6,
    )


def test_the_reference_pixel_maps_to_the_reference_point():
    assert [float(one) for one in plane().world_at(19.5, 9.5)] == pytest.approx([53.0, -28.0], abs=1e-13)
    assert [float(one) for one in plane().pixels_at(53.0, -28.0)] == pytest.approx([19.5, 9.5], abs=1e-9)


def test_the_other_half_of_the_sky_has_no_pixel():
    x, y = pixels_at(plane(), [233.0, 53.0], [28.0, -28.0])
    assert np.isnan(x).tolist() == np.isnan(y).tolist() == [True, False]


def test_shifting_the_plane_shifts_the_wcs():
    x, y = plane().moved(100, 200).astropy.all_world2pix([53.0], [-28.0], 0)
    assert (x[0], y[0]) == pytest.approx((119.5, 209.5), abs=1e-9)


def test_the_astropy_wcs_of_an_image_is_made_once():
    one = plane()
    image = make_image((8, 9), wcs=one)
    assert isinstance(image.wcs, WCS)
    assert image.wcs is image.wcs is image[2:, 3:].wcs is replace(image, unit="nJy").wcs
    assert image.projection is one
    assert make_image((8, 9)).wcs is None
    assert make_image((8, 9)).projection is None
    assert cw.Image(np.zeros((2, 2))).wcs is None


def test_an_image_keeps_a_given_wcs():
    wcs = plane().astropy
    image = make_image((8, 9), wcs=wcs)
    assert image.wcs is image.projection is wcs
    assert image.replaced({"wcs": None}).projection is None


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_keeps_the_tangent_plane(again):
    one = make_image((8, 9), wcs=plane())
    assert one.wcs is not None
    other = again(one)
    assert isinstance(other.projection, TangentPlane)
    assert other.projection.crval == (53.0, -28.0)


def test_positions_scale_and_compass_agree_with_the_wcs():
    light, full = make_image((20, 40), wcs=plane()), make_image((20, 40), wcs=plane().astropy)
    row = DiaSource(id=1, ra=53.0001, dec=-28.0002)
    np.testing.assert_allclose(locate(light, [row]), locate(full, [row]), rtol=0, atol=1e-9)
    assert pixel_scale(light) == pytest.approx(pixel_scale(full), rel=1e-9)
    (one,), (two,) = compasses_in([light]), compasses_in([full])
    assert one.north == pytest.approx(two.north, abs=1e-9)
    assert one.arcsec_per_px == pytest.approx(0.18, rel=1e-6)
    assert speaks_icrs(light.projection)
    assert light.sky_at(19.5, 9.5).ra.deg == pytest.approx(53.0)


def test_a_tangent_plane_and_its_wcs_compare_as_the_same_grid():
    one, two = plane(), plane().astropy
    box = cw.Box(0, 20, 0, 40)
    assert same_grid(one, two, box)
    assert same_grid(one, plane(), box)
    assert not same_grid(one, one.moved(1, 0), box)
    x, y = pixel_to_pixel(one, two, [3.0], [4.0])
    assert (x[0], y[0]) == pytest.approx((3.0, 4.0), abs=1e-6)


def test_world_at_takes_any_shape():
    lon, lat = world_at(plane(), np.zeros((2, 3)), np.zeros((2, 3)))
    assert lon.shape == lat.shape == (2, 3)
