"""The normal equations compared with products of a small dense matrix."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.detection.normal_equations import Design, Overlaps, deviations

pytest.importorskip("scipy", reason="needs the extra 'detect'")

# Two sources share pixel 1; a third stands alone on pixel 3; pixels 0 and 2 belong to one source each.
OVERLAPS = Overlaps(np.array([0, 1, 1, 2, 3]), np.array([0, 0, 1, 1, 2]), 4, 3)
VALUE = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
SLOPE = np.array([-1.0, 1.0, 2.0, 0.5, 3.0])
MATRIX = np.array(
    [
        [1, 0, 0, -1, 0, 0],
        [2, 3, 0, 1, 2, 0],
        [0, 4, 0, 0, 0.5, 0],
        [0, 0, 5, 0, 0, 3],
    ]
)


def test_normal_equations_equal_the_dense_products_with_and_without_weights():
    sums = OVERLAPS.sums([VALUE, SLOPE]).toarray()
    np.testing.assert_array_equal(sums, MATRIX.T @ MATRIX)
    assert sums[0, 1] == 2 * 3
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_array_equal(
        OVERLAPS.sums([VALUE, SLOPE], weights).toarray(), MATRIX.T @ np.diag(weights) @ MATRIX
    )


def test_input_fluxes_are_recovered():
    design = Design(OVERLAPS, [VALUE])
    pixels = design.model(np.array([2.0, 3.0, 4.0]))
    np.testing.assert_array_equal(pixels, [2, 2 * 2 + 3 * 3, 12, 20])
    np.testing.assert_allclose(design.solve(pixels), [2, 3, 4], rtol=1e-7)


def test_sources_without_shared_pixels_give_a_diagonal_matrix():
    alone = Overlaps(np.array([0, 1]), np.array([0, 1]), 2, 2)
    np.testing.assert_array_equal(alone.sums([np.array([2.0, 3.0])]).toarray(), [[4, 0], [0, 9]])
    nothing = Overlaps(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 0, 2)
    np.testing.assert_array_equal(nothing.sums([np.zeros(0)]).toarray(), np.zeros((2, 2)))


def test_standard_deviations_are_correct_and_can_be_computed_one_by_one():
    normal, spread = np.diag([4.0, 25.0]), np.diag([16.0, 100.0])
    np.testing.assert_allclose(deviations(normal, spread), [4 / 4, 10 / 25], rtol=1e-8)
    np.testing.assert_allclose(deviations(normal, spread, np.array([1])), [0.4], rtol=1e-8)


def test_a_singular_matrix_gives_nan_errors():
    assert np.isnan(deviations(np.diag([1.0, -1.0]), np.diag([1.0, -1.0]))[1])
