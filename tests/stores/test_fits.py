"""FITS files as a store."""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table

from cutout_widgets.errors import BadOption, BadTable, CutoutWarning
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.fits import FitsImages
from cutout_widgets.testing import StoreContract, assert_images_equal, make_image, make_sources, make_wcs

from .fits_files import write_afw, write_lsst_images

KEYS = [(2025010100001, 3), (2025010100001, 4), (2025010100002, 3)]


@cache
def image_of(visit: int, detector: int, panel: str):
    """The truth: each detector's image has a corner and bit numbers of its own."""
    n = PANELS.index(panel)
    return make_image(
        (70, 80),
        seed=visit % 100 * 100 + detector * 10 + n,
        yx0=(3 * detector, 1000 + n),
        planes={"BAD": n, "SAT": 2 + n, "DETECTED": 8 - n},
        wcs=make_wcs(at=(1040.0, 40.0), rotation=30 * n),
    )


class FitsIndexContract(StoreContract):
    """Files of three exposures by visit and detector; one template is missing."""

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path):
        self.folder = tmp_path
        rows = []
        for visit, detector in KEYS:
            row = {"visit": visit, "detector": detector}
            for panel in PANELS:
                row[panel] = f"{panel}_{visit}_{detector}.fits"
                self.write(tmp_path / row[panel], image_of(visit, detector, panel))
            rows.append(row)
        (tmp_path / rows[2]["template"]).unlink()
        self.index = tmp_path / "index.parquet"
        pd.DataFrame(rows).to_parquet(self.index)

    def make_store(self):
        return FitsImages.from_index(self.index)

    def make_sources(self):
        return [
            source
            for visit, detector in KEYS
            for source in make_sources(
                4, image=image_of(visit, detector, "science"), visit=visit, detector=detector, seed=detector
            )
        ]

    def whole_image(self, source, panel):
        if (source.visit, source.detector, panel) == (*KEYS[2], "template"):
            return None
        return image_of(source.visit, source.detector, panel)


class TestAfwFiles(FitsIndexContract):
    def write(self, path, image):
        write_afw(path, image)


class TestCompressedAfwFiles(FitsIndexContract):
    def write(self, path, image):
        write_afw(path, image, compressed=True, extname=True)


class TestLsstImagesFiles(FitsIndexContract):
    def write(self, path, image):
        write_lsst_images(path, image, planes_an_hdu=2)


class TestGzippedFiles(FitsIndexContract):
    def write(self, path, image):
        write_afw(path, image)
        path.write_bytes(gzip.compress(path.read_bytes(), 1))


def only(store, source=None, region=None):
    (triplet,) = store.read([source or make_sources(1)[0]], region or Region.whole())
    return triplet


def panel_of(path, **options):
    """The whole of one file, or the sentence about it."""
    triplet = only(FitsImages(science=path, **options))
    return triplet.science if triplet.science is not None else triplet.problem_of("science")


ODD = {
    "1904-66_AZP.fits": (192, 192),
    "blank.fits": (1, 1),
    "checksum_false.fits": (40, 30),
    "comp.fits": (300, 440),
    "compressed_float_bzero.fits": "holds no 2-d image",
    "compressed_with_nan.fits": (12, 12),
    "dist_lookup.fits.gz": (100, 100),
    "double_ext.fits": (5, 5),
    "header_newlines.fits": (1, 1),
    "m13.fits": (300, 300),
    "m13_gzip.fits": (300, 300),
    "m13_hcomp.fits": (300, 300),
    "m13_plio.fits": (300, 300),
    "m13_rice.fits": (300, 300),
    "scale.fits": (21, 20),
    "sip-wcs.fits": (50, 100),
    "test0.fits": (40, 40),
}


@pytest.mark.parametrize("name", ODD)
def test_every_odd_file_opens_or_is_refused_with_one_sentence(shared, name):
    path = shared / "data" / "odd_fits" / name
    found = panel_of(path)
    if isinstance(found, str):
        assert name in found
        assert "\n" not in found
        assert isinstance(ODD[name], str)
        assert ODD[name] in found
    else:
        assert found.shape == ODD[name]
        assert found.pixels.dtype == np.float32


def test_the_table_of_odd_files_is_complete(shared):
    assert {path.name for path in (shared / "data" / "odd_fits").iterdir()} == set(ODD)


@pytest.mark.parametrize("copy", ["m13_gzip.fits", "m13_rice.fits", "m13_plio.fits", "m13_hcomp.fits"])
def test_lossless_copies_give_the_pixels_of_the_original(shared, copy):
    folder = shared / "data" / "odd_fits"
    original, compressed = panel_of(folder / "m13.fits"), panel_of(folder / copy)
    np.testing.assert_array_equal(original.pixels, compressed.pixels)
