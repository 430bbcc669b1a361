"""The inspector in a real JupyterLab: zoom, cursor, masks and photometry with real pixels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from .lab import Lab, wait_for_page

MADE = """
from dataclasses import replace
from cutout_widgets.pixels.image import Image
from cutout_widgets.testing import make_wcs

noise = np.random.default_rng(4)
mask = np.zeros((60, 60), dtype=np.uint32)
mask[20:25, 30:40] = 1 << 5

def image(wcs):
    star = 900 * np.exp(-((x60 - 28.3) ** 2 + (y60 - 31.6) ** 2) / 18)
    pixels = (star + noise.normal(20, 3, (60, 60))).astype(np.float32)
    return Image(pixels, mask=mask, planes={"BAD": 0, "DETECTED": 5}, wcs=wcs, unit="nJy",
                 variance=np.full((60, 60), 9, dtype=np.float32))

y60, x60 = np.mgrid[0:60, 0:60]
wcs = make_wcs(at=(28.3, 31.6), rotation=30)
science, template = image(wcs), image(make_wcs(at=(28.3, 31.6), rotation=30))
table = {"diaSourceId": [FIRST], "ra": [53.0], "dec": [-28.0], "visit": [1], "detector": [1]}
store = cw.ArrayImages.from_images({(1, 1): (template, science, science)})
(part,) = cw.footprints.footprints_of_labels((mask > 0).astype(int)).values()
store = cw.stores.FootprintImages(store, {FIRST: part})
grid = cw.CutoutGrid(table, store, None, links={"mine": "https://example.invalid/{id}"})
grid
"""


@pytest.fixture
def opened(show: Callable[..., Any], notebook: Lab) -> tuple[Any, Any]:
    """A grid whose only source is inspected, and the frame of its science panel."""
    notebook.page.evaluate("() => localStorage.clear()")
    grid = show(MADE)
    wait_for_page(grid, 0)
    grid.get_by_test_id("tile").first.click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    frame = grid.locator(".cw-inspector-panels [data-panel=science] .cw-frame")
    frame.scroll_into_view_if_needed()
    return grid, frame


def place(frame: Any, x: float, y: float) -> tuple[float, float]:
    """Return where pixel (x, y) of a fitted panel of 60 pixels lies in the page."""
    box = frame.bounding_box()
    step = box["width"] / 60
    return box["x"] + (x + 0.5) * step, box["y"] + (59.5 - y) * step


def read(grid: Any) -> str:
    return " ".join(grid.get_by_test_id("readout").inner_text().split())


def test_the_readout_under_the_cursor_agrees_with_astropy_also_when_zoomed(opened, notebook):
    grid, frame = opened
    notebook.page.mouse.move(*place(frame, 35, 22))
    notebook.page.mouse.wheel(0, -400)
    notebook.page.mouse.move(*place(frame, 35, 22))  # it stays under the pointer
    notebook.page.mouse.down()
    notebook.page.mouse.up()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("Shift+ArrowUp")
    text = read(grid)
    assert "x 36 y 32 (0-based) FITS 37, 33" in text
    value, ra, dec = json.loads(
        notebook.ask_kernel(
            "sky = wcs.pixel_to_world(36, 32).icrs; "
            "print([float(science.pixels[32, 36]), float(sky.ra.deg), float(sky.dec.deg)])"
        )
    )
    found = re.search(r"RA ([\d.]+)° Dec −([\d.]+)°", text)
    assert float(found[1]) == pytest.approx(ra, abs=1e-6)  # 6 decimals are written
    assert float(found[2]) == pytest.approx(-dec, abs=1e-6)
    row = re.search(r"science ([\d.]+) nJy 9 ([\d.]+)", text)
    assert float(row[1]) == pytest.approx(value, rel=1e-4)
    assert float(row[2]) == pytest.approx(value / 3, abs=0.06)
    assert "template" in text
    matrices = grid.locator(".cw-inspector-panels .cw-turned").evaluate_all(
        "all => all.map(one => getComputedStyle(one).transform)"
    )
    scales = {float(re.findall(r"[\d.e-]+", one)[0]) for one in matrices}
    assert len(scales) == 1, "all panels are zoomed alike"
    assert scales.pop() == pytest.approx(np.exp(400 / 500), rel=1e-3)


def test_an_aperture_sum_equals_that_of_photutils(opened, notebook):
    pytest.importorskip("photutils")
    grid, frame = opened
    grid.get_by_test_id("tab-measure").click()
    grid.get_by_test_id("aperture-tool").click()
    start, end = place(frame, 28, 32), place(frame, 34, 32)
    notebook.page.mouse.move(*start)
    notebook.page.mouse.down()
    notebook.page.mouse.move(*end, steps=4)
    notebook.page.mouse.up()
    words = grid.get_by_text("Circle about x").inner_text()
    assert re.search(r"x 2[78]\.\d+, y 3[12]\.\d+ of the science image", words)
    grid.get_by_test_id("aperture-source").click()
    field = grid.get_by_test_id("aperture-radius")
    field.fill("6.5")
    field.press("Enter")
    cell = grid.locator("[data-testid=photometry] [data-panel=science] [data-flux]")
    flux, error = (float(cell.get_attribute(f"data-{name}")) for name in ("flux", "error"))
    wanted = json.loads(
        notebook.ask_kernel(
            "from photutils.aperture import CircularAperture, aperture_photometry\n"
            "circle = CircularAperture(wcs.world_to_pixel_values(53.0, -28.0), 6.5)\n"
            "found = aperture_photometry(science.pixels.astype(float), circle, error=np.full((60, 60), 3.0), "
            "method='exact')\n"
            "print([float(found['aperture_sum'][0]), float(found['aperture_sum_err'][0])])"
        )
    )
    assert flux == pytest.approx(wanted[0], rel=1e-6)
    assert error == pytest.approx(wanted[1], rel=1e-6)


def test_a_mask_plane_and_user_limits_change_the_displayed_pixels(opened, notebook):
    grid, _ = opened
    grid.press("m")
    fill = grid.locator("[data-testid=inspector] [data-panel=science] [data-testid=mask-fill]")
    blue = fill.evaluate("one => Array.from(one.getContext('2d').getImageData(30, 59 - 20, 1, 1).data)")
    assert blue == [0, 0, 255, 255]
    grid.locator("[data-testid=inspector] [data-plane=DETECTED]").click()
    fill.wait_for(state="hidden")
    grid.get_by_test_id("tab-limits").click()
    grid.get_by_test_id("limits-curve").select_option("linear")
    for name, value in (("limits-high", "24"), ("limits-low", "20")):
        grid.get_by_test_id(name).fill(value)
        grid.get_by_test_id(name).press("Enter")
    drawn = grid.get_by_test_id("inspector-science").evaluate(
        "one => Array.from(one.getContext('2d').getImageData(0, 0, 60, 60).data)"
    )
    drawn = np.array(drawn, dtype=np.uint8).reshape(60, 60, 4)[::-1, :, :3]
    levels = json.loads(
        notebook.ask_kernel(
            "print(cw.Stretch('user', 'linear', vmin=20, vmax=24).to_bytes(science.pixels).tolist())"
        )
    )
    from cutout_widgets.palette import colormap_table

    expected = colormap_table("bone", 255)[np.array(levels) - 1]
    assert (drawn == expected).all(axis=2).mean() > 0.99  # within rounding of float32
    assert (
        grid.locator("[data-testid=links] a", has_text="mine")
        .get_attribute("href")
        .endswith("9007199254740993")
    )


CORNERS = """(path) => {
    const toScreen = path.getScreenCTM();
    const corners = path.getAttribute("d").slice(1, -1).split("L").map((one) => one.split(" ").map(Number));
    return corners.map(([x, y]) => {
        const at = new DOMPoint(x, y).matrixTransform(toScreen);
        return [at.x, at.y];
    });
}"""
"""Where the corners of an outline lie in the page."""


def test_the_outline_of_a_footprint_lies_on_its_pixels_also_when_turned_and_zoomed(opened, notebook):
    grid, frame = opened
    outline = grid.locator("[data-testid=inspector] [data-panel=science] [data-testid=footprint]")

    def corners() -> set[tuple[float, float]]:
        """Detector positions of the outline's corners, from the read-out under the pointer."""
        found = set()
        for x, y in outline.evaluate(CORNERS):
            notebook.page.mouse.move(x, y)
            at = re.match(r"x ([\d.]+)\s+y ([\d.]+)", grid.get_by_test_id("readout-place").inner_text())
            found.add((float(at[1]), float(at[2])))
        return found

    wanted = {(29.5, 19.5), (39.5, 19.5), (39.5, 24.5), (29.5, 24.5)}  # of pixels 30 to 39 and 20 to 24
    assert corners() == wanted
    grid.press("o")  # north up: turned by 30 degrees
    notebook.page.mouse.move(*place(frame, 34, 26))
    notebook.page.mouse.wheel(0, -200)
    width = outline.evaluate("(path) => parseFloat(getComputedStyle(path).strokeWidth)")
    assert width * np.exp(0.4) == pytest.approx(1.5, abs=0.01), "as wide on the screen as before"
    assert corners() == wanted
