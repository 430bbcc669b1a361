"""AB magnitudes of positive fluxes."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest

from cutout_widgets.catalog.photometry.magnitudes import ab_flux, ab_magnitude, ab_magnitude_err
from cutout_widgets.errors import BadOption


def test_one_nanojansky_is_magnitude_31_4():
    assert ab_magnitude(1.0) == pytest.approx(31.4)
    assert ab_magnitude(100.0) == pytest.approx(26.4)
    assert ab_flux(26.4) == pytest.approx(100.0)


def test_a_flux_of_zero_or_less_has_no_magnitude():
    assert np.isnan(ab_magnitude([0.0, -5.0, np.nan])).all()
    assert np.isnan(ab_magnitude_err([0.0, -5.0], [1.0, 1.0])).all()


def test_the_error_of_a_magnitude_is_1_0857_times_the_relative_error():
    assert ab_magnitude_err(200.0, 20.0) == pytest.approx(0.10857, abs=1e-5)


def test_a_quantity_of_flux_is_converted():
    assert ab_magnitude([1, 100] * u.uJy) == pytest.approx([23.9, 18.9])
    assert ab_magnitude_err(0.2 * u.uJy, 20.0 * u.nJy) == pytest.approx(0.10857, abs=1e-5)


@pytest.mark.parametrize("unit", [u.mag, u.ABmag])
def test_a_quantity_in_magnitudes_is_accepted(unit):
    assert ab_flux(26.4 * unit) == pytest.approx(100.0)


def test_a_quantity_of_another_kind_is_refused():
    with pytest.raises(BadOption, match=r"a flux must be in nJy, or a Quantity that converts to it; got 3 m"):
        ab_magnitude(3 * u.m)
    with pytest.raises(BadOption, match=r"a magnitude must be in mag\(AB\), or a Quantity"):
        ab_flux(3 * u.m)
