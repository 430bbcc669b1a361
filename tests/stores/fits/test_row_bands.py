"""Cutouts on the same rows of compressed tiles read them once, with unchanged results."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.fits.row_bands import RowBands
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.testing import make_wcs

IMAGE = np.arange(200).reshape(20, 10)


class Sections:
    """Reads parts of an image, and remembers which rows."""

    def __init__(self, damaged: int = -1) -> None:
        self.rows: list[tuple[int, int]] = []
        self.damaged = damaged

    def __call__(self, image: np.ndarray, where: tuple[slice, slice]) -> np.ndarray:
        self.rows.append((where[0].start, where[0].stop))
        if where[0].start <= self.damaged < where[0].stop:
            raise OSError("a tile does not decompress")
        return image[where]


def test_rows_shared_by_cutouts_are_read_once():
    bands, section = RowBands([(8, 12), (2, 5), (4, 7)]), Sections()
    for rows in ((2, 5), (4, 7)):
        part = bands.read(IMAGE, (slice(*rows), slice(3, 6)), section)
        assert np.array_equal(part, IMAGE[slice(*rows), 3:6])
    assert section.rows == [(2, 7)]


def test_rows_of_a_single_cutout_are_read_directly():
    bands, section = RowBands([(8, 12), (2, 5), (5, 8)]), Sections()
    assert bands.read(IMAGE, (slice(8, 12), slice(3, 6)), section) is None
    assert RowBands().read(IMAGE, (slice(8, 12), slice(3, 6)), section) is None
    assert section.rows == []


def test_each_plane_is_cached_separately():
    bands, section = RowBands([(2, 5), (2, 5)]), Sections()
    where = slice(2, 5), slice(0, 10)
    other = IMAGE + 1
    assert bands.read(IMAGE, where, section)[0, 0] == 20
    assert bands.read(other, where, section)[0, 0] == 21


def test_returned_sections_are_writable():
    bands, section = RowBands([(2, 5), (2, 5)]), Sections()
    where = slice(2, 5), slice(0, 10)
    bands.read(IMAGE, where, section)[:] = -1
    assert bands.read(IMAGE, where, section)[0, 0] == 20


@pytest.mark.parametrize("damaged", [2, 6])
def test_a_damaged_row_does_not_lose_the_others(damaged):
    bands, section = RowBands([(2, 5), (4, 7)]), Sections(damaged)
    assert bands.read(IMAGE, (slice(2, 5), slice(3, 6)), section) is None
    assert bands.read(IMAGE, (slice(4, 7), slice(3, 6)), section) is None
    assert section.rows == [(2, 7)]


def test_cutouts_read_together_equal_cutouts_read_alone(tmp_path):
    path = tmp_path / "rows.fits"
    pixels = np.random.default_rng(3).normal(0, 30, (400, 60)).astype(np.float32)
    header = make_wcs(at=(30, 200)).to_header()
    hdu = fits.CompImageHDU(pixels, header, tile_shape=(1, 60), quantize_level=16)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    rows = [DiaSource(n, 53.0 + n * 1e-4, -28.0 + n * 1e-5) for n in range(4)]
    together = [one.science for one in FitsImages(science=path).read(rows, Region((10,)))]
    for row, image in zip(rows, together, strict=True):
        (alone,) = FitsImages(science=path).read([row], Region((10,)))
        assert alone.science.box == image.box
        assert np.array_equal(alone.science.pixels, image.pixels, equal_nan=True)
