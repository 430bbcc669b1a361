"""Astropy objects are accepted as arguments of public functions."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.time import Time

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.quantities import days_tai, degrees_icrs, has_unit, numbers_in
from cutout_widgets.testing import make_image, make_wcs

MIDNIGHT = Time(60000.0, format="mjd", scale="tai")
PLACE = SkyCoord(53.0, -28.0, unit="deg")


def test_a_plain_number_is_unchanged():
    assert numbers_in(3, "a size", "arcsec") == 3
    assert days_tai(60000.5, "a time") == 60000.5
    assert not has_unit(np.float64(3))


def test_a_quantity_is_converted():
    assert numbers_in(0.5 * u.arcmin, "a size", "arcsec") == pytest.approx(30.0)
    assert numbers_in([1, 2] * u.hourangle, "ra", "deg") == pytest.approx([15.0, 30.0])


def test_a_quantity_of_the_wrong_kind_is_refused_in_one_sentence():
    with pytest.raises(BadOption) as caught:
        numbers_in(3 * u.kg, "a size", "arcsec")
    assert str(caught.value) == "a size must be in arcsec, or a Quantity that converts to it; got 3 kg"


def test_a_time_of_any_scale_becomes_mjd_tai():
    when = Time(60000.0, format="mjd", scale="utc")
    assert (days_tai(when, "a time") - 60000.0) * 86400 == pytest.approx(37.0, abs=1e-3)


def test_a_position_of_another_frame_becomes_icrs():
    pole = SkyCoord(0, 90, unit="deg", frame="galactic")
    ra, dec = degrees_icrs(pole, "a position")
    assert (ra, dec) == pytest.approx((192.85948, 27.12825), abs=1e-4)


def test_an_invalid_position_is_refused():
    with pytest.raises(BadOption, match="at takes a SkyCoord that has a place in ICRS; got int"):
        degrees_icrs(7, "at")


# Where the public functions take them.


def test_a_time_range_takes_times_and_an_open_end():
    assert cw.catalog.Selection(time=(MIDNIGHT, None)).time == (60000.0, None)
    assert cw.catalog.Selection(time=MIDNIGHT + [0, 1] * u.day).time == (60000.0, 60001.0)


def test_a_single_time_is_refused_as_a_time_range():
    with pytest.raises(BadTable, match="time takes the lowest and the highest number"):
        cw.catalog.Selection(time=MIDNIGHT)


def test_a_mapping_of_positions_and_times_makes_a_table():
    table = cw.SourceTable({"id": [7], "where": PLACE.reshape(1), "time": MIDNIGHT.reshape(1)})
    assert (table[0].ra, table[0].dec, table["time"].tolist()) == (53.0, -28.0, [60000.0])


def test_a_time_beside_plain_columns_is_mjd_tai_and_masked_ones_are_null():
    times = Time(np.ma.array([60000.0, 60001.0], mask=[False, True]), format="mjd", scale="tai")
    table = cw.SourceTable({"id": [7, 8], "ra": [53.0, 53.1], "dec": [-28.0, -28.0], "time": times})
    assert [row.row["time"] for row in table] == [60000.0, None]


def test_rows_of_quantities_times_and_positions_make_a_table():
    rows = [
        {"id": 7, "where": PLACE, "psfFlux": 1 * u.uJy, "time": MIDNIGHT},
        {"id": 8, "where": PLACE, "psfFlux": 5 * u.nJy, "time": None},
    ]
    table = cw.SourceTable(rows)
    assert (table.units["psfFlux"], table["psfFlux"].tolist()) == ("uJy", pytest.approx([1.0, 0.005]))
    assert (table[0].ra, table[0].dec, table[0].row["time"]) == (53.0, -28.0, 60000.0)


def test_a_source_accepts_angles():
    source = cw.DiaSource(7, 3.6 * u.hourangle, -28 * u.deg)
    assert (source.ra, source.dec) == pytest.approx((54.0, -28.0))
    assert type(source.ra) is float


@pytest.mark.parametrize("place", [PLACE, PLACE.galactic])
def test_pixel_positions_are_found_for_any_sky_frame(place):
    x, y = cw.pixels.pixels_at(make_wcs(53.0, -28.0, at=(20.0, 10.0)), place)
    assert (float(x), float(y)) == pytest.approx((20.0, 10.0), abs=1e-6)


def test_pixel_positions_are_found_for_angles():
    x, y = cw.pixels.pixels_at(make_wcs(53.0, -28.0, at=(20.0, 10.0)), 53 * u.deg, -28 * 3600 * u.arcsec)
    assert (float(x), float(y)) == pytest.approx((20.0, 10.0), abs=1e-6)


def test_region_sizes_can_have_any_angular_unit():
    assert cw.Region(30) == cw.Region.of(30 * u.pix) == cw.Region((30.0,))
    assert cw.Region(6 * u.arcsec) == cw.Region((6.0,), unit="arcsec")
    assert cw.Region.of((6 * u.arcsec, 0.2 * u.arcmin)).sizes == pytest.approx((6.0, 12.0))


def test_the_pixel_scale_is_computed_at_a_position():
    image = make_image(wcs=make_wcs(53.0, -28.0, at=(20.0, 10.0)))
    assert cw.pixel_scale(image, PLACE).value == pytest.approx(0.2)


def test_psf_widths_and_apertures_can_be_angles():
    pytest.importorskip("scipy")
    pixels = np.random.default_rng(1).normal(size=(40, 40)).astype("f4")
    pixels[20:23, 10:13] += 50
    image = cw.Image(pixels, variance=np.ones_like(pixels), wcs=make_wcs(at=(20, 20), scale=0.2))
    found = cw.detect(image, psf=3.0)
    px = cw.measure(image, found, psf=3.0, aperture_px=5.0)
    sky = cw.measure(image, cw.detect(image, psf=0.6 * u.arcsec), psf=3 * u.pix, aperture_px=1 * u.arcsec)
    assert sky.sources["apFlux"] == pytest.approx(px.sources["apFlux"], rel=1e-4)


def test_an_angle_on_an_image_without_a_wcs_is_refused():
    with pytest.raises(BadOption, match=r"the FWHM of a PSF of 0\.6 arcsec needs a WCS"):
        cw.detect(make_image(), psf=0.6 * u.arcsec)


def test_boxes_can_be_padded_by_an_angle():
    image = make_image(wcs=make_wcs(at=(25, 20), scale=0.2))
    [one] = cw.map_boxes([cw.Box(10, 12, 10, 12)], image.wcs, image, padding_px=1 * u.arcsec)
    assert one.box == cw.Box(5, 17, 5, 17)


def test_segment_positions_can_be_sky_coordinates():
    image = make_image(wcs=make_wcs(53.0, -28.0, at=(20.0, 10.0)))
    labels = np.zeros(image.shape, int)
    labels[8:12, 18:22] = 7
    [one] = cw.footprints.cut_segments(image, labels, [7], positions=PLACE.reshape(1))
    assert one.image.anchor == pytest.approx((20.0, 10.0), abs=1e-6)


def test_exposure_times_and_units_can_be_astropy_objects():
    image = cw.Image(np.full((2, 2), 60.0), unit=u.electron, exposure_s=0.5 * u.min)
    assert (image.unit, image.exposure_s) == ("electron", 30.0)
    assert cw.in_unit(image, "electron / s").pixels[0, 0] == 2.0


def test_a_light_curve_accepts_times_and_quantities():
    point = {"time": MIDNIGHT, "flux": 1 * u.uJy, "kind": "detection", "id": 7}
    frame = cw.catalog.history_frame([point])
    assert (frame["time"][0], frame["flux"][0]) == (60000.0, pytest.approx(1000.0))


def test_service_options_accept_quantities():
    options = cw.SodaOptions(scale_arcsec=200 * u.mas, timeout_s=2 * u.min)
    assert (options.scale_arcsec, options.timeout_s) == (pytest.approx(0.2), 120.0)


def test_histogram_limits_accept_quantities():
    rows = {"id": [1, 2], "ra": [53.0] * 2, "dec": [-28.0] * 2, "psfFlux": [1.0, 2.0] * u.nJy}
    axes = cw.plot_flux_histogram(rows, limits=(0 * u.uJy, 0.004 * u.uJy)).axes[0]
    assert axes.get_xlim() == pytest.approx((0.0, 4.0))


ROW = {"id": [1], "ra": [53.0], "dec": [-28.0]}

WRONG = {
    "Selection": lambda: cw.catalog.Selection(time=(60000 * u.day, 1 * u.m)),
    "DiaSource": lambda: cw.DiaSource(7, 3 * u.m, -28.0),
    "pixels_at": lambda: cw.pixels.pixels_at(make_wcs(), 3 * u.m, 4 * u.m),
    "pixels_at one": lambda: cw.pixels.pixels_at(make_wcs(), 3),
    "Region": lambda: cw.Region(3 * u.kg),
    "Image": lambda: cw.Image(np.ones((2, 2)), exposure_s=1 * u.m),
    "detect": lambda: cw.detect(make_image(), psf=3 * u.kg),
    "SodaOptions": lambda: cw.SodaOptions(timeout_s=1 * u.m),
    "compare_sources": lambda: cw.compare_sources(ROW, ROW, radius=3 * u.m),
    "make_wcs": lambda: make_wcs(scale=3 * u.kg),
    "cut": lambda: cw.cut(make_image(), PLACE),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_a_wrong_unit_is_refused_in_one_sentence(call):
    with pytest.raises(cw.CutoutError) as caught:
        call()
    assert "got" in str(caught.value)
    assert "\n" not in str(caught.value)
