"""Where north and east lie on a cutout."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.pixels.image import Triplet
from cutout_widgets.testing import make_image, make_wcs
from cutout_widgets.widget.pages.compass import compasses_of

RA, DEC = 53.0, -28.0


def compass_of(triplet: Triplet):
    return compasses_of([triplet])[0].get("science")


def at_the_source(rotation: float = 0.0) -> Triplet:
    wcs = make_wcs(at=(10, 10), rotation=rotation)
    return Triplet(science=make_image((21, 21), wcs=wcs))


def test_north_is_up_and_east_is_left():
    compass = compass_of(at_the_source())
    assert compass["north"] == pytest.approx((0, 1), abs=1e-4)
    assert compass["east"] == pytest.approx((-1, 0), abs=1e-4)
    assert compass["arcsec_per_px"] == pytest.approx(0.2, rel=1e-6)


def test_a_rotated_detector_rotates_the_compass():
    """North 30 degrees counter-clockwise from +y."""
    compass = compass_of(at_the_source(rotation=30))
    assert compass["north"] == pytest.approx((-np.sin(np.radians(30)), np.cos(np.radians(30))), abs=1e-4)


def test_without_a_wcs_there_is_no_compass():
    assert compass_of(Triplet(science=make_image())) is None
    assert compass_of(Triplet()) is None


def test_a_wcs_in_another_frame_is_converted_to_icrs():
    from astropy.coordinates import SkyCoord
    from astropy.wcs import WCS

    galactic = SkyCoord(RA, DEC, unit="deg").galactic
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["GLON-TAN", "GLAT-TAN"]
    wcs.wcs.crval = [galactic.l.deg, galactic.b.deg]
    wcs.wcs.crpix = [11, 11]
    wcs.wcs.cdelt = [-0.2 / 3600, 0.2 / 3600]
    compass = compass_of(Triplet(science=make_image((21, 21), wcs=wcs)))
    pole = SkyCoord(RA, DEC + 1e-4, unit="deg").galactic
    north = np.array(wcs.world_to_pixel(pole)) - 10
    assert compass["north"] == pytest.approx(tuple(north / np.hypot(*north)), abs=1e-3)


def test_a_mirrored_detector_swaps_east_and_west():
    wcs = make_wcs(at=(10, 10))
    wcs.wcs.cdelt = [0.2 / 3600, 0.2 / 3600]
    compass = compass_of(Triplet(science=make_image((21, 21), wcs=wcs)))
    assert compass["east"] == pytest.approx((1, 0), abs=1e-4)
    assert compass["north"] == pytest.approx((0, 1), abs=1e-4)


def test_cutouts_of_several_exposures_keep_their_order():
    one, other = make_wcs(at=(10, 10)), make_wcs(at=(10, 10), rotation=90, scale=0.5)
    triplets = [Triplet(science=make_image((21, 21), wcs=wcs)) for wcs in (one, other, one)]
    triplets.insert(1, Triplet())
    found = compasses_of(triplets)
    scales = [round(one["science"]["arcsec_per_px"], 6) if one else None for one in found]
    assert scales == [0.2, None, 0.5, 0.2]
    assert found[2]["science"]["north"] == pytest.approx((-1, 0), abs=1e-4)


def test_each_panel_has_the_compass_of_its_own_grid():
    science, template = make_wcs(at=(10, 10)), make_wcs(at=(10, 10), rotation=90, scale=0.5)
    found = compasses_of(
        [Triplet(make_image((21, 21), wcs=template), make_image((21, 21), wcs=science), make_image((21, 21)))]
    )[0]
    assert found["science"]["north"] == pytest.approx((0, 1), abs=1e-4)
    assert found["template"]["north"] == pytest.approx((-1, 0), abs=1e-4)
    assert found["template"]["arcsec_per_px"] == pytest.approx(0.5, rel=1e-6)
    assert found["difference"] == found["science"], "without a WCS it lies on the pixels of the others"


def test_beyond_the_horizon_there_is_no_compass():
    wcs = make_wcs()
    wcs.wcs.ctype = ["RA---SIN", "DEC--SIN"]  # the orthographic sky ends 1 031 324 pixels from its middle
    assert compass_of(Triplet(science=make_image((5, 5), yx0=(2_000_000, 0), wcs=wcs))) is None
