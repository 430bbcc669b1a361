"""Triplets whose template lies on another grid: aligned to the science cutout, shown on its pixels."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.mapping import outlines
from cutout_widgets.pixels.projection import pixel_to_pixel
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.base import cut_group


def tangent(angle_deg: float, scale_arcsec: float, crpix: tuple[float, float]) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix = [150.0, 2.0], crpix
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    wcs.wcs.cd = scale_arcsec / 3600 * np.array([[-c, s], [s, c]])
    wcs.wcs.set()
    return wcs


SKY = tangent(0, 0.2, (101.0, 101.0))
"""Grid of the science image."""
TURNED = tangent(30, 0.1, (301.0, 251.0))
"""Grid of the template: rotated, finer, elsewhere."""


def brightness(wcs: WCS, shape: tuple[int, int]) -> np.ndarray:
    """A plane on the sky, so both grids show the same thing."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    on_science = pixel_to_pixel(wcs, SKY, x, y)
    return (1000 + 3 * on_science[0] - on_science[1]).astype(np.float32)


def read(region: Region, source: DiaSource, template_wcs: WCS = TURNED):
    panels = {
        "template": lambda: Image(brightness(template_wcs, (500, 600)), wcs=template_wcs),
        "science": lambda: Image(brightness(SKY, (200, 200)), wcs=SKY),
        "difference": lambda: Image(np.zeros((200, 200), np.float32), wcs=SKY),
    }
    return next(iter(cut_group(panels, [source], region)))


@pytest.fixture
def source() -> DiaSource:
    where = SKY.pixel_to_world(90.2, 110.4)
    return DiaSource(1, where.ra.deg, where.dec.deg)


def test_panels_are_not_resampled_by_default(source):
    triplet = read(Region((21.0,)), source)
    assert triplet.template.shape == triplet.science.shape == (21, 21)


def test_the_template_covers_the_science_cutout(source):
    triplet = read(Region((21.0,), align="science"), source)
    assert triplet.science.box == Box.centred(triplet.science.box.centre, (21, 21))
    assert triplet.difference.box == triplet.science.box
    (corners,) = outlines([triplet.science.box], samples=1)
    x, y = pixel_to_pixel(SKY, TURNED, *corners.T)
    box = triplet.template.box
    assert (box.x0, box.x1) == (round(np.floor(x.min() + 0.5)), round(np.ceil(x.max() - 0.5)) + 1)
    assert (box.y0, box.y1) == (round(np.floor(y.min() + 0.5)), round(np.ceil(y.max() - 0.5)) + 1)


@pytest.mark.parametrize("how", ["nearest", "interp", "exact"])
def test_the_aligned_template_shows_the_same_sky_as_the_science_pixels(source, how):
    pytest.importorskip("reproject")
    triplet = read(Region((21.0,), align="science", resample=how), source)
    assert triplet.problems == ()
    assert triplet.template.box == triplet.science.box
    np.testing.assert_allclose(
        triplet.template.pixels, triplet.science.pixels, atol=2 if how == "nearest" else 0.05
    )


def test_a_template_rotated_by_90_degrees_is_resampled(source):
    pytest.importorskip("reproject")
    turned = tangent(90, 0.2, (101.0, 101.0))
    triplet = read(Region((21.0,), align="science", resample="nearest"), source, turned)
    np.testing.assert_allclose(triplet.template.pixels, triplet.science.pixels, atol=0.01)


def test_several_sizes_stay_aligned(source):
    pytest.importorskip("reproject")
    region = Region((15.0, 41.0), align="science", resample="interp")
    small, large = region.split(read(region, source), source)
    for part, side in ((small, 15), (large, 41)):
        assert part.template.shape == part.science.shape == (side, side)
        np.testing.assert_allclose(part.template.pixels, part.science.pixels, atol=0.05)


def test_a_template_elsewhere_on_the_sky_is_a_problem_of_its_panel(source):
    far = tangent(0, 0.2, (101.0, 101.0))
    far.wcs.crval = [330.0, -2.0]
    triplet = read(Region((21.0,), align="science", resample="interp"), source, far)
    assert triplet.template is None
    assert triplet.science is not None
    assert "template" in triplet.problems[0]


def test_invalid_options_are_refused():
    with pytest.raises(BadOption, match="align"):
        Region((21.0,), align="template")  # type: ignore[arg-type]  # the refusal is the test
    with pytest.raises(BadOption, match="needs align"):
        Region((21.0,), resample="interp")
    with pytest.raises(BadOption, match="resample is"):
        Region((21.0,), align="science", resample="cubic")  # type: ignore[arg-type]  # the refusal is the test
