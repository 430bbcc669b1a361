"""Triplets of 63 x 63 for training: stamp files against a file for each source.

The usual ways write a ``.npy`` of shape (3, 63, 63) for each source with numpy, a FITS file of three images
with astropy, or an 8-bit PNG for each panel with Pillow, and read them one by one. Ours is `save_cutouts`
from the same arrays, rows included, and an epoch by pyarrow or zarr alone, or through the store, in batches
of 64. Times are CPU times, so that waiting for other programs is excluded. ``BENCHMARK_STAMPS``
is the number of triplets (10 000); 100 000 need 16 GB of disk and 7 GB of memory.
"""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import zarr
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image as Picture

from benchmarks.timing import Comparison, compare, report, scratch_folder
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.reader import read
from cutout_widgets.stacking import stack
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.stores.stamps.store import StampImages

N, SIDE, BATCH, CUT = int(os.environ.get("BENCHMARK_STAMPS", "10000")), 63, 64, 30
SLOW = min(N, 10_000)
"""Sources with FITS and PNG files, at most; their times and sizes are scaled to N."""
STACKED = 10_000
"""Cutouts of the stack at the end, at most."""


def main() -> None:
    random = np.random.default_rng(3)
    pixels = random.standard_normal((N, 3, SIDE, SIDE), dtype=np.float32) * np.float32(30)
    ids = 506428274000265570 + np.arange(N)
    table = SourceTable.read({"diaSourceId": ids, "ra": np.full(N, 53.0), "dec": np.full(N, -28.0)})
    images = ArrayImages.from_stamps(ids, *(pixels[:, k] for k in range(3)), unit="nJy")
    with scratch_folder() as folder:
        for format in ("parquet", "zarr"):  # imports what it needs
            save_cutouts(table.take([0]), images, folder / f"first-{format}", format=format, progress=False)
        ways: dict[str, Callable[[], None]] = {
            "npy": lambda: write_npy(pixels, ids, folder / "npy"),
            "fits": lambda: write_fits(pixels[:SLOW], ids[:SLOW], folder / "fits"),
            "png": lambda: write_png(pixels[:SLOW], ids[:SLOW], folder / "png"),
            "parquet": lambda: write_stamps(table, images, folder / "parquet", "parquet"),
            "zarr": lambda: write_stamps(table, images, folder / "zarr", "zarr"),
        }
        written: dict[str, float] = {}
        for name, write in ways.items():
            scale = N / SLOW if name in ("fits", "png") else 1
            written[name] = _timed(write) * scale
            size, files = size_of(folder / name)
            print(
                f"  {name:8s} {size * scale / 1e6:7.0f} MB on disk in {files * scale:.0f} files, "
                f"{written[name]:.3g} s, {N / written[name]:.0f} written a second",
                flush=True,
            )
        epochs: dict[str, Callable[[], Iterator[NDArray[Any]]]] = {
            "npy": lambda: epoch_of_files(folder / "npy", np.load),
            "fits": lambda: epoch_of_files(folder / "fits", triplet_of_fits),
            "png": lambda: epoch_of_files(folder / "png", triplet_of_png, "*_science.png"),
            "parquet": lambda: epoch_of_parquet(folder / "parquet"),
            "zarr": lambda: epoch_of_zarr(folder / "zarr"),
            "store": lambda: epoch_of_store(folder / "parquet"),
        }
        seconds_of: dict[str, float] = {}
        rounds = 3 if N <= 10_000 else 1
        for name, epoch in epochs.items():
            n = SLOW if name in ("fits", "png") else N
            seconds = min(_timed(lambda: _all(epoch(), n)) for _ in range(rounds)) * N / n  # noqa: B023  at once
            print(f"  {name:8s} {seconds:.3g} s, {N / seconds:.0f} triplets read a second", flush=True)
            seconds_of[name] = seconds
        for usual, format in itertools.product(("npy", "fits", "png"), ("parquet", "zarr")):
            report(f"{N} triplets written, {format} / {usual}", Comparison(written[usual], written[format]))
            report(f"an epoch, {format} / {usual}", Comparison(seconds_of[usual], seconds_of[format]))
        report("an epoch through the store / npy", Comparison(seconds_of["npy"], seconds_of["store"]))
        store = StampImages(folder / "parquet")
        rows = store.table().take(range(min(N, STACKED)))
        found = compare(lambda: one_by_one(rows, store), lambda: stack(rows, store, CUT), rounds=3)
        report(f"a stack of {len(rows)} cutouts {CUT}x{CUT} of stamp files / a loop over them", found)


