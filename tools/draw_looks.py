"""Draw the picture of docs/looks.md: some sources of the demo sky in every look.

Run: ``python tools/draw_looks.py [DEMO [PICTURE]]``; the demo is made if it does not exist.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import cutout_widgets as cw
from cutout_widgets import demo
from cutout_widgets.demo.write_fits import MISSING_TEMPLATE
from cutout_widgets.display.look import LOOKS
from cutout_widgets.palette import colormap_table
from cutout_widgets.pixels.image import PANELS

KINDS = ("transient", "dipole", "saturated star")
"""What is shown; of each the source of median signal to noise among the brighter half."""

SIZE_PX = 40
NO_DATA = (190, 190, 190)
PANEL_INCH = 0.72


def chosen(sky: demo.Demo) -> list[int]:
    """Return an id of each kind."""
    truth = sky.truth_table()
    sources = sky.sources().where(
        f"not (visit == {MISSING_TEMPLATE[0]} and detector == {MISSING_TEMPLATE[1]})"
    )
    snr = dict(zip(sources.ids.tolist(), np.abs(sources.values("snr")), strict=True))
    found = []
    for kind in KINDS:
        of_kind = truth.loc[truth["kind"] == kind, "diaSourceId"]
        ids = sorted((int(one) for one in of_kind if int(one) in snr), key=snr.__getitem__)
        found.append(ids[len(ids) * 3 // 4])
    return found


def coloured(image: cw.Image, look: cw.Look, panel: str) -> np.ndarray:
    """Return a panel as RGB, shape (ny, nx, 3)."""
    levels = look.stretch(panel).to_bytes(image.pixels, variance=image.variance)
    table = np.vstack([NO_DATA, colormap_table(look.colormap_of(panel), 255)]).astype(np.uint8)
    return table[levels]


def draw(sky: demo.Demo, picture: Path) -> None:
    """Draw one row of panels per look, three panels per source."""
    sources = sky.sources()
    rows = [sources.row(id_) for id_ in chosen(sky)]
    triplets = dict(cw.read(rows, sky.images(), SIZE_PX))
    width, height = len(rows) * len(PANELS), len(LOOKS)
    figure, axes = plt.subplots(
        height, width, figsize=(PANEL_INCH * width + 1, PANEL_INCH * height + 0.5), squeeze=False
    )
    figure.subplots_adjust(left=0.11, right=0.995, top=0.9, bottom=0.01, wspace=0.04, hspace=0.04)
    for y, name in enumerate(LOOKS):
        for x in range(width):
            place, panel = x // len(PANELS), PANELS[x % len(PANELS)]
            cell = axes[y, x]
            cell.set(xticks=[], yticks=[])
            image = getattr(triplets[place], panel)
            if image is not None:
                cell.imshow(coloured(image, cw.Look.of(name), panel), origin="lower", interpolation="nearest")
            if y == 0:
                cell.set_title(panel, fontsize=7, pad=2)
            if y == 0 and x % len(PANELS) == 1:
                cell.annotate(KINDS[place], (0.5, 1.28), xycoords="axes fraction", ha="center", fontsize=9)
        axes[y, 0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "cutout-widgets-demo")
    draw(demo.write(folder), Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images/looks.png"))
