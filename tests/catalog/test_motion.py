"""The direction an object moves in."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.catalog.motion import motion_angles


@pytest.mark.parametrize(
    "step, angle", [((0, 1), 0), ((1, 0), 90), ((0, -1), 180), ((-1, 0), -90), ((1, 1), 45)]
)
def test_the_angle_goes_from_north_through_east(step, angle):
    ra, dec = np.array([150.0, 150.0 + step[0] / 3600]), np.array([0.0, step[1] / 3600])
    assert motion_angles(ra, dec) == pytest.approx([angle, angle], abs=1e-3)


def test_between_epochs_the_direction_is_from_the_previous_to_the_next():
    ra, dec = np.array([10.0, 10.001, 10.001]), np.array([0.0, 0.0, 0.001])
    assert motion_angles(ra, dec) == pytest.approx([90, 45, 0], abs=1e-3)


def test_motion_across_right_ascension_0_is_a_small_step():
    assert motion_angles(np.array([359.999, 0.001]), np.array([0.0, 0.0])) == pytest.approx([90, 90])


def test_a_stationary_or_unlocated_object_has_no_angle():
    assert np.isnan(motion_angles(np.array([10.0]), np.array([5.0]))).all()
    assert np.isnan(motion_angles(np.array([10.0, 10.0]), np.array([5.0, 5.0]))).all()
    assert np.isnan(motion_angles(np.array([10.0, np.nan]), np.array([5.0, 5.0]))).all()
    assert motion_angles(np.array([]), np.array([])).shape == (0,)
