"""The first rows, and a circle, of a HATS catalogue of ten million: by partition, and by reading it whole.

Target: the first page of a catalogue of any size in under two seconds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import cutout_widgets as cw
from benchmarks.timing import compare, report, scratch_folder
from cutout_widgets.catalog.hats.healpix import middles

ROWS, ORDER, STEP = 10_000_000, 3, 4


def write(root: Path) -> tuple[float, float]:
    """Write a catalogue of 192 partitions; return the middle of one of them, degrees."""
    random = np.random.default_rng(1)
    pixels = np.arange(0, 12 * 4**ORDER, STEP)
    n = ROWS // len(pixels)
    lon, lat = middles(ORDER, pixels)
    folder = root / "dataset" / f"Norder={ORDER}" / "Dir=0"
    folder.mkdir(parents=True)
    (root / "hats.properties").write_text("dataproduct_type=source\nhats_npix_suffix=.parquet\n")
    for k, pixel in enumerate(pixels):
        rows = {
            "diaSourceId": np.arange(n) + k * n + 169298432598474793,
            "ra": lon[k] + random.uniform(-2, 2, n),
            "dec": np.clip(lat[k] + random.uniform(-2, 2, n), -90, 90),
            "detector": random.integers(0, 189, n, dtype=np.int16),
            "psfFlux": random.normal(size=n).astype("float32"),
            "snr": random.exponential(5, n).astype("float32"),
        }
        pq.write_table(pa.table(rows), folder / f"Npix={pixel}.parquet")
    return float(lon[5]), float(lat[5])


def main() -> None:
    with scratch_folder() as folder:
        root = folder / "catalogue"
        place = write(root)

        def whole():
            return cw.SourceTable(pq.read_table(root / "dataset", partitioning=None))

        def first():
            return cw.Hats(root).table(limit=1000).page(0, 24)

        def near():
            return cw.Hats(root).table(position=place, radius=600)

        report("first page of 10 million rows", compare(lambda: whole().page(0, 24), first, rounds=3))
        condition = f"abs(ra - {place[0]}) < 0.17 and abs(dec - {place[1]}) < 0.17"
        report("10 arcmin around a place", compare(lambda: whole().where(condition), near, rounds=3))


if __name__ == "__main__":
    main()
