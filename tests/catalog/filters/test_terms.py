"""A filter as terms: adding and removing one keeps the others."""

from __future__ import annotations

import pytest

from cutout_widgets.catalog.filters.terms import choice_of, joined, range_of, replaced, terms_of, within_range


@pytest.mark.parametrize(
    "where, terms",
    [
        (None, []),
        ("  ", []),
        ("snr > 5", ["snr > 5"]),
        ("snr > 5 and band == 'r and i'", ["snr > 5", "band == 'r and i'"]),
        ("(a > 1 and b > 2) and `x and y` < 3", ["(a > 1 and b > 2)", "`x and y` < 3"]),
        ("a > 1 or b > 2 and c > 3", ["a > 1 or b > 2 and c > 3"]),
        ("a > 1 & b > 2", ["a > 1 & b > 2"]),
        ("sand > 1 and orange < 2", ["sand > 1", "orange < 2"]),
        (r"band == 'it\'s and' and a > 1", [r"band == 'it\'s and'", "a > 1"]),
        ("a > 1 and ", ["a > 1 and"]),
    ],
)
def test_a_filter_is_split_into_terms_at_and(where, terms):
    assert terms_of(where) == terms


def test_a_filter_with_or_is_parenthesised_before_a_term_is_added():
    assert joined(["a > 1 or b > 2", "c > 3"]) == "(a > 1 or b > 2) and c > 3"
    assert joined(["a > 1 or b > 2"]) == "a > 1 or b > 2"
    assert joined([]) is None


def test_a_range_replaces_only_the_range_of_its_column():
    where = "0.5 <= snr <= 1e3 and 1 <= snr2 <= 2 and snr > 4"
    assert replaced(where, range_of("snr"), within_range("snr", "5", "9")) == (
        "1 <= snr2 <= 2 and snr > 4 and 5 <= snr <= 9"
    )
    assert replaced("5 <= `odd name` <= 9", range_of("odd name")) is None
    assert replaced("snr >= 5 and a > 1", range_of("snr")) == "a > 1", "a histogram with one end open"


def test_a_list_of_numbers_is_found_by_its_column():
    assert choice_of("detector")("detector in [3, 94]")
    assert not choice_of("detector")("detector in [3] or x > 1")
    assert not choice_of("ccd")("detector in [3]")