def write_npy(pixels: NDArray[np.float32], ids: NDArray[np.int64], out: Path) -> None:
    out.mkdir()
    for id_, triplet in zip(ids.tolist(), pixels, strict=True):
        np.save(out / f"{id_}.npy", triplet)


def write_fits(pixels: NDArray[np.float32], ids: NDArray[np.int64], out: Path) -> None:
    out.mkdir()
    for id_, triplet in zip(ids.tolist(), pixels, strict=True):
        hdus = [
            fits.ImageHDU(plane, name=panel.upper()) for panel, plane in zip(PANELS, triplet, strict=True)
        ]
        fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(out / f"{id_}.fits")


def write_png(pixels: NDArray[np.float32], ids: NDArray[np.int64], out: Path) -> None:
    out.mkdir()
    for id_, triplet in zip(ids.tolist(), pixels, strict=True):
        levels = np.clip(triplet + 128, 0, 255).astype(np.uint8)
        for panel, plane in zip(PANELS, levels, strict=True):
            Picture.fromarray(plane).save(out / f"{id_}_{panel}.png")


def write_stamps(table: SourceTable, images: ArrayImages, out: Path, format: Any) -> None:
    shutil.rmtree(out, ignore_errors=True)
    done = save_cutouts(table, images, out, format=format, sizes=None, progress=False)
    assert len(done.written) == N, done


def epoch_of_files(
    folder: Path, load: Callable[[Path], NDArray[Any]], pattern: str = "*"
) -> Iterator[NDArray[Any]]:
    names = sorted(folder.glob(pattern))
    np.random.default_rng(1).shuffle(names)
    for some in itertools.batched(names, BATCH):
        yield np.stack([load(name) for name in some])


def triplet_of_fits(path: Path) -> NDArray[Any]:
    with fits.open(path, memmap=False) as hdus:
        return np.stack([hdu.data for hdu in hdus[1:]])


def triplet_of_png(science: Path) -> NDArray[Any]:
    paths = [science.with_name(science.name.replace("science", panel)) for panel in PANELS]
    return np.stack([np.asarray(Picture.open(path)) for path in paths])


def epoch_of_parquet(folder: Path) -> Iterator[NDArray[Any]]:
    """Shuffle the files, and the rows within each."""
    random = np.random.default_rng(1)
    for file in random.permutation(sorted((folder / "stamps").iterdir())):
        table = pq.read_table(file, columns=list(PANELS))
        panels = [
            table[name].combine_chunks().flatten().to_numpy().reshape(-1, SIDE, SIDE) for name in PANELS
        ]
        yield from _batches(panels, random)


def epoch_of_zarr(folder: Path) -> Iterator[NDArray[Any]]:
    random = np.random.default_rng(1)
    for file in random.permutation(sorted((folder / "stamps").iterdir())):
        with zarr.storage.ZipStore(file, mode="r") as store:
            group = zarr.open_group(store, mode="r")
            panels = [np.asarray(group[name][...]) for name in PANELS]
        yield from _batches(panels, random)


def epoch_of_store(folder: Path) -> Iterator[NDArray[Any]]:
    store = StampImages(folder)
    table = store.table()
    for start in range(0, len(table), BATCH):
        rows = table.take(range(start, min(start + BATCH, len(table))))
        yield stack(rows, store, None, mask=False, variance=False).pixels


def one_by_one(rows: SourceTable, store: StampImages) -> NDArray[np.float32]:
    pixels = np.empty((len(rows), 3, CUT, CUT), dtype=np.float32)
    for place, triplet in read(rows, store, CUT):
        for layer, image in enumerate(triplet):
            assert image is not None
            pixels[place, layer] = image.pixels
    return pixels


def _batches(panels: list[NDArray[Any]], random: np.random.Generator) -> Iterator[NDArray[Any]]:
    order = random.permutation(len(panels[0]))
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        yield np.stack([one[some] for one in panels], axis=1)


def _all(batches: Iterator[NDArray[Any]], n: int) -> None:
    assert sum(len(batch) for batch in batches) == n


def size_of(folder: Path) -> tuple[int, int]:
    """Return the disk usage of files, in whole blocks, and their number."""
    sizes = [path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()]
    return sum(sizes), len(sizes)


def _timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
