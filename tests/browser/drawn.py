"""What a grid of the tests' notebook must show: pixels that a reader can compute, none upon another."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from cutout_widgets.palette import colormap_table

FIRST_ID = 2**53 + 1
PANELS = ("template", "science", "difference")


def pixels_of(canvas: Any) -> np.ndarray:
    """Return the pixels of a canvas, (ny, nx, 4), lowest row first."""
    found = canvas.evaluate(
        """(one) => [one.width, one.height,
            Array.from(one.getContext('2d').getImageData(0, 0, one.width, one.height).data)]"""
    )
    return np.array(found[2], dtype=np.uint8).reshape(found[1], found[0], 4)[::-1]


def expected(n: int, panel: int) -> np.ndarray:
    """Return the values of a panel as generated in the notebook."""
    y, x = np.mgrid[0:16, 0:16]
    return (16 * y + x + 7 * n + 50 * panel) % 255


def box(element: Any) -> dict[str, float]:
    found = element.bounding_box()
    assert found is not None
    return found


def assert_pixels(grid: Any, places: tuple[int, ...] = (0, 5), hole: tuple[int, int] | None = (3, 5)) -> None:
    """Fail unless the first page shows these sources with the values of their pixels."""
    gray = colormap_table("gray", 255)
    for n in places:
        tile = grid.get_by_test_id("tile").nth(n)
        assert tile.get_attribute("data-id") == str(FIRST_ID + n)
        for panel, name in enumerate(PANELS):
            drawn, known = pixels_of(tile.get_by_test_id(name)), np.ones((16, 16), dtype=bool)
            if hole is not None and name == "difference":
                known[hole] = False
                assert drawn[(*hole, 3)] == 0, "without a value it is a hole, through which hatching shows"
            assert (drawn[known][:, :3] == gray[expected(n, panel)[known]]).all()
            assert (drawn[known][:, 3] == 255).all()


def assert_no_overlap(grid: Any) -> None:
    """Fail if panels of a page of six lie upon each other, are not square, or are too small to see."""
    boxes = [box(one) for one in grid.locator("[data-testid=tile] canvas").all()]
    assert len(boxes) == 18
    assert all(abs(one["width"] - one["height"]) < 1 and one["width"] >= 48 for one in boxes)
    for one, other in itertools.combinations(boxes, 2):
        assert any(
            a[edge] + a[size] <= b[edge] + 0.5
            for a, b in ((one, other), (other, one))
            for edge, size in (("x", "width"), ("y", "height"))
        ), f"{one} lies on {other}"


def assert_inspected(grid: Any, n: int) -> None:
    """Fail unless the open inspector is that of a source, and tells the values under the pointer."""
    assert grid.get_by_test_id("inspected").inner_text() == str(FIRST_ID + n)
    large = grid.get_by_test_id("inspector-science")
    step = box(large)["width"] / 16
    large.hover(position={"x": 4.5 * step, "y": 5.5 * step})  # the middle of x = 4, y = 10: y goes up
    values = " ".join(grid.get_by_test_id("readout-values").inner_text().split())
    for panel, name in enumerate(PANELS):
        assert f"{name} {expected(n, panel)[10, 4]} nJy" in values
