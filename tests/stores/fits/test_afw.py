"""Files written by afw, read without afw: exact WCS and calibration from their archive."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.stores.fits_files import write_afw

from cutout_widgets.errors import CutoutWarning
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.fits.afw import OpenAfwFits
from cutout_widgets.testing import assert_images_equal, make_image, make_sources, make_wcs

IMAGE = make_image((60, 70), yx0=(40, 1000), wcs=make_wcs(at=(1030.0, 70.0)))


def opened(path: Path, box: Box = IMAGE.box):
    handle = OpenAfwFits(path)
    image = handle.part(box)
    handle.close()
    return image


def test_pixels_are_converted_to_nanojansky_with_the_archive_calibration(tmp_path):
    image = opened(write_afw(tmp_path / "a.fits", IMAGE, calibration=0.5))
    assert image.unit == "nJy"
    np.testing.assert_array_equal(image.pixels, IMAGE.pixels / 2)
    np.testing.assert_array_equal(image.variance, IMAGE.variance / 4)


def test_a_varying_calibration_is_reported(tmp_path):
    path = write_afw(tmp_path / "a.fits", IMAGE, calibration=2.0, constant=False)
    with pytest.warns(
        CutoutWarning, match=r"the calibration of .*a\.fits varies over the image, and its mean"
    ):
        image = opened(path)
    np.testing.assert_array_equal(image.pixels, IMAGE.pixels * 2)
    assert_images_equal(opened(write_afw(tmp_path / "b.fits", IMAGE, calibration=1.0, constant=True)), IMAGE)


def test_a_calibration_of_one_leaves_pixels_unchanged(tmp_path):
    assert_images_equal(opened(write_afw(tmp_path / "a.fits", IMAGE, calibration=1.0)), IMAGE)


def test_without_archive_the_header_is_used(tmp_path):
    image = replace(IMAGE, unit="adu")
    assert_images_equal(opened(write_afw(tmp_path / "a.fits", image)), image)


def test_old_files_are_calibrated_by_fluxmag0(tmp_path):
    from astropy.io import fits

    path = write_afw(tmp_path / "a.fits", replace(IMAGE, unit="adu"))
    fits.setval(path, "FLUXMAG0", value=3.630780547701e12, ext=1)
    image = opened(path)
    assert image.unit == "nJy"
    np.testing.assert_allclose(image.pixels, IMAGE.pixels, rtol=1e-6)


def test_an_unreadable_archive_does_not_lose_the_pixels(tmp_path):
    path = write_afw(tmp_path / "a.fits", IMAGE, sky_dump="Begin Nonsense", calibration=np.nan)
    assert_images_equal(opened(path), IMAGE)


def exact_dump():
    """The AST text of a TPV sky in 0-based parent pixels, and that sky."""
    pytest.importorskip("lsst.images", reason="needs lsst-images: pip install 'cutout-widgets[rubin]'")
    from lsst.images import Box as LsstBox
    from lsst.images import DetectorFrame, SkyProjection
    from tests.stores import rubin_repository as rubin

    sky, box = rubin.tpv_wcs(), rubin.BOX
    bbox = LsstBox.factory[box.y0 : box.y1, box.x0 : box.x1]
    frame = DetectorFrame(instrument="X", visit=1, detector=1, bbox=bbox)
    return SkyProjection.from_fits_wcs(sky, frame, pixel_bounds=bbox, x0=0, y0=0).show(), sky


def test_the_exact_archive_wcs_is_preferred_to_the_header_approximation(tmp_path):
    dump, sky = exact_dump()
    image = opened(write_afw(tmp_path / "a.fits", IMAGE, sky_dump=dump))
    x, y = np.array([1000.0, 1069.0]), np.array([40.0, 99.0])
    assert image.wcs.pixel_to_world(x, y).separation(sky.pixel_to_world(x, y)).arcsec.max() < 1e-6
    assert IMAGE.wcs.pixel_to_world(x, y).separation(sky.pixel_to_world(x, y)).arcsec.max() > 0.01


def test_an_exposure_of_a_repository_is_read_without_afw(tmp_path):
    pytest.importorskip(
        "lsst.daf.butler", reason="needs lsst-daf-butler: pip install 'cutout-widgets[rubin]'"
    )
    dump, sky = exact_dump()
    from lsst.daf.butler import Butler, Config, DatasetRef, DatasetType, FileDataset

    from cutout_widgets.stores.butler.store import ButlerImages

    # afw's own formatter is not installable here; reading goes by the storage class, not by it.
    root = tmp_path / "repo"
    formatters = {"ExposureF": "lsst.images.formatters.GenericFormatter"}
    Butler.makeRepo(str(root), config=Config({"datastore": {"formatters": formatters}}))
    butler = Butler.from_config(str(root), writeable=True, run="u/test/run")
    insert = butler.registry.insertDimensionData
    insert("instrument", {"name": "X", "class_name": "none.X"})
    insert("physical_filter", {"instrument": "X", "name": "r", "band": "r"})
    insert("day_obs", {"instrument": "X", "id": 20250101})
    insert("detector", {"instrument": "X", "id": 1, "full_name": "S1"})
    insert("visit", {"instrument": "X", "id": 7, "day_obs": 20250101, "name": "7", "physical_filter": "r"})
    kind = DatasetType("calexp", butler.dimensions.conform(["instrument", "visit", "detector"]), "ExposureF")
    butler.registry.registerDatasetType(kind)
    path = write_afw(tmp_path / "c.fits", IMAGE, compressed=True, sky_dump=dump, calibration=2.0)
    data_id = butler.registry.expandDataId(instrument="X", visit=7, detector=1)
    butler.ingest(FileDataset(str(path), [DatasetRef(kind, data_id, run="u/test/run")]), transfer="copy")

    truth = replace(IMAGE, wcs=sky, pixels=IMAGE.pixels * 2, variance=IMAGE.variance * 4, unit="nJy")
    source = make_sources(1, image=truth, visit=7, detector=1)[0]
    (triplet,) = ButlerImages(root).read([source], Region((21,)))
    assert [problem.split(":")[0] for problem in triplet.problems] == ["template", "difference"]
    from cutout_widgets.pixels.cutting import cut

    assert_images_equal(triplet.science, cut(truth, Region((21,)).box_on(truth, source)))


def test_a_gzipped_exposure_gives_the_same(tmp_path):
    path = write_afw(tmp_path / "a.fits", IMAGE, calibration=1.0)
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert_images_equal(opened(packed), IMAGE)
