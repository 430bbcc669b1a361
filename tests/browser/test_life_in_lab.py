"""The grid in a real JupyterLab with slow stores, repeated views and restarts."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import PREPARED
from .lab import KERNELS, wait_for_page

FIRST_ID = 2**53 + 1


def ids(grid: Any) -> list[int]:
    return [int(one.get_attribute("data-id")) - FIRST_ID for one in grid.get_by_test_id("tile").all()]


def test_after_a_restart_the_old_output_says_so_and_keeps_its_tiles(show, notebook):
    grid = show("grid = make(); grid")
    wait_for_page(grid, 0)
    grid.get_by_test_id("next").click()
    wait_for_page(grid, 1)
    notebook.restart_kernel()
    wait_for_page(grid, 1, state="disconnected")
    assert "Disconnected" in grid.get_by_test_id("status").inner_text()
    assert "Run the cell again" in grid.get_by_test_id("status").inner_text()
    assert ids(grid) == [6, 7, 8, 9, 10, 11]
    assert grid.locator("[data-pixels=ready] canvas").count() == 18
    assert grid.get_by_test_id("next").is_disabled()
    grid.get_by_test_id("tile").first.click()  # must not throw
    notebook.run_all()
    wait_for_page(notebook.cutouts(), 0)
    assert notebook.cutouts().get_by_test_id("status").is_hidden()


def test_a_slow_store_does_not_block_the_interface_and_a_page_left_early_is_cancelled(show, notebook):
    grid = show("slow = SlowImages(images, is_open=True); grid = make(slow); grid")
    wait_for_page(grid, 0)
    notebook.ask_kernel("grid.page; slow.wait_until_asked(18); slow.shut()")  # pages 1 and 2 were read ahead
    assert notebook.ask_kernel("print(len(slow.answered))") == "18"
    grid.get_by_test_id("page").fill("4")
    grid.get_by_test_id("page").press("Enter")
    grid.locator("[data-place='0'][data-waiting]").wait_for()  # its ids are there, its images are not
    assert ids(grid) == [18, 19, 20, 21, 22, 23]
    assert notebook.ask_kernel("print(slow.wait_until_asked(19))") == "True"
    # Alive: colours change, a page that is known comes at once, a click inspects.
    grid.get_by_test_id("page").fill("1")
    grid.get_by_test_id("page").press("Enter")
    wait_for_page(grid, 0)
    assert ids(grid) == [0, 1, 2, 3, 4, 5]
    grid.get_by_test_id("colormap").select_option("viridis")
    grid.get_by_test_id("tile").nth(1).click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    # Rows 24 to 29 are a page of their own, around which nothing is read ahead.
    notebook.ask_kernel("slow.open(); grid.where = 'snr >= 24'")
    grid.locator(f"[data-place='0'][data-id='{FIRST_ID + 24}']:not([data-waiting])").wait_for()
    asked = notebook.ask_kernel("print([int(i) - FIRST for i in slow.asked])")
    read = [int(one) for one in asked.strip("[]").split(",")]
    assert read.count(18) == 1
    assert 19 not in read, "the page that was left stopped after the row it was at"
    assert read[-6:] == [24, 25, 26, 27, 28, 29]


def test_pages_can_be_turned_while_a_cell_is_running(notebook):
    notebook.open(
        [PREPARED, "grid = make(); grid", "while not os.path.exists('go'): time.sleep(0.01)"], run=False
    )
    notebook.start_all()
    grid = notebook.cutouts()
    wait_for_page(grid, 0)
    grid.get_by_test_id("next").click()
    wait_for_page(grid, 1)
    prompts = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-InputArea-prompt")
    assert prompts.last.inner_text() == "[*]:", "the cell is still running"
    notebook.server.api("PUT", "/api/contents/go", {"type": "file", "format": "text", "content": ""})
    notebook.wait_idle()


HOLD = """
import ctypes, sys
print("holding")
for _ in range(5):  # each turn lets the thread that sends it go on a little
    sys.stdout.flush()
