"""A thousand fast presses of n and p by a robot in Chromium: time to the right page, number of messages.

At full speed, and at 30 ms a key, as fast as a held key repeats. Targets: the right page within half a
second of the last key; fewer than ten messages to the kernel at full speed, and fewer than one for each
page that was shown at 30 ms.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.browser import installed_chromium

N, PAGE, KEYS = 2400, 24, 1000

CELL = f"""
import numpy as np
import cutout_widgets as cw
N = {N}
table = {{"diaSourceId": np.arange(N) + 1, "ra": np.full(N, 53.0), "dec": np.full(N, -28.0)}}
images = cw.ArrayImages.from_stamps(
    np.arange(N) + 1, *np.random.default_rng(1).normal(size=(3, N, 30, 30)).astype(np.float32)
)
grid = cw.CutoutGrid(table, images, 30, page_size={PAGE}, snapshot=False)
asked = []
grid.on_msg(lambda _, content, buffers: asked.append(content.get("purpose", content["kind"])))
grid
"""

COUNTED = "import collections, json; print(json.dumps(collections.Counter(asked)))"

ROBOT = """async (one, [keys, pauseMs, page]) => {
    let shown = 0;
    let before = one.dataset.page;
    const watch = new MutationObserver(() => {
        if (one.dataset.page === before) return;
        before = one.dataset.page;
        shown++;
    });
    watch.observe(one, { attributes: true });
    const start = performance.now();
    for (const [i, key] of keys.entries()) {
        one.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        const due = start + (i + 1) * pauseMs;
        if (pauseMs > 0) while (performance.now() < due)
            await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    }
    const last = performance.now();
    while (one.dataset.state !== 'ready' || Number(one.dataset.page) !== page) {
        if (performance.now() - last > 20000) return [-1, shown, Number(one.dataset.page)];
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    watch.disconnect();
    return [performance.now() - last, shown, Number(one.dataset.page)];
}"""
"""Press the keys; how many ms after the last one the wanted page was there, pages shown, the last page.

A page is shown when its tiles are, also where the next one is wanted already.
"""


def main() -> None:
    """Print the time to the right page, and the number of messages."""
    chromium = installed_chromium()
    if chromium is None:
        return
    from tests.browser.lab import open_lab, wait_for_page

    keys = np.where(np.random.default_rng(7).random(KEYS) < 0.6, "n", "p").tolist()
    with tempfile.TemporaryDirectory() as folder, open_lab(Path(folder), chromium) as lab:
        print(f"{'a key':>12} {'right page after':>17} {'messages':>9} {'pages shown':>12}")
        for pause_ms in (0, 30):
            lab.open([CELL])
            grid = lab.cutouts()
            wait_for_page(grid, 0)
            page = 0
            for key in keys:
                page = min(N // PAGE - 1, max(0, page + (1 if key == "n" else -1)))
            lab.ask_kernel("asked.clear(); print()")
            late_ms, shown, at = grid.evaluate(ROBOT, [keys, pause_ms, page])
            kinds = json.loads(lab.ask_kernel(COUNTED))
            messages = sum(kinds.values())
            late = f"{late_ms:.0f} ms" if late_ms >= 0 else f"never: page {at}, not {page}"
            pace = f"{pause_ms} ms" if pause_ms else "full speed"
            print(f"{pace:>12} {late:>17} {messages:>9} {shown:>12}   {kinds}")
            lab.close_notebook()


if __name__ == "__main__":
    main()
