"""One annotated PNG on disk, one size: ours, with zlib and with isal, against matplotlib.

The usual way is a figure of the same layout, laid out by ``layout="constrained"`` and written with
``bbox_inches="tight"``, as analysis_ap does; the ways alternate, and all write to the same disk,
where ``TMPDIR`` points. Not in a working tree: ext4 makes files slowly, 0.15 ms each, in places
where many were deleted within the last seconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from astropy.visualization import AsinhStretch, ImageNormalize, LinearStretch, MinMaxInterval, ZScaleInterval
from matplotlib.figure import Figure

from benchmarks.timing import Comparison, interleaved, report, scratch_folder
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.outputs.figure import png
from cutout_widgets.outputs.figure.figure import GREY, LABELS, LINES, Canvas, Text, header
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.outputs.saving import Recipe, save_chunk
from cutout_widgets.pixels.image import Image, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.testing import make_wcs

ACROSS = 16
FIGURES = ACROSS**2
SIDE = 30
RA, DEC, VISIT, DETECTOR = 53.0, -28.0, 2025069184737, 80


def main() -> None:
    stamps = make_stamps()
    rows = list(SourceTable.read(make_columns()))
    mosaics = [Image(mosaic_of(stack), wcs=make_wcs(RA, DEC, at=(0, 0))) for stack in stamps]
    store = ArrayImages.from_images({(VISIT, DETECTOR): mosaics})
    images = Ready(list(store.read(rows, Region.of(SIDE))))
    numbers = itertools.count()
    with scratch_folder() as folder:

        def ours() -> None:
            recipe = Recipe(
                Path(folder, f"{next(numbers)}"), Layout(), Region.of(SIDE), Look.of("documented")
            )
            outcomes = save_chunk(rows, images, recipe)
            assert all(one.state == "written" for one in outcomes), outcomes[0]

        def with_zlib() -> None:
            png.deflate = lambda: png.with_zlib
            ours()

        def with_isal() -> None:
            from isal import isal_zlib

            png.deflate = lambda: lambda data: isal_zlib.compress(data, 0)
            ours()

        def usual() -> None:
            usual_figure([stack[0] for stack in stamps], rows[0], Path(folder, f"{next(numbers)}.png"))

        usual_s, zlib_s, isal_s = interleaved([usual, with_zlib, with_isal], rounds=9)
    report("annotated PNG, stdlib zlib", Comparison(usual_s, zlib_s / FIGURES), floor=100)
    report("annotated PNG, isal", Comparison(usual_s, isal_s / FIGURES), floor=200)


class Ready:
    """A store of ready cutouts: matplotlib is given stamps too."""

    def __init__(self, triplets: list[Triplet]) -> None:
        self.triplets = triplets

    def group(self, source: DiaSource) -> int:
        return 0

    def read(self, sources: list[DiaSource], region: Region) -> Iterator[Triplet]:
        yield from self.triplets


def usual_figure(pixels: list[np.ndarray], source: DiaSource, path: Path) -> None:
    """Draw a figure with matplotlib."""
    figure = Figure(figsize=(7.03, 3.49), dpi=100, layout="constrained")
    axes = figure.subplots(1, 3)
    steps = ((MinMaxInterval(), AsinhStretch()),) * 2 + ((ZScaleInterval(), LinearStretch()),)
    for one, image, title, (interval, stretch) in zip(
        axes, pixels, ("Template", "Science", "Difference"), steps, strict=True
    ):
        norm = ImageNormalize(image, interval=interval, stretch=stretch)
        one.imshow(
            image, cmap="bone", norm=norm, origin="lower", interpolation="nearest", extent=(0, 30, 0, 30)
        )
        one.plot((1, 6), (1, 1), color="blue", lw=6)
        one.plot((1, 6), (1, 1), color="yellow", lw=2)
        one.set_title(title)
        one.axis("off")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.7))
    canvas = Canvas()
    labels = [Text(one.text, one.x, LINES[one.line], "regular", GREY) for one in LABELS if not one.name]
    for text in (*labels, *header(source)):
        figure.text(
            text.x / canvas.width,
            1 - text.y / canvas.height,
            text.text,
            color=text.colour,
            fontweight="bold" if text.face == "bold" else "normal",
        )
    figure.savefig(path, bbox_inches="tight")


def make_stamps() -> list[np.ndarray]:
    random = np.random.default_rng(1)
    y, x = np.indices((SIDE, SIDE)) - SIDE / 2
    star = 1000 * np.exp(-(x**2 + y**2) / 18)
    noise = random.normal(size=(3, FIGURES, SIDE, SIDE))
    return [(star + scale * one).astype(np.float32) for scale, one in zip((5, 50, 80), noise, strict=True)]


def mosaic_of(stack: np.ndarray) -> np.ndarray:
    """Arrange the stamps side by side as the detector they are cut from."""
    return stack.reshape(ACROSS, ACROSS, SIDE, SIDE).swapaxes(1, 2).reshape(ACROSS * SIDE, ACROSS * SIDE)


def make_columns() -> dict[str, np.ndarray]:
    """A table with the columns of an LSST alert, flags included."""
    random = np.random.default_rng(2)
    y, x = np.indices((ACROSS, ACROSS)).reshape(2, -1) * SIDE + SIDE / 2
    sky = make_wcs(RA, DEC, at=(0, 0)).pixel_to_world(x, y)
    flags = (
        "edge interpolated interpolatedCenter saturated saturatedCenter cr crCenter bad suspect suspectCenter"
    )
    names = [f"pixelFlags_{one}" for one in flags.split()] + ["isDipole", "centroid_flag", "shape_flag"]
    flux = {name: random.normal(0, 3000, FIGURES) for name in ("psfFlux", "apFlux", "scienceFlux")}
    return {
        "diaSourceId": 506428274000265570 + 137 * np.arange(FIGURES),
        "ra": sky.ra.deg,
        "dec": sky.dec.deg,
        "visit": np.full(FIGURES, VISIT),
        "detector": np.full(FIGURES, DETECTOR),
        "band": np.full(FIGURES, "g"),
        "instrument": np.full(FIGURES, "LSSTCam"),
        "snr": random.uniform(5, 50, FIGURES),
        "psfChi2": random.uniform(1000, 3000, FIGURES),
        "psfNdata": np.full(FIGURES, 1681),
        "reliability": random.uniform(0, 1, FIGURES),
        **flux,
        **{f"{name}Err": random.uniform(50, 500, FIGURES) for name in flux},
        **{name: random.random(FIGURES) < 0.1 for name in names},
    }


if __name__ == "__main__":
    main()
