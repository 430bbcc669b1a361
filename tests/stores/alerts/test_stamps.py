"""Stamps: their position on the sky and on the detector, and invalid stamps."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from tests.stores.alerts.packet_files import fits_bytes, lsst_stamp, plain_stamp

from cutout_widgets.errors import UnreadableImage
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.stores.alerts.stamps import read_stamp
from cutout_widgets.stores.alerts.store import AlertImages
from cutout_widgets.stores.fits.wcs import parent_sky

RAMP = np.arange(30.0).reshape(5, 6)


def gnomonic(header: fits.Header, x: float, y: float) -> tuple[float, float]:
    """Sky position (degrees) of a 1-based pixel, by the textbook's inverse tangent-plane projection."""
    dx, dy = x - header["CRPIX1"], y - header["CRPIX2"]
    xi = math.radians(header["PC1_1"] * dx + header["PC1_2"] * dy)
    eta = math.radians(header["PC2_1"] * dx + header["PC2_2"] * dy)
    ra0, dec0 = math.radians(header["CRVAL1"]), math.radians(header["CRVAL2"])
    down = math.cos(dec0) - eta * math.sin(dec0)
    ra = ra0 + math.atan2(xi, down)
    dec = math.atan2(math.sin(dec0) + eta * math.cos(dec0), math.hypot(xi, down))
    return math.degrees(ra), math.degrees(dec)


def separation_arcsec(ra1: float, dec1: float, ra2: float, dec2: float) -> float:
    """Small angles: dec as it is, ra times cos(dec)."""
    return 3600 * math.hypot((ra1 - ra2) * math.cos(math.radians(dec1)), dec1 - dec2)


def real_stamps(folder: Path):
    """Every science stamp of a folder, as an image and as the header it came from."""
    images = AlertImages(folder)
    for row in images.table():
        packet = images.packet(row)
        stamp = packet["cutoutScience"]
        (triplet,) = images.read([row], region=_whole())
        assert triplet.science is not None
        yield row, triplet.science, fits.Header.fromstring(stamp[:2880])


def _whole():
    from cutout_widgets.pixels.region import Region

    return Region.whole()


@pytest.mark.parametrize("folder", ["lsstcam_real", "hsc_precursor_real"])
def test_corners_of_real_stamps_agree_with_the_tangent_projection(shared: Path, folder: str):
    pytest.importorskip("fastavro")
    for _, image, header in real_stamps(shared / "data" / folder):
        ny, nx = image.shape
        for x, y in ((0, 0), (nx - 1, 0), (0, ny - 1), (nx - 1, ny - 1)):
            sky = image.sky_at(image.box.x0 + x, image.box.y0 + y)
            ra, dec = gnomonic(header, x + 1, y + 1)
            assert separation_arcsec(ra, dec, sky.icrs.ra.deg, sky.icrs.dec.deg) < 0.0001


def test_north_of_real_stamps_agrees_with_the_cd_matrix(shared: Path):
    pytest.importorskip("fastavro")
    angles = []
    for row, image, header in real_stamps(shared / "data" / "lsstcam_real"):
        x, y = image.wcs.world_to_pixel_values(row.ra, row.dec)
        xn, yn = image.wcs.world_to_pixel_values(row.ra, row.dec + 1 / 3600)
        north = math.degrees(math.atan2(-(xn - x), yn - y))  # from +y, counter-clockwise
        # On the matrix: the pixel step that moves eta and not xi is proportional to (-PC1_2, PC1_1).
        sign = math.copysign(1, header["PC1_1"] * header["PC2_2"] - header["PC1_2"] * header["PC2_1"])
        expected = math.degrees(math.atan2(sign * header["PC1_2"], sign * header["PC1_1"]))
        assert abs((north - expected + 180) % 360 - 180) < 2
        angles.append(north)
    assert max(angles) - min(angles) > 0  # not one constant


