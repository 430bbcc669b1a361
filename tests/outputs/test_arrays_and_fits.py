"""Numpy files, their tables, and FITS."""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.wcs import WCS, Sip

from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.fits import fits_bytes
from cutout_widgets.outputs.verify import verify
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.testing import make_image, make_wcs
from outputs.figure.pinned_figures import make_row
from outputs.makers import FIRST_ID, make_world

save = partial(save_cutouts, progress=False)


def opened(triplet: Triplet) -> fits.HDUList:
    return fits.HDUList.fromstring(fits_bytes(make_row(), triplet))


def test_arrays_contain_the_pixels_of_each_panel_and_size(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path, sizes=(10, 15), save_as_numpy=True)
    folder = tmp_path / "numpy" / "506428274000260000"
    assert len(list(folder.iterdir())) == 2 * 3 * 2
    row = next(iter(table))
    (triplet,) = images.read([row], Region.of(10))
    saved = np.load(folder / f"{row.id}_temp_10.npy")
    assert saved.shape == (1, 10, 10)
    assert saved.dtype == np.float32
    np.testing.assert_array_equal(saved[0], triplet.template.pixels)


def test_tables_contain_all_rows_and_the_saved_rows_with_exact_ids(tmp_path):
    table, images = make_world(5, detector=np.array([3, 3, 9, 3, 3]))
    save(table, images, tmp_path, save_as_numpy=True)
    every = pd.read_csv(tmp_path / "numpy" / "all_diasources.csv.gz")
    saved = pd.read_csv(tmp_path / "numpy" / "exported_diasources.csv.gz")
    assert every["diaSourceId"].tolist() == [FIRST_ID + 7 * k for k in range(5)]
    assert saved["diaSourceId"].tolist() == [FIRST_ID + 7 * k for k in (0, 1, 3, 4)]
    assert list(every.columns) == list(table.columns)
    assert verify(tmp_path) == []


def test_saved_tables_are_reproducible_byte_for_byte(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path, save_as_numpy=True)
    data = (tmp_path / "numpy" / "all_diasources.csv.gz").read_bytes()
    assert data[4:8] == b"\0\0\0\0"  # gzip's own date
    assert gzip.decompress(data).startswith(b"diaSourceId,")


def test_arrays_can_be_added_to_existing_figures(tmp_path):
    table, images = make_world(3)
    save(table, images, tmp_path)
    assert len(save(table, images, tmp_path, save_as_numpy=True).written) == 3
    assert len(save(table, images, tmp_path, save_as_numpy=True).present) == 3


def test_fits_files_contain_image_mask_and_variance_of_each_panel():
    panels = [cut(make_image(seed=k, wcs=make_wcs()), Box(5, 15, 10, 22)) for k in range(3)]
    hdus = opened(Triplet(*panels))
    names = [hdu.name for hdu in hdus[1:]]
    assert names[:3] == ["TEMPLATE", "TEMPLATE_MASK", "TEMPLATE_VARIANCE"]
    assert len(names) == 9
    for panel, image in zip(("TEMPLATE", "SCIENCE", "DIFFERENCE"), panels, strict=True):
        np.testing.assert_array_equal(hdus[panel].data, image.pixels)
        np.testing.assert_array_equal(hdus[f"{panel}_MASK"].data, image.mask)
        np.testing.assert_array_equal(hdus[f"{panel}_VARIANCE"].data, image.variance)
        assert hdus[panel].header["BUNIT"] == "nJy"
    assert {name: hdus["SCIENCE_MASK"].header[f"MP_{name}"] for name in ("BAD", "SAT", "DETECTED")} == {
        "BAD": 0,
        "SAT": 1,
        "DETECTED": 5,
    }


