"""Mapping boxes and sources between pixel grids; resampling onto another grid."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.wcs import WCS, Sip
from hypothesis import given, settings
from hypothesis import strategies as st

from cutout_widgets.errors import BadOption, NoOverlap
from cutout_widgets.footprints.tracked import cut_mapped, cut_segments, segment_boxes
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.mapping import map_boxes, outlines
from cutout_widgets.pixels.projection import (
    moved,
    pixel_to_pixel,
    pixels_at,
    same_grid,
    shifted,
    world_at,
)
from cutout_widgets.pixels.resampling import resampled


def make_wcs(
    angle_deg: float = 0.0,
    scale_arcsec: float = 0.2,
    crpix: tuple[float, float] = (50.0, 50.0),
    *,
    sip: float = 0.0,
    ctype: str = "RA---TAN",
    crval: tuple[float, float] = (150.0, 2.0),
) -> WCS:
    wcs = WCS(naxis=2)
    lon, lat = ("GLON", "GLAT") if ctype.startswith("GLON") else ("RA--", "DEC-")
    suffix = "-SIP" if sip else ""
    wcs.wcs.ctype = [f"{lon}-TAN{suffix}", f"{lat}-TAN{suffix}"]
    wcs.wcs.crval = crval
    wcs.wcs.crpix = crpix
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    wcs.wcs.cd = scale_arcsec / 3600 * np.array([[-c, s], [s, c]])
    if sip:
        a, b = np.zeros((3, 3)), np.zeros((3, 3))
        a[2, 0], a[0, 2], b[0, 2], b[1, 1] = sip, -sip / 2, sip, sip / 3
        wcs.sip = Sip(a, b, None, None, crpix)
    wcs.wcs.set()
    return wcs


def blank(wcs: WCS | None, shape: tuple[int, int] = (100, 100), **more) -> Image:
    return Image(np.zeros(shape, np.float32), wcs=wcs, **more)


def test_outlines_follow_the_outer_pixel_edges():
    (corners,) = outlines([Box(2, 4, 10, 13)], samples=1)
    assert corners.tolist() == [[9.5, 1.5], [9.5, 3.5], [12.5, 3.5], [12.5, 1.5]]
    (dense,) = outlines([Box(2, 4, 10, 13)], samples=4)
    assert dense.shape == (16, 2)
    assert dense[4:8, 1].tolist() == [3.5] * 4
    with pytest.raises(BadOption, match="at least one point"):
        outlines([], samples=0)


@given(
    st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 40), st.integers(1, 40), st.floats(-180, 180)
)
@settings(deadline=None, max_examples=40)
def test_a_box_mapped_onto_its_own_grid_is_unchanged(y, x, ny, nx, angle):
    box = Box(y, y + ny, x, x + nx)
    grid = make_wcs(angle, sip=2e-5)
    (mapped,) = map_boxes([box], grid, blank(make_wcs(angle, sip=2e-5)))
    assert mapped.box == box


@given(st.floats(-180, 180), st.floats(0.1, 0.4), st.floats(-3, 3))
@settings(deadline=None, max_examples=40)
def test_every_pixel_centre_maps_into_the_mapped_box(angle, scale, padding):
    box = Box(20, 41, 15, 50)
    source, target = make_wcs(sip=3e-5), blank(make_wcs(angle, scale, (40.3, 61.8), sip=-2e-5))
    (mapped,) = map_boxes([box], source, target, padding_px=max(padding, 0))
    y, x = np.mgrid[box.y0 : box.y1, box.x0 : box.x1]
    there_x, there_y = pixel_to_pixel(source, target.wcs, x.ravel(), y.ravel())
    low, high = (mapped.box.x0 - 0.5, mapped.box.y0 - 0.5), (mapped.box.x1 - 0.5, mapped.box.y1 - 0.5)
    assert there_x.min() >= low[0]
    assert there_y.min() >= low[1]
    assert there_x.max() <= high[0]
    assert there_y.max() <= high[1]


@given(st.floats(-20, 120), st.floats(-20, 120), st.floats(-180, 180))
@settings(deadline=None, max_examples=60)
def test_world_round_trip(x, y, angle):
    wcs = make_wcs(angle, sip=5e-5)
    back = pixels_at(wcs, *world_at(wcs, x, y))
    assert np.hypot(back[0] - x, back[1] - y) < 1e-4


def test_padding_is_in_target_pixels_and_can_be_fractional():
    box, coarse = Box(40, 60, 40, 60), blank(make_wcs(0, 0.4, (25.25, 25.25)))
    (bare,) = map_boxes([box], make_wcs(), coarse)
    (wide,) = map_boxes([box], make_wcs(), coarse, padding_px=2)
    (more,) = map_boxes([box], make_wcs(), coarse, padding_px=2.3)
    assert bare.extent == pytest.approx((19.5, 19.5, 29.5, 29.5), abs=1e-4)
    assert bare.box == Box(20, 30, 20, 30)
    assert wide.box == Box(18, 32, 18, 32)
    assert more.box == Box(17, 33, 17, 33)


def test_a_curved_side_is_followed_only_with_samples_along_it():
    bent = blank(make_wcs(sip=2e-3))
    box = Box(0, 100, 0, 100)
    (corners,) = map_boxes([box], make_wcs(), bent, samples=1)
    (sampled,) = map_boxes([box], make_wcs(), bent)
    assert sampled.box.union(corners.box) == sampled.box != corners.box


def test_positions_are_mapped():
    grid = make_wcs()
    target = blank(grid)
    boxes = [Box(1, 5, 1, 5), Box(-2, 3, 1, 5), Box(200, 210, 0, 5), Box(3, 3, 3, 9), Box(5, 8, 5, 8)]
    mapped = map_boxes(boxes, grid, target, padding_px=-1)
    assert [one.place for one in mapped] == ["inside", "partial", "outside", "empty", "inside"]
    assert [one.wanted("touch") for one in mapped] == [True, True, False, False, True]
    assert [one.wanted("all") for one in mapped] == [True, False, False, False, True]
    (eaten,) = map_boxes([Box(1, 5, 1, 5)], grid, target, padding_px=-2)
    assert (eaten.place, eaten.box) == ("empty", None)
    (behind,) = map_boxes([Box(1, 5, 1, 5)], grid, blank(make_wcs(crval=(330.0, -2.0))))
    assert behind.place in ("nowhere", "outside")


def test_sky_frames_can_differ():
    sky = make_wcs()
    from astropy.coordinates import SkyCoord

    centre = SkyCoord(150.0, 2.0, unit="deg").galactic
    galactic = make_wcs(ctype="GLON-TAN", crval=(centre.l.deg, centre.b.deg))
    x, y = pixel_to_pixel(sky, galactic, [49.0, 60.0], [49.0, 49.0])
    assert (x[0], y[0]) == pytest.approx((49.0, 49.0), abs=1e-5)
    assert np.hypot(x[1] - 49, y[1] - 49) == pytest.approx(11.0, abs=1e-4)
    back = pixel_to_pixel(galactic, sky, x, y)
    np.testing.assert_allclose(back, [[49.0, 60.0], [49.0, 49.0]], atol=1e-5)


def test_one_unmappable_position_does_not_affect_the_others():
    wcs = make_wcs(sip=1e-4)
    x, y = pixels_at(wcs, [150.0, np.nan, 10.0, 150.001], [2.0, 2.0, 2.0, 200.0])
    assert np.isfinite(x).tolist() == [True, False, False, False]
    assert np.isnan(y).tolist() == [False, True, True, True]
    assert (x[0], y[0]) == pytest.approx((49.0, 49.0))


def test_shifting_returns_a_new_image():
    image = blank(make_wcs(30, sip=1e-4))
    before = image.wcs.wcs.crpix.copy(), image.wcs.sip.crpix.copy()
    new = shifted(shifted(image, 1.25, -0.5), 0.75, 0.0)
    assert new.shift == XY(2.0, -0.5)
    assert image.shift == XY(0.0, 0.0)
    assert (image.wcs.wcs.crpix == before[0]).all()
    assert (image.wcs.sip.crpix == before[1]).all()
    np.testing.assert_allclose(
        world_at(new.wcs, 12.0, 30.5), world_at(image.wcs, 10.0, 31.0), rtol=0, atol=1e-12
    )
    assert not same_grid(new.wcs, image.wcs, image.box)
    assert same_grid(new.wcs, moved(image.wcs, 2.0, -0.5), image.box)
    with pytest.raises(BadOption, match="without a WCS"):
        shifted(blank(None), 1, 1)


def test_lookup_tables_are_shifted_too(shared):
    from astropy.io import fits

    with fits.open(shared / "data" / "odd_fits" / "dist_lookup.fits.gz") as hdus:
        wcs = WCS(hdus[1].header, hdus)
        assert wcs.cpdis1 is not None
        assert wcs.det2im1 is not None or wcs.det2im2 is not None
        there = moved(wcs, 100.0, -37.5)
        x, y = np.array([50.0, 1000.0, 2010.0]), np.array([60.0, 500.0, 1010.0])
        np.testing.assert_allclose(
            world_at(there, x + 100.0, y - 37.5), world_at(wcs, x, y), rtol=0, atol=1e-12
        )


def test_segment_boxes_are_found_in_one_pass():
    labels = np.zeros((6, 8), np.uint16)
    labels[1, 2:5] = labels[4, 6] = 9
    labels[2, 0] = 65535
    assert segment_boxes(labels, (100, 200)) == {9: Box(101, 105, 202, 207), 65535: Box(102, 103, 200, 201)}
    assert segment_boxes(np.zeros((3, 3), int)) == {}
    with pytest.raises(BadOption, match="segmentation"):
        segment_boxes(np.zeros((3, 3)))


def test_bad_pixels_of_a_source_are_counted():
    labels = np.zeros((8, 8), int)
    labels[3, 3:5], labels[4, 4] = 1, 2
    pixels = np.arange(64.0).reshape(8, 8)
    pixels[3, 3] = np.nan
    (one,) = cut_segments(Image(pixels, wcs=make_wcs()), labels, [1], padding_px=1)
    assert one.image.box == Box(2, 5, 2, 6)
    assert (~one.bad).sum() == 1
    assert not one.bad[1, 2]
    flags = np.zeros((8, 8), np.uint32)
    flags[3, 4] = 6
    for bits, status in ((1, "ok"), (4, "masked")):
        image = Image(pixels, mask=flags)
        assert cut_segments(image, labels, [1], bad_bits=bits)[0].status == status


def test_mapping_requires_a_wcs_and_valid_options():
    labels = np.pad(np.ones((2, 2), int), 3)
    cuts = cut_segments(Image(np.zeros((8, 8))), labels, [1])
    with pytest.raises(BadOption, match="no WCS"):
        cut_mapped(cuts, blank(make_wcs()))
    with pytest.raises(BadOption, match="image with a WCS"):
        cut_mapped(cuts, blank(None))
    with pytest.raises(BadOption, match="covers"):
        cut_mapped(cuts, blank(make_wcs()), covers="some")  # type: ignore[arg-type]  # the refusal is the test
    with pytest.raises(BadOption, match="shape"):
        cut_segments(Image(np.zeros((8, 9))), labels, [1])
    with pytest.raises(BadOption, match="padding"):
        map_boxes([], make_wcs(), blank(make_wcs()), padding_px=np.nan)


def test_pixels_beyond_the_edge_are_filled_and_bad():
    labels = np.zeros((100, 100), int)
    labels[2:5, 2:5] = 4
    image = Image(np.ones((100, 100), np.float32), wcs=make_wcs(), mask=np.zeros((100, 100), np.uint32))
    cuts = cut_segments(image, labels, [4])
    (strict,) = cut_mapped(cuts, image, padding_px=4)
    assert (strict.status, strict.image) == ("partial", None)
    (touching,) = cut_mapped(cuts, image, padding_px=4, covers="touch", fill=0)
    assert touching.image.box == Box(-2, 9, -2, 9)
    assert touching.bad[:2].all()
    assert not touching.bad[2:, 2:].any()
    assert touching.image.pixels[0, 0] == 0
    assert touching.image.has_plane("NO_DATA")[0, 0]
    assert touching.image.anchor == pytest.approx((3.0, 3.0), abs=1e-5)


@pytest.mark.parametrize("how", ["nearest", "interp", "exact"])
def test_resampling_preserves_surface_brightness_and_positions(how):
    pytest.importorskip("reproject")
    y, x = np.mgrid[:100, :100]
    pixels = (100 + x + 2 * y).astype(np.float32)
    mask = np.where((x >= 30) & (x < 32), 4, 0).astype(np.uint32)
    template = Image(
        pixels, wcs=make_wcs(20), mask=mask, planes={"CR": 2}, variance=np.full((100, 100), 3.0, np.float32)
    )
    grid, box = make_wcs(0), Box(40, 60, 38, 61)
    shown = resampled(template, grid, box, how)
    assert shown.box == box
    gx, gy = np.meshgrid(np.arange(box.x0, box.x1), np.arange(box.y0, box.y1))
    there_x, there_y = pixel_to_pixel(grid, template.wcs, gx, gy)
    np.testing.assert_allclose(
        shown.pixels, 100 + there_x + 2 * there_y, atol={"nearest": 1.6, "interp": 0.01, "exact": 0.1}[how]
    )
    np.testing.assert_array_equal(shown.has_plane("CR"), (np.round(there_x) >= 30) & (np.round(there_x) < 32))
    np.testing.assert_allclose(shown.variance, 3.0, rtol=1e-5)


def test_resampling_marks_pixels_outside_the_image():
    pytest.importorskip("reproject")
    template = Image(np.ones((100, 100), np.float32), wcs=make_wcs(), mask=np.zeros((100, 100), np.uint32))
    shown = resampled(template, make_wcs(45), Box(-20, 20, -20, 20), "nearest")
    empty = np.isnan(shown.pixels)
    assert 0 < empty.sum() < empty.size
    np.testing.assert_array_equal(shown.has_plane("NO_DATA"), empty)
    with pytest.raises(NoOverlap):
        resampled(template, make_wcs(), Box(500, 510, 0, 10))
    with pytest.raises(BadOption, match="nearest"):
        resampled(template, make_wcs(), Box(0, 10, 0, 10), "cubic")  # type: ignore[arg-type]  # the test
