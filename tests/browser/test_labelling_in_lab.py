"""Labelling by hand in a real JupyterLab: no label lands on a source that was not seen."""

from __future__ import annotations

import json
from typing import Any

from .lab import wait_for_page

FIRST_ID = 2**53 + 1

PRESS_AND_NOTE = """async (one, keys) => {
    const notes = [];
    for (const key of keys) {
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
"""Press keys without a pause; note for each digit its place on which page, and whether it was refused."""


def labels_in(path: Any) -> list[tuple[int, str]]:
    """Return what was labelled, in order: which source, counted from 0, and the label."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [(int(one["id"]) - FIRST_ID, one["label"]) for one in lines if "label" in one and "id" in one]


def test_digits_typed_before_a_slow_page_is_there_label_nothing(show, notebook, tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = show(f"slow = SlowImages(images, is_open=True); grid = make(slow, labels={str(path)!r}); grid")
    wait_for_page(grid, 0)
    notebook.ask_kernel("slow.wait_until_asked(12); slow.shut()")  # page 1 was read ahead
    grid.focus()
    for key in ("n", "n", "n", "1"):
        grid.press(key)
    assert "not labelled" in grid.get_by_test_id("notice").inner_text()
    assert grid.get_attribute("data-pending") is not None
    assert grid.get_by_test_id("tiles").evaluate("(one) => getComputedStyle(one).cursor") == "progress"
    notebook.ask_kernel("slow.open()")
    wait_for_page(grid, 3)
    notebook.page.wait_for_timeout(300)  # a source takes a label after it was seen for 100 ms
    grid.press("1")
    grid.locator("[data-place='0'] .cw-label:visible").wait_for()
    assert labels_in(path) == [(18, "real")]


def test_labels_at_machine_speed_lie_where_the_keys_were_pressed(show, notebook, tmp_path):
    path = tmp_path / "labels.jsonl"
    grid = show(f"grid = make(labels={str(path)!r}); grid.label_after_ms = 0; grid")
    wait_for_page(grid, 0)
    keys = [key for n in range(60) for key in (*"1l2l3l1l2", "n" if n % 8 < 4 else "p")]
    notes = grid.evaluate(PRESS_AND_NOTE, keys)
    words = ("real", "bogus", "unsure")
    wanted = [
        (one["page"] * 6 + one["place"], words[int(one["key"]) - 1]) for one in notes if not one["isRefused"]
    ]
    notebook.wait_idle()
    expected = f"""
import time
end = time.monotonic() + 10
while len(open({str(path)!r}).readlines()) < {len(wanted)} and time.monotonic() < end: time.sleep(0.05)
"""
    notebook.ask_kernel(expected)
    assert len(notes) == 300
    assert len(wanted) > 20
    assert labels_in(path) == wanted
