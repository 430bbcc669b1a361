"""Manual labelling in a real JupyterLab: only sources that were visible are labelled."""

from __future__ import annotations

from typing import Any

import pytest

from cutout_widgets.labels import LabelJournal

from .lab import wait_for_page

FIRST_ID = 2**53 + 1

PRESS_AND_NOTE = """async (one, keys) => {
    const notes = [];
    for (const key of keys) {
        while (key === 'wait' && one.dataset.state !== 'ready')
            await new Promise((resolve) => setTimeout(resolve, 5));
        const notice = one.querySelector('[data-testid=notice]');
        const before = notice.dataset.number;
        const place = Number(one.querySelector('[data-current]').dataset.place);
        const wanted = Number(one.dataset.wanted);
        one.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        const isRefused = notice.dataset.number !== before && notice.dataset.kind === 'refused';
        if (/[0-9]/.test(key)) notes.push({ key, page: wanted, place, isRefused });
        await null;
    }
    return notes;
}"""
"""Press keys without a pause, but "wait" for the page; note of each digit its place and if it was refused."""


def labels_in(path: Any) -> list[tuple[int, str]]:
    """Return the labels in order: source number, counted from 0, and label."""
    return [(one.id - FIRST_ID, one.label) for one in LabelJournal(path).history()]


