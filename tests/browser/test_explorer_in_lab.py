"""The explorer in a real JupyterLab: a drag over its plots filters the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .explorer import MADE, drags_filter_the_grid
from .lab import Lab, wait_for_page


def test_dragging_over_the_plots_filters_the_grid(show: Callable[..., Any], notebook: Lab):
    wait_for_page(show(MADE), 0)
    drags_filter_the_grid(notebook.page)
