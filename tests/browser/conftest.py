"""One JupyterLab for all browser tests; each opens a notebook of its own in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from .lab import Lab, find_chromium, open_lab

KNOWN_ERRORS = (
    # JupyterLab 4.6 unloads the style sheet of a theme twice when the theme changes quickly.
    ("Failed to execute 'removeChild' on 'Node'", "jlab_core"),
)
"""Errors of JupyterLab itself: words of the error, all of which must occur; none names our module."""


def is_ours(error: str) -> bool:
    """Return whether an uncaught error is not one of JupyterLab's own that we know."""
    return "blob:" in error or not any(all(word in error for word in words) for words in KNOWN_ERRORS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lacking = [name for name in ("playwright", "jupyterlab", "nbformat") if find_spec(name) is None]
    chromium = find_chromium()
    lacking += [] if chromium else ["Chromium"]
    if lacking and os.environ.get("CI"):
        pytest.fail(f"browser tests need {', '.join(lacking)}")
    if lacking or chromium is None:
        pytest.skip(f"browser tests need {', '.join(lacking)}")
    with open_lab(tmp_path_factory.mktemp("notebooks"), chromium) as one:
        yield one


@pytest.fixture
def notebook(lab: Lab) -> Iterator[Lab]:
    """JupyterLab with nothing open; fails on errors in the page and on requests to other machines."""
    lab.errors.clear()
    yield lab
    lab.close_notebook()
    assert [error for error in lab.errors if is_ours(error)] == []
    assert lab.left_the_machine == []


@pytest.fixture
def show(notebook: Lab) -> Callable[..., Any]:
    """Run cells in a new notebook and return the first grid."""

    def run(*cells: str) -> Any:
        notebook.open([PREPARED, *cells])
        return notebook.cutouts()

    return run


PREPARED = """
import numpy as np, threading, time, os
import cutout_widgets as cw
from cutout_widgets.testing import make_wcs, SlowImages

N, SIDE, FIRST = 30, 16, 2**53 + 1
snr = np.arange(N, dtype=float)
sources = cw.SourceTable.read({
    "diaSourceId": np.arange(N) + FIRST, "ra": np.full(N, 53.0), "dec": np.full(N, -28.0), "snr": snr,
    "band": ["g", "r", "i"] * (N // 3), "isDipole": np.arange(N) % 3 == 0,
    "reliability": np.linspace(0, 1, N),
})
# Pixel (x, y) of panel p of source n has the value (16 y + x + 7 n + 50 p) mod 255.
y, x = np.mgrid[0:SIDE, 0:SIDE]
stacks = [
    np.stack([(16 * y + x + 7 * n + 50 * p) % 255 for n in range(N)]).astype(np.float32) for p in range(3)
]
stacks[2][:, 3, 5] = np.nan
images = cw.ArrayImages.from_stamps(
    np.arange(N) + FIRST, *stacks, wcs=make_wcs(at=(7.5, 7.5)), unit="nJy",
)
plain = cw.Stretch("user", "linear", vmin=0, vmax=254)
look = cw.Look("plain", plain, plain, plain, "gray")

def make(images=images, **options):
    return cw.CutoutGrid(sources, images, SIDE, **{"page_size": 6, "look": look, **options})
"""
"""What every notebook of these tests begins with."""
