"""One grid in each front end: displaying, turning pages, keys, inspecting, labelling.

They need packages that the usual environment has not (group ``front-ends``); ``.ci/nightly`` runs them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from .drawn import assert_inspected, assert_no_overlap, assert_pixels
from .explorer import MADE, drags_filter_the_grid
from .front_ends import FRONT_ENDS, exported_by_marimo, notebook_7, voila
from .lab import Lab, wait_for_page

FIRST_ID = 2**53 + 1


def ids(grid: Any) -> list[int]:
    return [int(one.get_attribute("data-id")) - FIRST_ID for one in grid.get_by_test_id("tile").all()]


@pytest.fixture(scope="module", params=FRONT_ENDS)
def shown(request, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path]]:
    """The grid of a notebook in a front end, and the notebook's folder."""
    package, opened = FRONT_ENDS[request.param]
    if find_spec(package) is None:
        pytest.skip(f"needs {package}: uv sync --group front-ends")
    folder = tmp_path_factory.mktemp("front-end")
    with opened(lab.page.context.browser, folder) as page:
        grid = page.get_by_test_id("cutouts").first
        wait_for_page(grid, 0)
        yield grid, folder


def test_shows(shown):
    grid, _ = shown
    assert ids(grid) == [0, 1, 2, 3, 4, 5]
    assert_pixels(grid)
    assert_no_overlap(grid)


def test_turns(shown):
    grid, _ = shown
    grid.get_by_test_id("next").click()
    wait_for_page(grid, 1)
    assert ids(grid) == [6, 7, 8, 9, 10, 11]
    grid.get_by_test_id("previous").click()
    wait_for_page(grid, 0)


def test_keys(shown):
    grid, _ = shown
    cells = grid.page.locator(".jp-Cell, [data-cell-id]")  # of Jupyter and marimo; none in an application
    before = cells.count()
    grid.focus()
    for key in ("x", "b", "Escape", "d", "d", "Escape"):
        grid.press(key)
    assert cells.count() == before, "b, x and dd are commands of the notebook"
    grid.press("n")
    wait_for_page(grid, 1)
    grid.press("p")
    wait_for_page(grid, 0)


def test_inspects(shown):
    grid, _ = shown
    grid.get_by_test_id("tile").nth(2).click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    assert_inspected(grid, 2)
    grid.focus()
    grid.press("Escape")
    grid.get_by_test_id("inspector").wait_for(state="hidden")


def test_labels(shown):
    grid, folder = shown
    grid.focus()
    grid.press("Home")
    grid.press("1")
    grid.locator("[data-place='0'][data-label=real]").wait_for()
    grid.get_by_test_id("progress").get_by_text(
        "1 of 30"
    ).wait_for()  # the kernel says so, after it is on disk
    lines = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    assert [(one["id"], one["label"]) for one in lines if "label" in one] == [(str(FIRST_ID), "real")]


def test_restarted(shown):
    grid, _ = shown
    if not grid.page.evaluate("() => !!window.jupyterapp?.shell?.currentWidget?.sessionContext?.session"):
        pytest.skip("this front end has no button that restarts a kernel")
    grid.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    wait_for_page(grid, 0, state="disconnected")
    assert "Run the cell again" in grid.get_by_test_id("status").inner_text()
    assert ids(grid) == [0, 1, 2, 3, 4, 5]


KEPT = """async () => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const future = kernel.requestExecute({ code: `
import threading
there = threading.Event()
grid.observe(lambda change: there.set() if change['new']['target']['page'] == 1 else None, 'snapshot')
assert grid.snapshot['target']['page'] == 1 or there.wait(20)` });
    return (await future.done).content.status;
}"""
"""Wait until the kernel has stored the second page in the widget's state."""


def test_reopened_in_notebook_7(lab: Lab, tmp_path: Path):
    if find_spec("notebook") is None:
        pytest.skip("needs notebook: uv sync --group front-ends")
    with notebook_7(lab.page.context.browser, tmp_path) as page:
        grid = page.get_by_test_id("cutouts").first
        wait_for_page(grid, 0)
        grid.get_by_test_id("next").click()
        wait_for_page(grid, 1)
        assert page.evaluate(KEPT) == "ok"
        page.evaluate(
            """async () => {
                await window.jupyterapp.commands.execute('docmanager:save');
                await window.jupyterapp.shell.currentWidget.sessionContext.shutdown();
            }"""
        )
        page.reload(wait_until="domcontentloaded")
        wait_for_page(grid, 1, state="disconnected")
        assert ids(grid) == [6, 7, 8, 9, 10, 11]
        assert grid.get_by_test_id("page").input_value() == "2"


@pytest.mark.parametrize("name", ["Notebook 7", "voila"])
def test_the_explorer_filters_its_grid(name: str, lab: Lab, tmp_path: Path):
    package, _ = FRONT_ENDS[name]
    if find_spec(package) is None:
        pytest.skip(f"needs {package}: uv sync --group front-ends")
    opened = {"Notebook 7": notebook_7, "voila": voila}[name]
    with opened(lab.page.context.browser, tmp_path, MADE) as page:
        wait_for_page(page.get_by_test_id("cutouts").first, 0)
        drags_filter_the_grid(page)
        page.locator("[data-testid=cutouts] [data-testid=tile]").first.wait_for()


def test_an_exported_marimo_notebook_shows_the_stored_page(lab: Lab, tmp_path: Path):
    if find_spec("marimo") is None:
        pytest.skip("needs marimo: uv sync --group front-ends")
    with exported_by_marimo(lab.page.context.browser, tmp_path) as page:
        grid = page.get_by_test_id("cutouts")
        grid.locator("[data-testid=tile] canvas").nth(17).wait_for()
        assert ids(grid) == [0, 1, 2, 3, 4, 5]
        assert_pixels(grid)
        assert_no_overlap(grid)
