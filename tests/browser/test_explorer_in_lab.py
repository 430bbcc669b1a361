"""The explorer in a real JupyterLab: a drag over its plots filters the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .explorer import MADE, drags_filter_the_grid, lasso_selects
from .lab import Lab, wait_for_page


def test_dragging_over_the_plots_filters_the_grid(show: Callable[..., Any], notebook: Lab):
    wait_for_page(show(MADE), 0)
    drags_filter_the_grid(notebook.page)


def test_a_lasso_selects_points_in_the_grid(show: Callable[..., Any], notebook: Lab):
    wait_for_page(show(MADE), 0)
    lasso_selects(notebook.page)
    said = notebook.ask_kernel(
        "print(explorer.grid.where, set(np.diff(sorted(explorer.grid.selected)).tolist()))"
    )
    assert said == "None {1}", "rows beside each other on the diagonal, and no filter"
