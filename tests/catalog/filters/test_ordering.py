"""The first rows of an order, found without sorting the others, equal those of a full sort."""

from __future__ import annotations

import numpy as np
import pytest

from cutout_widgets.catalog.filters.ordering import first_candidates, stable_order
from cutout_widgets.catalog.table import SourceTable

N = 20_000
RANDOM = np.random.default_rng(5)

COLUMNS = {
    "floats": RANDOM.normal(size=N).astype(np.float32),
    "ties": RANDOM.integers(0, 3000, N).astype(np.float64),
    "zeros": np.where(RANDOM.random(N) < 0.5, -0.0, 0.0) + (RANDOM.random(N) < 0.6),
    "nan": np.where(RANDOM.random(N) < 0.3, np.nan, RANDOM.normal(size=N)),
    "infinite": np.where(RANDOM.random(N) < 0.001, np.inf, RANDOM.normal(size=N)),
    "ids": RANDOM.integers(-(2**63), 2**63 - 1, N),
    "small": RANDOM.integers(-128, 127, N).astype(np.int8),
    "unsigned": RANDOM.integers(0, 2**64 - 1, N, dtype=np.uint64),
    "flag": RANDOM.random(N) < 0.2,
    "time": np.where(
        RANDOM.random(N) < 0.1, np.datetime64("NaT", "ms"), RANDOM.integers(0, 10**12, N).astype("M8[ms]")
    ),
    "sorted": np.arange(N),
}


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("name", COLUMNS)
def test_the_first_rows_of_an_order_are_among_the_candidates(name, descending, gaps):
    values = COLUMNS[name]
    missing = RANDOM.random(N) < 0.2 if gaps else None
    whole = stable_order(values, missing, descending=descending)
    found = first_candidates(values, missing, descending=descending, count=24)
    if found is None:
        assert len(np.unique(values)) < 300  # ties at the limit would be most of the column
        return
    gone = None if missing is None else missing[found]
    assert (np.diff(found.astype(int)) > 0).all()
    order = found[stable_order(values[found], gone, descending=descending)]
    assert len(order) >= 24
    assert np.array_equal(order, whole[: len(order)])


def test_short_columns_long_pages_and_columns_with_many_nulls_are_fully_sorted():
    assert first_candidates(np.arange(100.0), None, descending=True, count=24) is None
    assert first_candidates(np.arange(N), None, descending=True, count=N // 2) is None
    assert first_candidates(np.full(N, np.nan), None, descending=True, count=24) is None
    assert first_candidates(np.arange(N), np.arange(N) > 9, descending=True, count=24) is None


@pytest.mark.parametrize("sort", ["-snr", "snr", "-tied, snr", "time", "-band, -snr", "flag, -snr"])
@pytest.mark.parametrize("where", [None, "snr < 0.5"])
def test_pages_equal_those_of_a_full_sort(sort, where):
    table = SourceTable(
        {
            "id": np.arange(N),
            "ra": np.zeros(N),
            "dec": np.zeros(N),
            "snr": COLUMNS["nan"],
            "tied": COLUMNS["ties"],
            "time": COLUMNS["time"],
            "flag": COLUMNS["flag"],
            "band": np.array(["g", "r", "i"])[RANDOM.integers(0, 3, N)],
        }
    )
    whole = table.where(where).sort(sort).ids
    for page in (0, 1, 3, 40, 700):
        view = table.where(where).sort(sort)
        expected = whole[24 * page : 24 * (page + 1)].tolist()
        assert [row.id for row in view.page(page, 24)] == expected
        assert [row.id for row in view.page(0, 24)] == whole[:24].tolist()
    assert table.where(where).sort(sort).head(30).ids.tolist() == whole[:30].tolist()
    assert table.where(where).sort(sort)[10:40].ids.tolist() == whole[10:40].tolist()
    assert len(table.sort(sort)[5:2]) == 0
    assert table.sort(sort)[-3:].ids.tolist() == table.sort(sort).ids[-3:].tolist()
