"""Regular expressions in filters: Python's meaning, in bounded time."""

from __future__ import annotations

import re
import time
import warnings

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import cutout_widgets as cw
from cutout_widgets.catalog.filters.patterns import matches

WORDS = ["", "a", "ab", "abc\n", "r", "R", "7", "\u0663", "\u00e9t\u00e9", "a b", "a\u00a0b", "x_1", "[x]",
         "a.b", "aaaaab", "\u0393", "^", "]", "-", "$5", "line\nbreak"]  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    ["a", "^a", "b$", "c$", r"c\Z", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"^\w+$", r"[\d]", r"[\w.]",
     r"[^\w]", "[]]", "[^]]", "[[]", "[[:alpha:]]", "a|7", "a{2,}", "a{,2}b", "a{1}", "(?i)R", "(?s)a.b",
     "(?P<x>a)b", r"\.", r"\[x\]", "", "a*?b", "[a-c-]", r"[\]\-]", "^$", r"\$", "[$^]", "(?:a|b)+$",
     "line$", "(?m)line$"],
)  # fmt: skip
def test_a_pattern_matches_what_python_matches(pattern: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        expected = [re.search(pattern, word) is not None for word in WORDS]
    assert matches(WORDS, pattern).tolist() == expected


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab]|^$.*+?()-,12\\dws{}", max_size=8))
def test_a_random_pattern_is_refused_or_matches_what_python_matches(pattern: str):
    try:
        found = matches(WORDS[:6], pattern).tolist()
    except (ValueError, re.error):
        return
    assert found == [re.search(pattern, word) is not None for word in WORDS[:6]]


def test_matching_can_ignore_case():
    assert matches(["R", "r", "\u00c9", "x"], "[r\u00e9]", ignore_case=True).tolist() == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*c", "(.*a){20}x"])
def test_a_pattern_with_exponential_backtracking_in_python_is_fast(pattern: str):
    table = cw.SourceTable.read(
        {"id": [1, 2], "ra": [0.0] * 2, "dec": [0.0] * 2, "name": ["a" * 5000 + "!", "b"]}
    )
    begin = time.perf_counter()
    table.where(f"name.str.contains('{pattern}')").ids.tolist()
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("pattern", [r"a(?=b)", r"(a)\\1", "(?<!a)b", "a{1,2000}", "(a{1,1000}){1,1000}"])
def test_patterns_without_a_time_bound_are_refused(pattern: str):
    table = cw.SourceTable.read({"id": [1], "ra": [0.0], "dec": [0.0], "name": ["ab"]})
    with pytest.raises(cw.BadTable, match="look-around, back references or long repeats"):
        table.where(f"name.str.contains('{pattern}')").ids.tolist()


def test_plain_text_is_matched_literally():
    table = cw.SourceTable.read({"id": [1, 2], "ra": [0.0] * 2, "dec": [0.0] * 2, "name": ["A.b(", "axb"]})
    assert table.where("name.str.contains('a.B(', case=False, regex=False)").ids.tolist() == [1]
    assert table.where("name.str.contains('.b(', regex=False)").ids.tolist() == [1]