def test_north_is_at_minus_rotpa(shared: Path):
    found = 0
    for row, image, header in real_stamps(
        shared / "data" / "lsst_wire_and_parquet" / "faint_trails__1809e532.parquet"
    ):
        x, y = image.wcs.world_to_pixel_values(row.ra, row.dec)
        xn, yn = image.wcs.world_to_pixel_values(row.ra, row.dec + 1 / 3600)
        north = math.degrees(math.atan2(-(xn - x), yn - y))
        assert abs((north + header["ROTPA"] + 180) % 360 - 180) < 2
        found += 1
    assert found == 3


def test_sources_of_real_stamps_are_at_the_catalogued_detector_position(shared: Path):
    pytest.importorskip("fastavro")
    for row, image, header in real_stamps(shared / "data" / "lsstcam_real"):
        x, y = image.wcs.world_to_pixel_values(row.ra, row.dec)
        assert abs(x - row.row["x"]) < 0.01
        assert abs(y - row.row["y"]) < 0.01
        assert (image.box.x0, image.box.y0) == (header["CUTMINX"] + 1, header["CUTMINY"] + 1)


def test_missing_science_pixels_are_missing_in_the_difference(shared: Path):
    pytest.importorskip("fastavro")
    images = AlertImages(shared / "data" / "lsstcam_real")
    unknown = 0
    for row in images.table():
        (triplet,) = images.read([row], _whole())
        nowhere = np.isnan(triplet.science.pixels)
        assert np.isnan(triplet.difference.pixels[nowhere]).all()
        unknown += int(nowhere.sum())
    assert unknown > 0


def test_an_lsst_stamp_has_pixels_variance_and_psf_in_detector_coordinates():
    variance = np.full((5, 6), 4.0)
    variance[0, 0] = np.nan
    data = lsst_stamp(RAMP, source=(2.25, 1.5), corner=(100, 200), variance=variance, psf=np.ones((3, 4)))
    image = read_stamp(data, position=XY(102.25, 201.5))
    assert image.box == Box(y0=200, y1=205, x0=100, x1=106)
    assert image.pixels.dtype == np.dtype("=f4")
    np.testing.assert_array_equal(image.pixels, RAMP)
    assert image.variance[0, 0] == np.inf
    assert (image.variance.ravel()[1:] == 4).all()
    assert image.psf.shape == (3, 4)
    assert (image.unit, image.mask, image.anchor) == ("nJy", None, XY(102.25, 201.5))
    x, y = image.wcs.world_to_pixel_values(10.0, -45.0)
    assert (round(float(x), 6), round(float(y), 6)) == (102.25, 201.5)


def test_without_a_catalogued_position_the_header_position_is_used():
    image = read_stamp(lsst_stamp(RAMP, corner=(100, 200)))
    assert (image.box.x0, image.box.y0) == (100, 200)  # the header says 99 and 199


@pytest.mark.parametrize("x", [math.nan, math.inf, 7.3])
def test_an_impossible_catalogued_position_is_ignored(x: float):
    image = read_stamp(lsst_stamp(RAMP, source=(2.5, 2.5), corner=(100, 200)), position=XY(x, 202.5))
    assert image.box == Box(200, 205, 100, 106)
    assert image.anchor is None


def test_a_corrected_header_is_positioned_by_the_catalogue():
    data = lsst_stamp(RAMP, source=(2.5, 2.5), corner=(100, 200), CUTMINX=100, CUTMINY=200)
    assert read_stamp(data, position=XY(102.5, 202.5)).box == Box(200, 205, 100, 106)


def test_a_header_with_a_projection_is_used_unchanged():
    data = lsst_stamp(RAMP, CTYPE1="RA---SIN", CTYPE2="DEC--SIN", CUNIT1="deg", CUNIT2="deg", RADESYS="FK5")
    image = read_stamp(data, position=XY(102.5, 202.5))
    assert list(image.wcs.wcs.ctype) == ["RA---SIN", "DEC--SIN"]
    assert image.wcs.wcs.radesys == "FK5"
    # astropy's own reading of the header, moved to the detector
    own = WCS(fits.Header.fromstring(data[:5760]))
    np.testing.assert_allclose(image.wcs.wcs.crpix - own.wcs.crpix, [100, 200])


