"""500 DiaSources of the demo sky, Butler and APDB to PNG and manifest, against the usual script.

The usual way gets the three whole exposures of each visit and detector with ``butler.get`` and draws
a matplotlib figure per source. All its exposures are read; some of its figures are drawn and their time
is scaled to 500, as the report says. Ours reopens repository and database in every round.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_figure import usual_figure
from benchmarks.timing import Comparison, interleaved, report, scratch_folder
from cutout_widgets import demo
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.demo.instrument import INSTRUMENT
from cutout_widgets.demo.write_fits import MISSING_TEMPLATE
from cutout_widgets.errors import MissingDependency
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.stores.butler.store import ButlerImages

SOURCES, DRAWN = 500, 25
HALF = 15
ROUNDS = 3
DATASETS = ("template_detector", "preliminary_visit_image", "difference_image")


def main() -> None:
    with scratch_folder() as folder:
        try:
            sky = demo.write(folder / "demo", repository="always")
        except MissingDependency as err:
            print(f"  skipped: {err}")
            return
        compare_ways(sky, folder)


def compare_ways(sky: demo.Demo, folder: Path) -> None:
    from lsst.daf.butler import Butler

    rows = choose(list(SourceTable.read(sky.apdb, instrument=INSTRUMENT)))
    drawn = rows[:: SOURCES // DRAWN]
    numbers = itertools.count()
    butler = Butler.from_config(str(sky.repository), collections="demo")
    exposures: dict[tuple[Any, Any], list[Any]] = {}

    def get_exposures() -> None:
        for visit, detector in sorted({(row.visit, row.detector) for row in rows}):
            where = {"instrument": INSTRUMENT, "visit": visit, "detector": detector}
            exposures[visit, detector] = [butler.get(name, where) for name in DATASETS]

    def draw() -> None:
        out = folder / f"usual-{next(numbers)}"
        out.mkdir()
        for row in drawn:
            draw_usually(exposures[row.visit, row.detector], row, out / f"{row.id}.png")

    def ours() -> None:
        everything = SourceTable.read(sky.apdb, instrument=INSTRUMENT)
        table = everything.take(np.isin(everything.ids, [row.id for row in rows]))
        out = folder / f"ours-{next(numbers)}"
        images = ButlerImages(str(sky.repository))
        done = save_cutouts(table, images, out, url_root="https://example.org", progress=False)
        assert len(done.written) == SOURCES, done
        assert not done.incomplete, done.incomplete
        assert done.manifest is not None
        assert done.manifest.is_file()

    get_s, draw_s, ours_s = interleaved([get_exposures, draw, ours], rounds=ROUNDS)
    all_s = draw_s * SOURCES / len(drawn)
    print(
        f"  usual way: {3 * len(exposures)} exposures read in {get_s:.1f} s, {len(drawn)} figures drawn in "
        f"{draw_s:.1f} s, scaled to {SOURCES}: {all_s:.0f} s"
    )
    report(f"{SOURCES} sources, Butler and APDB to PNG", Comparison(get_s + all_s, ours_s), floor=20)


def choose(rows: list[DiaSource]) -> list[DiaSource]:
    """Choose random sources, none of the detector without a template, grouped by visit and detector."""
    whole = [row for row in rows if (row.visit, row.detector) != MISSING_TEMPLATE]
    chosen = np.random.default_rng(4).choice(len(whole), SOURCES, replace=False)
    return sorted((whole[k] for k in chosen), key=lambda row: (row.visit, row.detector))


def draw_usually(exposures: list[Any], row: DiaSource, path: Path) -> None:
    """Slice the three exposures around a source and draw them."""
    from astropy.coordinates import SkyCoord

    stamps = []
    for exposure in exposures:
        at = exposure.sky_projection.sky_to_pixel(SkyCoord(row.ra, row.dec, unit="deg"))
        x, y = round(at.x - exposure.bbox.x.start), round(at.y - exposure.bbox.y.start)
        rows, columns = slice(max(y - HALF, 0), y + HALF), slice(max(x - HALF, 0), x + HALF)
        stamps.append(exposure.image.array[rows, columns])
    usual_figure(stamps, row, path)


if __name__ == "__main__":
    main()