def assert_sky_kept(wcs) -> None:
    image = cut(make_image((400, 500), wcs=wcs), Box(200, 240, 300, 350))
    header = opened(Triplet(None, image, None))["SCIENCE"].header
    own = WCS(header)
    x, y = np.array([0.0, 49.0, 20.0]), np.array([0.0, 39.0, 11.0])
    sky = image.wcs.pixel_to_world(x + 300, y + 200)
    back = own.world_to_pixel(sky)
    assert np.abs(np.array(back) - [x, y]).max() < 1e-6
    assert (header["LTV1"], header["LTV2"]) == (-300, -200)


def test_the_saved_wcs_is_correct_to_a_millionth_of_a_pixel():
    assert_sky_kept(make_wcs(rotation=33, at=(1000, 900)))


def test_the_saved_wcs_is_correct_with_a_distortion():
    wcs = make_wcs(rotation=10, at=(250, 200))
    a, b = np.zeros((4, 4)), np.zeros((4, 4))
    a[2, 0], a[1, 1], b[0, 2], b[3, 0] = 1e-6, -3e-7, 2e-6, 1e-9
    wcs.sip = Sip(a, b, None, None, wcs.wcs.crpix)
    wcs.wcs.ctype = ["RA---TAN-SIP", "DEC--TAN-SIP"]
    assert_sky_kept(wcs)


class _Wrapped:
    """A WCS that is not FITS's: astropy's own behind the common interface."""

    def __init__(self, wcs):
        self._wcs = wcs

    @property
    def low_level_wcs(self):
        return self._wcs.low_level_wcs

    def pixel_to_world(self, *xy):
        return self._wcs.pixel_to_world(*xy)

    def world_to_pixel(self, *sky):
        return self._wcs.world_to_pixel(*sky)


def test_a_wcs_that_fits_cannot_represent_is_fitted():
    pytest.importorskip("scipy")
    assert_sky_kept(_Wrapped(make_wcs(rotation=33, at=(1000, 900))))


def test_a_fits_header_records_its_origin():
    image = replace(make_image(), psf=np.ones((5, 5)), origin="visit.fits[1]")
    hdus = opened(Triplet(None, image, None, ("template: no such file",)))
    header = hdus[0].header
    assert header["SRCID"] == "506428274000265573"
    assert (header["VISIT"], header["DETECTOR"], header["FILTER"]) == (2025069184737, 80, "g")
    assert "template: no such file" in str(header["HISTORY"])
    assert hdus["SCIENCE"].header["PIXELSRC"] == "visit.fits[1]"
    assert hdus["SCIENCE_PSF"].data.shape == (5, 5)
    assert "TEMPLATE" not in hdus


def test_a_long_origin_is_not_truncated():
    image = replace(make_image(), origin="/data/" + "night/" * 40 + "visit.fits")
    assert opened(Triplet(None, image, None))["SCIENCE"].header["PIXELSRC"] == image.origin


def test_malicious_texts_do_not_corrupt_a_header():
    image = replace(make_image(), origin="é\n" * 200)
    source = make_row(instrument="仪" * 50, band="x" * 200)
    assert fits.HDUList.fromstring(fits_bytes(source, Triplet(image, None, None, ("ü\n" * 100,))))[0].header


@pytest.mark.parametrize("ra", [np.nan, np.inf, -np.inf])
def test_a_nan_position_is_not_in_the_header(ra):
    written = fits.HDUList.fromstring(
        fits_bytes(replace(make_row(), ra=ra), Triplet(None, make_image(), None))
    )
    assert "RA" not in written[0].header
    assert "DEC" in written[0].header


@pytest.mark.parametrize("sizes", [(30,), (20, 40)])
def test_fits_files_are_saved_and_verified(tmp_path, sizes):
    table, images = make_world(2)
    save(table, images, tmp_path, sizes=sizes, fits=True)
    path = tmp_path / "fits" / "506428274000260000" / f"{FIRST_ID}.fits"
    with fits.open(path) as hdus:
        assert hdus["SCIENCE"].data.shape == (max(sizes), max(sizes))
    assert verify(tmp_path) == []
    path.write_bytes(path.read_bytes()[:-100])
    assert verify(tmp_path) == [f"fits/506428274000260000/{FIRST_ID}.fits: it is truncated"]
