"""The grid in a real JupyterLab: what it displays and how it reacts."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from cutout_widgets.palette import colormap_table

from .drawn import FIRST_ID, assert_inspected, assert_no_overlap, assert_pixels, box, expected, pixels_of
from .lab import wait_for_page


def tiles(grid: Any) -> Any:
    return grid.get_by_test_id("tile")


def test_a_page_shows_the_expected_pixels(show):
    grid = show("make()")
    wait_for_page(grid, 0)
    assert tiles(grid).count() == 6
    assert_pixels(grid)
    assert_no_overlap(grid)


def test_a_page_is_laid_out_without_overlap(show):
    grid = show("make()")
    wait_for_page(grid, 0)
    frame = box(grid)
    places = [box(tiles(grid).nth(n)) for n in range(6)]
    assert len({(round(one["x"]), round(one["y"])) for one in places}) == 6
    for one in places:
        assert one["x"] >= frame["x"]
        assert one["x"] + one["width"] <= frame["x"] + frame["width"] + 1
    canvases = [
        box(tiles(grid).nth(0).get_by_test_id(name)) for name in ("template", "science", "difference")
    ]
    assert {(round(one["width"]), round(one["height"])) for one in canvases} == {
        (round(canvases[0]["width"]), round(canvases[0]["width"]))
    }
    assert canvases[0]["width"] >= 90
    assert canvases[0]["x"] + canvases[0]["width"] <= canvases[1]["x"]
    assert canvases[1]["x"] + canvases[1]["width"] <= canvases[2]["x"]


def test_a_tile_shows_its_id_flags_north_and_scale(show):
    grid = show("make()")
    wait_for_page(grid, 0)
    first = tiles(grid).first
    assert first.locator(".cw-id").inner_text() == str(FIRST_ID)
    assert first.locator(".cw-band").inner_text() == "g"
    badges = first.locator(".cw-badge")
    assert badges.all_inner_texts() == ["DIPOLE", "RB:0.000"]
    assert "isDipole" in badges.first.get_attribute("title")
    assert first.get_by_label("compass").locator("text").all_text_contents() == ["E", "N"]
    bar = first.get_by_label("bar of 1 arcsec")
    # 16 pixels of 0.2 arcsec: one arcsec is 5/16 of the panel.
    line = bar.locator("line").first
    dash = line.get_attribute("stroke-dasharray").split()[0]
    assert float(dash.removesuffix("%")) == pytest.approx(100 * 5 / 16, rel=1e-3)


def test_turning_a_page_updates_the_kernel(show, notebook):
    grid = show("grid = make(); grid")
    wait_for_page(grid, 0)
    grid.get_by_test_id("next").click()
    wait_for_page(grid, 1)
    assert tiles(grid).first.get_attribute("data-id") == str(FIRST_ID + 6)
    values = pixels_of(tiles(grid).first.get_by_test_id("science"))
    assert (values[..., :3] == colormap_table("gray", 255)[expected(6, 1)]).all()
    grid.get_by_test_id("page").fill("5")
    grid.get_by_test_id("page").press("Enter")
    wait_for_page(grid, 4)
    assert notebook.ask_kernel("print(grid.page)") == "4"
    assert grid.get_by_test_id("next").is_disabled()
    grid.get_by_test_id("previous").click()
    wait_for_page(grid, 3)


def test_sort_page_size_look_and_colormap_apply_to_all_tiles(show, notebook):
    grid = show("grid = make(); grid")
    wait_for_page(grid, 0)
    grid.get_by_test_id("sort").select_option("snr")
    grid.get_by_test_id("direction").click()
    grid.locator(f"[data-place='0'][data-id='{FIRST_ID + 29}']").wait_for()
    grid.get_by_test_id("page-size").select_option("12")
    grid.locator("[data-place='11']").wait_for()
    grid.get_by_test_id("colormap").select_option("viridis")
    viridis = colormap_table("viridis", 255)
    for panel, name in enumerate(("template", "science")):
        drawn = pixels_of(tiles(grid).nth(2).get_by_test_id(name))
        assert (drawn[..., :3] == viridis[expected(27, panel)]).all()
    grid.get_by_test_id("look").select_option("sigma")
    grid.and_(grid.page.locator("[data-state=ready]")).wait_for(state="attached")
    answer = notebook.ask_kernel("print([grid.sort, grid.page_size, grid.look, grid.colormap])")
    assert answer == "['-snr', 12, 'sigma', 'viridis']"


def test_an_invalid_filter_shows_an_error_and_keeps_the_page(show):
    grid = show("make()")
    wait_for_page(grid, 0)
    before = pixels_of(tiles(grid).first.get_by_test_id("science"))
    where = grid.get_by_test_id("where")
    where.fill("snrr > 5")
    where.press("Enter")
    problem = grid.get_by_test_id("problem")
    problem.wait_for()
    assert "did you mean 'snr'?" in problem.inner_text()
    assert abs(box(problem)["y"] - (box(where)["y"] + box(where)["height"])) < 12
    assert where.get_attribute("aria-invalid") == "true"
    assert (pixels_of(tiles(grid).first.get_by_test_id("science")) == before).all()
    assert where.input_value() == "snrr > 5"
    where.fill("snr > 25")
    where.press("Enter")
    grid.locator(f"[data-place='0'][data-id='{FIRST_ID + 26}']").wait_for()
    assert problem.is_hidden()
    assert "4 of 30" in grid.get_by_test_id("pages").inner_text()
    where.fill("snr > 1000")
    where.press("Enter")
    grid.get_by_text("No row passes the filter.").wait_for()
    grid.get_by_test_id("clear").click()
    grid.locator(f"[data-place='5'][data-id='{FIRST_ID + 5}']").wait_for()


def test_a_click_opens_the_inspector(show, notebook):
    grid = show("grid = make(); grid")
    wait_for_page(grid, 0)
    tiles(grid).nth(3).click()
    inspector = grid.locator("[data-testid=inspector][data-state=ready]")
    inspector.wait_for()
    assert box(grid.get_by_test_id("inspector-science"))["width"] > 150
    assert_inspected(grid, 3)
    readout = grid.get_by_test_id("readout")
    assert re.search(r"x 4\s+y 10\s+\(0-based\)\s*FITS 5, 11", readout.inner_text())
    place = re.search(r"RA ([\d.]+)°\s+Dec (−[\d.]+)°", grid.get_by_test_id("readout-sky").inner_text())
    wanted = json.loads(
        notebook.ask_kernel("print([float(v) for v in make_wcs(at=(7.5, 7.5)).pixel_to_world_values(4, 10)])")
    )
    assert float(place[1]) == pytest.approx(wanted[0], abs=2e-5)  # the cursor is not exactly on the middle
    assert float(place[2].replace("−", "-")) == pytest.approx(wanted[1], abs=2e-5)
    assert grid.locator("[data-column=ra] .cw-value").inner_text() == "53.0 deg"
    grid.get_by_label("Find a column").fill("relia")
    assert grid.locator("tr[data-column]:visible").count() == 1
    grid.focus()
    grid.press("Escape")
    inspector.wait_for(state="hidden")
    assert notebook.ask_kernel("print(grid.inspected)") == "None"


def test_the_kernel_can_open_the_inspector_and_turn_pages(show, notebook):
    grid = show("grid = make(); grid")
    wait_for_page(grid, 0)
    notebook.ask_kernel("grid.inspect(FIRST + 20)")
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    assert grid.get_by_test_id("inspected").inner_text() == str(FIRST_ID + 20)
    notebook.ask_kernel("grid.where = 'snr > 11'; grid.page = 2")
    wait_for_page(grid, 2)
    assert tiles(grid).first.get_attribute("data-id") == str(FIRST_ID + 24)
    assert grid.get_by_test_id("where").input_value() == "snr > 11"


def test_a_tile_says_why_its_image_is_missing(show):
    grid = show(
        "make(cw.ArrayImages.from_stamps(np.arange(1, N) + FIRST, None, stacks[1][1:], stacks[2][1:]))"
    )
    wait_for_page(grid, 0)
    lost = tiles(grid).nth(0).locator(".cw-reason:visible")
    assert lost.count() == 3
    assert str(FIRST_ID) in lost.nth(1).inner_text()
    one = tiles(grid).nth(1)
    assert one.locator("[data-panel=template][data-pixels=missing]").count() == 1
    assert one.locator("[data-pixels=ready]").count() == 2


def test_keys_of_the_grid_never_reach_the_notebook(show, notebook, tmp_path):
    grid = show(f"grid = make(labels={str(tmp_path / 'labels.jsonl')!r}); grid")
    wait_for_page(grid, 0)
    cells = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")
    before = cells.count()
    grid.focus()
    for key in ("l", " ", "Shift+ArrowRight", "1"):
        grid.press(key)
    grid.locator("[data-place='2'] .cw-label:visible").wait_for()
    assert notebook.ask_kernel("print(grid.selected)") == str([FIRST_ID + 1, FIRST_ID + 2])
    for key in ("x", "b", "d", "d"):
        grid.press(key)
    grid.locator("[data-place='0'][aria-selected=true]").wait_for()
    assert cells.count() == before, "b, x and dd are commands of the notebook"
    labels = "print([(int(i) - FIRST, one) for i, one in zip(grid.labels['id'], grid.labels['label'])])"
    assert notebook.ask_kernel(labels) == "[(1, 'real'), (2, 'real')]"
    grid.press("u")
    grid.locator("[data-place='2'] .cw-label").wait_for(state="hidden")
    assert notebook.ask_kernel(labels) == "[]"
    grid.press("n")
    wait_for_page(grid, 1)
    grid.press("Enter")
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()


def test_notebook_shortcuts_work_while_the_grid_has_the_focus(show, notebook):
    grid = show("make()")
    wait_for_page(grid, 0)
    notebook.page.evaluate("() => { window.jupyterapp.shell.currentWidget.context.model.dirty = true; }")
    grid.focus()
    grid.press("Control+s")
    notebook.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    grid.press("Control+a")
    assert tiles(grid).and_(grid.page.locator("[aria-selected=true]")).count() == 6
    name = tiles(grid).nth(1).get_by_test_id("id")
    name.dblclick()
    assert notebook.page.evaluate("() => getSelection().toString()").strip() == str(FIRST_ID + 1)
    assert not grid.get_by_test_id("inspector").is_visible()
    tiles(grid).nth(2).get_by_test_id("science").click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()


def test_the_theme_follows_jupyterlab(show, notebook):
    grid = show("make()")
    wait_for_page(grid, 0)

    def brightness(what: str) -> float:
        found = grid.evaluate(f"(one) => getComputedStyle(one).{what}")
        return sum(float(part) for part in re.findall(r"[\d.]+", found)[:3]) / 3

    assert brightness("backgroundColor") > 230
    assert brightness("color") < 80
    notebook.set_theme("JupyterLab Dark")
    try:
        assert brightness("backgroundColor") < 60
        assert brightness("color") > 200
    finally:
        notebook.set_theme("JupyterLab Light")


def test_a_footprint_is_outlined_on_its_tile(show):
    grid = show(
        "from cutout_widgets.footprints.footprint import Footprint\n"
        "from cutout_widgets.stores.footprints import FootprintImages\n"
        "disc = np.hypot(*(np.mgrid[0:16, 0:16] - 7.5)) < 4\n"
        "make(FootprintImages(images, {int(sources.ids[0]): Footprint.from_array(disc)}))"
    )
    wait_for_page(grid, 0)
    assert tiles(grid).get_by_test_id("footprint").count() == 3, "on the three panels of one source"
    outline = tiles(grid).nth(0).get_by_test_id("footprint").first
    extent = outline.evaluate("(one) => { const b = one.getBBox(); return [b.x, b.y, b.width, b.height]; }")
    assert extent == [4, 4, 8, 8], "pixels 4 to 11 of 16 each way"


def colours_of(element: Any) -> set[tuple[int, int, int]]:
    """The colours of an element on the screen."""
    pixels = imread(BytesIO(element.screenshot(animations="disabled")), format="png")[..., :3]
    return {(r, g, b) for r, g, b in np.unique((pixels * 255).round().astype(int).reshape(-1, 3), axis=0)}


@pytest.mark.parametrize("is_compact", [False, True])
def test_footprint_scale_and_compass_are_seen_over_the_pixels(show, is_compact):
    grid = show(
        "from cutout_widgets.footprints.footprint import Footprint\n"
        "from cutout_widgets.stores.footprints import FootprintImages\n"
        "disc = np.hypot(*(np.mgrid[0:16, 0:16] - 7.5)) < 4\n"
        "one = make(FootprintImages(images, {int(sources.ids[0]): Footprint.from_array(disc)}))\n"
        f"one.compact = {is_compact}\none"
    )
    wait_for_page(grid, 0)
    panels = tiles(grid).first.locator(".cw-frame")
    left, right = colours_of(panels.first), colours_of(panels.last)
    assert {(255, 176, 0), (255, 230, 0), (0, 0, 200)} <= left, "outline, scale bar and its border"
    assert {(255, 176, 0), (255, 255, 255), (0, 0, 0)} <= right, "outline, needles and their borders"


def test_the_grid_keeps_its_width_next_to_another_widget(show):
    grid = show("import ipywidgets\nipywidgets.HBox([make(), ipywidgets.HTML(layout={'width': '100%'})])")
    wait_for_page(grid, 0)
    room = box(grid.locator("xpath=ancestor::*[contains(@class, 'widget-hbox')]"))["width"]
    assert 0.4 * room < box(grid)["width"] < 0.6 * room
    assert box(tiles(grid).first)["width"] > 300


def test_north_up_rotates_the_panels_and_the_readout_stays_correct(show, notebook):
    # North lies to the left on the detector: a quarter turn clockwise brings it up.
    grid = show(
        "turned = make_wcs(at=(7.5, 7.5), rotation=90)\n"
        "make(cw.ArrayImages.from_stamps(np.arange(N) + FIRST, *stacks, wcs=turned, unit='nJy'))"
    )
    wait_for_page(grid, 0)
    tiles(grid).nth(3).click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    grid.press("o")
    for canvas in (tiles(grid).nth(3).get_by_test_id("science"), grid.get_by_test_id("inspector-science")):
        matrix = canvas.evaluate("(one) => getComputedStyle(one.parentElement).transform")
        numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", matrix)]
        assert numbers == pytest.approx([0, 1, -1, 0, 0, 0], abs=1e-6)
    frame = box(grid.get_by_test_id("inspector-science"))
    step = frame["width"] / 16
    # Pixel (4, 10) is 3.5 left of the middle and 2.5 above it: now 2.5 right of it and 3.5 above.
    notebook.page.mouse.move(frame["x"] + 10.5 * step, frame["y"] + 4.5 * step)
    assert re.search(r"x 4\s+y 10\s", grid.get_by_test_id("readout").inner_text())
    values = grid.get_by_test_id("readout-values").inner_text()
    assert f"science {expected(3, 1)[10, 4]} nJy" in " ".join(values.split())
    cross = box(grid.locator("[data-panel=science] .cw-dot"))
    assert cross["x"] + cross["width"] / 2 == pytest.approx(frame["x"] + 10.5 * step, abs=1)
    assert cross["y"] + cross["height"] / 2 == pytest.approx(frame["y"] + 4.5 * step, abs=1)


def test_blinking_and_contrast_drags_in_the_inspector_leave_the_tiles_alone(show, notebook):
    grid = show("make()")
    wait_for_page(grid, 0)
    tiles(grid).nth(3).click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    large = grid.get_by_test_id("inspector-science")
    home = box(large)
    before = pixels_of(large)
    x, y = home["x"] + home["width"] / 2, home["y"] + home["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down(button="right")
    mouse.move(x - home["width"] / 4, y, steps=3)
    mouse.up(button="right")
    assert grid.get_by_test_id("contrast").inner_text() == "contrast 1.00  bias 0.25"
    assert notebook.page.locator(".lm-Menu").count() == 0, "neither the notebook's menu"
    assert pixels_of(large)[..., 0].mean() > before[..., 0].mean() + 20
    mouse.click(x, y, button="right", click_count=2)
    assert (pixels_of(large) == before).all()
    grid.press("b")
    for name in ("science", "difference", "template"):
        grid.locator(f".cw-inspector-panels[data-blink={name}]").wait_for()
        assert box(grid.get_by_test_id(f"inspector-{name}")) == home, "all in one place"
        assert grid.locator(".cw-inspector-panels .cw-panel:visible").count() == 1
    grid.press("Escape")
    grid.locator(".cw-inspector-panels:not([data-blink])").wait_for()
    assert grid.get_by_test_id("inspector").is_visible()
