"""Draw the pictures of the README: the widget in JupyterLab, on sources of the demo sky.

Run: ``python tools/draw_screenshots.py [DEMO [FOLDER]]``; the demo is made if it does not exist. It needs
Chromium and the packages of the browser tests.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cutout_widgets import demo
from cutout_widgets.demo.write_fits import MISSING_TEMPLATE

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the browser harness is a part of the tests, which are not installed

from tests.browser.lab import Lab, find_chromium, open_lab, wait_for_page  # noqa: E402  # needs the line above

KINDS = (
    ("transient", 0.98),
    ("transient", 0.9),
    ("asteroid", 0.9),
    ("dipole", 0.8),
    ("dipole", 0.6),
    ("faded", 0.9),
    ("saturated star", 0.2),
    ("variable", 0.95),
    ("glint", 0.8),
    ("cosmic ray", 0.7),
    ("edge", 0.6),
)
"""Kinds of sources, and which of a kind: its place in the order of signal to noise, 0 to 1."""

CELLS = (
    """
    import cutout_widgets as cw
    from cutout_widgets import demo
    sky = demo.open_demo("demo")
    sources = sky.sources()
    sources = sources.take([list(sources.ids).index(one) for one in {ids!r}])
    images = sky.images()
    """,
    'cw.CutoutGrid(sources, images, size=40, sort="-snr", page_size=12, labels="labels.jsonl", '
    "history=sky.apdb)",
)


SELECTION = 'cw.CutoutGrid(sky.sources(), images, size=40, sort="-snr", page_size=6, labels="labels.jsonl")'
"""A grid with more than one page."""


EPOCHS = 'cw.CutoutGrid(sky.sources(), images, size=40, where="diaSourceId == {id}", history=sky.apdb)'
"""A grid of one source, with the history of its object."""


LABELS = """
rows = sky.sources().where("15 < snr < 300").sort("-snr")
kinds = sky.truth_table().set_index("diaSourceId")["kind"]
real = ("variable", "transient", "asteroid", "faded", "injected", "injected in template")
vera, maria = (cw.LabelJournal("two.jsonl", who=who) for who in ("vera", "maria"))
for place, one in enumerate(rows.head(8).ids.tolist()):
    word = "real" if kinds[one] in real else "dipole" if kinds[one] == "dipole" else "bogus"
    maria.label(one, "unsure" if place in (1, 6) else word)
    if place not in (3, 4):
        vera.label(one, word)
cw.CutoutGrid(rows, images, size=30, page_size=12, labels=vera)
"""
"""Labels of two people, who agree on some."""

BLIND = """
journal = cw.LabelJournal("blind.jsonl", who="vera")
cw.CutoutGrid(sky.sources(), images, size=30, page_size=12, labels=journal, blind=True, repeats=0.05)
"""


def chosen(sky: demo.Demo) -> list[int]:
    """Return ids of each kind, and one on the image without a template."""
    sources = sky.sources()
    snr = dict(zip(sources.ids.tolist(), np.abs(sources.values("snr")), strict=True))
    visit, detector = MISSING_TEMPLATE
    bare = set(sources.where(f"visit == {visit} and detector == {detector}").ids.tolist())
    truth = sky.truth_table()

    def ranked(kind: str, among: set[int]) -> list[int]:
        ids = {int(one) for one in truth.loc[truth["kind"] == kind, "diaSourceId"]}
        return sorted(ids & among, key=snr.__getitem__)

    found = []
    for kind, rank in KINDS:
        ids = ranked(kind, set(snr) - bare - set(found))
        found.append(ids[round((len(ids) - 1) * rank)])
    return [*found, ranked("variable", bare)[-1]]


def keep(picture: bytes, path: Path) -> None:
    """Write a picture as small as possible without losing colours."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.save(path, optimize=True)


def shoot(lab: Lab, grid: Any, path: Path) -> None:
    """Take a picture of a grid with nothing under the pointer."""
    lab.page.mouse.move(2, 2)
    lab.page.evaluate("() => document.fonts.ready")
    keep(grid.screenshot(animations="disabled"), path)


