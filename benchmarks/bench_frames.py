"""Zoom, pan, contrast and the pixel cursor in the inspector: from the event to the frame that shows it.

Three panels of 120 x 120 pixels in a real JupyterLab. Of each event are measured the time from when Chromium
got it to the end of the frame that was painted after it (target: 17 ms, one frame), and the CPU time of the
page's main thread, which does not depend on what else the machine does. A page of three bare canvases,
drawn again at each event, says what Chromium alone takes.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from tests.browser.lab import JupyterServer

from benchmarks.devtools import Page, chromium, jupyter, open_notebook

ASKED_MS = 17.0
EVENTS = 60
SIDE = 120

CELL = f"""
import numpy as np
import cutout_widgets as cw
from cutout_widgets.testing import make_image, make_wcs
rows = {{"diaSourceId": [7], "ra": [53.0], "dec": [-28.0], "visit": [1], "detector": [0]}}
sky = make_wcs(at=({SIDE / 2}, {SIDE / 2}))
three = tuple(make_image(({SIDE}, {SIDE}), seed=k, wcs=sky) for k in range(3))
grid = cw.CutoutGrid(rows, cw.ArrayImages.from_images({{(1, 0): three}}), {SIDE})
grid.inspect(7)
grid
"""

WATCH = """
window.frames_ = [];
for (const kind of ["wheel", "pointermove"])
  addEventListener(kind, (event) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.frames_.push(performance.now() - event.timeStamp);
      channel.port2.postMessage(0);
    });
  }, { capture: true, passive: true });
"""

BARE = f"""
document.body.innerHTML = "<div id=box></div>";
const size = {SIDE * 4};
const box = document.getElementById("box");
box.style.cssText = "width: 1450px; height: 480px";
const all = [0, 1, 2].map(() => box.appendChild(document.createElement("canvas")));
for (const one of all) one.width = one.height = size;
const pixels = new ImageData({SIDE}, {SIDE});
const draw = (event) => {{
  event.preventDefault();
  pixels.data.fill(event.timeStamp % 255);
  for (const one of all) one.getContext("2d").putImageData(pixels, 0, 0);
}};
box.addEventListener("wheel", draw, {{ passive: false }});
box.addEventListener("pointermove", draw);
"""
"""Three canvases, and listeners of the same kinds as those of the inspector."""

READY = "document.querySelector('[data-testid=inspector][data-state=ready] [data-panel=science] .cw-frame')"


def opened(page: Page, server: JupyterServer) -> dict[str, float]:
    """Show the grid in JupyterLab; return where the science panel of the inspector is."""
    open_notebook(page, server, CELL, READY)
    page.evaluate(f"{READY}.scrollIntoView({{block: 'center'}})")
    time.sleep(0.5)
    watch(page)
    found: dict[str, float] = page.evaluate(
        f"(() => {{ const {{x, y, width, height}} = {READY}.getBoundingClientRect();"
        " return {x, y, width, height}; })()"
    )
    return found


def watch(page: Page) -> None:
    """Make a page record when the frame of each event was painted, and its CPU time."""
    page.evaluate(WATCH)
    page.call("Performance.enable", timeDomain="threadTicks")


def bare(page: Page) -> dict[str, float]:
    """Show plain canvases; return the centre of the middle one."""
    page.call("Page.navigate", url="about:blank")
    page.wait("document.body")
    page.evaluate(BARE)
    watch(page)
    return {"x": 500.0, "y": 20.0, "width": 400.0, "height": 400.0}


def around(box: dict[str, float], step: int) -> tuple[float, float]:
    """Return a place on a circle in a panel."""
    angle = 2 * math.pi * step / EVENTS
    return (
        box["x"] + box["width"] * (0.5 + 0.3 * math.cos(angle)),
        box["y"] + box["height"] * (0.5 + 0.3 * math.sin(angle)),
    )


@dataclass(frozen=True)
class Events:
    """The times of some events."""

    each_ms: list[float]
    """From each event to the end of its frame."""
    busy_ms: float
    """Processor's time of the main thread for each event."""


def busy_s(page: Page) -> float:
    """Return the CPU time of the page's main thread, seconds."""
    metrics = page.call("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


@contextmanager
def measured(page: Page) -> Iterator[list[Events]]:
    """Measure the events dispatched inside the block; the result is appended to the list."""
    time.sleep(0.5)
    page.evaluate("window.frames_.splice(0)")
    found: list[Events] = []
    before = busy_s(page)
    yield found
    time.sleep(0.5)
    busy = busy_s(page) - before
    found.append(Events(page.evaluate("window.frames_.splice(0)"), busy / EVENTS * 1e3))


def dragged(page: Page, box: dict[str, float], button: str | None) -> Events:
    """Move the pointer around a panel, with a button held or without."""
    held = {} if button is None else {"button": button, "buttons": {"left": 1, "right": 2}[button]}
    page.mouse("mouseMoved", *around(box, 0))
    if button is not None:
        page.mouse("mousePressed", *around(box, 0), clickCount=1, **held)
    with measured(page) as found:
        for step in range(1, EVENTS + 1):
            page.mouse("mouseMoved", *around(box, step), **held)
    if button is not None:
        page.mouse("mouseReleased", *around(box, EVENTS), clickCount=1, button=button)
    return found[0]


def wheeled(page: Page, box: dict[str, float]) -> Events:
    """Zoom in and out about the middle of a panel."""
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse("mouseMoved", *middle)
    with measured(page) as found:
        for step in range(EVENTS):
            way = -1 if step < EVENTS / 2 else 1
            page.mouse("mouseWheel", *middle, deltaX=0, deltaY=60 * way)
    return found[0]


def tell(what: str, found: Events) -> None:
    slowest = sorted(found.each_ms)[int(len(found.each_ms) * 0.95)]
    print(
        f"  {what:40s} {median(found.each_ms):6.1f} ms (asked: {ASKED_MS:g}), 95 % within {slowest:.0f} ms; "
        f"{found.busy_ms:.1f} ms of the processor each"
    )


def main() -> None:
    print(f"  load {os.getloadavg()[0]:.1f}")
    with jupyter() as (server, folder), chromium(folder / "chromium") as page:
        box = bare(page)
        tell("bare canvases: pointer", dragged(page, box, None))
        tell("bare canvases: wheel", wheeled(page, box))
        box = opened(page, server)
        tell("cursor over 3 panels of 120x120", dragged(page, box, None))
        tell("zoom by the wheel", wheeled(page, box))
        for _ in range(6):
            page.mouse("mouseWheel", *around(box, 0), deltaX=0, deltaY=-60)
        tell("pan by a drag", dragged(page, box, "left"))
        tell("contrast by a right drag", dragged(page, box, "right"))
    print(f"  load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
