"""The WCS from unusual headers, and images whose WCS cannot be used."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from astropy import log as astropy_log
from astropy.io import fits
from astropy.wcs import WCS

from cutout_widgets.errors import CutoutWarning
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.stores.fits.wcs import parent_sky
from cutout_widgets.testing import make_sources

TAN = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 50.0, "CRPIX2": 40.0,
    "CRVAL1": 10.0, "CRVAL2": 20.0, "CD1_1": -5e-5, "CD1_2": 1e-5, "CD2_1": 1e-5, "CD2_2": 5e-5,
}  # fmt: skip
THIRD = {"WCSAXES": 3, "CTYPE3": "FREQ", "CRPIX3": 1.0, "CRVAL3": 1.4e9, "CDELT3": 1e6, "CUNIT3": "Hz"}
SIP = {"A_ORDER": 2, "B_ORDER": 2, "A_2_0": 1e-5, "B_0_2": -2e-5}
SCAMP = {"PV1_1": 1.0, "PV1_5": 0.3, "PV2_1": 1.0, "PV2_5": -0.2}


def header_of(*cards: dict) -> fits.Header:
    header = fits.Header()
    for one in cards:
        header.update(one)
    return header


def astropys(header: fits.Header) -> WCS:
    """The WCS that astropy makes, including its repairs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return WCS(header).celestial


IDENTITY = {"CRVAL1": 1.0, "CRVAL2": 1.0, "CRPIX1": 1.0, "CRPIX2": 1.0, "CDELT1": 1.0, "CDELT2": 1.0}
TYPED = {name: {"CTYPE1": f"RA---{name}", "CTYPE2": f"DEC--{name}"} for name in ("TPV", "TAN-SIP", "SIN")}


@pytest.mark.parametrize(
    "cards",
    [
        {},
        THIRD,
        THIRD | {"CD3_3": 1e6},
        {"CUNIT1": "degree", "CUNIT2": "degree"},
        {"CUNIT1": "DEG", "CUNIT2": "Degrees"},
        {"CUNIT1": "ARCSEC", "CUNIT2": "ARCSEC", "CRVAL1": 36000.0, "CRVAL2": 72000.0},
        {"RADECSYS": "FK5"},
        SIP,
        TYPED["SIN"] | SIP,
        TYPED["TPV"] | SCAMP | SIP,
        TYPED["TAN-SIP"] | SCAMP | SIP,
        SCAMP | SIP,
        SCAMP,
        TYPED["TAN-SIP"] | SIP | THIRD,
    ],
)
def test_unusual_headers_give_the_wcs_that_astropy_repairs_silently(cards, caplog):
    header = header_of(TAN, cards)
    if "A_ORDER" in header and "CTYPE3" in header:  # which astropy refuses
        expected = astropys(header_of(TAN, {key: cards[key] for key in cards.keys() - THIRD.keys()}))
    else:
        expected = astropys(header)
    caplog.clear()
    with warnings.catch_warnings(), astropy_log.log_to_list() as told:
        warnings.simplefilter("error")
        sky = parent_sky(header)
    assert sky.problem == ""
    assert not told
    x, y = np.array([1.0, 60.0, 99.0]), np.array([2.0, 30.0, 70.0])
    assert sky.wcs.pixel_to_world(x, y).separation(expected.pixel_to_world(x, y)).arcsec.max() < 1e-6


