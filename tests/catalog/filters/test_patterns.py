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
def test_a_pattern_finds_what_pythons_finds(pattern: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        expected = [re.search(pattern, word) is not None for word in WORDS]
    assert matches(WORDS, pattern).tolist() == expected


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab]|^$.*+?()-,12\\dws{}", max_size=8))
def test_a_random_pattern_is_refused_or_finds_what_pythons_finds(pattern: str):
    try:
        found = matches(WORDS[:6], pattern).tolist()
    except (ValueError, re.error):
        return
    assert found == [re.search(pattern, word) is not None for word in WORDS[:6]]


def test_large_and_small_letters_may_be_the_same():
    assert matches(["R", "r", "\u00c9", "x"], "[r\u00e9]", ignore_case=True).tolist() == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*c", "(.*a){20}x"])
def test_a_pattern_that_freezes_python_is_answered_at_once(pattern: str):
    table = cw.SourceTable.read(
        {"id": [1, 2], "ra": [0.0] * 2, "dec": [0.0] * 2, "name": ["a" * 5000 + "!", "b"]}
    )
    begin = time.perf_counter()
    table.where(f"name.str.contains('{pattern}')").ids.tolist()
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("pattern", [r"a(?=b)", r"(a)\\1", "(?<!a)b", "a{1,2000}", "(a{1,1000}){1,1000}"])
def test_what_cannot_be_bounded_is_refused_in_a_sentence(pattern: str):
    table = cw.SourceTable.read({"id": [1], "ra": [0.0], "dec": [0.0], "name": ["ab"]})
    with pytest.raises(cw.BadTable, match="look-around, back references or long repeats"):
        table.where(f"name.str.contains('{pattern}')").ids.tolist()


def test_text_that_is_no_pattern_is_found_as_it_is():
    table = cw.SourceTable.read({"id": [1, 2], "ra": [0.0] * 2, "dec": [0.0] * 2, "name": ["A.b(", "axb"]})
    assert table.where("name.str.contains('a.B(', case=False, regex=False)").ids.tolist() == [1]
    assert table.where("name.str.contains('.b(', regex=False)").ids.tolist() == [1]
