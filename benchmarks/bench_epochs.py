"""A hundred epochs of one object, three panels each: from FITS files, and from a remote cutout service.

The object is the demo's richest: its exposures are copied to 100 visits. The service is the tests' own, on
loopback, and answers each request after 50 ms. The usual way is one call per stamp: open, cut, next. Ours is
what the strip of epochs in the inspector requests: the list of epochs, then all their tiles. Targets:
0.5 s from files that the system has in memory, and 10 s from the service.
"""

from __future__ import annotations

import csv
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.nddata import Cutout2D
from astropy.wcs import WCS
from tests.stores.soda.server import SodaServer

import cutout_widgets as cw
from benchmarks.timing import Comparison, report, scratch_folder
from cutout_widgets import demo
from cutout_widgets.pixels.image import PANELS, Image
from cutout_widgets.pixels.region import Region
from cutout_widgets.testing import make_image, make_wcs
from cutout_widgets.widget.objects.requests import EpochRequests

N, SIDE = 100, 30
LATENCY_S = 0.05
ASKED_FITS_S, ASKED_SODA_S = 0.5, 10.0
USUAL_EPOCHS = 5
"""Epochs that the usual way reads; its time is scaled to all."""


class FarAway(SodaServer):
    """The tests' service with network latency."""

    def __init__(self, sky: dict[str, Image], folder: Path) -> None:
        super().__init__(sky, folder)
        self.made: dict[tuple[Any, ...], bytes | None] = {}

    def links_document(self, name: str) -> str:
        time.sleep(LATENCY_S)
        return super().links_document(name)

    def cutout(self, name: str, ra: float, dec: float, radius: float) -> bytes | None:
        """Answer late. The answer is made once, so that the work of the service is not timed."""
        time.sleep(LATENCY_S)
        key = (id(self.sky[name]), ra, dec, radius)
        if key not in self.made:
            self.made[key] = super().cutout(name, ra, dec, radius)
        return self.made[key]


def rows_of(ra: float, dec: float, **columns: Any) -> dict[str, Any]:
    """Return a table of 100 detections of one object, one a night."""
    return {
        "diaSourceId": np.arange(N) + 169298432598474793,
        "diaObjectId": np.full(N, 7),
        "ra": np.full(N, ra),
        "dec": np.full(N, dec),
        "visit": np.arange(N) + 1,
        "detector": np.zeros(N, dtype=int),
        "band": ["g", "r"] * (N // 2),
        "midpointMjdTai": 61000.0 + np.arange(N),
        **columns,
    }


def files_of_demo(folder: Path) -> tuple[dict[str, Any], Path]:
    """Copy the exposures of the demo's richest object to 100 visits; return its rows and the index."""
    sky = demo.write(folder / "demo", repository="never")
    table = sky.sources()
    known = [one for one in table.values("diaObjectId").tolist() if one]
    ((richest, _),) = Counter(known).most_common(1)
    seen = list(table.where(f"diaObjectId == {richest}"))
    with (folder / "demo" / "images.csv").open(newline="") as text:
        given = {(int(row["visit"]), int(row["detector"])): row for row in csv.DictReader(text)}
    index = folder / "index.csv"
    with index.open("w", newline="") as text:
        writer = csv.DictWriter(text, ["visit", "detector", *PANELS])
        writer.writeheader()
        for visit in range(1, N + 1):
            source = seen[visit % len(seen)]
            row: dict[str, Any] = {"visit": visit, "detector": 0}
            for panel in PANELS:
                path = given[source.visit or 0, source.detector or 0][panel]
                if path:
                    row[panel] = f"{panel}-{visit}.fits"
                    shutil.copyfile(folder / "demo" / path, folder / row[panel])
            writer.writerow(row)
    return rows_of(
        float(np.median([one.ra for one in seen])), float(np.median([one.dec for one in seen]))
    ), index


def strip(grid: cw.CutoutGrid) -> bytes:
    """Answer the requests of the strip, with an empty cache."""
    grid.release()
    requests = EpochRequests(grid)
    id = str(grid.sources.ids[0])
    requests.epochs({"id": id})
    body = {"id": id, "look": "documented", "same_limits": True, "places": list(range(N))}
    pieces: list[bytes] = []
    answer = requests.tiles(body, cancelled=lambda: False, deliver=lambda _, pixels: pieces.append(pixels))
    if answer is not None:
        pieces.append(answer[1])
    if sum(map(len, pieces)) < N * SIDE * SIDE:
        raise SystemExit("not all tiles came")
    return b"".join(pieces)


def seconds(way: Callable[[], Any]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def from_fits(folder: Path) -> None:
    rows, index = files_of_demo(folder)
    at = SkyCoord(rows["ra"][0], rows["dec"][0], unit="deg")
    files = sorted(folder.glob("*.fits"))

    def usual() -> None:
        for file in files[: len(PANELS) * USUAL_EPOCHS]:
            with fits.open(file) as hdus:
                hdu = next(one for one in hdus if one.data is not None and one.data.ndim == 2)
                Cutout2D(hdu.data, at, SIDE, WCS(hdu.header), mode="partial", copy=True)

    grid = cw.CutoutGrid(rows, cw.FitsImages.from_index(index), SIDE, snapshot=False)
    strip(grid)  # the files are in the system's cache from here on
    usual()
    found = Comparison(
        float(np.median([seconds(usual) for _ in range(3)])) * N / USUAL_EPOCHS,
        float(np.median([seconds(lambda: strip(grid)) for _ in range(5)])),
    )
    report(f"{N} epochs x 3 panels from FITS", found)
    start = time.process_time()
    strip(grid)
    busy = time.process_time() - start  # the time on an otherwise idle machine
    print(
        f"    ours {found.ours_s:.2f} s (asked: {ASKED_FITS_S} s), {busy:.2f} s of the processor; "
        f"usual: scaled from {USUAL_EPOCHS}"
    )
    grid.close()


def from_soda(folder: Path) -> None:
    wcs = make_wcs(at=(100.0, 100.0))
    three = {panel: make_image((200, 200), seed=k, wcs=wcs) for k, panel in enumerate(PANELS)}
    sky = {f"{panel}-{visit}": three[panel] for panel in PANELS for visit in range(1, N + 1)}
    rows = rows_of(53.0, -28.0)
    with FarAway(sky, folder) as server:
        sources = list(cw.SourceTable.read(rows))[:USUAL_EPOCHS]
        one_by_one = cw.SodaImages(server.links, at_once=1)

        def usual() -> None:
            for source in sources:
                list(one_by_one.read([source], replace(Region((SIDE,)), extras=frozenset())))

        def ours() -> None:
            grid = cw.CutoutGrid(rows, cw.SodaImages(server.links), SIDE, snapshot=False)
            strip(grid)
            grid.close()

        found = Comparison(
            seconds(usual) * N / USUAL_EPOCHS, float(np.median([seconds(ours) for _ in range(2)]))
        )
    report(f"{N} epochs x 3 panels from SODA at 50 ms", found)
    print(f"    ours {found.ours_s:.2f} s (asked: {ASKED_SODA_S:g} s); usual: scaled from {USUAL_EPOCHS}")


def main() -> None:
    print(f"  load {os.getloadavg()[0]:.1f}")
    with scratch_folder() as folder:
        from_fits(folder)
    with scratch_folder() as folder:
        from_soda(folder)
    print(f"  load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
