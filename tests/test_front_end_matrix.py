"""The table of front ends in the docs agrees with the tests."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .browser.front_ends import FRONT_ENDS
from .front_end_matrix import MATRIX, as_markdown

TESTS = Path(__file__).parent
NAMED = sorted({test for row in MATRIX.values() for test in row.values()})


def test_the_page_holds_the_table():
    page = TESTS.parent / "docs" / "front_ends.md"
    assert as_markdown() in page.read_text("utf-8"), f"write into the page:\n{as_markdown()}"


@pytest.mark.parametrize("test", NAMED)
def test_each_cell_names_an_existing_test(test):
    path, name = test.split("::")
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_front_end_that_is_opened_has_a_row():
    assert set(FRONT_ENDS) <= set(MATRIX)
