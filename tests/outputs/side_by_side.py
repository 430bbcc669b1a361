"""Save different rows into one directory from many processes at once, and check that nothing is lost.

::

    PYTHONPATH=tests python -m outputs.side_by_side 100 12
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.manifest import read_manifest
from cutout_widgets.outputs.verify import verify
from outputs.makers import make_world

OPTIONS: dict[str, Any] = {"url_root": "http://h", "progress": False, "chunk_size": 100}


def lockstep(folder: Path, *, rounds: int, writers: int, sources: int = 5, **options: Any) -> int:
    """Let writers save at the same time, round after round.

    Returns
    -------
    int
        How many rows the manifests had in all.

    Raises
    ------
    AssertionError
        If a row or a file is missing, or `verify` reports a problem.
    """
    table, images = make_world(writers * sources)
    save_cutouts(table.take([0]), images, folder / "first", **OPTIONS)  # imports are not the writers' time
    rows = 0
    for _ in range(rounds):
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        gate, opener = os.pipe()
        children = []
        for k in range(writers):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    os.close(opener)
                    os.read(gate, 1)  # till the parent opens the gate for all
                    some = table.take(range(k * sources, (k + 1) * sources))
                    save_cutouts(some, images, out, **OPTIONS, **options)
                    status = 0
                except Exception:  # noqa: BLE001  told, and its status tells too
                    traceback.print_exc()
                finally:
                    os._exit(status)
            children.append(child)
        os.close(gate)
        os.close(opener)
        ends = [os.waitpid(child, 0)[1] for child in children]
        assert ends == [0] * writers, f"the writers ended with {ends}"
        found = [row["external_id"] for row in read_manifest(out / "manifest.csv")]
        assert sorted(found) == sorted(str(id_) for id_ in table.ids), f"{len(found)} rows of {len(table)}"
        assert verify(out) == []
        rows += len(found)
    return rows


if __name__ == "__main__":
    number, processes = (int(one) for one in (*sys.argv[1:], "100", "12")[:2])
    with tempfile.TemporaryDirectory() as made:
        total = lockstep(Path(made), rounds=number, writers=processes)
    print(f"{number} rounds of {processes} processes in lockstep: {total} rows, none lost")
