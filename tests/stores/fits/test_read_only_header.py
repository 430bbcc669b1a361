"""A header that caches its look-ups."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from cutout_widgets.stores.fits.read_only_header import ReadOnlyHeader, remember_cards


def test_it_answers_like_the_astropy_header():
    header = fits.Header([("ZTILE1", 128), ("EXTNAME", "IMAGE"), ("HISTORY", "made"), ("EMPTY", None)])
    kept = ReadOnlyHeader.of(header)
    for _ in range(2):
        assert kept["ZTILE1"] == 128
        assert kept["ztile1"] == 128
        assert kept["EMPTY"] is None
        assert list(kept["HISTORY"]) == ["made"]
        assert kept[0] == 128
        assert "EXTNAME" in kept
        assert "ZBLANK" not in kept
        assert kept.get("ZBLANK", 5) == 5
        with pytest.raises(KeyError):
            kept["ZBLANK"]
    assert kept.tostring() == header.tostring()
    assert kept.copy()["ZTILE1"] == 128


def test_sections_of_a_compressed_image_are_unchanged(tmp_path):
    pixels = np.random.default_rng(1).normal(size=(300, 200)).astype("f4")
    path = tmp_path / "tiles.fits"
    tiled = fits.CompImageHDU(pixels, compression_type="RICE_1", tile_shape=(64, 64))
    fits.HDUList([fits.PrimaryHDU(), tiled]).writeto(path)
    with fits.open(path) as plain, fits.open(path) as remembering:
        remember_cards(remembering[1])
        for where in (np.s_[10:40, 50:80], np.s_[250:300, 150:200], np.s_[:, :]):
            np.testing.assert_array_equal(remembering[1].section[where], plain[1].section[where])


def test_an_uncompressed_image_is_left_alone():
    remember_cards(fits.ImageHDU(np.zeros((3, 3))))
