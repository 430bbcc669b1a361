"""Ten thousand triplets of 63 x 63 for training: stamp files against a file for each source.

The usual way writes a ``.npy`` of shape (3, 63, 63) for each source with numpy, and reads them one by
one; an 8-bit PNG for each panel, with Pillow, is printed for comparison. Ours is `save_cutouts` from the same
arrays, rows included, and an epoch by pyarrow or zarr alone, or through the store, in batches of 64.
Times are those of the processor: files are in the system's memory, and waiting for other programs
is left out.
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import zarr
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

N, SIDE, BATCH, CUT = 10_000, 63, 64, 30


def main() -> None:
    random = np.random.default_rng(3)
    pixels = random.normal(0, 30, (N, 3, SIDE, SIDE)).astype(np.float32)
    ids = 506428274000265570 + np.arange(N)
    table = SourceTable.read({"diaSourceId": ids, "ra": np.full(N, 53.0), "dec": np.full(N, -28.0)})
    images = ArrayImages.from_stamps(ids, *(pixels[:, k] for k in range(3)), unit="nJy")
    with scratch_folder() as folder:
        for format in ("parquet", "zarr"):  # imports what it needs
            save_cutouts(table.take([0]), images, folder / f"first-{format}", format=format, progress=False)
        written = {
            "npy": _timed(lambda: write_npy(pixels, ids, folder / "npy")),
            "png": _timed(lambda: write_png(pixels[: N // 10], ids, folder / "png")) * 10,
        }
        for format in ("parquet", "zarr"):
            written[format] = _timed(lambda: write_stamps(table, images, folder / format, format))  # noqa: B023
        sizes = {name: size_of(folder / name) for name in ("npy", "parquet", "zarr")}
        sizes["png"] = 10 * size_of(folder / "png")
        for name, seconds in written.items():
            print(f"  {name:8s} {sizes[name] / 1e6:7.0f} MB on disk, {N / seconds:8.0f} written a second")
        epochs: dict[str, Callable[[], Iterator[NDArray[Any]]]] = {
            "npy": lambda: epoch_of_npy(folder / "npy"),
            "parquet": lambda: epoch_of_parquet(folder / "parquet"),
            "zarr": lambda: epoch_of_zarr(folder / "zarr"),
            "store": lambda: epoch_of_store(folder / "parquet"),
        }
        seconds_of: dict[str, float] = {}
        for name, epoch in epochs.items():
            seconds_of[name] = min(_timed(lambda: _all(epoch())) for _ in range(3))  # noqa: B023
        for name, seconds in seconds_of.items():
            print(f"  {name:8s} {N / seconds:8.0f} triplets read a second")
        for format in ("parquet", "zarr"):
            report(f"{N} triplets written, {format} / npy", Comparison(written["npy"], written[format]))
            report(f"an epoch, {format} / npy", Comparison(seconds_of["npy"], seconds_of[format]))
        report("an epoch through the store / npy", Comparison(seconds_of["npy"], seconds_of["store"]))
        store = StampImages(folder / "parquet")
        rows = store.table()
        found = compare(lambda: one_by_one(rows, store), lambda: stack(rows, store, CUT), rounds=3)
        report(f"a stack of {N} cutouts {CUT}x{CUT} of stamp files / a loop over them", found)


def write_npy(pixels: NDArray[np.float32], ids: NDArray[np.int64], out: Path) -> None:
    out.mkdir()
    for id_, triplet in zip(ids.tolist(), pixels, strict=True):
        np.save(out / f"{id_}.npy", triplet)


def write_png(pixels: NDArray[np.float32], ids: NDArray[np.int64], out: Path) -> None:
    out.mkdir()
    levels = np.clip(pixels + 128, 0, 255).astype(np.uint8)
    for id_, triplet in zip(ids.tolist(), levels, strict=False):
        for panel, plane in zip(PANELS, triplet, strict=True):
            Picture.fromarray(plane).save(out / f"{id_}_{panel}.png")


def write_stamps(table: SourceTable, images: ArrayImages, out: Path, format: Any) -> None:
    shutil.rmtree(out, ignore_errors=True)
    done = save_cutouts(table, images, out, format=format, sizes=None, progress=False)
    assert len(done.written) == N, done


def epoch_of_npy(folder: Path) -> Iterator[NDArray[Any]]:
    names = sorted(folder.iterdir())
    np.random.default_rng(1).shuffle(names)
    for some in itertools.batched(names, BATCH):
        yield np.stack([np.load(name) for name in some])


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


def _all(batches: Iterator[NDArray[Any]]) -> None:
    assert sum(len(batch) for batch in batches) == N


def size_of(folder: Path) -> int:
    """Return what files take on the disk, in whole blocks."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
