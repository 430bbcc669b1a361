"""Fixtures: a grid and its front end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cutout_widgets.widget.grid import CutoutGrid

from .other_end import SIDE, make_stamps, make_table


@pytest.fixture
def grid() -> Iterator[CutoutGrid]:
    one = CutoutGrid(make_table(), make_stamps(), size=SIDE, page_size=6)
    yield one
    one.close()
