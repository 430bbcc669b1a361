"""Touch gestures on the tiles, in a real JupyterLab in a Chromium with a touch screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .conftest import PREPARED
from .lab import Lab, wait_for_page

SMALL = """(grid) => [...grid.querySelectorAll("button, select, input")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true })
        && getComputedStyle(one).pointerEvents !== "none")
    .map((one) => [one.type === "checkbox" ? one.closest("label") : one, one.outerHTML.slice(0, 90)])
    .map(([one, html]) => [one.getBoundingClientRect(), html])
    .filter(([{ width, height }]) => width < 43.9 || height < 43.9)
    .map(([{ width, height }, html]) => `${width} x ${height}: ${html}`)"""
"""What is smaller than a finger."""


class Fingers:
    """Sends touch events through the browser's debugger, which the browser interprets as gestures.

    Parameters
    ----------
    page
        A page of a context with a touch screen.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self._debugger = page.context.new_cdp_session(page)

    def do(self, kind: str, *points: tuple[float, float]) -> None:
        """Send a touch event: ``touchStart``, ``touchMove`` or ``touchEnd``."""
        at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._debugger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    def swipe(self, start: tuple[float, float], dx: float, dy: float) -> None:
        """Move one finger across the screen in ten steps."""
        self.do("touchStart", start)
        for step in range(1, 11):
            self.do("touchMove", (start[0] + dx * step / 10, start[1] + dy * step / 10))
        self.do("touchEnd")

    def pinch(self, middle: tuple[float, float], apart: float = 140, down: float = 0) -> None:
        """Move two fingers apart, from 20 pixels from their middle to `apart`, and their middle down."""
        x, y = middle
        self.do("touchStart", (x - 20, y), (x + 20, y))
        for step in range(1, 16):
            reach, lower = 20 + (apart - 20) * step / 15, y + down * step / 15
            self.do("touchMove", (x - reach, lower), (x + reach, lower))
        self.do("touchEnd")


@pytest.fixture
def touched(lab: Lab) -> Iterator[Callable[[str], tuple[Any, Fingers]]]:
    """Show a grid in a browser window with a touch screen; yield it and its `Fingers`."""
    context = lab.page.context.browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 900, "height": 900}
    )
    one = Lab(context.new_page(), lab.server)

    def show(cell: str) -> tuple[Any, Fingers]:
        one.open([PREPARED, cell])
        one.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        grid = one.cutouts()
        wait_for_page(grid, 0)
        grid.evaluate("(one) => one.scrollIntoView()")
        return grid, Fingers(one.page)

    try:
        yield show
        one.close_notebook()
        assert one.errors == []
    finally:
        context.close()


def middle(grid: Any, place: int) -> tuple[float, float]:
    """Return the position of the centre of a tile."""
    box = grid.locator(f"[data-place='{place}'] .cw-panels").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_touch_gestures_turn_pages_select_inspect_scroll_and_zoom(touched, tmp_path):
    grid, fingers = touched(f"grid = make(labels={str(tmp_path / 'labels.jsonl')!r}, label_after_ms=0); grid")
    page = grid.page
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert grid.evaluate(SMALL) == []

    fingers.swipe(middle(grid, 1), -150, 8)
    wait_for_page(grid, 1)
    fingers.swipe(middle(grid, 1), 150, 8)
    wait_for_page(grid, 0)
    assert grid.get_by_test_id("inspector").is_hidden(), "a swipe opens nothing"

    fingers.do("touchStart", middle(grid, 1))
    grid.get_by_test_id("selected").filter(has_text="1 selected").wait_for()
    fingers.do("touchEnd")
    assert grid.locator("[data-testid=tile][aria-selected=true]").get_attribute("data-place") == "1"
    assert grid.get_by_test_id("inspector").is_hidden(), "nor does a long press"
    page.locator(".lm-Menu").wait_for(state="detached")
    grid.get_by_test_id("label-selection").tap()
    grid.locator(".cw-selected-labels [data-word=bogus]").tap()
    grid.locator("[data-place='1'] .cw-label:visible").wait_for()

    scrolled = "(grid) => grid.getBoundingClientRect().top"
    before = grid.evaluate(scrolled)
    fingers.swipe(middle(grid, 1), 5, 200)
    grid.page.wait_for_function("([one, top]) => one.getBoundingClientRect().top > top + 50",
                                arg=[grid.element_handle(), before])  # fmt: skip
    assert grid.get_attribute("data-wanted") == "0"

    grid.locator("[data-place='3'] .cw-panels").tap()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    assert grid.evaluate(SMALL) == []
    grid.locator("[data-place='3'] .cw-panels").tap()
    grid.get_by_test_id("inspector").wait_for(state="hidden")

    fingers.pinch(middle(grid, 1))
    page.wait_for_function("visualViewport.scale > 1.2")
    assert grid.get_attribute("data-wanted") == "0"
    assert grid.locator("[data-testid=tile][aria-selected=true]").count() == 1


def test_fingers_zoom_and_move_all_panels_of_the_inspector_and_never_the_page(touched):
    grid, fingers = touched("grid = make(); grid")
    page = grid.page
    grid.locator("[data-place='0'] .cw-panels").tap()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    frame = grid.locator(".cw-inspector-panels [data-panel=science] .cw-frame")
    box = frame.bounding_box()
    middle_of_frame = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    place = page.evaluate("() => [visualViewport.scale, visualViewport.pageTop]"), grid.bounding_box()["y"]

    def views() -> set[tuple[float, ...]]:
        """Zoom and shift of the panels, in CSS pixels."""
        found = grid.locator(".cw-inspector-panels .cw-turned").evaluate_all(
            "all => all.map(one => new DOMMatrix(getComputedStyle(one).transform)).map(m => [m.a, m.e, m.f])"
        )
        return {tuple(round(number, 2) for number in one) for one in found}

    x, y = middle_of_frame[0] + 25, middle_of_frame[1] - 40
    fingers.pinch((x, y), apart=50, down=30)
    # Zoomed 2.5 times about the fingers' middle, (25, -40) from the centre, which then moves down by 30.
    assert views() == {(2.5, 25 - 2.5 * 25, -40 + 2.5 * 40 + 30)}
    fingers.swipe((x, y), 20, 10)
    assert views() == {(2.5, -37.5 + 20, 90 + 10)}
    page.touchscreen.tap(x, y)
    grid.get_by_test_id("readout-place").filter(has_text="0-based").wait_for()
    assert views() == {(2.5, -17.5, 100.0)}
    assert (
        page.evaluate("() => [visualViewport.scale, visualViewport.pageTop]"),
        grid.bounding_box()["y"],
    ) == place
