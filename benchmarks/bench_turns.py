"""Turns of a saved page of 24 triplets of 64x64 in Chromium, without a kernel: script, layout and memory.

One turn after the other, each painted before the next. Target: 30 a second; on a busy machine the CPU time
of a turn is the better measure. Then 500 turns. Target: the heap of the tab does not grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import scratch_folder

TILES, SIDE, PAGES = 24, 64, 12
TURNS, MANY, ASKED = 60, 500, 30

TURN = """async (grid, [turns, pages]) => {
    const frame = () => new Promise(requestAnimationFrame);
    const at = () => Number(grid.dataset.page);
    let key = 'n';
    const start = performance.now();
    for (let turn = 0; turn < turns; turn++) {
        if (at() === pages - 1) key = 'p';
        if (at() === 0) key = 'n';
        const before = at();
        grid.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        while (at() === before || grid.dataset.state !== 'ready') await frame();
        await frame();
    }
    return performance.now() - start;
}"""


def write_page(path: Path) -> None:
    """Write a page with several pages of noise and a source in the middle."""
    import cutout_widgets as cw
    from cutout_widgets.testing import make_wcs

    n = TILES * PAGES
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    noise = np.random.default_rng(2).normal(0, 5, (3, n, SIDE, SIDE))
    stacks = (noise + 500 * np.exp(-(x**2 + y**2) / 8)).astype(np.float32)
    ids = np.arange(n) + 169298432598474793
    rows = {
        "diaSourceId": ids,
        "ra": np.full(n, 53.0),
        "dec": np.full(n, -28.0),
        "band": np.array(["g", "r", "i"])[np.arange(n) % 3],
        "snr": np.linspace(5, 50, n),
        "reliability": np.linspace(0, 1, n),
        "pixelFlags_cr": np.arange(n) % 5 == 0,
        "isDipole": np.arange(n) % 7 == 0,
    }
    images = cw.ArrayImages.from_stamps(ids, *stacks, wcs=make_wcs(at=(32, 32)))
    grid = cw.CutoutGrid(rows, images, SIDE, page_size=TILES)
    grid.to_html(path, pages=PAGES)
    grid.close()


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a saved page; yield its grid and the developer tools of the tab."""
    from playwright.sync_api import sync_playwright
    from tests.browser.lab import find_chromium

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1500, "height": 900})
            page.goto(path.as_uri())
            grid = page.locator("[data-state=ready][data-page='0']").first
            grid.wait_for(state="attached")
            handle = grid.element_handle()
            devtools = page.context.new_cdp_session(page)
            devtools.send("Performance.enable", {"timeDomain": "threadTicks"})  # CPU time, not wall time
            yield handle, devtools
        finally:
            browser.close()


def metrics(devtools: Any) -> dict[str, float]:
    """Return the tab's counters: CPU seconds of its thread, and bytes in use after garbage collection."""
    devtools.send("HeapProfiler.collectGarbage")
    return {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}


def measured(grid: Any, devtools: Any) -> dict[str, float]:
    """Turn pages; return turns per second and the milliseconds per turn by kind of work."""
    before = metrics(devtools)
    spent_ms = grid.evaluate(TURN, [TURNS, PAGES])
    after = metrics(devtools)
    kinds = {name: f"{name}Duration" for name in ("Task", "Script", "Layout", "RecalcStyle")}
    found = {what: 1e3 * (after[name] - before[name]) / TURNS for what, name in kinds.items()}
    return {
        "turns a second": 1e3 * TURNS / spent_ms,
        **found,
        "layouts": (after["LayoutCount"] - before["LayoutCount"]) / TURNS,
    }


def main() -> None:
    try:
        from tests.browser.lab import find_chromium
    except ImportError:
        print("  skipped: playwright is not installed")
        return
    if find_chromium() is None:
        print("  skipped: there is no Chromium")
        return
    with scratch_folder() as folder:
        path = folder / "page.html"
        write_page(path)
        with opened(path) as (grid, devtools):
            grid.evaluate(TURN, [2 * PAGES, PAGES])  # not counted
            found = measured(grid, devtools)
            print(f"  {found.pop('turns a second'):.0f} turns a second, each painted   (asked: {ASKED})")
            layouts = found.pop("layouts")
            words = ", ".join(f"{what} {ms:.1f}" for what, ms in found.items())
            print(f"    of a turn in ms of CPU: {words}; {layouts:.1f} layouts")
            before = metrics(devtools)
            grid.evaluate(TURN, [MANY, PAGES])
            after = metrics(devtools)
            grown = (after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / 1e6
            held, nodes = after["JSHeapUsedSize"] / 1e6, after["Nodes"] - before["Nodes"]
            listeners = after["JSEventListeners"] - before["JSEventListeners"]
            print(f"  {MANY} turns more: {grown:+.2f} MB in the tab's heap of {held:.1f} MB, "
                  f"{nodes:+.0f} nodes, {listeners:+.0f} listeners")  # fmt: skip


if __name__ == "__main__":
    main()
