"""Boxes are half-open, 0-based and in the parent's pixels."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from astropy.nddata import Cutout2D
from hypothesis import given
from hypothesis import strategies as st

from cutout_widgets.errors import NoOverlap
from cutout_widgets.pixels.geometry import XY, YX, Box

edge = st.integers(-50, 50)
side = st.integers(0, 40)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    y0, x0 = draw(edge), draw(edge)
    return Box(y0, y0 + draw(side), x0, x0 + draw(side))


def pixels_of(box: Box) -> set[tuple[int, int]]:
    return {(y, x) for y in range(box.y0, box.y1) for x in range(box.x0, box.x1)}


def test_yx_and_xy_convert_into_each_other():
    assert YX(y=1, x=2).xy() == XY(x=2, y=1)
    assert XY(x=2, y=1).yx() == YX(y=1, x=2)


def test_shape_is_rows_first():
    box = Box(y0=1, y1=4, x0=10, x1=15)
    assert (box.shape, box.height, box.width, box.area) == ((3, 5), 3, 5, 15)


def test_an_inside_out_box_is_refused():
    with pytest.raises(ValueError, match="before it starts"):
        Box(0, -1, 0, 5)
    with pytest.raises(ValueError, match="before it starts"):
        Box(0, 1, 6, 5)


def test_the_centre_of_a_one_pixel_box_is_its_index():
    assert Box(3, 4, 7, 8).centre == XY(7, 3)
    assert Box(0, 2, 0, 2).centre == XY(0.5, 0.5)


def test_from_shape_starts_at_the_given_origin():
    assert Box.from_shape((3, 5), (10, 20)) == Box(10, 13, 20, 25)


def test_centred_boxes_of_even_size_extend_to_the_lower_left():
    assert Box.centred(XY(10.0, 10.0), (3, 3)) == Box(9, 12, 9, 12)
    assert Box.centred(XY(10.0, 10.0), (4, 4)) == Box(8, 12, 8, 12)


@given(
    st.floats(-20, 120).map(lambda v: round(v, 2)),
    st.floats(-20, 120).map(lambda v: round(v, 2)),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_centred_boxes_agree_with_cutout2d(x, y, ny, nx):
    theirs = Cutout2D(np.zeros((200, 200)), (x + 40, y + 40), (ny, nx), mode="strict")
    (y0, y1), (x0, x1) = theirs.bbox_original
    assert Box.centred(XY(x + 40, y + 40), (ny, nx)) == Box(y0, y1 + 1, x0, x1 + 1)


def test_a_point_on_a_border_belongs_to_exactly_one_box():
    left, right = Box(0, 1, 0, 1), Box(0, 1, 1, 2)
    at = XY(0.5, 0.0)
    assert not left.holds(at)
    assert right.holds(at)
    assert left.holds(XY(-0.5, -0.5))


@given(boxes(), boxes())
def test_intersection_and_overlap_agree_with_sets_of_pixels(one, other):
    shared = pixels_of(one) & pixels_of(other)
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    if shared:
        assert pixels_of(one.intersection(other)) == shared
    else:
        with pytest.raises(NoOverlap, match="share no pixel"):
            one.intersection(other)


@given(boxes(), boxes())
def test_a_box_covers_another_if_it_contains_all_pixels(one, other):
    assert one.covers(other) == (pixels_of(other) <= pixels_of(one))
    assert one.holds_all_of(other) == (other.area > 0 and one.covers(other))


@given(boxes(), boxes())
def test_the_union_is_the_smallest_box_covering_both(one, other):
    union = one.union(other)
    assert union.covers(one)
    assert union.covers(other)
    if one.area and other.area:
        assert union.y0 in (one.y0, other.y0)
        assert union.y1 in (one.y1, other.y1)
        assert union.x0 in (one.x0, other.x0)
        assert union.x1 in (one.x1, other.x1)


@given(boxes(), edge, edge)
def test_a_shift_can_be_reversed(box, dy, dx):
    assert box.shifted(dy, dx).shifted(-dy, -dx) == box
    assert box.shifted(dy, dx).shape == box.shape


@given(boxes(), st.integers(0, 10))
def test_growing_can_be_reversed(box, pad):
    assert box.grown(pad).grown(-pad) == box
    assert box.grown(pad).covers(box)


def test_shrinking_to_a_negative_size_is_refused():
    with pytest.raises(ValueError, match="before it starts"):
        Box(0, 4, 0, 4).grown(-3)


@given(boxes(), boxes())
def test_slices_select_the_shared_pixels_of_the_parent_array(one, other):
    if not one.overlaps(other):
        return
    y, x = np.mgrid[one.y0 : one.y1, one.x0 : one.x1]
    common = one.intersection(other)
    part = common.slices_in(one)
    assert set(zip(y[part].flat, x[part].flat, strict=True)) == pixels_of(common)


def test_slices_are_never_negative():
    with pytest.raises(NoOverlap, match="is not inside"):
        Box(-1, 2, 0, 2).slices_in(Box(0, 4, 0, 4))


def test_boxes_compare_by_value_and_their_repr_names_the_axes():
    box = Box(1, 2, 3, 4)
    assert pickle.loads(pickle.dumps(box)) == box
    assert len({box, Box(1, 2, 3, 4)}) == 1
    assert str(box) == "[y 1:2, x 3:4]"
