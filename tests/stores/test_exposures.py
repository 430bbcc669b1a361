"""Any image file read completely, and damage reported in one sentence."""

from __future__ import annotations

import logging
import random
import warnings

import numpy as np
import pytest
from astropy.io import fits
from tests.stores.fits_files import write_afw, write_lsst_images

import cutout_widgets as cw
from cutout_widgets.errors import CutoutError, ImageNotFound, UnreadableImage
from cutout_widgets.testing import assert_images_equal, make_image, make_wcs

PLANES = {"BAD": 0, "SAT": 1, "DETECTED": 5}
IMAGE = make_image((40, 50), yx0=(400, 30), planes=PLANES, wcs=make_wcs(at=(50.0, 420.0)))


def test_an_image_written_by_write_image_is_read_back_unchanged(tmp_path):
    image = cw.Image(np.arange(6).reshape(2, 3), unit="adu", psf=np.eye(3), source_id=2**60 + 1)
    back = cw.read_image(cw.write_image(image, tmp_path / "a.fits"))
    assert back.pixels.dtype == image.pixels.dtype
    assert (back.source_id, back.psf.tolist()) == (2**60 + 1, np.eye(3).tolist())


@pytest.mark.parametrize("write", [write_afw, write_lsst_images])
def test_rubin_files_keep_planes_and_origin_and_report_what_needs_lsst_packages(tmp_path, write):
    path = write(tmp_path / "a.fits", IMAGE)
    with fits.open(path, mode="update") as hdus:
        hdus[0].header["MAGZERO"] = 31.4
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", cw.CutoutWarning)
        image = cw.read_image(path)
    assert any("point-spread function" in str(one.message) for one in told)
    assert_images_equal(image, IMAGE)
    assert image.box == cw.Box(400, 440, 30, 80)
    assert image.metadata["MAGZERO"] == 31.4
    assert "NAXIS1" not in image.metadata


def test_any_fits_image_is_read_and_one_of_several_can_be_chosen(tmp_path):
    path = tmp_path / "a.fits"
    one, two = fits.ImageHDU(np.zeros((2, 3)), name="A"), fits.ImageHDU(np.ones((4, 5)), name="B")
    fits.HDUList([fits.PrimaryHDU(), one, two]).writeto(path)
    assert cw.read_image(path).shape == (2, 3)
    assert cw.read_image(f"{path}[B]").shape == cw.read_image(path, hdu=2).shape == (4, 5)
    with pytest.raises(ImageNotFound, match="has no HDU 'C'"):
        cw.read_image(f"{path}[C]")


def mutated(content: bytes, seed: int) -> bytes:
    """The bytes with a few changed, cut, doubled or zeroed."""
    dice = random.Random(seed)
    data = bytearray(content)
    for _ in range(dice.choice([1, 1, 3, 20])):
        at, size = dice.randrange(len(data)), dice.choice([1, 1, 8, 80, 2880])
        match dice.randrange(5):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                data[at : at + size] = bytes(
                    dice.randrange(32, 127) for _ in range(min(size, len(data) - at))
                )
            case 2:
                del data[at : at + size]
            case 3:
                data[at:at] = data[at : at + size]
            case _:
                data[at : at + size] = bytes(min(size, len(data) - at))
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("kind", ["ours", "afw", "lsst.images", "gzip"])
@pytest.mark.filterwarnings("ignore")
def test_corrupted_files_only_give_one_sentence_errors(tmp_path, kind, caplog):
    path = tmp_path / ("a.fits.gz" if kind == "gzip" else "a.fits")
    if kind == "afw":
        write_afw(path, IMAGE, compressed=True)
    elif kind == "lsst.images":
        write_lsst_images(path, IMAGE)
    else:
        cw.write_image(IMAGE, path)
    content = path.read_bytes()
    for seed in range(60):
        path.write_bytes(mutated(content, seed))
        try:
            image = cw.read_image(path)
        except CutoutError as err:
            said = str(err)
        except Exception as err:  # noqa: BLE001  the test is that there is none
            pytest.fail(f"seed {seed}: {type(err).__name__}: {err}")
        else:
            said = repr(image)
        assert "\n" not in said, seed
    assert not [one for one in caplog.records if one.levelno > logging.INFO and "cutout" in one.name]


def test_a_file_that_is_not_an_image_is_refused(tmp_path):
    with pytest.raises(ImageNotFound, match="there is no file"):
        cw.read_image(tmp_path / "absent.fits")
    (tmp_path / "text.fits").write_text("hello")
    with pytest.raises(UnreadableImage, match="is not a FITS file"):
        cw.read_image(tmp_path / "text.fits")
