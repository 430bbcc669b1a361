"""Kill saving runs at random moments, complete them, and compare with an undisturbed run.

::

    PYTHONPATH=tests python -m outputs.kill 200
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.content import fault_of_file
from cutout_widgets.outputs.files import PARTIAL
from outputs.makers import files_of, make_world

OPTIONS: dict[str, Any] = {"url_root": "http://h", "save_as_numpy": True, "fits": True, "progress": False}


def killed_runs(runs: int, folder: Path, *, sources: int = 40, seed: int = 0) -> int:
    """Kill runs and complete them.

    Returns
    -------
    int
        How many kills hit a run that was not yet done.

    Raises
    ------
    AssertionError
        If a half file was visible, or a completed directory differs.
    """
    table, images = make_world(sources)
    save_cutouts(table, images, folder / "first", **OPTIONS)  # the imports of a first run are not its time
    start = time.monotonic()
    save_cutouts(table, images, folder / "whole", **OPTIONS)
    usual_s = time.monotonic() - start
    wanted = files_of(folder / "whole")
    chance = random.Random(seed)
    hits = 0
    for _ in range(runs):
        out = folder / "killed"
        shutil.rmtree(out, ignore_errors=True)
        child = os.fork()
        if child == 0:
            try:
                save_cutouts(table, images, out, **OPTIONS)
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, 1.1 * usual_s))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        hits += os.WIFSIGNALED(status)
        for path in out.rglob("*"):
            name = path.relative_to(out)
            if path.is_file() and name.parts[0] in ("images", "numpy", "fits") and path.suffix != ".gz":
                assert fault_of_file(out, name) is None, f"{name} is half a file"
            assert name.parts[0] in {*(one.split("/")[0] for one in wanted), PARTIAL}, f"{name} is in the way"
        save_cutouts(table, images, out, **OPTIONS)
        found = files_of(out)
        assert found == wanted, sorted(set(found) ^ set(wanted))
    return hits


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as made:
        landed = killed_runs(count, Path(made), seed=count)
    print(f"{count} runs, {landed} of them killed before their end, all completed to equal directories")
