"""Turning pages by key in JupyterLab: from the key until the canvases are drawn, and until they are painted.

Pages of 24 triplets of 64 x 64 in memory. Forwards the next page has been read ahead; backwards each page is
requested from the kernel. Two controls in the same run say what the machine, Chromium and Jupyter take alone:
72 bare canvases painted at a key, and a bare anywidget that answers with as many bytes as a page has.
At last pages are turned back to back, each painted before the next key.
"""

from __future__ import annotations

import os
import time
from statistics import median

from benchmarks.browser import installed_chromium

TILES, SIDE, PAGES, TURNS = 24, 64, 60, 24
PAUSE_S = 0.5
ASKED_MS = {"n": 17, "p": 34}

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
grid = cw.CutoutGrid(rows, images, {SIDE}, page_size={TILES}, page=FIRST)
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

    def show(page: Page, server: JupyterServer, first: int) -> None:
        """Show a new grid with this page in JupyterLab."""
        open_notebook(page, server, CELL.replace("FIRST", str(first)), f"window.echo_ && {GRID}")
        page.evaluate(WATCH)
        page.evaluate(f"{GRID}.scrollIntoView(); {GRID}.focus()")

    def turned(page: Page, key: str) -> tuple[float, float]:
        """Press a key often; return the median times until the canvases were drawn, and painted."""
        page.evaluate("window.turns_.splice(0)")
        for done in range(1, TURNS + 1):
            page.press(key)
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
            tell(f"{TILES * 3} bare canvases of {SIDE}x{SIDE}", turned(page, "n"))
            print(f"  {'the same back to back':50s} {page.evaluate(BACK_TO_BACK):.0f} a second")
            show(page, server, first=PAGES - 1)
            echoed: list[float] = []
            for _ in range(TURNS):
                echoed.append(page.evaluate(ECHO))
                time.sleep(PAUSE_S)
            size = TILES * 3 * SIDE**2 / 1e3
            print(f"  {f'a bare anywidget answers with {size:.0f} kB':50s} after {median(echoed):.1f} ms")
            for key, what in (("p", "not read ahead"), ("n", "read ahead")):
                times = turned(page, key)
                tell(f"a page that was {what}", times, f"   (asked: {ASKED_MS[key]})")
        with chromium(folder / "again") as page:
            show(page, server, first=0)
            speed = page.evaluate(BACK_TO_BACK)
            print(f"  {'new pages back to back':50s} {speed:.0f} a second   (asked: 30)")
    print(f"  load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