def test_digits_typed_before_a_slow_page_arrives_label_nothing(show, notebook, tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = show(f"slow = SlowImages(images, is_open=True); grid = make(slow, labels={str(path)!r}); grid")
    wait_for_page(grid, 0)
    notebook.ask_kernel("slow.wait_until_asked(18); slow.shut()")  # pages 1 and 2 were read ahead
    grid.focus()
    for key in ("n", "n", "n", "1"):
        grid.press(key)
    assert "not labelled" in grid.get_by_test_id("notice").inner_text()
    assert grid.page.locator("[data-pending], [data-testid=tile][data-waiting]").count() > 0
    notebook.ask_kernel("slow.open()")
    wait_for_page(grid, 3)
    notebook.page.wait_for_timeout(300)  # a source takes a label after it was seen for 100 ms
    grid.press("1")
    grid.locator("[data-place='0'] .cw-label:visible").wait_for()
    grid.get_by_test_id("label-bar").locator("text=1 of 30").wait_for()  # it is shown before it is saved
    assert labels_in(path) == [(18, "real")]


def test_labels_typed_at_machine_speed_go_to_the_sources_under_the_cursor(show, notebook, tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = show(f"grid = make(labels={str(path)!r}); grid.label_after_ms = 0; grid")
    wait_for_page(grid, 0)
    keys = [
        key for n in range(60) for key in (*"1l2l3l1l2", "n" if n % 8 < 4 else "p", *["wait"] * (n % 3 == 0))
    ]
    notes = grid.evaluate(PRESS_AND_NOTE, keys)
    words = ("real", "bogus", "dipole")
    wanted = [
        (one["page"] * 6 + one["place"], words[int(one["key"]) - 1]) for one in notes if not one["isRefused"]
    ]
    notebook.wait_idle()
    grid.get_by_test_id("label-bar").locator(f"text={len({n for n, _ in wanted})} of 30").wait_for()
    assert len(notes) == 300
    assert 60 < len(wanted) < 300
    assert labels_in(path) == wanted


@pytest.mark.parametrize("width", [1000, 1900])
def test_a_click_on_a_lower_tile_keeps_it_in_view_with_the_inspector(show, notebook, width):
    before = notebook.page.viewport_size
    notebook.page.set_viewport_size({"width": width, "height": 900})
    try:
        grid = show("make(page_size=24)")
        wait_for_page(grid, 0)
        tile = grid.get_by_test_id("tile").nth(17)
        tile.scroll_into_view_if_needed()
        top = tile.bounding_box()["y"]
        tile.locator(".cw-head").click()
        grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
        home = tile.bounding_box()
        assert home["y"] >= 0
        assert home["y"] + home["height"] <= 900
        inspector = grid.get_by_test_id("inspector").bounding_box()
        assert inspector["y"] < 900 - 300, "most of it is in view"
        assert inspector["y"] + inspector["height"] > 300
        if width == 1900:
            assert abs(home["y"] - top) < 2, "beside the tiles it moves nothing under the pointer"
    finally:
        notebook.page.set_viewport_size(before)


def test_a_page_begins_at_its_top_with_the_cursor_on_the_first_source(show, notebook):
    grid = show("make(page_size=24)")
    wait_for_page(grid, 0)
    grid.focus()
    grid.press("End")
    grid.press("n")
    wait_for_page(grid, 1)
    first = grid.locator("[data-place='0'][data-current]").bounding_box()
    assert 0 <= first["y"] < 700


def test_select_all_acts_on_the_grid_while_it_has_the_focus(show, notebook):
    grid = show("make()")
    wait_for_page(grid, 0)
    grid.focus()
    grid.press("Control+a")
    assert grid.locator("[data-testid=tile][aria-selected=true]").count() == 6
    assert notebook.page.evaluate("() => getSelection().toString()") == ""


def test_labels_of_other_people_appear_automatically_with_their_names(show, tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = show(f"grid = make(labels=cw.LabelJournal({str(path)!r}, who='vera')); grid")
    wait_for_page(grid, 0)
    LabelJournal(path, who="vera").label(FIRST_ID, "real")
    LabelJournal(path, who="maria").label([FIRST_ID, FIRST_ID + 1], "bogus")
    second = grid.locator("[data-place='1']")
    second.get_by_test_id("who").get_by_text("maria").wait_for()
    assert second.get_by_test_id("label").inner_text().endswith("bogus")
    assert second.get_by_test_id("conflict").is_hidden()
    first = grid.locator("[data-place='0']").get_by_test_id("conflict")
    assert (first.is_visible(), first.get_attribute("title")) == (True, "vera: real")


def test_a_deleted_journal_is_reported_on_the_bar(show, tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = show(f"grid = make(labels={str(path)!r}); grid")
    wait_for_page(grid, 0)
    LabelJournal(path).label(FIRST_ID, "real")
    grid.locator("[data-place='0'] .cw-label:visible").wait_for()
    path.rename(tmp_path / "away.jsonl")
    problem = grid.get_by_test_id("label-problem")
    problem.get_by_text("was deleted").wait_for()
    (tmp_path / "away.jsonl").rename(path)
    problem.wait_for(state="hidden")


def test_an_id_typed_in_the_filter_shows_its_source(show, tmp_path):
    grid = show(f"grid = make(labels={str(tmp_path / 'l.jsonl')!r}, where='snr > 5'); grid")
    wait_for_page(grid, 0)
    field = grid.get_by_test_id("where")
    field.fill(str(FIRST_ID + 20))
    field.press("Enter")
    wait_for_page(grid, 2)
    assert grid.locator("[data-current]").get_attribute("data-id") == str(FIRST_ID + 20)
    assert field.input_value() == "snr > 5"
    field.fill(str(FIRST_ID + 2))
    field.press("Enter")
    grid.get_by_test_id("notice").get_by_text("does not pass the filter").wait_for()


def test_a_label_on_a_tile_is_whole_at_each_size_and_a_box_selects(show, notebook, tmp_path):
    path = tmp_path / "labels.jsonl"
    cell = f"grid = make(labels=cw.LabelJournal({str(path)!r}, who='vera')); grid.label_after_ms = 0; grid"
    grid = show(cell)
    wait_for_page(grid, 0)
    tile = grid.locator("[data-place='0']")
    tile.get_by_test_id("box").click()
    grid.get_by_test_id("selected").get_by_text("1 selected").wait_for()
    assert grid.get_by_test_id("inspector").is_hidden()
    grid.focus()
    grid.press("Escape")
    grid.press("2")
    label = tile.get_by_test_id("label")
    label.get_by_text("bogus").wait_for()
    three = ["template", "science", "difference"]
    for size, panels in ((48, three), (64, ["difference"]), (64, three), (112, ["difference"])):
        notebook.ask_kernel(f"grid.tile_size = {size}; grid.panels = {panels}")
        titles = " \u00b7 ".join(panels)
        grid.locator(f"[data-testid=legend]:text-is('{titles}')").wait_for()
        inner, outer = label.bounding_box(), tile.bounding_box()
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"], (size, panels)
        assert label.evaluate("one => one.scrollWidth <= one.clientWidth"), (size, panels)
