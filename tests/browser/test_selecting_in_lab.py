"""Selecting many sources in a real JupyterLab: all filtered rows, ranges over pages, and actions on them."""

from __future__ import annotations

from cutout_widgets.labels import LabelJournal

from .lab import wait_for_page

FIRST_ID = 2**53 + 1


def wait_for_words(grid, words):
    grid.get_by_test_id("selected").filter(has_text=words).wait_for()


def test_all_filtered_rows_are_selected_labelled_and_undone(show, notebook, tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = show(f"grid = make(labels={str(path)!r}, where='isDipole'); grid.label_after_ms = 0; grid")
    wait_for_page(grid, 0)
    grid.focus()
    grid.press("Control+a")
    wait_for_words(grid, "all 10 that pass the filter selected")
    assert notebook.ask_kernel("print(len(grid.selected), grid.selected[3] - FIRST)") == "10 9"
    assert notebook.page.evaluate("getSelection().type") != "Range"  # Lab's own Ctrl+A did nothing
    grid.press("n")
    wait_for_page(grid, 1)
    assert grid.locator("[data-testid=tile][aria-selected=true]").count() == 4
    grid.get_by_test_id("label-selection").click()
    grid.locator(".cw-selected-labels [data-word=bogus]").click()
    grid.get_by_test_id("label-bar").locator("text=10 of 10").wait_for()
    assert grid.locator("[data-testid=label]:visible").all_inner_texts() == ["✕ bogus"] * 4
    grid.press("u")
    grid.get_by_test_id("label-bar").locator("text=0 of 10").wait_for()
    grid.get_by_role("status").filter(has_text="undone: 10 bogus").wait_for()  # on disk
    assert len(LabelJournal(path)) == 0
    grid.press("Escape")
    grid.get_by_test_id("selected").wait_for(state="hidden")


def test_a_shift_click_on_another_page_selects_the_range_between(show, notebook):
    grid = show("grid = make(sort='-snr'); grid")
    wait_for_page(grid, 0)
    grid.locator("[data-place='4'] .cw-panels").click(modifiers=["Control"])
    for page in (1, 2):
        grid.press("n")
        wait_for_page(grid, page)
    grid.locator("[data-place='1'] .cw-panels").click(modifiers=["Shift"])
    wait_for_words(grid, "10 selected (8 on other pages)")
    assert notebook.ask_kernel("print([one - FIRST for one in grid.selected])") == str(
        list(range(25, 15, -1))
    )


def test_dragging_between_tiles_selects_them_and_dragging_on_an_id_selects_its_text(show, notebook):
    grid = show("grid = make(tile_size=60); grid")
    wait_for_page(grid, 0)
    first = grid.locator("[data-place='0']").bounding_box()
    second = grid.locator("[data-place='1']").bounding_box()
    mouse = notebook.page.mouse
    mouse.move(first["x"] + first["width"] + 3, first["y"] + 20)  # the gap between the two
    mouse.down()
    mouse.move(second["x"] + 30, second["y"] + 60, steps=4)
    mouse.up()
    wait_for_words(grid, "1 selected")
    assert grid.locator(".cw-tile[aria-selected=true]").get_attribute("data-place") == "1"
    text = grid.locator("[data-place='0'] .cw-id").bounding_box()
    mouse.move(text["x"] + 2, text["y"] + 6)
    mouse.down()
    mouse.move(text["x"] + 60, text["y"] + 6, steps=4)
    mouse.up()
    assert len(notebook.page.evaluate("getSelection().toString()")) > 3
    wait_for_words(grid, "1 selected")


def test_the_selection_can_be_saved_and_shown_in_another_grid(show, notebook, tmp_path):
    grid = show("grid = make(); grid")
    wait_for_page(grid, 0)
    grid.focus()
    grid.press("a")
    wait_for_words(grid, "6 selected")
    grid.locator(".cw-selected [data-testid=tool-save]").click()
    field = grid.get_by_test_id("prompt-field")
    field.fill(str(tmp_path / "out"))
    field.press("Enter")
    line = grid.get_by_test_id("save-line").filter(has_text="saved 6 of 6 sources")
    line.wait_for()
    assert str(tmp_path / "out") in line.inner_text()
    assert len(list((tmp_path / "out").rglob("*.png"))) == 6
    assert len((tmp_path / "out" / "manifest.csv").read_text().splitlines()) == 7
    grid.get_by_test_id("new-grid").click()
    below = notebook.cutouts(1)
    wait_for_page(below, 0)
    assert below.locator("[data-testid=tile]").count() == 6
    below.focus()
    below.press("x")
    below.get_by_test_id("selected").filter(has_text="6 selected").wait_for()
    wait_for_words(grid, "6 selected")
    notebook.page.get_by_test_id("close-below").click()
    below.wait_for(state="detached")
    assert notebook.ask_kernel("print(len(grid.below))") == "0"
