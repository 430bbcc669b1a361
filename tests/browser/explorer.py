"""An explorer in a notebook, and drags over its plots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MADE = """
n = 40
table = {"diaSourceId": FIRST + np.arange(n), "ra": [53.0] * n, "dec": [-28.0] * n,
         "snr": np.arange(n) + 1.0, "chi2": np.arange(n) * 10.0, "detector": np.arange(n) % 2}
stamps = np.zeros((n, 8, 8), dtype=np.float32)
images = cw.ArrayImages.from_stamps(table["diaSourceId"], stamps, stamps, stamps)
explorer = cw.Explorer(table, images, None, x="snr", y="chi2", page_size=8)
explorer
"""


def drag(page: Any, figure: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag between two places of a figure, each a fraction of its width and height."""
    box = figure.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=8)
    page.mouse.up()


def repeat_until(draw: Callable[[], None], seen: Callable[[float], object]) -> None:
    """Draw over a plot until its effect is seen: bqplot ignores drags until it has built the brush."""
    from playwright.sync_api import TimeoutError

    for _ in range(2):
        draw()
        try:
            seen(8000)
        except TimeoutError:
            continue
        return
    draw()
    seen(30_000)


def filter_matches(page: Any, pattern: str) -> Callable[[float], object]:
    """Return what waits until a filter box of the page matches a pattern."""
    script = f"() => [...document.querySelectorAll('.cw input')].some(one => /{pattern}/.test(one.value))"
    return lambda timeout: page.wait_for_function(script, timeout=timeout)


def lasso_selects(page: Any) -> None:
    """Draw a triangle around points of the scatter: the grid selects them."""
    figure = page.locator(".bqplot").nth(0)
    figure.wait_for()
    page.get_by_role("button", name="lasso").click()
    page.get_by_text("draw around points to select").wait_for()
    corners = [(0.4, 0.3), (0.6, 0.3), (0.6, 0.6), (0.4, 0.6)]

    def draw() -> None:
        box = figure.bounding_box()  # it moves while the other plots appear
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()

    selected = page.locator(".cw [data-testid=selected]:visible")
    repeat_until(draw, lambda timeout: selected.wait_for(timeout=timeout))


def drags_filter_the_grid(page: Any) -> None:
    """Drag over the scatter and then over the map: each sets the grid's filter."""
    figures = page.locator(".bqplot")
    figures.nth(2).wait_for()
    figures.nth(1).scroll_into_view_if_needed()
    repeat_until(
        lambda: drag(page, figures.nth(0), (0.5, 0.2), (0.85, 0.6)),
        filter_matches(page, "<= snr <= .* and .*<= chi2 <= "),
    )
    repeat_until(
        lambda: drag(page, figures.nth(1), (0.15, 0.4), (0.3, 0.5)),
        filter_matches(page, r"chi2.* and detector in \[0\]"),
    )
