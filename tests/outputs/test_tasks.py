"""How rows are split into tasks, and how many tasks an executor takes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cutout_widgets.outputs.tasks import split, workers_of


def parts(groups, rows, most):
    return [one.tolist() for one in split(groups, rows, most)]


def test_small_groups_go_together_up_to_a_number_of_rows_and_of_groups():
    groups = [[0, 1], [2], [3, 4], [5], [6], [7]]
    assert parts(groups, rows=5, most=9) == [[0, 1, 2, 3, 4], [5, 6, 7]]
    assert parts(groups, rows=9, most=2) == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert parts(groups, rows=9, most=1) == groups


def test_a_large_group_is_split_and_its_rest_goes_with_the_next():
    assert parts([[0, 1, 2, 3, 4], [5], []], rows=2, most=9) == [[0, 1], [2, 3], [4, 5]]
    assert parts([], rows=2, most=9) == []


@pytest.mark.parametrize("workers", [1, 7])
def test_a_pool_has_as_many_workers_as_it_was_made_with(workers):
    with ThreadPoolExecutor(workers) as pool:
        assert workers_of(pool) == workers
