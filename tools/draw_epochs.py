"""Draw the pictures of ``docs/epochs.md``: the explorer in JupyterLab, and a movie of one object.

Run: ``python tools/draw_epochs.py [DEMO [FOLDER]]``; the demo is made if it does not exist. It needs
Chromium and the packages of the browser tests.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import cutout_widgets as cw
from cutout_widgets import demo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the browser harness is a part of the tests, which are not installed

from tests.browser.lab import Lab, open_lab, wait_for_page  # noqa: E402  # needs the line above
from tools.draw_screenshots import keep, run  # noqa: E402  # as above

CELLS = (
    "import cutout_widgets as cw\n"
    "from cutout_widgets import demo\n"
    "sky = demo.open_demo('demo')\n"
    "left = [(-1044, -512), (-20, -512), (-20, 512), (-1044, 512)]\n"
    "camera = {{93: left, 94: [(x + 1064, y) for x, y in left]}}",
    "explorer = cw.Explorer(sky.sources(), sky.images(), camera=camera, history=sky.apdb, page_size=6, "
    "sort='-snr')\n"
    "explorer.grid.inspect({star})\nexplorer.grid.selected = [{star}]\nexplorer.grid.inspect(None)\n"
    "explorer",
)


def variable(sky: demo.Demo) -> int:
    """Return the faintest source of the variable star with the most detections."""
    kinds = sky.truth_table().set_index("diaSourceId")["kind"]
    rows = sky.sources().to_pandas().set_index("diaSourceId")
    rows = rows[(kinds.reindex(rows.index) == "variable") & (rows["reliability"] > 0.9)]
    most = Counter(rows["diaObjectId"]).most_common(1)[0][1]
    several = rows.groupby("diaObjectId").filter(lambda one: len(one) == most)
    star = several.groupby("diaObjectId")["snr"].median().idxmin()
    return int(rows.index[rows["diaObjectId"] == star][0])


def brush(lab: Lab) -> None:
    """Drag a rectangle over the scatter."""
    box = lab.page.locator(".bqplot").first.bounding_box()
    x, y = box["x"] + 0.42 * box["width"], box["y"] + 0.2 * box["height"]
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x + 0.22 * box["width"], y + 0.28 * box["height"], steps=6)
    lab.page.mouse.up()


def draw(sky: demo.Demo, folder: Path, chromium: str, widths: tuple[int, ...] = (1500,)) -> None:
    """Draw the explorer in both themes, and save the movie."""
    folder.mkdir(parents=True, exist_ok=True)
    star = variable(sky)
    grid = cw.CutoutGrid(sky.sources(), sky.images(), history=cw.Apdb(sky.apdb))
    grid.movie(star, folder / "epochs.gif", up="north", frame_s=0.8, progress=False)
    grid.close()
    with tempfile.TemporaryDirectory() as root, open_lab(Path(root), chromium) as lab:
        (Path(root) / "demo").symlink_to(sky.folder.absolute())
        lab.page.set_viewport_size({"width": 1500, "height": 1300})
        lab.open([one.format(star=star) for one in CELLS])
        wait_for_page(lab.cutouts(), 0)
        whole = lab.page.locator(".jp-OutputArea-output .widget-vbox:has(.cw)").first
        lab.page.locator(".bqplot").nth(2).wait_for()
        lab.page.wait_for_timeout(1000)
        brush(lab)
        lab.page.locator("input[value*='snr'], .cw-where, .cw input").first.wait_for()
        for theme in ("light", "dark"):
            lab.set_theme(f"JupyterLab {theme.capitalize()}")
            for width in widths:
                lab.page.set_viewport_size({"width": width, "height": 1300})
                lab.page.mouse.move(2, 2)
                lab.page.wait_for_timeout(1200)
                name = f"explorer-{theme}.png" if width == widths[0] else f"explorer-{theme}-{width}.png"
                keep(whole.screenshot(animations="disabled"), folder / name)


if __name__ == "__main__":
    run(draw)
