"""Positions on an image with a distorted FITS WCS equal those of astropy's coordinate objects."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS, Sip

from cutout_widgets.pixels.position import project
from cutout_widgets.testing import make_wcs


def bent(*, latitude_first: bool = False, frame: str = "ICRS") -> WCS:
    """Return a sky whose distortion moves the corners of a detector by some pixels."""
    wcs = make_wcs(359.999, -28.0, at=(500.0, 400.0), rotation=25.0)
    new = WCS(naxis=2)
    order = slice(None, None, -1 if latitude_first else 1)
    new.wcs.ctype = ["RA---TAN-SIP", "DEC--TAN-SIP"][order]
    new.wcs.cunit, new.wcs.radesys = ["deg", "deg"], frame
    new.wcs.crval, new.wcs.crpix = wcs.wcs.crval[order], wcs.wcs.crpix
    new.wcs.cd = wcs.pixel_scale_matrix[order]
    a = np.zeros((3, 3))
    a[2, 0] = a[1, 1] = 1e-5
    new.sip = Sip(a, a.T.copy(), None, None, new.wcs.crpix)
    new.wcs.set()
    return new


@pytest.mark.parametrize("latitude_first", [False, True])
def test_positions_equal_those_of_astropy_coordinates_exactly(latitude_first):
    wcs = bent(latitude_first=latitude_first)
    where = wcs.pixel_to_world(np.array([0.0, 500.0, 999.0, 17.3]), np.array([0.0, 400.0, 12.0, 799.0]))
    x, y = wcs.world_to_pixel(where)
    np.testing.assert_array_equal(project(wcs, where.ra.deg, where.dec.deg), np.column_stack([x, y]))
    np.testing.assert_array_equal(project(wcs, where.ra.deg - 360, where.dec.deg)[1], [x[1], y[1]])


def test_an_invalid_position_has_no_pixel():
    ra, dec = np.array([np.nan, 0.0, np.inf, 359.999]), np.array([-28.0, 95.0, -28.0, -28.0])
    assert np.isfinite(project(bent(), ra, dec)).all(axis=1).tolist() == [False, False, False, True]
    assert np.isnan(project(bent(), ra[:2], dec[:2])).all()


@pytest.mark.filterwarnings("ignore:'WCS.all_world2pix' failed to converge")
def test_a_position_on_the_opposite_sky_does_not_affect_the_others():
    found = project(bent(), np.array([179.999, 359.999]), np.array([28.0, -28.0]))
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], [500.0, 400.0], atol=1e-3)


def test_other_equinoxes_are_converted():
    wcs = bent(frame="FK5")
    where = SkyCoord(359.999, -28.0, unit="deg")
    np.testing.assert_array_equal(
        project(wcs, np.array([359.999]), np.array([-28.0]))[0], np.array(wcs.world_to_pixel(where))
    )
