"""Numbers read directly from a Parquet file equal those decoded by Arrow."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cutout_widgets.stores.stamps.raw_pages import raw_values

ROWS, EACH = 10, 7


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(size=ROWS * EACH).astype("float32")


def write(path, values, **options):
    inner = pa.field("element", pa.from_numpy_dtype(values.dtype), nullable=False)
    column = pa.FixedSizeListArray.from_arrays(pa.array(values), type=pa.list_(inner, EACH))
    table = pa.Table.from_arrays([column], schema=pa.schema([pa.field("a", column.type, nullable=False)]))
    said = {"compression": "NONE", "use_dictionary": False, "write_statistics": False} | options
    pq.write_table(table, path, **said)
    return path


def read(path, group=0, count=ROWS * EACH):
    column = pq.read_metadata(path).row_group(group).column(0)
    with path.open("rb") as file:
        return raw_values(file, column, count)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_values_equal_those_written(tmp_path, values, dtype, version):
    found = read(write(tmp_path / "a", values.astype(dtype), version=version))
    np.testing.assert_array_equal(found, values.astype(dtype))
    assert found.dtype == dtype


def test_each_row_group_is_read(tmp_path, values):
    path = write(tmp_path / "a", values, row_group_size=4)
    parts = [read(path, group, n * EACH) for group, n in enumerate((4, 4, 2))]
    np.testing.assert_array_equal(np.concatenate(parts), values)


def test_nan_and_infinities_are_bit_identical(tmp_path, values):
    values[:3] = np.nan, np.inf, -0.0
    assert read(write(tmp_path / "a", values)).tobytes() == values.tobytes()


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "ZSTD"},
        {"use_dictionary": True},
        {"use_byte_stream_split": True},
        {"data_page_version": "2.0"},
        {"data_page_size": 64, "write_batch_size": 2},
    ],
    ids=["compressed", "dictionary", "split", "version 2", "several pages"],
)
def test_other_encodings_are_left_to_arrow(tmp_path, values, options):
    assert read(write(tmp_path / "a", values, **options)) is None


def test_other_types_and_lengths_are_left_to_arrow(tmp_path, values):
    assert read(write(tmp_path / "a", values.astype("int32"))) is None
    assert read(write(tmp_path / "b", values), count=ROWS * EACH - 1) is None


def test_a_truncated_or_overwritten_file_is_left_to_arrow(tmp_path, values):
    path = write(tmp_path / "a", values)
    column = pq.read_metadata(path).row_group(0).column(0)
    whole = path.read_bytes()
    at = column.data_page_offset
    for damaged in (whole[: at + 100], whole[:at], whole[:at] + b"\xff" * 300, whole[:at] + b"\x00" * 300):
        path.write_bytes(damaged)
        with path.open("rb") as file:
            assert raw_values(file, column, ROWS * EACH) is None
