"""The fast reader: equal to astropy where it applies, and unused elsewhere."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from tests.stores.alerts.packet_files import fits_bytes

from cutout_widgets.stores.alerts.store import AlertImages
from cutout_widgets.stores.alerts.surveys import stamps_of
from cutout_widgets.stores.fits.plain import read_plain_images

RAMP = np.arange(12).reshape(3, 4)


@pytest.mark.parametrize("kind", ["u1", ">i2", ">i4", ">i8", ">f4", ">f8"])
def test_pixels_of_each_dtype_are_read_exactly(kind: str):
    hdus = fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(RAMP.astype(kind), name="UNCERT")])
    hdus[1].header["RATE"] = (1.5, "a comment / with a slash")
    hdus[1].header["BIG"] = 2**62
    hdus[1].header["OK"] = True
    (_, nothing), (cards, pixels) = read_plain_images(fits_bytes(hdus))
    assert nothing is None
    np.testing.assert_array_equal(pixels, RAMP)
    assert (cards["EXTNAME"], cards["RATE"], cards["BIG"], cards["OK"]) == ("UNCERT", 1.5, 2**62, True)


def test_real_stamps_are_read_as_astropy_reads_them(shared: Path):
    pytest.importorskip("fastavro")
    compared = 0
    for folder in ("lsstcam_real", "ztf", "other_surveys", "lsst_wire_and_parquet"):
        images = AlertImages(shared / "data" / folder)
        for row in images.table():
            for stamp in stamps_of(images.packet(row)).values():
                if stamp is None or row.id == 1002:  # VAST's zero bytes
                    continue
                plain = gzip.decompress(stamp) if stamp[:2] == b"\x1f\x8b" else stamp
                plain = plain.replace(b"SIMPLE  =  T                  ", b"SIMPLE  =                    T")
                with fits.open(io.BytesIO(plain)) as hdus:
                    mine = read_plain_images(plain)
                    assert len(mine) == len(hdus)
                    for (cards, pixels), hdu in zip(mine, hdus, strict=True):
                        np.testing.assert_array_equal(pixels, hdu.data)
                        theirs = {card.keyword: card.value for card in hdu.header.cards if card.keyword}
                        theirs = {k: v for k, v in theirs.items() if k not in ("COMMENT", "HISTORY")}
                        assert cards == theirs
                compared += 1
    assert compared == 3 * (35 + 20 + 9 + 4)


def scaled() -> bytes:
    hdu = fits.PrimaryHDU(RAMP.astype(">i2"))
    hdu.header["BSCALE"], hdu.header["BZERO"] = 2.0, 5.0
    return fits_bytes(fits.HDUList([hdu]))


def table() -> bytes:
    column = fits.Column("a", "J", array=np.arange(3))
    return fits_bytes(fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([column])]))


def compressed() -> bytes:
    return fits_bytes(fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(RAMP.astype("f4"))]))


def cut_short() -> bytes:
    return fits_bytes(fits.HDUList([fits.PrimaryHDU(RAMP)]))[:2900]


def long_text() -> bytes:
    hdu = fits.PrimaryHDU(RAMP)
    hdu.header["LONG"] = "x" * 100  # CONTINUE cards
    return fits_bytes(fits.HDUList([hdu]))


def quoted() -> bytes:
    hdu = fits.PrimaryHDU(RAMP)
    hdu.header["WHO"] = "O'Neill"
    return fits_bytes(fits.HDUList([hdu]))


@pytest.mark.parametrize("make", [scaled, table, compressed, cut_short, long_text, quoted])
def test_files_that_are_not_plain_are_left_to_astropy(make):
    assert read_plain_images(make()) is None


def test_random_bytes_are_left_to_astropy():
    noise = np.random.default_rng(3)
    good = bytearray(fits_bytes(fits.HDUList([fits.PrimaryHDU(RAMP)])))
    for _ in range(300):
        broken = bytearray(good)
        for place in noise.integers(0, 400, 3):
            broken[place] = noise.integers(0, 256)
        found = read_plain_images(bytes(broken))
        assert found is None or isinstance(found, list)
    assert read_plain_images(noise.bytes(6000)) is None
