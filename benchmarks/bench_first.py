"""The first alerts of a session: CPU seconds of a new Python from nothing to the first page.

The usual way draws the same stamps with fastavro, astropy and matplotlib. Processes alternate, and their CPU
time is counted, imports included, since the machine may be busy with other things.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.timing import scratch_folder

PACKETS, ROUNDS = 24, 5

_CPU = """
import json, resource, sys
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
"""

OURS = f"""{_CPU}
import cutout_widgets as cw
times = {{"import": cpu()}}
images = cw.open_images("alerts:" + sys.argv[1])
sources = cw.SourceTable.read(images)
times["table"] = cpu()
next(iter(cw.read(sources.head(1), images, 30)))
times["first triplet"] = cpu()
grid = cw.CutoutGrid(sources, images, size=30, page_size={PACKETS})
assert len(grid.snapshot["tiles"]) == {PACKETS} and len(grid.snapshot_pixels) == {PACKETS} * 3 * 900
times["first page"] = cpu()
print(json.dumps(times))
"""

USUAL = f"""{_CPU}
import io
import fastavro
import pandas as pd
from astropy.io import fits
from astropy.wcs import WCS
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
times = {{"import": cpu()}}
packets = list(fastavro.reader(open(sys.argv[1], "rb")))
pd.DataFrame([packet["diaSource"] for packet in packets])
times["table"] = cpu()
panels = "cutoutTemplate", "cutoutScience", "cutoutDifference"
def stamps(packet):
    for panel in panels:
        with fits.open(io.BytesIO(packet[panel])) as hdus:
            yield hdus[0].data, WCS(hdus[0].header)
list(stamps(packets[0]))
times["first triplet"] = cpu()
figure = Figure(figsize=(6, 2 * {PACKETS}))
axes = figure.subplots({PACKETS}, 3)
for row, packet in zip(axes, packets):
    for ax, (pixels, wcs) in zip(row, stamps(packet)):
        ax.imshow(pixels, origin="lower")
FigureCanvasAgg(figure).print_png(io.BytesIO())
times["first page"] = cpu()
print(json.dumps(times))
"""


def main() -> None:
    """Print the CPU seconds after each step of both ways, and their ratio."""
    try:
        from tests.stores.alerts.packet_files import lsst_packet, write_container
    except ImportError:
        print("needs the repository's tests")
        return
    with scratch_folder() as folder:
        packets = [lsst_packet(2**58 + number, side=30) for number in range(PACKETS)]
        path = write_container(folder / "alerts.avro", packets)
        usual: list[dict[str, float]] = []
        ours: list[dict[str, float]] = []
        for _ in range(ROUNDS):
            usual.append(_times_of(USUAL, path))
            ours.append(_times_of(OURS, path))
    for step in ours[0]:
        theirs, mine = (median(times[step] for times in runs) for runs in (usual, ours))
        asked = "   (asked: under 1.5 s of CPU)" if step == "first page" else ""
        print(f"  {step:46s} {theirs:6.2f} s -> {mine:6.2f} s   {theirs / mine:5.1f}x{asked}")


def _times_of(script: str, path: Path) -> dict[str, float]:
    """Return step -> CPU seconds that a new Python had used after it."""
    told = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    times: dict[str, float] = json.loads(told.stdout)
    return times


if __name__ == "__main__":
    main()