def draw(sky: demo.Demo, folder: Path, chromium: str) -> None:
    """Draw the grid in a light and a dark theme, and the inspector."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = chosen(sky)
    cells = ["\n".join(line.strip() for line in one.strip().splitlines()).format(ids=ids) for one in CELLS]
    with tempfile.TemporaryDirectory() as root, open_lab(Path(root), chromium) as lab:
        (Path(root) / "demo").symlink_to(sky.folder.absolute())  # so that messages show short file names
        lab.page.set_viewport_size({"width": 1500, "height": 1500})
        lab.open(cells)
        grid = lab.cutouts()
        wait_for_page(grid, 0)
        shoot(lab, grid, folder / "grid-light.png")
        lab.set_theme("JupyterLab Dark")
        shoot(lab, grid, folder / "grid-dark.png")
        draw_masks(lab, folder)
        grid.locator(f"[data-id='{ids[1]}'] .cw-panels").click()
        inspector = grid.locator("[data-testid=inspector][data-state=ready]")
        inspector.wait_for()
        inspector.locator(".cw-strip [data-pixels=ready] canvas").first.wait_for()
        lab.page.wait_for_timeout(1500)  # until all visible epochs are read
        large = inspector.get_by_test_id("inspector-difference").bounding_box()
        lab.page.mouse.move(large["x"] + large["width"] / 2, large["y"] + large["height"] / 2)
        keep(inspector.screenshot(animations="disabled"), folder / "inspector.png")
        lab.close_notebook()
        lab.open([cells[0], SELECTION])
        draw_selection(lab, folder)
        lab.close_notebook()
        lab.open([cells[0], EPOCHS.format(id=ids[KINDS.index(("variable", 0.95))])])
        draw_epochs(lab, folder)
        lab.close_notebook()
        lab.open([cells[0], LABELS])
        draw_labels(lab, folder)
        lab.close_notebook()
        lab.open([cells[0], BLIND])
        draw_blind(lab, folder)


def draw_labels(lab: Lab, folder: Path) -> None:
    """Draw the labels of two people, with all filters."""
    grid = lab.cutouts()
    wait_for_page(grid, 0)
    grid.get_by_test_id("facets-more").click()
    grid.locator("[data-testid=chip]").first.wait_for()
    keep(clip(lab, ".cw-bar", "[data-place='5']"), folder / "labels.png")
    grid.get_by_test_id("facets-more").click()


def draw_blind(lab: Lab, folder: Path) -> None:
    """Draw a blind grid with some labels and the inspector."""
    grid = lab.cutouts()
    wait_for_page(grid, 0)
    grid.locator("[data-testid=chip]").first.wait_for()
    grid.focus()
    for key, place in zip("11221", range(5), strict=True):
        grid.press(key)
        grid.locator(f"[data-place='{place}'][data-label]").wait_for()
    grid.press("Enter")
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    keep(clip(lab, ".cw-bar", "[data-place='2']"), folder / "blind.png")


def draw_masks(lab: Lab, folder: Path) -> None:
    """Draw masks on tiles in a dark and a light theme; the grid is in the dark one."""
    grid = lab.cutouts()
    switch = grid.locator(".cw-tiles-head [data-testid=mask]")
    switch.click()
    grid.locator("[data-place='5'] [data-testid=mask-fill]").first.wait_for()
    keep(clip(lab, ".cw-tiles-head", "[data-place='5']"), folder / "masks-dark.png")
    lab.set_theme("JupyterLab Light")
    keep(clip(lab, ".cw-tiles-head", "[data-place='5']"), folder / "masks-light.png")
    switch.click()


def draw_epochs(lab: Lab, folder: Path) -> None:
    """Draw the strip of epochs of an inspected source in a light and a dark theme."""
    grid = lab.cutouts()
    wait_for_page(grid, 0)
    grid.locator("[data-place='0'] .cw-panels").click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    strip = grid.locator(".cw-strip")
    strip.locator("[data-pixels=ready] canvas").first.wait_for()
    for theme in ("Light", "Dark"):
        lab.set_theme(f"JupyterLab {theme}")
        strip.scroll_into_view_if_needed()
        lab.page.wait_for_timeout(1500)  # until all visible ones are read
        lab.page.mouse.move(2, 2)
        keep(strip.screenshot(animations="disabled"), folder / f"epochs-{theme.lower()}.png")
    lab.set_theme("JupyterLab Light")


def draw_selection(lab: Lab, folder: Path) -> None:
    """Draw the bar of the selection: a range over pages, and all while they are saved."""
    grid = lab.cutouts()
    wait_for_page(grid, 0)
    grid.locator("[data-place='3'] .cw-panels").click(modifiers=["Control"])
    for page in range(1, 6):
        grid.press("n")
        wait_for_page(grid, page)
    grid.locator("[data-place='1'] .cw-panels").click(modifiers=["Shift"])
    grid.get_by_test_id("selected").filter(has_text="29 selected").wait_for()
    grid.get_by_test_id("label-selection").click()
    keep(clip(lab, "[data-place='0']", ".cw-selected"), folder / "selection.png")
    lab.set_theme("JupyterLab Dark")
    grid.focus()
    grid.press("Control+a")
    grid.get_by_test_id("selected").filter(has_text="all").wait_for()
    grid.press("w")
    grid.get_by_test_id("prompt-field").fill("vetted")
    grid.get_by_test_id("prompt-field").press("Enter")
    grid.get_by_test_id("save-line").filter(has_text="of").wait_for()
    lab.page.wait_for_timeout(2500)  # until some are saved
    keep(clip(lab, "[data-place='0']", ".cw-selected"), folder / "saving.png")
    grid.get_by_test_id("cancel-save").click()
    lab.set_theme("JupyterLab Light")


def clip(lab: Lab, first: str, last: str) -> bytes:
    """Take a picture of a grid from the top of one part to the bottom of another, over its whole width."""
    grid = lab.cutouts()
    lab.page.mouse.move(2, 2)
    grid.locator(first).scroll_into_view_if_needed()
    whole, top, end = (one.bounding_box() for one in (grid, grid.locator(first), grid.locator(last)))
    height = end["y"] + end["height"] - top["y"] + 9
    box = {"x": whole["x"], "y": top["y"] - 3, "width": whole["width"], "height": height}
    picture: bytes = lab.page.screenshot(clip=box, animations="disabled")
    return picture


def run(draw: Callable[[demo.Demo, Path, str], None]) -> None:
    """Draw the pictures of the demo and the folder named on the command line, or print what is missing."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("the pictures are taken in Chromium, which was not found; install it")
    sky = demo.write(sys.argv[1] if len(sys.argv) > 1 else "cutout-widgets-demo", repository="if possible")
    draw(sky, Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "images", chromium)


if __name__ == "__main__":
    run(draw)
