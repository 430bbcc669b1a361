"""Footprints: spans, set algebra, pieces, outlines; properties that hold for any shape."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cutout_widgets.errors import BadOption
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image

MAPS = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))
PLACES = st.tuples(st.integers(-20, 20), st.integers(-20, 20))
FOOTPRINTS = st.builds(Footprint.from_array, MAPS, PLACES)
WORLD = Box(-40, 60, -40, 60)


def in_world(footprint: Footprint) -> np.ndarray:
    return footprint.to_array(WORLD)


@given(FOOTPRINTS, FOOTPRINTS)
def test_set_operations_agree_with_boolean_arrays(a: Footprint, b: Footprint):
    left, right = in_world(a), in_world(b)
    np.testing.assert_array_equal(in_world(a | b), left | right)
    np.testing.assert_array_equal(in_world(a & b), left & right)
    np.testing.assert_array_equal(in_world(a - b), left & ~right)
    assert a.overlaps(b) == (left & right).any()
    assert a.covers(b) == (not (right & ~left).any())
    assert a.union(b) == b | a
    assert a.intersection(b) == b & a
    assert a.difference(b) | (a & b) == a


@given(FOOTPRINTS, PLACES, st.integers(0, 12), st.integers(0, 12))
def test_clipping_is_an_intersection_with_the_box(footprint: Footprint, yx0, ny, nx):
    box = Box.from_shape((ny, nx), yx0)
    assert footprint.clipped(box) == footprint & Footprint.from_box(box)


@given(FOOTPRINTS, st.integers(0, 3), st.sampled_from(["circle", "manhattan", "box"]))
@settings(deadline=None)
def test_shrinking_equals_growing_the_complement(footprint: Footprint, radius: int, stencil):
    outside = Footprint.from_box(WORLD) - footprint
    inner = Footprint.from_box(WORLD.grown(-5))
    assert (footprint - outside.dilated(radius, stencil)) & inner == footprint.eroded(radius, stencil)
    assert footprint.dilated(radius, stencil).eroded(radius, stencil).covers(footprint)


@given(FOOTPRINTS, st.sampled_from([4, 8]))
def test_connected_pieces_add_up_to_the_footprint_and_do_not_touch(footprint: Footprint, connectivity):
    pieces = footprint.split(connectivity)
    assert sum(piece.area for piece in pieces) == footprint.area
    reach = "manhattan" if connectivity == 4 else "box"
    for k, piece in enumerate(pieces):
        assert len(piece.split(connectivity)) == 1
        assert not any(piece.dilated(1, reach).overlaps(other) for other in pieces[k + 1 :])
    first = [tuple(piece.spans[0]) for piece in pieces]
    assert first == sorted(first)


def test_connected_pieces_agree_with_scipy():
    scipy = pytest.importorskip("scipy.ndimage")
    where = np.random.default_rng(1).uniform(size=(80, 90)) < 0.4
    theirs, count = scipy.label(where, np.ones((3, 3)))
    pieces = Footprint.from_array(where).split()
    assert len(pieces) == count
    assert {len(np.unique(piece.flatten(theirs))) for piece in pieces} == {1}


@given(FOOTPRINTS)
def test_array_round_trip(footprint: Footprint):
    box = footprint.box
    assert Footprint.from_array(footprint.to_array(), (box.y0, box.x0)) == footprint
    assert pickle.loads(pickle.dumps(footprint)) == footprint
    assert Footprint(footprint.spans[::-1]) == footprint


@given(FOOTPRINTS)
def test_outlines_enclose_the_area(footprint: Footprint):
    area = 0.0
    for polygon in footprint.outline():
        x, y = polygon.T
        assert (polygon[0] == polygon[-1]).all()
        assert ((np.diff(x) == 0) ^ (np.diff(y) == 0)).all()
        area += (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2
    assert area == footprint.area


@given(FOOTPRINTS)
def test_centroid_and_moments_are_those_of_the_pixels(footprint: Footprint):
    if footprint.area == 0:
        assert np.isnan(footprint.centroid).all()
        assert np.isnan(footprint.moments).all()
        return
    y, x = footprint.pixels()
    assert footprint.centroid == pytest.approx((x.mean(), y.mean()))
    expected = (x.var(), y.var(), ((x - x.mean()) * (y - y.mean())).mean())
    assert footprint.moments == pytest.approx(expected, abs=1e-9)
    assert footprint.contains(x, y).all()
    assert footprint.contains(
        np.repeat(np.arange(-40, 60), 100), np.tile(np.arange(-40, 60), 100)
    ).sum() == len(x)


def test_a_point_belongs_to_the_nearest_pixel():
    one = Footprint(np.array([[5, 3, 4]]))
    assert one.contains(2.5, 4.5)
    assert one.contains(4.49, 5.49)
    assert not one.contains(4.5, 5.0)
    assert not one.contains(np.nan, 5.0)
    assert one.contains(np.array([3.0, 9.0]), 5.0).tolist() == [True, False]


def test_the_outline_of_two_pixels_touching_at_a_corner_is_two_squares():
    squares = Footprint(np.array([[0, 0, 0], [1, 1, 1]])).outline()
    assert [polygon.tolist() for polygon in squares] == [
        [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]],
        [[0.5, 0.5], [1.5, 0.5], [1.5, 1.5], [0.5, 1.5], [0.5, 0.5]],
    ]


def test_touching_and_overlapping_spans_are_merged():
    assert Footprint(np.array([[2, 5, 9], [2, 1, 3], [2, 4, 6], [0, 0, 0]])).spans.tolist() == [
        [0, 0, 0],
        [2, 1, 9],
    ]


@pytest.mark.parametrize(
    "spans",
    [[[0, 3, 2]], [[0.0, 1.0, 2.0]], [[0, 1]], [[0, 0, 2**40]]],
    ids=["order", "float", "shape", "far"],
)
def test_invalid_spans_are_refused(spans):
    with pytest.raises(BadOption):
        Footprint(np.array(spans))


def test_invalid_stencils_radii_and_connectivities_are_refused():
    one = Footprint(np.array([[0, 0, 0]]))
    with pytest.raises(BadOption, match="stencil"):
        one.dilated(1, "diamond")  # type: ignore[arg-type]  # the refusal is the test
    with pytest.raises(BadOption, match="radius"):
        one.eroded(-1)
    with pytest.raises(BadOption, match="connectivity"):
        one.split(6)  # type: ignore[arg-type]  # the refusal is the test


def test_spans_are_read_only():
    footprint = Footprint.from_box(Box(0, 2, 0, 2))
    with pytest.raises(ValueError, match="read-only"):
        footprint.spans[0, 0] = 7


def test_input_arrays_are_copied():
    given = np.array([[0, 0, 4]])
    footprint = Footprint(given)
    given[:] = 9
    assert footprint.spans.tolist() == [[0, 0, 4]]


def test_a_footprint_can_be_made_from_a_mask_plane():
    mask = np.array([[0, 4, 4], [1, 5, 0]], dtype=np.uint32)
    image = Image(np.zeros((2, 3)), box=Box(10, 12, 20, 23), mask=mask, planes={"SAT": 2})
    assert Footprint.from_plane(image, "SAT").spans.tolist() == [[10, 21, 22], [11, 21, 21]]
    assert Footprint.from_plane(image, "CR").area == 0


def test_unflatten_refuses_a_fill_value_outside_the_dtype():
    footprint = Footprint.from_box(Box(0, 2, 0, 2))
    with pytest.raises(BadOption, match="cannot hold"):
        footprint.unflatten(np.arange(4), fill=np.nan)
    with pytest.raises(BadOption, match="as many values"):
        footprint.unflatten(np.arange(3.0))


def test_flatten_refuses_an_array_that_does_not_cover_the_footprint():
    with pytest.raises(BadOption, match="extends beyond the array"):
        Footprint.from_box(Box(-1, 2, 0, 2)).flatten(np.zeros((4, 4)))


def test_empty_footprint():
    nothing = Footprint(np.zeros((0, 3), dtype=int))
    assert (nothing.area, nothing.box.area, nothing.split(), nothing.holes(), nothing.outline()) == (
        0,
        0,
        (),
        (),
        (),
    )
    assert nothing.dilated(3) == nothing == nothing.eroded(1) == nothing.edge()
    assert nothing.contains(0, 0) is False
    assert nothing.to_array().shape == (0, 0)
    assert hash(nothing) == hash(Footprint.from_box(Box(3, 3, 1, 4)))
