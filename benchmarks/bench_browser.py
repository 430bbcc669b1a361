"""Turning pages by key in JupyterLab: from the key until the canvases are drawn, and until they are painted.

Pages of 24 triplets of 64 x 64 in memory. The next page has been read ahead; the third next, whose number is
typed into the toolbar, is requested from the kernel. Two controls in the same run say what the machine,
Chromium and Jupyter take alone: 72 bare canvases painted at a key, and a bare anywidget that answers with as
many bytes as a page has. At last pages are turned back to back, each painted before the next key.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from itertools import chain, repeat
from statistics import median

from benchmarks.browser import installed_chromium

TILES, SIDE, PAGES, TURNS = 24, 64, 80, 24
PAUSE_S = 0.5
ASKED_MS = {"read ahead": 17, "not read ahead": 34}

CELL = f"""
import anywidget
import numpy as np
import cutout_widgets as cw
from IPython.display import display

class Echo(anywidget.AnyWidget):
    _esm = '''
    export default {{ render({{ model }}) {{
      window.echo_ = () => new Promise((resolve) => {{
        const arrived = () => {{ model.off("msg:custom", arrived); resolve(); }};
        model.on("msg:custom", arrived);
        model.send({{}});
      }});
    }} }};
    '''

echo = Echo()
echo.comm._reply_subshell_for = None  # as the grid does
echo.on_msg(lambda one, content, buffers: one.send({{}}, [bytes({TILES * 3 * SIDE**2})]))
display(echo)

n = {TILES * PAGES}
rows = {{
    "diaSourceId": np.arange(n) + 169298432598474793,
    "ra": np.full(n, 53.0),
    "dec": np.full(n, -28.0),
    "band": np.array(["g", "r", "i"])[np.arange(n) % 3],
    "snr": np.linspace(5, 50, n),
    "pixelFlags_cr": np.arange(n) % 5 == 0,
}}
stacks = np.random.default_rng(1).normal(size=(3, n, {SIDE}, {SIDE})).astype(np.float32)
images = cw.ArrayImages.from_stamps(rows["diaSourceId"], *stacks)
grid = cw.CutoutGrid(rows, images, {SIDE}, page_size={TILES})
grid
"""

GRID = "document.querySelector('[data-state=ready][data-page]')"

WATCH = """
window.turns_ = [];
const painted = (then) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = then;
  channel.port2.postMessage(0);
});
const noted = (start) => {
  const drawn = performance.now() - start;
  painted(() => window.turns_.push([drawn, performance.now() - start]));
};
addEventListener("keydown", (event) => {
  if (window.canvases_) {
    for (const one of window.canvases_) {
      const pixels = new ImageData(one.width, one.height);
      pixels.data.fill(event.timeStamp % 255);
      one.getContext("2d").putImageData(pixels, 0, 0);
    }
    noted(event.timeStamp);
    return;
  }
  const grid = document.querySelector("[data-state][data-page]");
  const from = grid.dataset.page;
  const watch = new MutationObserver(() => {
    if (grid.dataset.page === from || grid.dataset.state !== "ready") return;
    watch.disconnect();
    noted(event.timeStamp);
  });
  watch.observe(grid, { attributes: true });
}, { capture: true });
"""
"""Record for each key when the grid says that the canvases are drawn, and the end of the next frame."""

FIELD = "document.querySelector('[data-testid=page]')"

BARE = f"""
document.body.innerHTML = "";
document.body.style.cssText = "display: grid; grid-template-columns: repeat(18, 70px)";
window.canvases_ = Array.from({{ length: {TILES * 3} }}, () =>
  document.body.appendChild(document.createElement("canvas")));
for (const one of window.canvases_) one.width = one.height = {SIDE};
"""

BACK_TO_BACK = f"""(async () => {{
  const target = document.querySelector("[data-state][data-page]") ?? document.body;
  window.turns_.splice(0);
  const start = performance.now();
  for (let done = 1; done <= {TURNS}; done++) {{
    target.dispatchEvent(new KeyboardEvent("keydown", {{ key: "n", bubbles: true, cancelable: true }}));
    while (window.turns_.length < done) await new Promise((resolve) => setTimeout(resolve, 1));
  }}
  return 1e3 * {TURNS} / (performance.now() - start);
}})()"""
"""Press the key again as soon as a page is painted; return pages a second."""

ECHO = """(async () => {
  const start = performance.now();
  await window.echo_();
  return performance.now() - start;
})()"""


def main() -> None:
    if installed_chromium() is None:
        return
    from tests.browser.lab import JupyterServer

    from benchmarks.devtools import Page, chromium, jupyter, open_notebook

    def show(page: Page, server: JupyterServer) -> None:
        """Show a new grid in JupyterLab."""
        open_notebook(page, server, CELL, f"window.echo_ && {GRID}")
        page.evaluate(WATCH)
        page.evaluate(f"{GRID}.scrollIntoView(); {GRID}.focus()")

    def type_number(page: Page, number: int) -> None:
        page.evaluate(f"{FIELD}.focus(); {FIELD}.select()")
        page.type(str(number))

    def turned(page: Page, numbers: Iterable[int] = ()) -> tuple[float, float]:
        """Press n, or type page numbers; return the medians until the canvases were drawn, and painted."""
        page.evaluate("window.turns_.splice(0)")
        for done, number in zip(range(1, TURNS + 1), chain(numbers, repeat(None)), strict=False):
            if number is not None:
                type_number(page, number)
                time.sleep(PAUSE_S)
            page.press("n" if number is None else "Enter")
            page.wait(f"window.turns_.length >= {done}")
            time.sleep(PAUSE_S)
        drawn, painted = zip(*page.evaluate("window.turns_.splice(0)"), strict=True)
        return median(drawn), median(painted)

    def tell(what: str, times: tuple[float, float], asked: str = "") -> None:
        print(f"  {what:50s} drawn {times[0]:6.1f} ms, painted {times[1]:6.1f} ms{asked}")

    print(f"  load {os.getloadavg()[0]:.1f}")
    with jupyter() as (server, folder):
        with chromium(folder / "chromium") as page:
            page.call("Page.navigate", url="about:blank")
            page.wait("document.body")
            page.evaluate(BARE)
            page.evaluate(WATCH)
            tell(f"{TILES * 3} bare canvases of {SIDE}x{SIDE}", turned(page))
            print(f"  {'the same back to back':50s} {page.evaluate(BACK_TO_BACK):.0f} a second")
            show(page, server)
            echoed: list[float] = []
            for _ in range(TURNS):
                echoed.append(page.evaluate(ECHO))
                time.sleep(PAUSE_S)
            size = TILES * 3 * SIDE**2 / 1e3
            print(f"  {f'a bare anywidget answers with {size:.0f} kB':50s} after {median(echoed):.1f} ms")
            # Two pages are read ahead of each.
            for what, numbers in (("not read ahead", range(4, PAGES + 1, 3)), ("read ahead", ())):
                times = turned(page, numbers)
                tell(f"a page that was {what}", times, f"   (asked: {ASKED_MS[what]})")
                type_number(page, 1)
                page.press("Enter")
                page.wait(f"{GRID}?.dataset.page === '0'")
                page.evaluate(f"{GRID}.focus()")
                time.sleep(2)
        with chromium(folder / "again") as page:
            show(page, server)
            speed = page.evaluate(BACK_TO_BACK)
            print(f"  {'new pages back to back':50s} {speed:.0f} a second   (asked: 30)")
    print(f"  load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
