"""Numbers are shared between numpy and Arrow without copies and without importing pandas."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from cutout_widgets.catalog.buffers import arrow_of, arrow_of_objects, missing_in, numpy_of

TYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


@pytest.mark.parametrize("dtype", TYPES)
def test_conversion_from_numpy_and_back_agrees_with_pyarrow(dtype):
    values = (np.arange(20) % 3).astype(dtype)
    column = arrow_of(values)
    column.validate(full=True)
    assert column.equals(pa.array(values))
    assert numpy_of(column).dtype == values.dtype
    assert np.array_equal(numpy_of(column), values)


@pytest.mark.parametrize("dtype", ["?", "i4", "f8"])
def test_the_offset_of_a_slice_is_respected(dtype):
    values, missing = (np.arange(20) % 3).astype(dtype), np.arange(20) % 5 == 0
    part = arrow_of(values, missing).slice(3, 9)
    part.validate(full=True)
    assert part.to_pylist() == pa.array(values, mask=missing).slice(3, 9).to_pylist()
    assert np.array_equal(missing_in(part), missing[3:12])
    assert np.array_equal(numpy_of(part)[~missing[3:12]], values[3:12][~missing[3:12]])


def test_a_column_without_nulls_has_no_mask():
    assert missing_in(arrow_of(np.arange(3))) is None
    assert missing_in(arrow_of(np.arange(3), np.zeros(3, dtype=bool))) is None


def test_numbers_share_their_memory():
    values = np.arange(5.0)
    assert np.shares_memory(numpy_of(arrow_of(values)), values)


@pytest.mark.parametrize("column", [pa.nulls(2), pa.array([None, "a"]), pa.array([None, True])])
def test_nulls_of_any_type_are_found(column):
    assert missing_in(column).tolist() == column.is_null().to_pylist()


def test_types_that_need_conversion_are_left_to_pyarrow():
    values = np.array([0, 1], dtype="M8[ms]")
    assert numpy_of(arrow_of(values)).tolist() == values.tolist()


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None, None],
        [True, None, False],
        [1, None, -(2**63)],
        [-0.0, None, float("inf")],
        ["é", None, "", "two words"],
    ],
)
def test_python_values_are_converted_as_by_pyarrow(values):
    column = arrow_of_objects(values)
    column.validate(full=True)
    assert column.equals(pa.array(values))


def test_a_nan_among_python_values_stays_nan():
    assert np.isnan(numpy_of(arrow_of_objects([1.0, float("nan")]))[1])


@pytest.mark.parametrize("values", [[1, 2.0], [2**63], [b"a"], [{"a": 1}], ["\ud800"], [True, 1]])
def test_other_python_values_are_left_to_pyarrow(values):
    assert arrow_of_objects(values) is None


def test_no_pandas_is_imported():
    code = (
        "import sys, numpy as np; from cutout_widgets.catalog.buffers import *\n"
        "for made in (arrow_of(np.arange(3), np.arange(3) > 1), arrow_of_objects([True, None])):\n"
        "    numpy_of(made), missing_in(made)\n"
        "print('pandas' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
