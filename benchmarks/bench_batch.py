"""A detector's sources from compressed FITS to annotated PNGs: `save_cutouts` against the usual script.

The usual script reads the three images whole with astropy, cuts with Cutout2D and draws with
matplotlib; ours reads sections, composes and writes. One process each, on the same disk, alternating.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.nddata import Cutout2D
from astropy.wcs import WCS

from benchmarks.bench_figure import usual_figure
from benchmarks.timing import compare, report, scratch_folder
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.testing import make_wcs

SHAPE = (4000, 4072)
SIDE = 30


def main() -> None:
    with scratch_folder() as folder:
        paths = write_detector(folder)
        images = FitsImages(**{panel: str(path) for panel, path in paths.items()})
        for n in (24, 200):
            table = make_table(n)
            numbers = itertools.count()

            def ours() -> None:
                out = folder / f"{n}-{next(numbers)}"  # noqa: B023  called before the next iteration
                done = save_cutouts(table, images, out, sizes=(SIDE,), progress=False)  # noqa: B023  as above
                assert not done.failed, done.failed

            def usual() -> None:
                out = folder / f"{n}-usual-{next(numbers)}"  # noqa: B023  as above
                out.mkdir()
                save_usually(table, paths, out)  # noqa: B023  as above

            report(
                f"{n} sources of one detector, FITS to PNG", compare(usual, ours, rounds=1 if n > 24 else 3)
            )


def save_usually(table: SourceTable, paths: dict[str, Path], out: Path) -> None:
    """Save cutouts with a simple script."""
    wholes = []
    for path in paths.values():
        with fits.open(path) as hdus:
            wholes.append((hdus[1].data, WCS(hdus[1].header)))
    for row in table:
        where = SkyCoord(row.ra, row.dec, unit="deg")
        cuts = [Cutout2D(data, where, (SIDE, SIDE), wcs=wcs, mode="partial").data for data, wcs in wholes]
        usual_figure(cuts, row, out / f"{row.id}.png")


def write_detector(folder: Path) -> dict[str, Path]:
    """Write three Rice-compressed images of noise, compressed row by row as cameras do."""
    header = make_wcs(at=(2000, 2000)).to_header()
    paths = {}
    for seed, panel in enumerate(PANELS):
        pixels = np.random.default_rng(seed).normal(0, 30, SHAPE).astype(np.float32)
        paths[panel] = folder / f"{panel}.fits"
        hdu = fits.CompImageHDU(pixels, header, compression_type="RICE_1", quantize_level=16)
        fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(paths[panel])
    return paths


def make_table(n: int) -> SourceTable:
    random = np.random.default_rng(n)
    sky = make_wcs(at=(2000, 2000)).pixel_to_world(*random.uniform(100, 3900, (2, n)))
    return SourceTable.read(
        {
            "diaSourceId": 506428274000265570 + np.arange(n),
            "ra": sky.ra.deg,
            "dec": sky.dec.deg,
            "visit": np.full(n, 2025069184737),
            "detector": np.full(n, 80),
            "psfFlux": random.normal(0, 1000, n),
            "psfFluxErr": np.full(n, 100.0),
            "snr": random.uniform(5, 50, n),
        }
    )


if __name__ == "__main__":
    main()
