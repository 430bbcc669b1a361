"""Masks on tiles and the strip of epochs in a real JupyterLab, with real pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .lab import Lab, wait_for_page

MADE = """
from cutout_widgets.pixels.image import Image
from cutout_widgets.testing import make_wcs

def three(visit):
    mask = np.zeros((40, 40), dtype=np.uint32)
    mask[20:30, 20:30] = 1 << 5
    mask[:, 0:4] = 1
    pixels = np.full((40, 40), float(visit), dtype=np.float32)
    pixels[0, 0], pixels[0, 1] = 0, 60
    image = Image(pixels, mask=mask, planes={"BAD": 0, "DETECTED": 5}, wcs=make_wcs(at=(20, 20)), unit="nJy",
                  metadata={"MJD-OBS": 61000.0 + visit})
    return image, image, image

visits = list(range(1, 61))
seen = [visit for visit in visits if visit % 2]
table = {"diaSourceId": [FIRST + v for v in seen], "diaObjectId": [7] * len(seen), "ra": [53.0] * len(seen),
         "dec": [-28.0] * len(seen), "visit": seen, "detector": [0] * len(seen), "band": ["r"] * len(seen),
         "midpointMjdTai": [61000.0 + v for v in seen], "psfFlux": [100.0 + v for v in seen],
         "psfFluxErr": [5.0] * len(seen)}
store = cw.ArrayImages.from_images({(visit, 0): three(visit) for visit in visits})
grid = cw.CutoutGrid(table, store, None, page_size=4)
grid
"""

COLOUR = """(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data]"""


@pytest.fixture
def grid(show: Callable[..., Any], notebook: Lab) -> Any:
    notebook.page.evaluate("() => localStorage.clear()")
    grid = show(MADE)
    wait_for_page(grid, 0)
    return grid


def test_m_overlays_the_masks_and_a_plane_can_be_hidden(grid: Any, notebook: Lab):
    grid.press("m")
    fill = grid.get_by_test_id("tile").first.locator("[data-panel=science] [data-testid=mask-fill]")
    fill.wait_for()
    # Rows go up: pixel (25, 25) of 40 is in row 14 from the top. afw: DETECTED is blue, BAD is red.
    assert fill.evaluate(COLOUR, [25, 14]) == [0, 0, 255, 255]
    assert fill.evaluate(COLOUR, [2, 14]) == [255, 0, 0, 255]
    assert fill.evaluate(COLOUR, [35, 5])[3] == 0
    chips = grid.locator(".cw-tiles-head .cw-plane")
    assert chips.all_inner_texts() == ["BAD640", "DETECTED400"], "160 and 100 pixels, 4 tiles"
    chips.first.click()
    assert fill.evaluate(COLOUR, [2, 14])[3] == 0
    notebook.page.keyboard.press("n")
    wait_for_page(grid, 1)
    assert fill.evaluate(COLOUR, [25, 14]) == [0, 0, 255, 255], "the next page has its masks too"


def test_the_strip_shows_all_visits_and_is_linked_to_the_light_curve(grid: Any, notebook: Lab):
    page = notebook.page
    grid.get_by_test_id("tile").nth(1).click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    grid.get_by_test_id("epochs-count").filter(has_text="3 of 60, 30 without a detection").wait_for()
    strip = grid.get_by_test_id("epochs")
    cell = strip.locator("[data-epoch='1']")
    assert "no detection" in cell.inner_text()
    canvas = cell.get_by_test_id("epoch-science")
    page.wait_for_function("one => one.width === 40", arg=canvas.element_handle())
    assert strip.locator("canvas").count() < 3 * 60, "what is out of sight does not exist"
    first = strip.locator("[data-epoch='2']").get_by_test_id("epoch-science").evaluate(COLOUR, [20, 20])
    strip.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
    last = strip.locator("[data-epoch='59']").get_by_test_id("epoch-science")
    # Visit 60 is brighter than 3, once it is drawn in the same limits.
    page.wait_for_function(
        f"([one, dark]) => one.width === 40 && ({COLOUR})(one, [20, 20])[0] > dark",
        arg=[last.element_handle(), first[0]],
    )
    grid.get_by_test_id("tab-curve").click()
    ring = grid.get_by_test_id("epoch-now")
    ring.wait_for()
    before = ring.bounding_box()["x"]
    strip.locator("[data-epoch='58']").click()  # visit 59, a row of the table
    grid.locator(".cw-inspector-id").get_by_text(f"{2**53 + 1 + 59}").wait_for()
    # The ring is a new element whenever the curve is drawn.
    page.wait_for_function(
        "x => document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) [data-testid=epoch-now]')"
        "?.getBoundingClientRect().x > x + 50",
        arg=before,
    )
    strip.press("ArrowLeft")
    assert strip.locator("[aria-selected=true]").get_attribute("data-epoch") == "57"
    large = grid.get_by_test_id("epoch-stage")
    assert "no detection" in large.inner_text(), "visit 58 is no row: it is enlarged"
    grid.get_by_test_id("epochs-play").click()
    strip.locator("[data-epoch='58'][aria-selected=true]").wait_for()
    strip.locator("[data-epoch='59'][aria-selected=true]").wait_for()
    grid.get_by_test_id("epochs-play").click()
    assert grid.get_by_test_id("epochs-play").get_attribute("aria-pressed") == "false"


def test_the_inspector_stays_visible_while_tiles_scroll(grid: Any, notebook: Lab):
    page = notebook.page
    notebook.page.set_viewport_size({"width": 1100, "height": 900})
    try:
        grid.get_by_test_id("tile").first.click()
        inspector = grid.locator("[data-testid=inspector][data-state=ready]")
        inspector.wait_for()
        last = grid.get_by_test_id("tile").last
        last.scroll_into_view_if_needed()
        box, tile = inspector.bounding_box(), last.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= tile["y"] + 1, "the tile that was scrolled to is not under it"
        assert tile["y"] < page.viewport_size["height"]
    finally:
        notebook.page.set_viewport_size({"width": 1280, "height": 900})