def test_declination_can_be_the_first_axis():
    swapped = header_of(
        TAN,
        {"CTYPE1": "DEC--TAN", "CTYPE2": "RA---TAN", "CRVAL1": 20.0, "CRVAL2": 10.0},
        {"CD1_1": 0.0, "CD1_2": 5e-5, "CD2_1": -5e-5, "CD2_2": 0.0},
    )
    sky = parent_sky(swapped).wcs.pixel_to_world(49.0, 39.0 + 10)  # ten rows up: 5e-4 deg of declination
    assert sky.dec.deg == pytest.approx(20.0005, abs=1e-9)
    assert sky.ra.deg == pytest.approx(10.0, abs=1e-9)


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ({"CTYPE1": "RA---XYZ", "CTYPE2": "DEC--XYZ"}, "Unrecognized projection code (XYZ in CTYPE1)"),
        ({"CD1_1": 0.0, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 0.0}, "matrix is singular"),
        (THIRD | {"CD1_3": 1e-5}, "its first two axes depend on a third one"),
        ({"CTYPE2": "FREQ", "CTYPE3": "DEC--TAN"}, "Unmatched celestial axes"),
        ({"CUNIT1": "furlong"}, "CUNIT1"),
    ],
)
def test_an_unusable_wcs_is_none_with_a_reason(cards, said):
    sky = parent_sky(header_of(TAN, cards))
    assert sky.wcs is None
    assert said in sky.problem
    assert "\n" not in sky.problem


@pytest.mark.parametrize("cards", [{}, {"CTYPE1": "LINEAR", "CTYPE2": "LINEAR"}, IDENTITY])
def test_a_header_without_wcs_is_not_a_problem(cards):
    assert parent_sky(header_of(cards)) == (None, "")


def test_an_lsst_stamp_saved_as_a_file_is_a_tangent_plane():
    untyped = {key: value for key, value in TAN.items() if not key.startswith("CTYPE")}
    full = astropys(header_of(TAN, {"RADESYS": "ICRS"}))
    assert parent_sky(header_of(untyped)).wcs.pixel_to_world(0, 0).separation(
        full.pixel_to_world(0, 0)
    ).arcsec < 1e-6  # fmt: skip


def write(path, **cards):
    header = header_of(TAN, cards)
    fits.PrimaryHDU(np.arange(8000.0).reshape(80, 100), header).writeto(path)
    return path


def only(store, source):
    (triplet,) = store.read([source], Region((5,)))
    return triplet


SOURCE = replace(make_sources(1)[0], ra=10.0, dec=20.0, row={"diaSourceId": make_sources(1)[0].id})


def test_with_an_unusable_wcs_a_source_is_cut_at_x_y_with_one_warning(tmp_path):
    store = FitsImages(science=write(tmp_path / "a.fits", CTYPE1="RA---XYZ", CTYPE2="DEC--XYZ"))
    with pytest.warns(CutoutWarning, match="Unrecognized projection code"):
        found = only(store, replace(SOURCE, row={"x": 30.0, "y": 20.0})).science
    assert found.box == Box(18, 23, 28, 33)
    nowhere = only(store, SOURCE)  # a second warning would be an error here
    assert nowhere.problems == (
        "science: the source has no position on this image: the WCS of the image cannot be used "
        f"({found.sky_problem}), and the row has no x and y",
    )


def test_a_single_source_file_with_an_unusable_wcs_is_centred_on_the_source(tmp_path):
    write(tmp_path / "a.fits", CTYPE1="", CTYPE2="", CD1_1=1.0, CD2_2=1.0)
    index = pd.DataFrame({"diaSourceId": [SOURCE.id], "science": ["a.fits"]})
    found = only(FitsImages.from_index(index, folder=tmp_path), SOURCE).science
    assert found.box == Box(37, 42, 47, 52)  # the middle of 80 x 100 is 39.5, 49.5


def test_a_broken_card_loses_only_the_wcs_and_logs_nothing(tmp_path, capfd):
    path = write(tmp_path / "a.fits")
    content = path.read_bytes().replace(b"=                 10.0", b"=             10.0.0.0")
    assert b"10.0.0.0" in content
    path.write_bytes(content)
    with pytest.warns(CutoutWarning, match="CRVAL1 is '10.0.0.0', which is not a number"):
        found = only(FitsImages(science=path), replace(SOURCE, row={"x": 30.0, "y": 20.0})).science
    assert found.wcs is None
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_axis_names_in_lower_case_are_accepted():
    small = header_of(TAN, {"CTYPE1": "ra---tan", "CTYPE2": "dec--tan"})
    assert parent_sky(small).wcs.wcs.compare(parent_sky(header_of(TAN, {})).wcs.wcs)
