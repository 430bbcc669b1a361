"""The residual of a cutout after subtracting its point source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.psf import PsfModel
from cutout_widgets.widget.inspection.psf_residual import fit_of
from cutout_widgets.widget.pages.array_buffer import ArrayBuffer

pytest.importorskip("scipy", reason="needs the extra 'detect'")

PSF = PsfModel.gaussian(3.0)
SOURCE = DiaSource(1, 53.0, -28.0)


def star(flux: float = 1000.0, sky: float = 0.0) -> Image:
    """A star at (14.3, 15.6) of 31 pixels a side whose first pixel is (100, 200) of the parent."""
    rows, columns = np.indices((31, 31))
    pixels = sky + flux * PSF.at(columns - 14.3, rows - 15.6)
    return Image(
        pixels.astype(np.float32),
        box=Box(200, 231, 100, 131),
        variance=np.full((31, 31), 4.0, np.float32),
        psf=PSF.kernel.astype(np.float32),
        anchor=XY(115.0, 215.0),
        unit="nJy",
    )


def test_a_star_is_fitted_at_its_position_without_residual():
    buffer = ArrayBuffer()
    fit = fit_of(star(), SOURCE, "difference", buffer)
    assert (fit["x"], fit["y"]) == (pytest.approx(114.3, abs=0.01), pytest.approx(215.6, abs=0.01))
    assert fit["flux"] == pytest.approx(1000, rel=1e-3)
    assert fit["flux_err"] == pytest.approx(2 * np.sqrt(PSF.noise_area), rel=0.05)
    assert fit["chi2"] / fit["n_pixels"] < 0.01
    left = np.frombuffer(buffer.bytes(), "<f4", 31 * 31, fit["residual"])
    assert np.abs(left).max() < 0.01 * star().pixels.max()


def test_the_sky_of_a_science_image_is_not_part_of_the_flux():
    rng = np.random.default_rng(3)
    image = star(sky=500.0)
    image = replace(image, pixels=image.pixels + rng.normal(0, 2, (31, 31)).astype(np.float32))
    buffer = ArrayBuffer()
    fit = fit_of(image, SOURCE, "science", buffer)
    assert fit["flux"] == pytest.approx(1000, abs=5 * fit["flux_err"])
    left = np.frombuffer(buffer.bytes(), "<f4", 31 * 31, fit["residual"])
    assert np.median(left) == pytest.approx(500, abs=1)


def test_missing_pixels_stay_missing_and_negative_sources_are_fitted():
    image = star(flux=-800.0)
    image.pixels[0, 0] = np.nan
    buffer = ArrayBuffer()
    fit = fit_of(image, SOURCE, "difference", buffer)
    assert fit["flux"] == pytest.approx(-800, rel=1e-3)
    left = np.frombuffer(buffer.bytes(), "<f4", 31 * 31, fit["residual"])
    assert np.isnan(left[0])
    assert np.isfinite(left[1:]).all()


@pytest.mark.parametrize(
    "image",
    [
        replace(star(), psf=None),
        replace(star(), psf=np.ones((4, 4))),
        replace(star(), anchor=None),
        replace(star(), pixels=np.full((31, 31), np.nan)),
        replace(star(), anchor=XY(1e6, 1e6)),
    ],
    ids=["no PSF", "an even PSF", "nowhere", "no pixels", "far away"],
)
def test_without_a_valid_fit_there_is_no_residual(image):
    assert fit_of(image, SOURCE, "difference", ArrayBuffer()) is None


def test_without_variance_there_are_neither_errors_nor_chi2():
    fit = fit_of(replace(star(), variance=None), SOURCE, "difference", ArrayBuffer())
    assert (fit["flux_err"], fit["chi2"]) == (None, None)
