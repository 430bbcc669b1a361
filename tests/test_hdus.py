"""Damaged headers that astropy would read for minutes, or for ever, are refused first."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from cutout_widgets.catalog import SourceTable
from cutout_widgets.errors import BadTable, CutoutError, UnreadableImage
from cutout_widgets.hdus import open_hdus
from cutout_widgets.pixels.image_file import read_written
from cutout_widgets.stores.exposures import read_image

pytestmark = pytest.mark.timeout(60)


def card(keyword: str, value: object) -> bytes:
    return f"{keyword:8}= {value:>20}".ljust(80).encode()


def two_images(**cards: int) -> bytes:
    """A primary HDU without data, an image of 4 x 6 pixels, and one more; cards of the second changed."""
    out = io.BytesIO()
    second = fits.ImageHDU(np.zeros((4, 6), dtype=np.float32), name="IMAGE")
    fits.HDUList([fits.PrimaryHDU(), second, fits.ImageHDU(np.ones((2, 2)))]).writeto(out)
    whole = bytearray(out.getvalue())
    for keyword, value in cards.items():
        at = whole.index(card(keyword, second.header[keyword])[:30], 2880)
        whole[at : at + 80] = card(keyword, value)
    return bytes(whole)


def test_an_intact_file_is_read_as_by_astropy():
    with open_hdus(io.BytesIO(two_images())) as hdus:
        assert [hdu.shape for hdu in hdus] == [(), (4, 6), (2, 2)]


def test_unsigned_integers_stay_integers():
    out = io.BytesIO()
    fits.PrimaryHDU(np.array([[2**53 + 1, 2**64 - 1]], dtype=np.uint64)).writeto(out)
    out.seek(0)
    with open_hdus(out) as hdus:
        assert hdus[0].data.tolist() == [[2**53 + 1, 2**64 - 1]]


@pytest.mark.parametrize("number", [1000, 2147483647, 18446744073709551615])
def test_more_axes_than_the_standard_allows_are_refused(number):
    with (
        open_hdus(io.BytesIO(two_images(NAXIS=number))) as hdus,
        pytest.raises(UnreadableImage, match=rf"HDU 1 has a damaged header: NAXIS is {number}, and"),
    ):
        hdus[1]


def test_too_many_axes_in_the_primary_header_are_refused():
    bad = two_images().replace(card("NAXIS", 0)[:30], card("NAXIS", 32767)[:30], 1)
    with pytest.raises(UnreadableImage, match="HDU 0 has a damaged header: NAXIS is 32767"):
        open_hdus(io.BytesIO(bad))


def test_too_many_axes_after_the_first_header_block_are_refused():
    header = [card("XTENSION", "'IMAGE   '"), card("BITPIX", 8)]
    header += [card(f"KEY{n}", n) for n in range(40)] + [card("NAXIS", 2147483647), b"END".ljust(80)]
    long = b"".join(header)
    whole = two_images()[:2880] + long + b" " * (-len(long) % 2880)
    with open_hdus(io.BytesIO(whole)) as hdus, pytest.raises(UnreadableImage, match="NAXIS is 2147483647"):
        hdus[1]


def test_999_axes_and_long_sides_are_not_refused():
    with open_hdus(io.BytesIO(two_images(NAXIS1=4096))) as hdus:
        assert hdus[1].shape == (4, 4096)


def test_negative_data_sizes_are_refused_without_an_endless_loop(tmp_path):
    path = tmp_path / "a.fits"
    path.write_bytes(two_images(NAXIS1=-200))  # 4 x -200 x 4 bytes, filled up to whole blocks
    with (
        open_hdus(path) as hdus,
        pytest.raises(UnreadableImage, match=r"HDU 1 of .*a\.fits has .* a data size of -2880 bytes"),
    ):
        list(hdus)


@pytest.mark.parametrize("bad", [{"NAXIS": 2147483647}, {"NAXIS1": -200}], ids=["axes", "backwards"])
@pytest.mark.parametrize("read", [read_image, read_written, SourceTable.read])
def test_every_reader_refuses_such_headers(tmp_path, bad, read):
    path = tmp_path / "a.fits"
    path.write_bytes(two_images(**bad))
    with pytest.raises(CutoutError, match="damaged header"):
        read(path)


def test_a_table_of_thousands_of_columns_is_refused(tmp_path):
    path = tmp_path / "a.fits"
    fits.BinTableHDU.from_columns([fits.Column("ra", "D", array=[1.0])]).writeto(path)
    path.write_bytes(path.read_bytes().replace(card("TFIELDS", 1)[:30], card("TFIELDS", 2147483647)[:30]))
    with pytest.raises(BadTable, match="TFIELDS is 2147483647"):
        SourceTable.read(path)
