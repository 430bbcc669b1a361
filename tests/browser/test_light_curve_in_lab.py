"""The light curve in a real JupyterLab: its display, and opening the cutouts of a point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .lab import Lab, wait_for_page

MADE = """
table = {"diaSourceId": [FIRST, FIRST + 1, FIRST + 2], "diaObjectId": [7, 7, 7],
         "ra": [53.0] * 3, "dec": [-28.0] * 3, "band": ["g", "r", "g"],
         "midpointMjdTai": [61000.0, 61005.0, 61010.0],
         "psfFlux": [100.0, 500.0, 300.0], "psfFluxErr": [10.0] * 3}
stamps = np.zeros((3, 8, 8), dtype=np.float32)
grid = cw.CutoutGrid(table, cw.ArrayImages.from_stamps(table["diaSourceId"], stamps, stamps, stamps), None)
grid
"""


def test_clicking_an_epoch_inspects_it_and_the_wheel_zooms(show: Callable[..., Any], notebook: Lab):
    page = notebook.page
    page.evaluate("() => localStorage.clear()")
    grid = show(MADE)
    wait_for_page(grid, 0)
    grid.get_by_test_id("tile").first.click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    grid.get_by_test_id("tab-curve").click()
    ring = grid.get_by_test_id("epoch-now")
    ring.wait_for()
    plot = grid.get_by_test_id("curve-plot")
    plot.scroll_into_view_if_needed()
    first = ring.bounding_box()
    assert grid.get_by_test_id("curve-legend").inner_text().split() == [
        "g", "detection,", "2", "r", "detection,", "1",
    ]  # fmt: skip
    second = plot.locator(".cw-epochs[data-band=r]").bounding_box()
    x, y = second["x"] + second["width"] / 2, second["y"] + second["height"] / 2
    page.mouse.move(x, y)
    grid.get_by_test_id("curve-point").filter(has_text="61005").wait_for()
    page.mouse.click(x, y)
    grid.locator(".cw-inspector-id").get_by_text(f"{2**53 + 2}").wait_for()
    # The ring is a new element whenever the curve is drawn.
    page.wait_for_function(
        "x => document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) [data-testid=epoch-now]')"
        "?.getBoundingClientRect().x > x + 20",
        arg=first["x"],
    )
    page.mouse.wheel(0, -300)
    assert grid.get_by_test_id("curve-reset").is_enabled()
