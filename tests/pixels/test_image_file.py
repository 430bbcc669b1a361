"""An image as a FITS file and back."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS, Sip

from cutout_widgets.errors import BadOption, ImageNotFound, UnreadableImage
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.image_file import read_written as read_image
from cutout_widgets.pixels.image_file import write_image
from cutout_widgets.pixels.projection import shifted, world_at
from cutout_widgets.testing import make_image


def full_image() -> Image:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN-SIP", "DEC--TAN-SIP"]
    wcs.wcs.crval, wcs.wcs.crpix = [0.001, -37.3], [3.25, 2.75]
    wcs.wcs.cd = [[-5e-5, 1e-6], [2e-6, 5.5e-5]]
    a = np.zeros((3, 3))
    a[2, 0] = 1e-4
    wcs.sip = Sip(a, a.T, None, None, wcs.wcs.crpix)
    rng = np.random.default_rng(1)
    return Image(
        rng.normal(size=(6, 7)).astype(np.float32),
        mask=rng.integers(0, 2**31, (6, 7)).astype(np.uint32) | np.uint32(1 << 31),
        planes={"BAD": 0, "NOT_DEBLENDED": 31},
        variance=np.full((6, 7), 2.0, np.float32),
        weight=rng.uniform(size=(6, 7)),
        wcs=wcs,
        unit="electron / s",
        exposure_s=30.5,
        psf=np.eye(5),
        anchor=XY(3.5, 2.25),
        source_id=506428274000265570,
        origin="Ω/visit=3",
        metadata={
            "MAGZERO": 31.4,
            "OBSERVER": "N",
            "SEEING IN ARCSEC": 0.7,
            "GOOD": True,
            "VISIT": 2**53 + 1,
        },
    )


def test_a_written_image_is_read_back_unchanged(tmp_path):
    image = shifted(cut(full_image(), Box(1, 5, 2, 6)), 0.25, -1.5)
    back = read_image(write_image(image, tmp_path / "cut.fits"))
    for field in fields(Image):
        if field.name not in ("wcs", "origin"):
            old, new = getattr(image, field.name), getattr(back, field.name)
            if isinstance(old, np.ndarray):
                assert new.dtype == old.dtype, field.name
                assert new.dtype.isnative
                np.testing.assert_array_equal(new, old)
            else:
                assert new == old, field.name
    x, y = np.array([2.0, 5.0, -3.0]), np.array([1.0, 4.0, 9.0])
    np.testing.assert_allclose(world_at(back.wcs, x, y), world_at(image.wcs, x, y), rtol=0, atol=1e-11)


def test_the_origin_of_pixels_is_not_truncated(tmp_path):
    image = Image(np.zeros((2, 2)), origin="/data/" + "night/" * 40 + "visit.fits", source_id="Δ\n5")
    back = read_image(write_image(image, tmp_path / "a.fits"))
    assert back.origin == image.origin
    assert back.source_id == "\\u0394?5"


def test_the_header_wcs_refers_to_array_pixels(tmp_path):
    image = cut(full_image(), Box(1, 5, 2, 6))
    with fits.open(write_image(image, tmp_path / "cut.fits")) as hdus:
        assert (hdus["IMAGE"].header["LTV1"], hdus["IMAGE"].header["LTV2"]) == (-2, -1)
        assert hdus["MASK"].header["MP_NOT_DEBLENDED"] == 31
        wcs = WCS(hdus["IMAGE"].header, hdus)
    np.testing.assert_allclose(world_at(wcs, 0.0, 0.0), world_at(image.wcs, 2.0, 1.0), rtol=0, atol=1e-11)


def test_distortion_lookup_tables_are_kept(shared, tmp_path):
    with fits.open(shared / "data" / "odd_fits" / "dist_lookup.fits.gz") as hdus:
        wcs = WCS(hdus[1].header, hdus)
        image = Image(np.zeros((20, 30), np.float32), box=Box(500, 520, 1000, 1030), wcs=wcs)
        back = read_image(write_image(image, tmp_path / "tables.fits"))
        x, y = np.array([1000.0, 1029.0]), np.array([500.0, 519.0])
        np.testing.assert_allclose(world_at(back.wcs, x, y), world_at(wcs, x, y), rtol=0, atol=1e-10)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "u4", "i8", "f8", ">f4"])
def test_pixel_dtypes_are_kept(dtype, tmp_path):
    image = Image(np.arange(6).reshape(2, 3).astype(dtype), source_id="SN 2026a")
    back = read_image(write_image(image, tmp_path / "one.fits"))
    assert back.pixels.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(back.pixels, image.pixels)
    assert (back.source_id, back.wcs, back.mask, back.unit) == ("SN 2026a", None, None, None)


def test_writing_replaces_files_atomically(tmp_path):
    path = tmp_path / "one.fits"
    path.write_text("old")
    write_image(Image(np.zeros((2, 2))), path)
    assert read_image(path).shape == (2, 2)
    with pytest.raises(KeyError):  # complex numbers: FITS images have none
        write_image(Image(np.zeros((2, 2), complex)), path)
    assert read_image(path).shape == (2, 2)
    assert [one.name for one in tmp_path.iterdir()] == ["one.fits"]


def test_files_without_an_image_are_refused(tmp_path):
    with pytest.raises(ImageNotFound, match="no file"):
        read_image(tmp_path / "absent.fits")
    (tmp_path / "text.fits").write_text("hello")
    with pytest.raises(UnreadableImage, match="not a FITS file"):
        read_image(tmp_path / "text.fits")
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(tmp_path / "other.fits")
    with pytest.raises(UnreadableImage, match="no IMAGE"):
        read_image(tmp_path / "other.fits")


@pytest.mark.parametrize(("unit", "squared"), [("nJy", "nJy**2"), ("electron / s", "(electron / s)**2")])
def test_the_variance_has_the_square_of_the_unit(unit, squared, tmp_path):
    image = Image(
        np.zeros((2, 2)), variance=np.ones((2, 2)), unit=unit, metadata={"BAD": np.nan, "GAIN": 1.5}
    )
    with fits.open(write_image(image, tmp_path / "a.fits")) as hdus:
        assert hdus["VARIANCE"].header["BUNIT"] == squared
        assert hdus[0].header["GAIN"] == 1.5
        assert "BAD" not in hdus[0].header


def test_metadata_that_fits_cannot_store_is_skipped(tmp_path):
    odd = {"A=B": 1, "é": 2, "X\n": 3, "BIG": 10**400, "END": 4, "": 5, "CONTINUE": "x"}
    odd |= {"GAIN": 1.5, "long name": "é"}
    image = replace(make_image((3, 3)), metadata=odd, unit="nJy é")
    found = read_image(write_image(image, tmp_path / "a.fits"))
    assert found.metadata["GAIN"] == 1.5
    assert found.metadata["long name"] == "\\xe9"
    assert found.unit == "nJy \\xe9"
    assert not {"A=B", "é", "BIG", "END"} & set(found.metadata)


def test_a_mask_plane_that_fits_cannot_name_is_refused(tmp_path):
    image = replace(make_image((3, 3)), mask=np.zeros((3, 3), np.uint32), planes={"é": 1})
    with pytest.raises(BadOption, match="a mask plane named 'é'; rename it"):
        write_image(image, tmp_path / "a.fits")