ctypes.PyDLL(None).usleep(4_000_000)  # PyDLL keeps the interpreter's lock: no other thread runs meanwhile
"""


def test_while_the_kernel_holds_its_lock_the_grid_says_so_within_a_second_and_keeps_the_keys(notebook):
    notebook.open([PREPARED, "grid = make(page_size=2); grid"])
    grid = notebook.cutouts()
    wait_for_page(grid, 0)
    page = notebook.page
    page.evaluate(
        """(code) => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            window.held = new Promise((done) => {
                const future = kernel.requestExecute({ code, store_history: false });
                future.onIOPub = (said) => { if (said.header.msg_type === 'stream') done(true); };
            });
        }""",
        HOLD,
    )
    page.evaluate("() => window.held")
    waited_ms = grid.evaluate(
        """async (one) => {
            const press = (key) => one.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
            for (let i = 0; i < 7; i++) press('n');  // beyond what was read ahead
            const [start, sign] = [performance.now(), one.querySelector('[data-testid=status]')];
            while (!sign.checkVisibility() && performance.now() - start < 3000)
                await new Promise(requestAnimationFrame);
            return performance.now() - start;
        }"""
    )
    assert waited_ms < 1500, "a second, and half of one for a slow machine"
    assert "busy" in grid.get_by_test_id("status").inner_text()
    wait_for_page(grid, 7)
    assert grid.get_by_test_id("status").is_hidden()
    assert ids(grid) == [14, 15]
    assert notebook.ask_kernel("print(grid.page)") == "7"


def test_two_views_of_one_grid_turn_together(show, notebook):
    first = show("grid = make(); grid", "grid")
    second = notebook.cutouts(1)
    wait_for_page(first, 0)
    wait_for_page(second, 0)
    second.get_by_test_id("next").click()
    wait_for_page(first, 1)
    wait_for_page(second, 1)
    assert ids(first) == ids(second) == [6, 7, 8, 9, 10, 11]
    first.get_by_test_id("tile").nth(2).click(modifiers=["Control"])
    second.locator("[data-place='2'][aria-selected=true]").wait_for()


def test_two_grids_on_a_page_share_nothing(show, notebook):
    first = show("one = make(); one", "other = make(sort='-snr'); other")
    second = notebook.cutouts(1)
    wait_for_page(first, 0)
    wait_for_page(second, 0)
    second.get_by_test_id("next").click()
    wait_for_page(second, 1)
    assert ids(first) == [0, 1, 2, 3, 4, 5]
    assert ids(second) == [23, 22, 21, 20, 19, 18]
    first.get_by_test_id("tile").first.click()
    first.locator("[data-testid=inspector][data-state=ready]").wait_for()
    assert second.get_by_test_id("inspector").is_hidden()


def test_many_quick_clicks_end_on_the_right_page(show, notebook):
    grid = show("grid = make(page_size=1); grid")
    wait_for_page(grid, 0)
    grid.evaluate(
        """(one) => {
            const next = one.querySelector('[data-testid=next]');
            const previous = one.querySelector('[data-testid=previous]');
            for (let i = 0; i < 500; i++) (i % 3 === 2 ? previous : next).click();
        }"""
    )
    wanted = int(grid.get_attribute("data-wanted"))
    wait_for_page(grid, wanted)
    # The kernel hears of a page the view had kept a moment later.
    told = f"""
import threading
there = threading.Event()
grid.observe(lambda change: there.set() if change['new'] == {wanted} else None, 'page')
print(grid.page == {wanted} or there.wait(20))"""
    assert notebook.ask_kernel(told) == "True"


def test_a_reopened_notebook_shows_the_saved_page(show, notebook):
    grid = show("grid = make(); grid")
    wait_for_page(grid, 0)
    notebook.save_and_reopen()
    grid = notebook.cutouts()
    wait_for_page(grid, 0, state="disconnected")
    assert ids(grid) == [0, 1, 2, 3, 4, 5]
    assert grid.locator("[data-pixels=ready] canvas").count() == 18


def test_a_reopened_notebook_shows_the_saved_page_filter_and_labels(show, notebook):
    grid = show("grid = make(labels='kept.jsonl', sort='-snr', label_after_ms=0); grid")
    wait_for_page(grid, 0)
    grid.get_by_test_id("where").fill("snr >= 10")
    grid.get_by_test_id("where").press("Enter")
    grid.get_by_test_id("next").click()
    wait_for_page(grid, 1)
    grid.get_by_test_id("tile").first.click()
    grid.press("1")
    kept = """
import threading
there = threading.Event()
is_kept = lambda page: page['target'] == grid._target and page['tiles'][0]['label'] == 'real'
grid.observe(lambda change: there.set() if is_kept(change['new']) else None, 'snapshot')
print(is_kept(grid.snapshot) or there.wait(20))"""
    assert notebook.ask_kernel(kept) == "True"
    notebook.save_and_reopen()
    grid = notebook.cutouts()
    wait_for_page(grid, 1, state="disconnected")
    assert ids(grid) == [23, 22, 21, 20, 19, 18]
    assert grid.get_by_test_id("where").input_value() == "snr >= 10"
    assert grid.get_by_test_id("page").input_value() == "2"
    assert grid.locator("[data-place='0'][data-label=real]").count() == 1
    grid.get_by_test_id("tile").nth(1).click()
    assert "there is no kernel" in grid.get_by_test_id("notice").inner_text()


@pytest.mark.skipif(not KERNELS, reason="paths may be too long for sockets")
def test_kernels_have_no_tcp_ports_which_something_else_could_take_while_they_start(notebook):
    notebook.open([])
    assert (
        notebook.ask_kernel(
            "import ipykernel\nprint(ipykernel.get_connection_info(unpack=True)['transport'])"
        )
        == "ipc"
    )
