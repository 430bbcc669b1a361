"""Astropy's objects as plain numbers at the doors."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.time import Time

from cutout_widgets.errors import BadOption
from cutout_widgets.quantities import days_tai, degrees_icrs, has_unit, numbers_in


def test_a_plain_number_stays_what_it_is():
    assert numbers_in(3, "a size", "arcsec") == 3
    assert days_tai(60000.5, "a time") == 60000.5
    assert not has_unit(np.float64(3))


def test_a_quantity_is_converted():
    assert numbers_in(0.5 * u.arcmin, "a size", "arcsec") == pytest.approx(30.0)
    assert numbers_in([1, 2] * u.hourangle, "ra", "deg") == pytest.approx([15.0, 30.0])


def test_a_quantity_of_the_wrong_kind_is_refused_in_one_sentence():
    with pytest.raises(BadOption) as caught:
        numbers_in(3 * u.kg, "a size", "arcsec")
    assert str(caught.value) == "a size takes arcsec, or a Quantity that converts to it; got 3 kg"


def test_a_time_of_any_scale_becomes_mjd_tai():
    when = Time(60000.0, format="mjd", scale="utc")
    assert (days_tai(when, "a time") - 60000.0) * 86400 == pytest.approx(37.0, abs=1e-3)


def test_a_position_of_another_frame_becomes_icrs():
    pole = SkyCoord(0, 90, unit="deg", frame="galactic")
    ra, dec = degrees_icrs(pole, "a position")
    assert (ra, dec) == pytest.approx((192.85948, 27.12825), abs=1e-4)


def test_what_is_no_position_is_refused():
    with pytest.raises(BadOption, match="at takes a SkyCoord that has a place in ICRS; got 7"):
        degrees_icrs(7, "at")
