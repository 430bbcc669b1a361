"""A robot labels ten sources a second while the kernel is killed twice: no confirmed label is lost.

``CUTOUT_WIDGETS_ROBOT=300`` sets the number of labels; the default is lower, to be quick.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from cutout_widgets.labels import LabelJournal

from .conftest import PREPARED
from .lab import Lab, wait_for_page

N_LABELS = int(os.environ.get("CUTOUT_WIDGETS_ROBOT", "60"))
WORDS = ("real", "bogus", "dipole", "unsure")


def run_again(notebook: Lab) -> Any:
    """Wait for the kernel that Jupyter starts in place of the killed one, and run all cells."""
    dialog = notebook.page.locator(".jp-Dialog button").first
    dialog.wait_for()
    dialog.click()
    notebook.wait_idle()
    notebook.run_all()
    grid = notebook.cutouts()
    wait_for_page(grid, 0)
    grid.focus()
    notebook.page.wait_for_timeout(300)  # a source takes a label after it was seen for 100 ms
    return grid


def type_labels(grid: Any, n: int, first: int) -> list[tuple[int, str]]:
    """Type labels, ten a second; return the cursor positions and the labels that were accepted."""
    return [
        (int(one["id"]), WORDS[one["digit"]])
        for one in grid.evaluate(
            """async (one, [n, first]) => {
                const typed = [], notice = one.querySelector('[data-testid=notice]');
                while (typed.length < n) {
                    const before = notice.dataset.number, digit = (first + typed.length) % 4;
                    const id = one.querySelector('[data-current]').dataset.id;
                    one.dispatchEvent(new KeyboardEvent('keydown',
                        { key: String(digit + 1), bubbles: true, cancelable: true }));
                    if (notice.dataset.number === before || notice.dataset.kind !== 'refused')
                        typed.push({ id, digit });
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                return typed;
            }""",
            [n, first],
        )
    ]


def wait_saved(grid: Any) -> None:
    grid.and_(grid.page.locator(":not([data-unsaved])")).wait_for(state="attached")


def in_file(path: Path) -> list[tuple[int, str]]:
    return [(one.id, one.label) for one in LabelJournal(path).history()]


def test_no_confirmed_label_is_lost_when_the_kernel_is_killed(notebook, tmp_path):
    path = tmp_path / "labels.jsonl"
    prepared = PREPARED.replace("N, SIDE, FIRST = 30", f"N, SIDE, FIRST = {6 * N_LABELS}")
    show = f"grid = make(page_size=12, labels={str(path)!r}, where='label.isna()', snapshot=False); grid"
    notebook.open([prepared, show])
    grid = notebook.cutouts()
    wait_for_page(grid, 0)
    grid.focus()
    notebook.page.wait_for_timeout(300)
    confirmed: list[tuple[int, str]] = []
    for _ in range(2):
        pid = int(notebook.ask_kernel("print(os.getpid())"))
        confirmed += type_labels(grid, N_LABELS // 3, len(confirmed))
        unsaved = int(grid.get_attribute("data-unsaved") or 0)
        os.kill(pid, signal.SIGKILL)
        sure = confirmed[: len(confirmed) - unsaved]
        grid = run_again(notebook)
        found = in_file(path)
        assert found[: len(sure)] == sure
        assert len(found) <= len(confirmed)
        confirmed = found
    confirmed += type_labels(grid, N_LABELS - len(confirmed), len(confirmed))
    wait_saved(grid)
    assert in_file(path) == confirmed
    assert len({id for id, _ in confirmed}) == N_LABELS, "each label was for a source of its own"
    for _ in range(20):
        grid.press("u")
    wait_saved(grid)
    assert in_file(path) == confirmed[:-20]
    for _ in range(10):
        grid.press("Shift+U")
    wait_saved(grid)
    assert sorted(in_file(path)) == sorted(confirmed[:-10])
