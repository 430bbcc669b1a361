"""Tables of every library with an Arrow interface, without copies and with exact identifiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadTable

IDS = [2**62 + 1, 2**62 + 2]
ROWS = pa.table(
    {
        "id": pa.array([*IDS, None], pa.int64()),
        "ra": [1.0, 2.0, 3.0],
        "dec": [0.0, 0.0, 0.0],
        "band": ["r", "g", None],
        "isDipole": [True, None, False],
    }
)


class Stream:
    """An unknown object with an Arrow interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return ROWS.__arrow_c_stream__(requested_schema)


def of_polars(change: Callable[[Any, Any], Any]) -> Any:
    polars = pytest.importorskip("polars")
    return change(polars, polars.DataFrame(ROWS))


def of_duckdb(take: Callable[[Any], Any], query: str = "SELECT * FROM given") -> Any:
    connection = pytest.importorskip("duckdb").connect()
    connection.register("given", ROWS)
    return take(connection)(query)


def of_ibis() -> Any:
    ibis = pytest.importorskip("ibis")
    return ibis.memtable(ROWS.to_pandas(types_mapper={pa.int64(): __import__("pandas").Int64Dtype()}.get))


def of_nanoarrow(kind: str) -> Any:
    return getattr(pytest.importorskip("nanoarrow"), kind)(
        ROWS if kind == "ArrayStream" else ROWS.to_batches()[0]
    )


MAKERS = {
    "anything": Stream,
    "reader": ROWS.to_reader,
    "batch": lambda: ROWS.to_batches()[0],
    "batches": lambda: [one for piece in (ROWS[:1], ROWS[1:]) for one in piece.to_batches()],
    "dataset": lambda: ds.dataset(ROWS),
    "scanner": lambda: ds.dataset(ROWS).scanner(),
    "runs": lambda: ROWS.set_column(3, "band", pc.run_end_encode(ROWS["band"])),
    "struct": lambda: pa.StructArray.from_arrays(
        [one.combine_chunks() for one in ROWS.columns], ROWS.column_names
    ),
    "polars": lambda: of_polars(lambda _, frame: frame),
    "polars lazy": lambda: of_polars(lambda _, frame: frame.lazy()),
    "polars categorical": lambda: of_polars(
        lambda pl, frame: frame.with_columns(pl.col("band").cast(pl.Categorical))
    ),
    "polars columns": lambda: of_polars(lambda _, frame: {name: frame[name] for name in frame.columns}),
    "duckdb relation": lambda: of_duckdb(lambda connection: connection.sql),
    "duckdb connection": lambda: of_duckdb(lambda connection: connection.execute),
    "duckdb hugeint": lambda: of_duckdb(
        lambda one: one.sql, "SELECT * REPLACE (id::hugeint AS id) FROM given"
    ),
    "ibis": of_ibis,
    "nanoarrow stream": lambda: of_nanoarrow("ArrayStream"),
    "nanoarrow array": lambda: of_nanoarrow("Array"),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.filterwarnings("ignore:1 of 3 rows have no id")
def test_rows_of_any_library_are_exact_and_filtered(name):
    table = cw.SourceTable(MAKERS[name]())
    assert table.ids.tolist() == IDS
    assert table.where("band == 'g'").ids.tolist() == IDS[1:]
    assert [one.flags["isDipole"] for one in table] == [True, None]


def test_columns_are_shared_with_the_library_and_not_copied():
    frame = of_polars(lambda pl, frame: frame.with_columns(pl.col("id").fill_null(5)))
    table = cw.SourceTable(frame)
    theirs = pa.table(frame)["ra"].chunk(0).buffers()[1].address
    assert table.to_arrow()["ra"].chunk(0).buffers()[1].address == theirs


def test_a_type_without_arrow_equivalent_is_refused():
    frame = of_polars(lambda pl, frame: frame.with_columns(pl.col("id").cast(pl.Int128)))
    with pytest.raises(BadTable, match=r"the rows of a DataFrame cannot be had .ArrowInvalid"):
        cw.SourceTable(frame)


def test_a_duckdb_connection_without_a_result_is_refused():
    duckdb = pytest.importorskip("duckdb")
    with pytest.raises(BadTable):
        cw.SourceTable(duckdb.connect())


@pytest.mark.filterwarnings("ignore:1 of 3 rows have no id")
def test_list_and_interval_columns_survive_conversion():
    rows = ROWS.append_column("stamp", pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float32(), 2)))
    table = cw.SourceTable(rows)
    assert list(table.to_table()["stamp"]) == [[1.0, 2.0], None]
    assert table.to_arrow()["stamp"].to_pylist() == [[1.0, 2.0], None]
