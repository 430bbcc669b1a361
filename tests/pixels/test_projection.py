"""Longitude comes first, whichever WCS axis is declination."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.wcs import WCS

from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.mapping import map_boxes
from cutout_widgets.pixels.position import locate, pixel_scale
from cutout_widgets.pixels.projection import latitude_first, pixels_at, same_grid, speaks_icrs, world_at
from cutout_widgets.pixels.region import Region
from cutout_widgets.testing import make_sources, make_wcs


def swapped(wcs: WCS) -> WCS:
    """The same sky on the same pixels, declination first."""
    new = WCS(naxis=2)
    new.wcs.ctype = list(wcs.wcs.ctype)[::-1]
    new.wcs.cunit = ["deg", "deg"]
    new.wcs.radesys = "ICRS"
    new.wcs.crval = wcs.wcs.crval[::-1]
    new.wcs.crpix = wcs.wcs.crpix
    new.wcs.cdelt = [1.0, 1.0]
    new.wcs.pc = wcs.pixel_scale_matrix[::-1]  # rows are world axes
    new.wcs.set()
    return new


AT_60 = make_wcs(ra=30.0, dec=60.0, at=(20.0, 15.0), scale=0.2, rotation=25.0)
SWAPPED = swapped(AT_60)


class LowLevel:
    """A non-FITS WCS that wraps SWAPPED."""

    world_axis_physical_types = ("pos.eq.dec", "pos.eq.ra")

    @property
    def low_level_wcs(self):
        return self

    def pixel_to_world_values(self, x, y):
        return SWAPPED.pixel_to_world_values(x, y)

    def world_to_pixel_values(self, dec, ra):
        return SWAPPED.world_to_pixel_values(dec, ra)


@pytest.mark.parametrize("wcs", [SWAPPED, LowLevel()], ids=["FITS", "other"])
def test_longitude_comes_first_in_both_directions(wcs):
    assert latitude_first(wcs)
    lon, lat = world_at(wcs, [3.0, 40.0], [4.0, 1.0])
    np.testing.assert_allclose((lon, lat), world_at(AT_60, [3.0, 40.0], [4.0, 1.0]), atol=1e-12)
    np.testing.assert_allclose(pixels_at(wcs, lon, lat), [[3.0, 40.0], [4.0, 1.0]], atol=1e-6)


def test_pixel_scale_and_angles_are_correct_with_declination_first():
    image = Image(np.zeros((30, 40)), wcs=SWAPPED)
    assert pixel_scale(image) == pytest.approx(0.2, rel=1e-6)
    assert Region.of(2 * u.arcsec).sides_on(image) == (10,)


def test_positions_do_not_depend_on_the_axis_order():
    there, here = Image(np.zeros((30, 40)), wcs=AT_60), Image(np.zeros((30, 40)), wcs=SWAPPED)
    sources = make_sources(5, image=there)
    assert speaks_icrs(SWAPPED)
    np.testing.assert_allclose(locate(here, sources), locate(there, sources), atol=1e-6)
    box = Box(3, 9, 4, 20)
    assert map_boxes([box], AT_60, here)[0].box == box
    assert map_boxes([box], SWAPPED, there)[0].box == box
    assert same_grid(AT_60, SWAPPED, box)
