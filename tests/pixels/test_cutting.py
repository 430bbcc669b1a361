"""A cut contains the pixels of its box: exact inside, marked outside."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from astropy.nddata import Cutout2D
from hypothesis import given
from hypothesis import strategies as st

from cutout_widgets.errors import BadOption, NoOverlap, PartialOverlap
from cutout_widgets.pixels.cutting import cut, cut_stack, free_bit, padded
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import Image

HAVE = Box(100, 112, 200, 216)


def make_image(box: Box = HAVE, dtype: str = "f4", **others) -> Image:
    """Every pixel encodes its position: 1000 y + x."""
    y, x = np.mgrid[box.y0 : box.y1, box.x0 : box.x1]
    return Image((1000 * y + x).astype(dtype), box=box, **others)


def layered() -> Image:
    image = make_image(planes={"BAD": 0, "SAT": 1}, unit="nJy")
    return replace(
        image,
        mask=np.full(image.shape, 2, np.uint32),
        variance=np.full(image.shape, 4.0, np.float32),
        weight=np.full(image.shape, 0.5, np.float32),
    )


@st.composite
def boxes_about_the_image(draw: st.DrawFn) -> Box:
    y0, x0 = draw(st.integers(90, 120)), draw(st.integers(190, 225))
    return Box(y0, y0 + draw(st.integers(1, 25)), x0, x0 + draw(st.integers(1, 30)))


def test_a_cut_inside_the_image_equals_the_slice():
    part = cut(make_image(), Box(101, 103, 205, 208))
    assert part.pixels.tolist() == [[101205, 101206, 101207], [102205, 102206, 102207]]
    assert part.box == Box(101, 103, 205, 208)


def test_pixels_outside_are_nan_with_no_data_set_zero_weight_and_infinite_variance():
    part = cut(layered(), Box(99, 101, 214, 218))
    outside = np.array([[True] * 4, [False, False, True, True]])
    assert np.array_equal(np.isnan(part.pixels), outside)
    assert np.array_equal(part.has_plane("NO_DATA"), outside)
    assert np.array_equal(part.has_plane("SAT"), ~outside)
    assert np.array_equal(np.isinf(part.variance), outside)
    assert np.array_equal(part.weight == 0, outside)


def test_a_box_larger_than_the_image_keeps_all_pixels():
    image = layered()
    part = cut(image, HAVE.grown(3))
    assert np.array_equal(part.pixels[3:-3, 3:-3], image.pixels)
    assert np.array_equal(part.has_plane("NO_DATA").sum(), HAVE.grown(3).area - HAVE.area)


def test_no_data_uses_a_free_mask_bit():
    image = replace(layered(), mask=np.full((12, 16), 0b100, np.uint32))
    assert cut(image, Box(99, 101, 200, 202)).planes == {"BAD": 0, "SAT": 1, "NO_DATA": 3}


def test_no_data_keeps_its_existing_bit():
    image = replace(layered(), planes={"NO_DATA": 8})
    part = cut(image, Box(99, 101, 200, 201))
    assert part.mask.tolist() == [[256], [2]]
    assert part.planes == {"NO_DATA": 8}


def test_a_mask_without_a_free_bit_is_refused():
    image = replace(layered(), planes={f"P{bit}": bit for bit in range(32)})
    with pytest.raises(BadOption, match="32 bits"):
        free_bit(image)


def test_the_mask_planes_of_a_cut_are_read_only():
    part = cut(layered(), Box(99, 101, 200, 202))
    with pytest.raises(TypeError):
        part.planes["BAD"] = 5
    assert pickle.loads(pickle.dumps(part)).planes == part.planes


@pytest.mark.parametrize("mode", ["strict", "fill", "trim"])
def test_all_modes_agree_inside_the_image(mode):
    box = Box(102, 106, 203, 210)
    part = cut(make_image(), box, mode=mode)
    assert part.box == box
    assert np.array_equal(part.pixels, make_image(box).pixels)


def test_strict_mode_refuses_a_box_beyond_the_edge():
    with pytest.raises(PartialOverlap, match="'fill' or 'trim'"):
        cut(make_image(), Box(99, 103, 205, 208), mode="strict")


def test_trim_mode_returns_the_part_inside():
    part = cut(layered(), Box(99, 102, 214, 220), mode="trim")
    assert part.box == Box(100, 102, 214, 216)
    assert part.pixels.tolist() == [[100214, 100215], [101214, 101215]]
    assert part.shape == part.mask.shape == part.variance.shape == part.weight.shape


@pytest.mark.parametrize("mode", ["strict", "fill", "trim"])
@pytest.mark.parametrize(
    "box", [Box(112, 113, 200, 201), Box(0, 5, 0, 5), Box(105, 105, 205, 205)], ids=["beside", "far", "empty"]
)
def test_a_box_outside_the_image_is_refused(box, mode):
    with pytest.raises(NoOverlap, match="entirely outside"):
        cut(make_image(), box, mode=mode)


def test_an_unknown_mode_is_refused():
    with pytest.raises(BadOption, match="'strict', 'fill' or 'trim'"):
        cut(make_image(), HAVE, mode="partial")


@pytest.mark.parametrize("dtype", ["i2", "u4", "u1", "?"])
def test_integer_images_need_a_fill_value_of_their_dtype(dtype):
    with pytest.raises(BadOption, match="cannot hold the fill value nan"):
        cut(make_image(dtype=dtype), HAVE.grown(1))
    part = cut(make_image(dtype=dtype), HAVE.grown(1), fill=1)
    assert part.pixels.dtype == np.dtype(dtype)
    assert part.pixels[0, 0] == 1


@pytest.mark.parametrize("fill", [-1, 256, 0.5, np.inf])
def test_a_fill_outside_the_dtype_is_refused(fill):
    with pytest.raises(BadOption, match="uint8 cannot hold"):
        cut(make_image(dtype="u1"), HAVE.grown(1), fill=fill)


def test_inside_the_image_an_integer_image_needs_no_fill_value():
    assert cut(make_image(dtype="i4"), Box(100, 101, 200, 201)).pixels.tolist() == [[100200]]


@pytest.mark.parametrize("box", [Box(101, 103, 205, 208), Box(99, 103, 205, 208)], ids=["inside", "edge"])
def test_a_cut_is_a_copy_and_leaves_the_image_unchanged(box):
    image = layered()
    before = {name: getattr(image, name).copy() for name in ("pixels", "mask", "variance", "weight")}
    part = cut(image, box)
    for name, kept in before.items():
        assert not np.shares_memory(getattr(part, name), getattr(image, name))
        getattr(part, name)[...] = 0
        assert np.array_equal(getattr(image, name), kept)


def test_a_cut_keeps_wcs_and_parent_coordinates():
    wcs = object()
    image = replace(make_image(), wcs=wcs, anchor=XY(205.0, 105.0), unit="adu", origin="here", source_id=7)
    for box in (Box(101, 103, 205, 208), Box(99, 103, 205, 208)):
        part = cut(image, box)
        assert part.wcs is wcs
        assert (part.anchor, part.unit, part.origin, part.source_id) == (XY(205, 105), "adu", "here", 7)


@given(boxes_about_the_image(), boxes_about_the_image())
def test_a_cut_of_a_cut_equals_a_direct_cut(first, second):
    image = layered()
    if not HAVE.overlaps(first) or not first.covers(second) or not HAVE.overlaps(second):
        return
    twice, once = cut(cut(image, first), second), cut(image, second)
    assert np.array_equal(twice.pixels, once.pixels, equal_nan=True)
    assert np.array_equal(twice.variance, once.variance)
    assert np.array_equal(twice.has_plane("NO_DATA"), once.has_plane("NO_DATA"))
    assert twice.box == once.box


@given(boxes_about_the_image())
def test_every_pixel_of_a_cut_keeps_its_parent_position(box):
    if not HAVE.overlaps(box):
        return
    part = cut(make_image(), box)
    y, x = np.mgrid[box.y0 : box.y1, box.x0 : box.x1]
    inside = (y >= 100) & (y < 112) & (x >= 200) & (x < 216)
    assert np.array_equal(part.pixels, np.where(inside, 1000 * y + x, np.nan), equal_nan=True)


@given(
    st.floats(-8, 28).map(lambda v: round(v, 1)),
    st.floats(-8, 24).map(lambda v: round(v, 1)),
    st.integers(1, 11),
)
def test_a_cut_equals_cutout2d_bit_for_bit(x, y, side):
    pixels = np.random.default_rng(4).normal(size=(16, 20)).astype(np.float32)
    box = Box.centred(XY(x, y), (side, side))
    if not Box.from_shape(pixels.shape).overlaps(box):
        return
    theirs = Cutout2D(pixels, (x, y), (side, side), mode="partial", copy=True).data
    ours = cut(Image(pixels), box).pixels
    assert ours.dtype == theirs.dtype
    assert ours.view("u4")[~np.isnan(ours)].tolist() == theirs.view("u4")[~np.isnan(theirs)].tolist()
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))


@given(st.lists(st.tuples(st.integers(80, 130), st.integers(180, 235)), max_size=12))
def test_a_stack_contains_the_single_cuts(corners):
    image = make_image()
    boxes = [Box(y, y + 5, x, x + 7) for y, x in corners]
    stack = cut_stack(image, boxes)
    for box, found in zip(boxes, stack, strict=True):
        expected = cut(image, box).pixels if HAVE.overlaps(box) else np.full((5, 7), np.nan)
        assert np.array_equal(found, expected, equal_nan=True)


def test_a_stack_of_boxes_larger_than_the_image_is_padded():
    stack = cut_stack(make_image(), [HAVE.grown(2), HAVE.grown(2).shifted(50, 0)])
    assert np.array_equal(stack[0, 2:-2, 2:-2], make_image().pixels)
    assert np.isnan(stack[1]).all()


def test_a_stack_is_a_copy():
    image = make_image()
    assert not np.shares_memory(cut_stack(image, [HAVE]), image.pixels)


def test_an_integer_stack_needs_a_fill_value_only_beyond_the_edge():
    image = make_image(dtype="i4")
    assert cut_stack(image, [Box(100, 101, 200, 202)]).tolist() == [[[100200, 100201]]]
    with pytest.raises(BadOption, match="cannot hold"):
        cut_stack(image, [Box(99, 100, 200, 202)])
    assert cut_stack(image, [Box(99, 100, 200, 202)], fill=-9).tolist() == [[[-9, -9]]]


def test_boxes_of_different_shapes_cannot_be_stacked():
    with pytest.raises(BadOption, match="one shape"):
        cut_stack(make_image(), [Box(0, 1, 0, 1), Box(0, 1, 0, 2)])


def test_without_boxes_the_stack_is_empty():
    assert cut_stack(make_image(), []).shape == (0, 0, 0)


def test_padding_requires_an_overlap():
    with pytest.raises(NoOverlap):
        padded(np.zeros((2, 2)), Box(0, 2, 0, 2), Box(5, 6, 5, 6), fill=0)