def test_completing_a_wcs_matches_astropy_on_the_completed_header():
    header = fits.Header.fromstring(lsst_stamp(RAMP, rotation_deg=30)[:2880])
    full = header.copy()
    full["CTYPE1"], full["CTYPE2"], full["RADESYS"] = "RA---TAN", "DEC--TAN", "ICRS"
    full["CUNIT1"], full["CUNIT2"] = "deg", "deg"
    x, y = np.meshgrid(np.linspace(-50, 50, 5), np.linspace(-50, 50, 5))
    np.testing.assert_allclose(
        parent_sky(header).wcs.all_pix2world(x, y, 0), WCS(full).all_pix2world(x, y, 0), rtol=0, atol=1e-11
    )


@pytest.mark.parametrize(("kind", "stored"), [("StdDevUncertainty", 3.0), ("InverseVariance", 1 / 9)])
def test_other_uncertainties_become_variance(kind: str, stored: float):
    hdus = fits.HDUList([fits.PrimaryHDU(RAMP), fits.ImageHDU(np.full((5, 6), stored), name="UNCERT")])
    hdus[1].header["UTYPE"] = kind
    np.testing.assert_allclose(read_stamp(fits_bytes(hdus)).variance, 9.0, rtol=1e-6)


def test_a_stamp_without_wcs_is_centred_and_flipped_if_the_survey_stores_it_so():
    as_stored = read_stamp(plain_stamp(RAMP))
    assert as_stored.anchor == XY(2.5, 2.0)
    turned = read_stamp(
        gzip.compress(plain_stamp(RAMP), mtime=0), within=lambda shape: XY(1.0, 0.0), upside_down=True
    )
    np.testing.assert_array_equal(turned.pixels, RAMP[::-1])
    assert turned.anchor == XY(1.0, 4.0)
    assert turned.wcs is None


def test_a_stamp_with_a_wcs_is_never_flipped():
    image = read_stamp(lsst_stamp(RAMP), upside_down=True)
    np.testing.assert_array_equal(image.pixels, RAMP)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the stamp is empty"),
        (
            b"\xff\xd8\xff\xe0 JFIF",
            "the stamp is a JPEG picture, which has no pixel values; only FITS has",
        ),
        (gzip.compress(b"\xff\xd8\xff\xe0 JFIF", mtime=0), "the stamp is a JPEG picture"),
        (gzip.compress(bytes(512), mtime=0), "the stamp is not a FITS file: it has 512 zero bytes"),
        (gzip.compress(plain_stamp(RAMP), mtime=0)[:-40], "the stamp's gzip data are truncated"),
        (b"\x1f\x8b\x08\x00 not deflate", "the stamp's gzip is damaged"),
        (plain_stamp(RAMP)[:2900], "are not a FITS image"),
        (b"SIMPLE  = nonsense", "are not a FITS image"),
        (fits_bytes(fits.HDUList([fits.PrimaryHDU()])), "a FITS file without an image"),
        (plain_stamp(RAMP[0]), "has shape (6,)"),
    ],
)
def test_an_invalid_stamp_is_reported_in_one_sentence(data: bytes, said: str):
    with pytest.raises(UnreadableImage) as caught:
        read_stamp(data)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "cards",
    [
        {"CRPIX1": "here"},
        {"CTYPE1": "RA---XYZ", "CTYPE2": "DEC--XYZ"},
        {"PC1_1": 0.0, "PC1_2": 0.0, "PC2_1": 0.0, "PC2_2": 0.0},
    ],
)
def test_with_an_unusable_wcs_the_stamp_is_centred_on_the_source(cards):
    image = read_stamp(lsst_stamp(RAMP, **cards))
    assert image.wcs is None
    assert image.sky_problem != ""
    assert image.anchor == image.box.centre
    np.testing.assert_array_equal(image.pixels, RAMP)


def test_a_gzip_bomb_is_refused():
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(257)) + packer.flush()
    with pytest.raises(UnreadableImage, match="unpack to more than 256 MiB"):
        read_stamp(bomb)
