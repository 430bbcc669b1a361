"""Units, counts and rates, AB magnitudes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from astropy import units as u

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.photometry import calibrated, flux_to_abmag, in_unit


def test_magnitudes_with_errors():
    found = flux_to_abmag([1.0, 100.0, 3631e9], [0.1, 1.0, 0.0])
    assert found.magnitude.tolist() == pytest.approx([31.4, 26.4, 0.0], abs=1e-4)
    assert found.error.tolist() == pytest.approx([0.10857, 0.010857, 0.0], rel=1e-4)
    assert found.valid.all()


def test_fluxes_without_a_magnitude_give_nan_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = flux_to_abmag([-5.0, 0.0, np.nan, np.inf, 1.0], np.ones(5), mask=[0, 0, 0, 0, 1])
    assert np.isnan(found.magnitude).all()
    assert np.isnan(found.error).all()
    assert not found.valid.any()


def test_masked_arrays_quantities_and_zero_points_are_accepted():
    masked = flux_to_abmag(np.ma.array([1.0, 2.0], mask=[False, True]))
    assert masked.valid.tolist() == [True, False]
    assert masked.error is None
    assert flux_to_abmag(1 * u.uJy).magnitude == pytest.approx(23.9)
    assert flux_to_abmag(np.array([[1.0]]), zero=27.0).magnitude.tolist() == [[27.0]]


def counts(**more) -> Image:
    return Image(
        np.array([[30.0, 60.0]], np.float32),
        variance=np.array([[30.0, 60.0]], np.float32),
        unit="electron",
        **more,
    )


def test_counts_convert_to_a_rate_and_back():
    image = counts(exposure_s=30.0)
    rate = in_unit(image, "electron / s")
    assert rate.pixels.tolist() == [[1.0, 2.0]]
    np.testing.assert_allclose(rate.variance, [[30 / 900, 60 / 900]], rtol=1e-6)
    assert rate.pixels.dtype == np.float32
    assert in_unit(rate, "electron").pixels.tolist() == [[30.0, 60.0]]
    assert in_unit(rate, "electron / min").pixels.tolist() == [[60.0, 120.0]]
    assert image.unit == "electron"


def test_flux_densities_are_converted():
    image = Image(np.array([[1500, 2]], np.int16), unit="nJy")
    found = in_unit(image, "uJy")
    assert found.pixels.tolist() == [[1.5, 0.002]]
    assert found.unit == "uJy"
    assert in_unit(image, u.nJy).pixels.dtype == np.int16


def test_a_calibration_multiplies_the_pixels():
    assert calibrated(counts(), 2.5).pixels.tolist() == [[75.0, 150.0]]
    assert calibrated(counts(), np.float64(2.5)).unit == "nJy"
    with pytest.raises(BadOption, match="positive"):
        calibrated(counts(), -1)


def test_an_impossible_conversion_is_reported():
    with pytest.raises(BadOption, match="exposure time"):
        in_unit(counts(), "electron / s")
    with pytest.raises(BadOption, match="cannot be converted"):
        in_unit(counts(exposure_s=30.0), "nJy")
    with pytest.raises(BadOption, match="without a unit"):
        in_unit(Image(np.zeros((1, 1))), "nJy")
    with pytest.raises(BadOption, match="as FITS writes"):
        in_unit(counts(), "furlongs")
