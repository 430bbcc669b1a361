"""Which WCS compare equal."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import Sip

from cutout_widgets.pixels.wcs import equal_wcs, moved
from cutout_widgets.testing import make_wcs


def distorted(by: float):
    wcs = make_wcs(at=(20.0, 10.0))
    wcs.wcs.ctype = ["RA---TAN-SIP", "DEC--TAN-SIP"]
    a = np.zeros((3, 3))
    a[2, 0] = by
    wcs.sip = Sip(a, a.T.copy(), None, None, wcs.wcs.crpix)
    wcs.wcs.set()
    return wcs


def test_wcs_with_the_same_parameters_are_equal():
    assert equal_wcs(make_wcs(), make_wcs())
    assert equal_wcs(distorted(1e-5), distorted(1e-5))
    assert equal_wcs(None, None)


@pytest.mark.parametrize(
    "other",
    [None, make_wcs(53.000001), make_wcs(rotation=1.0), moved(make_wcs(), 1.0, 0.0), object()],
    ids=["none", "place", "rotation", "corner", "another kind"],
)
def test_wcs_with_different_parameters_are_not_equal(other):
    assert not equal_wcs(make_wcs(), other)
    assert not equal_wcs(other, make_wcs())


def test_distortions_are_compared():
    assert not equal_wcs(distorted(1e-5), distorted(2e-5))
    assert not equal_wcs(distorted(1e-5), moved(distorted(1e-5), 0.0, 2.0))


def test_the_same_parameters_in_another_frame_are_not_equal():
    other = make_wcs()
    other.wcs.radesys = "FK5"
    assert not equal_wcs(make_wcs(), other)
