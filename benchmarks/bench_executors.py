"""Six thousand figures in this process, with a process pool and with dask: when an executor pays.

Twelve exposures of 500 sources each, FITS to annotated PNG. Each way starts its two workers anew. Processor
seconds of this process and of its children; the ways take turns.
"""

from __future__ import annotations

import itertools
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
from astropy.io import fits

from benchmarks.timing import scratch_folder
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.testing import make_wcs

EXPOSURES, EACH, SIDE, WORKERS, ROUNDS = 12, 500, 1000, 2, 2


def main() -> None:
    with scratch_folder() as folder:
        table, images = make_exposures(folder)
        numbers = itertools.count()
        ways: dict[str, Callable[[], object]] = {"alone": nullcontext, "process pool": _pool, "dask": _dask}
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for name in [*ways] * ROUNDS:
            start, before = time.perf_counter(), _cpu_s()
            with ways[name]() as executor:  # type: ignore[attr-defined]
                out = folder / f"out-{next(numbers)}"
                done = save_cutouts(table, images, out, executor=executor, progress=False)
                assert len(done.written) == len(table), done
            spent[name].append((_cpu_s() - before, time.perf_counter() - start))
        for name, times in spent.items():
            cpu, wall = (median(one[k] for one in times) for k in (0, 1))
            rate = len(table) / cpu
            print(
                f"  {name:13s} {cpu:6.1f} s of the processor, {rate:5.0f} figures each; {wall:.0f} s passed"
            )


@contextmanager
def _pool() -> Iterator[Executor]:
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        yield pool


@contextmanager
def _dask() -> Iterator[Executor]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        yield executor


def _cpu_s() -> float:
    """Return the processor's time of this process and of the children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def make_exposures(folder: Path) -> tuple[SourceTable, FitsImages]:
    random = np.random.default_rng(1)
    wcs = make_wcs(at=(SIDE / 2, SIDE / 2))
    index: dict[str, list[object]] = {"visit": [], "detector": [], **{panel: [] for panel in PANELS}}
    for visit in range(EXPOSURES):
        index["visit"].append(visit)
        index["detector"].append(0)
        for panel in PANELS:
            path = folder / f"{panel}-{visit}.fits"
            pixels = random.normal(0, 30, (SIDE, SIDE)).astype(np.float32)
            fits.writeto(path, pixels, wcs.to_header())
            index[panel].append(str(path))
    n = EXPOSURES * EACH
    sky = wcs.pixel_to_world(*random.uniform(50, SIDE - 50, (2, n)))
    table = SourceTable.read(
        {
            "diaSourceId": 506428274000265570 + np.arange(n),
            "ra": sky.ra.deg,
            "dec": sky.dec.deg,
            "visit": np.repeat(np.arange(EXPOSURES), EACH),
            "detector": np.zeros(n, dtype=int),
            "psfFlux": random.normal(0, 1000, n),
            "psfFluxErr": np.full(n, 100.0),
        }
    )
    return table, FitsImages.from_index(index)


if __name__ == "__main__":
    main()
