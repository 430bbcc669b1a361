"""Refused changes from a front end leave the grid unchanged."""

from __future__ import annotations

import pytest
import traitlets

from cutout_widgets.errors import BadOption, BadTable

from .other_end import View


@pytest.mark.parametrize(
    "name, value",
    [
        ("look", "no such look"),
        ("look", ["x"]),
        ("look", {"a": 1}),
        ("look", None),
        ("page", 99),
        ("page", -1),
        ("page", "x"),
        ("page_size", 0),
        ("page_size", 10**9),
        ("where", "snr >"),
        ("where", "snrr > 1"),
        ("where", ["x"]),
        ("sort", "snrr"),
        ("colormap", "no such colours"),
        ("colormap", 3),
        ("selected", [1.5e17]),
        ("inspected", [1]),
        ("inspected", "x"),
    ],
)
def test_refused_changes_from_a_front_end_are_reverted(grid, name, value):
    before, sent = getattr(grid, name), []
    grid.send_state = lambda key=None: sent.append(key)
    with pytest.raises((traitlets.TraitError, ValueError, TypeError)):
        grid.set_state({name: value})
    assert getattr(grid, name) == before
    assert [name] in sent
    answer, _ = View(grid).page(0)
    assert answer["kind"] == "done"


def test_several_traits_of_one_message_are_reverted_together(grid):
    with pytest.raises(traitlets.TraitError):
        grid.set_state({"page": 2, "look": ["x"]})
    assert (grid.page, grid.look) == (0, "documented")


def test_errors_raised_in_python_are_ours(grid):
    with pytest.raises(BadTable, match="cannot filter by"):
        grid.where = "snr >"
    with pytest.raises(BadOption, match="pages go from 0 to 4"):
        grid.page = 5
    with pytest.raises(BadOption, match="a look is one of"):
        grid.look = ["x"]
    assert (grid.where, grid.page, grid.look) == (None, 0, "documented")
