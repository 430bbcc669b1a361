"""A page of 24 triplets of 64x64: from memory to the bytes on the wire.

The usual way to a notebook is a matplotlib figure of 24 x 3 axes with norms of astropy's, drawn into a
PNG. Ours is the page a grid sends: cut, stretched, described, the description as JSON beside one
buffer; in the order of the table, and sorted by a score. Target: 200x. `bench_browser` turns pages in
JupyterLab.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from astropy.visualization import AsinhStretch, ImageNormalize, LinearStretch, MinMaxInterval, ZScaleInterval
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.timing import compare, report
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.testing import make_wcs
from cutout_widgets.widget.pages.cutout_cache import TripletCache
from cutout_widgets.widget.pages.pages import Pages

N, SIDE = 24, 64
MANY = 2400
"""Rows of a table whose sorted page has stamps from all over the arrays."""
FLOOR = 200
LOOK = Look.of("documented")
TARGET: Any = {"page": 0, "page_size": N, "sort": None, "where": None, "look": LOOK.name}
SORTED: Any = {**TARGET, "sort": "-reliability"}


def make_table(n: int = N) -> SourceTable:
    return SourceTable.read(
        {
            "diaSourceId": np.arange(n) + 169298432598474793,
            "ra": np.full(n, 53.0),
            "dec": np.full(n, -28.0),
            "band": ["g", "r", "i"] * (n // 3),
            "snr": np.linspace(5, 50, n),
            "reliability": np.linspace(0, 7, n) % 1,
            **{f"pixelFlags_{name}": np.arange(n) % 5 == 0 for name in ("edge", "saturated", "cr", "bad")},
            "isDipole": np.arange(n) % 7 == 0,
        }
    )


def make_stacks(n: int = N) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    noise = np.random.default_rng(2).normal(0, 5, (3, n, SIDE, SIDE))
    return (noise + 500 * np.exp(-(x**2 + y**2) / 8)).astype(np.float32)


def with_matplotlib(stacks: np.ndarray, ids: np.ndarray) -> bytes:
    """Draw the page with matplotlib: an astropy norm for each image, the id above its row."""
    figure = Figure(figsize=(6, 2 * N))
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(N, 3)
    norms = {"template": MinMaxInterval, "science": MinMaxInterval, "difference": ZScaleInterval}
    curves = {"template": AsinhStretch, "science": AsinhStretch, "difference": LinearStretch}
    for row in range(N):
        for panel, name in enumerate(PANELS):
            pixels = stacks[panel, row]
            norm = ImageNormalize(pixels, interval=norms[name](), stretch=curves[name]())
            axes[row, panel].imshow(pixels, origin="lower", cmap="bone", norm=norm, interpolation="nearest")
            axes[row, panel].set_axis_off()
        axes[row, 1].set_title(str(ids[row]), fontsize=8)
    out = io.BytesIO()
    canvas.print_png(out)
    return out.getvalue()


def on_the_wire(pages: Pages, target: Any = TARGET) -> tuple[bytes, bytes]:
    found = pages.answer(target, LOOK, {}, cancelled=lambda: False)
    assert found is not None
    return json.dumps(found[0]).encode(), found[1]


def make_pages(table: SourceTable, stacks: np.ndarray, memory: TripletCache) -> Pages:
    images = ArrayImages.from_stamps(table.ids, *stacks, wcs=make_wcs(at=(32, 32)))
    return Pages(table, images, Region.of(SIDE), memory, "benchmark")


def to_the_wire() -> None:
    stacks = make_stacks()
    table = make_table()
    memory = TripletCache()
    pages = make_pages(table, stacks, memory)
    _, pixels = on_the_wire(pages)
    assert len(pixels) == 3 * N * SIDE * SIDE
    found = compare(lambda: with_matplotlib(stacks, table.ids), lambda: on_the_wire(pages), rounds=5)
    report(f"{N} triplets of {SIDE}x{SIDE}, read a moment ago", found, floor=FLOOR)

    def from_the_store() -> None:
        memory.release("benchmark")
        on_the_wire(pages)

    found = compare(lambda: with_matplotlib(stacks, table.ids), from_the_store, rounds=5)
    report(f"{N} triplets of {SIDE}x{SIDE}, from the arrays", found, floor=FLOOR)

    pages = make_pages(make_table(MANY), make_stacks(MANY), memory)

    def from_all_over() -> None:
        memory.release("benchmark")
        on_the_wire(pages, SORTED)

    found = compare(lambda: with_matplotlib(stacks, table.ids), from_all_over, rounds=5)
    report(f"{N} triplets of {SIDE}x{SIDE}, a sorted page of {MANY}", found, floor=FLOOR)


def main() -> None:
    to_the_wire()


if __name__ == "__main__":
    main()
