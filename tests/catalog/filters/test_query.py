"""Filters typed by users: their meaning, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cutout_widgets import BadTable, SourceTable


@pytest.fixture
def table() -> SourceTable:
    return SourceTable.read(
        {
            "id": [0, 1, 2, 3, 4, 5],
            "ra": np.arange(6.0),
            "dec": np.zeros(6),
            "snr": [5.0, float("nan"), 9.0, 2.0, -7.0, 5.0],
            "band": ["r", "i", None, "g", "r", "i"],
            "isDipole": [True, False, None, True, None, False],
            "object": pa.array([2**53 + 1, 2**53, None, 1, 2, 3]),
            "odd name": [1, 2, 3, 4, 5, 6],
            "when": pa.array(
                ["2025-01-01", "2025-02-01", None, "2025-03-01", "2025-04-01", "2025-05-01"]
            ).cast(pa.timestamp("us")),
        }
    )


@pytest.mark.parametrize(
    "query, expected",
    [
        ("snr > 4", [0, 2, 5]),
        ("snr > 4 and band == 'r'", [0]),
        ("(snr > 4) & (band == 'r')", [0]),
        ("snr > 4 & band == 'r'", [0]),
        ("snr > 8 | band == 'g'", [2, 3]),
        ("2 <= snr < 6", [0, 3, 5]),
        ("band in ['g', 'r']", [0, 3, 4]),
        ("band not in ('g', 'r')", [1, 5]),
        ("band == ['g', 'i']", [1, 3, 5]),
        ("band.isin(['g'])", [3]),
        ("'r' == band", [0, 4]),
        ("band > 'h'", [0, 1, 4, 5]),
        ("isDipole", [0, 3]),
        ("not isDipole", [1, 5]),
        ("~isDipole", [1, 5]),
        ("isDipole == False", [1, 5]),
        ("isDipole.isna()", [2, 4]),
        ("isDipole or snr > 8", [0, 2, 3]),
        ("not (isDipole and snr > 100)", [0, 1, 2, 3, 4, 5]),
        ("snr.isnull()", [1]),
        ("snr.notna() and snr < 0", [4]),
        ("snr != snr", [1]),
        ("abs(snr) > 6", [2, 4]),
        ("snr.abs() > 6", [2, 4]),
        ("snr ** 2 + 1 == 26", [0, 5]),
        ("sqrt(ra) == 2", [4]),
        ("ra % 2 == 1", [1, 3, 5]),
        ("-snr > 0", [4]),
        ("object == 9007199254740993", [0]),
        ("object != 1", [0, 1, 4, 5]),
        ("object in [9007199254740992, 3]", [1, 5]),
        ("`odd name` >= 5", [4, 5]),
        ("snr.between(2, 5)", [0, 3, 5]),
        ("band.str.contains('R', case=False)", [0, 4]),
        ("band.str.startswith('i')", [1, 5]),
        ("band.str.upper() == 'G'", [3]),
        ("when > '2025-02-15'", [3, 4, 5]),
        ("id == 3\n", [3]),
        ("True", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_filter_selects(table: SourceTable, query: str, expected: list[int]):
    assert table.where(query).ids.tolist() == expected


@pytest.mark.parametrize(
    "query",
    [
        "__import__('os').system('true')",
        "snr.__class__",
        "snr.__class__.__bases__[0]",
        "@snr > 3",
        "(lambda: 1)()",
        "[x for x in band]",
        "snr[0] > 1",
        "f'{snr}' == 'a'",
        "snr.to_pickle('x')",
        "band.str.replace('r', 'g') == 'g'",
        "open('x')",
        "snr := 3",
        "(snr := 3) > 1",
        "snr > 1 if isDipole else ra > 1",
        "eval('1')",
        "snr.isna.__globals__",
        "b'r' == band",
        "1j > snr",
        "snr is None",
    ],
)
def test_python_code_is_refused(table: SourceTable, query: str):
    with pytest.raises(BadTable) as caught:
        table.where(query)
    assert "\n" not in str(caught.value)
    assert "cannot filter by" in str(caught.value)


@pytest.mark.parametrize(
    "query, reason",
    [
        ("snrr > 3", "no column 'snrr'; did you mean 'snr'"),
        ("snr >", "is not a valid expression"),
        ("snr", "not true or false"),
        ("snr + 1", "not true or false"),
        ("band > 3", "text with a number"),
        ("snr > 'a'", "text with a number"),
        ("snr and band", "not true or false"),
        ("band + 1 == 2", "not a number"),
        ("band in 'ri'", "needs a list"),
        ("isDipole > [1]", "can only be used with 'in'"),
        ("band.str.contains('(')", "cannot filter by"),
        ("nosuch.isna()", "no column 'nosuch'"),
        ("(" * 500 + "snr" + ")" * 500, "cannot filter by"),
        ("snr > 1 " + "and snr > 1 " * 2000, "longer than"),
        ("not " * 2000 + "isDipole", "cannot filter by"),
    ],
)
def test_an_invalid_filter_says_what_is_wrong(table: SourceTable, query: str, reason: str):
    with pytest.raises(BadTable, match=None) as caught:
        table.where(query)
    assert reason in str(caught.value)


def test_only_columns_used_by_the_filter_are_converted(table: SourceTable):
    wide = SourceTable.read({"id": [1, 2], "ra": [1.0, 2], "dec": [0.0, 0], "stamp": [[1, 2], [3]]})
    assert wide.where("ra > 1").ids.tolist() == [2]
    with pytest.raises(BadTable, match="'stamp' holds list"):
        wide.where("stamp > 1")


def test_filters_give_what_pandas_gives_on_complete_columns():
    rng = np.random.default_rng(5)
    n = 1000
    frame = pd.DataFrame(
        {"id": np.arange(n), "ra": rng.random(n), "dec": rng.random(n), "a": rng.integers(-5, 5, n),
         "b": rng.normal(size=n), "band": rng.choice(list("ugrizy"), n), "flag": rng.random(n) < 0.5}
    )  # fmt: skip
    table = SourceTable.read(frame)
    for query in (
        "a > 1 and b < 0.5 or flag",
        "not flag and band in ['g', 'r']",
        "a // 2 == 1",
        "a / 2 == 0.5",
        "(a + b) * 2 > 1",
        "a < b < 1",
        "~flag & a == 1",
        "a == 1 == flag",
    ):
        assert table.where(query).ids.tolist() == frame.query(query)["id"].tolist(), query


def test_text_that_looks_like_code_stays_text(table: SourceTable):
    assert len(table.where("band == '@x & `y` | ('")) == 0


@pytest.mark.parametrize(
    "query, reason",
    [
        ("sqrt(ra, dec) > 0", "sqrt takes 1 value; got 2"),
        ("arctan2(ra) > 0", "arctan2 takes 2 values; got 1"),
        ("band.isin()", ".isin takes 1 value in its brackets"),
        ("snr.between(1)", ".between takes 2 values in its brackets"),
        ("band.isin('r')", ".isin needs a list"),
        ("ra > 0\0", "(source code cannot contain null bytes)"),
    ],
)
def test_a_function_with_the_wrong_number_of_arguments_is_refused(table, query, reason):
    with pytest.raises(BadTable) as refused:
        table.where(query)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("u1 - 5 > 0", [3]),
        ("-u1 < 0", [1, 2, 3]),
        ("abs(u1 - 5) < 3", [1, 2]),
        ("i2 * 1000 > 90000", [1, 2, 3]),
        ("u1 * u1 * u1 * u1 > 6000", [3]),
        ("i1.abs() == 128", [1]),
        ("abs(i1) > 0", [1, 2]),
        ("-i1 == 128", [1]),
        ("u8 - 20 < 0", [2, 3]),
        ("u8 + 1 > 0", [1, 2, 3]),
        ("i8 * 4 > 0", [1, 2]),
        ("i8 + i8 > 0", [1, 2]),
        ("-low > 0", [1]),
        ("i8 - 1 == 4611686018427387904", [2]),
        ("u1 // zero == 0 or u1 % zero == 0", []),
        ("flag + flag == 2", [1, 3]),
    ],
)
def test_arithmetic_of_whole_numbers_never_wraps(query: str, expected: list[int]):
    rows = SourceTable.read(
        {
            "id": [1, 2, 3],
            "ra": [0.0] * 3,
            "dec": [0.0] * 3,
            "u1": np.array([3, 5, 9], np.uint8),
            "i1": np.array([-128, 1, 0], np.int8),
            "i2": np.array([94, 95, 96], np.int16),
            "u8": np.array([2**63 + 5, 7, 19], np.uint64),
            "i8": np.array([2**62, 2**62 + 1, -5], np.int64),
            "low": np.array([-(2**63), 1, 2], np.int64),
            "zero": np.zeros(3, np.int32),
            "flag": np.array([True, False, True]),
        }
    )
    assert rows.where(query).ids.tolist() == expected


def test_filtering_magnitudes_by_flux_says_which_column_to_use():
    rows = {"candid": [1], "ra": [1.0], "dec": [0.0], "magpsf": [18.0], "isdiffpos": ["t"]}
    with pytest.raises(BadTable, match="no column 'flux'; fluxes of this table are made of magpsf"):
        SourceTable.read(rows).where("flux > 5")
    assert len(SourceTable.read(rows).where("magpsf < 19")) == 1
