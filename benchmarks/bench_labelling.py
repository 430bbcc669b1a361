"""Keys a source, and sources a second, to label 480 sources by hand: a robot in Chromium, as an upper bound.

One source in ten is real. Three ways, none of which needs the mouse: a digit for each source; a digit for
the real ones, and Shift with a digit for the rest of the page (target: fewer than 1.2 keys a source);
or, sorted by a score that separates them, ranges are selected and labelled at once. The robot waits for
each page only, and knows at once what is real: a person is slower, with the same number of keys.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.browser import installed_chromium

N, PAGE, SHARE = 480, 24, 0.1
ASKED = 1.2

CELL = f"""
import numpy as np, os
import cutout_widgets as cw
from cutout_widgets.testing import make_wcs
N = {N}
score = np.arange(N) / N
table = {{"diaSourceId": np.arange(N) + 1, "ra": np.full(N, 53.0), "dec": np.full(N, -28.0), "score": score}}
images = cw.ArrayImages.from_stamps(
    np.arange(N) + 1, *np.random.default_rng(1).normal(size=(3, N, 30, 30)).astype(np.float32)
)
grid = cw.CutoutGrid(table, images, 30, page_size={PAGE}, labels="PATH", label_after_ms=0, snapshot=False)
grid
"""

ROBOT = """async (one, pages) => {
    const ready = async () => {
        while (one.dataset.state !== 'ready') await new Promise((resolve) => setTimeout(resolve, 1));
    };
    await ready();
    const start = performance.now();
    let n = 0;
    for (const [page, keys] of pages.entries()) {
        while (Number(one.dataset.page) !== page) await new Promise((resolve) => setTimeout(resolve, 1));
        await ready();
        for (const key of keys) {
            const parts = key.split('+');
            one.dispatchEvent(new KeyboardEvent('keydown', {
                key: parts.at(-1), code: { '!': 'Digit1', '@': 'Digit2' }[parts.at(-1)] ?? '',
                shiftKey: parts.includes('Shift'), bubbles: true, cancelable: true }));
            n++;
        }
    }
    while (one.dataset.unsaved !== undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    return [n, (performance.now() - start) / 1000];
}"""
"""Press the keys of each page once it is there, and return how many there were and how long that took.

Shift with 1 is the key `!`, with 2 `@`, as on an American keyboard."""


def one_by_one(is_real: Any, columns: int) -> list[str]:
    """Return the keys of a page: a digit for each source; the cursor advances automatically."""
    del columns
    return ["1" if real else "2" for real in is_real]


def rest_of_page(is_real: Any, columns: int) -> list[str]:
    """Return the keys of a page: go to each real source, then label the rest."""
    keys, at = [], 0
    for place in np.flatnonzero(is_real).tolist():
        keys += [*way(at, place, columns), "1"]
        at = next_free(place, is_real)
    return [*keys, "Shift+@"]


def ranges(is_real: Any, columns: int) -> list[str]:
    """Return the keys of a page in the order of a score: all of one kind at once, or two runs."""
    del columns
    if is_real.all() or not is_real.any():
        return ["Shift+!" if is_real.all() else "Shift+@"]
    first = int(np.flatnonzero(is_real)[0])
    return [*["Shift+ArrowRight"] * (first - 1), "2", "Escape", "Shift+!"]


def way(start: int, place: int, columns: int) -> list[str]:
    """Return the fewest arrow keys from one place to another."""
    (y0, x0), (y1, x1) = divmod(start, columns), divmod(place, columns)
    along = place - start  # left and right continue in the next row
    across = ["ArrowDown" if y1 > y0 else "ArrowUp"] * abs(y1 - y0)
    across += ["ArrowRight" if x1 > x0 else "ArrowLeft"] * abs(x1 - x0)
    straight = ["ArrowRight" if along > 0 else "ArrowLeft"] * abs(along)
    return min(across, straight, key=len)


def next_free(place: int, is_real: Any) -> int:
    """Return the cursor position after a label: the next source, since later ones are unlabelled."""
    return min(place + 1, len(is_real) - 1)


def main() -> None:
    """Print keys a source and sources a second of each way."""
    chromium = installed_chromium()
    if chromium is None:
        return
    from tests.browser.lab import open_lab, wait_for_page

    random = np.random.default_rng(7).random(N) < SHARE
    by_score = np.arange(N) >= N * (1 - SHARE)
    ways = (("one by one", one_by_one, random), ("rest of the page", rest_of_page, random),
            ("ranges of a score", ranges, by_score))  # fmt: skip
    print(f"{'':>20} {'keys/source':>12} {'sources/s':>10}   (asked: under {ASKED} keys for the second)")
    with tempfile.TemporaryDirectory() as folder, open_lab(Path(folder), chromium) as lab:
        for name, plan, is_real in ways:
            path = Path(folder) / f"{plan.__name__}.jsonl"
            lab.open([CELL.replace("PATH", str(path))])
            grid = lab.cutouts()
            wait_for_page(grid, 0)
            tops = [one.bounding_box()["y"] for one in grid.get_by_test_id("tile").all()]
            columns = sum(top == tops[0] for top in tops)
            pages = [plan(is_real[at : at + PAGE], columns) for at in range(0, N, PAGE)]
            n_keys, seconds = grid.evaluate(ROBOT, pages)
            labels = json.loads(lab.ask_kernel("import json; print(json.dumps(list(grid.labels['label'])))"))
            ids = json.loads(lab.ask_kernel("print(json.dumps([int(i) for i in grid.labels['id']]))"))
            wrong = sum((label == "real") != is_real[id - 1] for id, label in zip(ids, labels, strict=True))
            print(f"{name:>20} {n_keys / N:>12.2f} {N / seconds:>10.0f}   {len(ids)} labelled, {wrong} wrong")
            lab.close_notebook()


if __name__ == "__main__":
    main()
