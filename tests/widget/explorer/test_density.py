"""Axis limits, density images, and numbers as written in filters."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cutout_widgets.widget.explorer.density import (
    BINS,
    PASSING_COLOUR,
    AxisRange,
    Layer,
    density_png,
    ends_of,
    is_long_tailed,
    written,
)


def test_axes_extend_slightly_beyond_all_values():
    assert ends_of(np.array([0.0, 100.0, np.nan, np.inf])) == AxisRange(-3.0, 103.0)


def test_outliers_do_not_compress_the_axis():
    values = np.append(np.linspace(0, 1, 10_000), 1e6)
    ends = ends_of(values)
    assert ends is not None
    assert ends.high < 1.1


@pytest.mark.parametrize("value", [0.0, 5.0, 1e15, -3.0])
def test_a_single_value_is_centred_on_its_axis(value):
    ends = ends_of(np.array([value]))
    assert ends is not None
    assert ends.low < value < ends.high
    assert ends.place(np.array([value]))[0] == pytest.approx(0.5, abs=0.1)


def test_without_finite_values_there_is_no_axis():
    assert ends_of(np.array([np.nan, np.nan])) is None
    assert ends_of(np.array([])) is None
    assert ends_of(np.array([-1.0, 0.0]), is_log=True) is None


def test_equal_steps_of_a_logarithmic_axis_are_equal_factors():
    ends = AxisRange(1.0, 100.0, is_log=True)
    assert ends.place(np.array([10.0]))[0] == pytest.approx(0.5)
    assert np.isnan(ends.place(np.array([0.0, -1.0]))).all()
    assert ends.ticks() == [1.0, 10.0, 100.0]


def test_ticks_are_round_numbers():
    assert AxisRange(-0.03, 1.03).ticks() == [0.0, 0.5, 1.0]
    assert AxisRange(61000.0, 61100.0).ticks() == [61000.0, 61020.0, 61040.0, 61060.0, 61080.0, 61100.0]
    assert AxisRange(-969.0, 16036.0).ticks() == [0.0, 5000.0, 10000.0, 15000.0]


def test_a_long_tail_is_detected_by_the_median():
    assert is_long_tailed(np.array([1.0, 2.0, 3.0, 1000.0]))
    assert not is_long_tailed(np.array([1.0, 2.0, 3.0]))
    assert not is_long_tailed(np.array([-1.0, 2.0, 1000.0])), "a logarithm of negative numbers is none"


def test_density_pixels_are_at_the_rows_and_others_transparent():
    layer = Layer(
        np.array([0.5, 0.5, 9.5, np.nan, 20.0]), np.array([0.5, 0.5, 9.5, 1.0, 1.0]), PASSING_COLOUR
    )
    png = density_png([layer], AxisRange(0.0, 10.0), AxisRange(0.0, 10.0))
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    columns, rows = BINS
    assert pixels.shape == (rows, columns, 4)
    y, x = np.nonzero(pixels[..., 3])
    assert (x // (columns // 10)).tolist() == [9, 0], "to the right is more"
    assert y.tolist() == [rows - 1 - int(0.95 * rows), rows - 1 - int(0.05 * rows)], "upwards is more"
    assert pixels[y[1], x[1], 3] > pixels[y[0], x[0], 3], "two rows are darker than one"


@pytest.mark.parametrize(
    "value, ends, text",
    [
        (5.123456, AxisRange(0.0, 10.0), "5.12"),
        (61000.123456, AxisRange(61000.0, 61001.0), "61000.123"),
        (12345.6, AxisRange(0.0, 1e6), "12000"),
        (12.3456, AxisRange(1.0, 1e4, is_log=True), "12.35"),
        (0.5, AxisRange(0.0, 1.0), "0.5"),
        (-0.0001, AxisRange(-1.0, 1.0), "0"),
    ],
)
def test_numbers_have_the_digits_the_axis_can_resolve(value, ends, text):
    assert written(value, ends) == text
