"""How rows are split into tasks, and how many tasks an executor takes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cutout_widgets.outputs.tasks import split, workers_of


def parts(groups, rows, most):
    return [one.tolist() for one in split(groups, rows, most)]


def test_small_groups_are_combined_up_to_a_limit_of_rows_and_groups():
    groups = [[0, 1], [2], [3, 4], [5], [6], [7]]
    assert parts(groups, rows=5, most=9) == [[0, 1, 2, 3, 4], [5, 6, 7]]
    assert parts(groups, rows=9, most=2) == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert parts(groups, rows=9, most=1) == groups


def test_a_large_group_is_split_and_its_rest_joins_the_next():
    assert parts([[0, 1, 2, 3, 4], [5], []], rows=2, most=9) == [[0, 1], [2, 3], [4, 5]]
    assert parts([], rows=2, most=9) == []


@pytest.mark.parametrize("workers", [1, 7])
def test_the_number_of_workers_of_a_pool_is_found(workers):
    with ThreadPoolExecutor(workers) as pool:
        assert workers_of(pool) == workers
