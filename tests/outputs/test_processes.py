"""Worker processes started from a script, a module or a notebook."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.outputs.processes import workers

SCRIPT = """
import sys

import numpy as np
import pandas as pd

from cutout_widgets import ArrayImages
from cutout_widgets.compat.analysis_ap import PlotImageSubtractionCutoutsTask

print("started")
stamps = np.random.default_rng(1).normal(size=(4, 30, 30)).astype("float32")
rows = pd.DataFrame({"diaSourceId": [1, 2, 3, 4], "ra": 53.0, "dec": -28.0, "visit": [5, 5, 6, 6]})
store = ArrayImages.from_stamps([1, 2, 3, 4], stamps, stamps, stamps)
print(PlotImageSubtractionCutoutsTask(output_path=sys.argv[1]).run(rows, store, njobs=2))
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["script", "module", "text"])
def test_a_script_needs_no_main_guard(how, tmp_path):
    (tmp_path / "unguarded.py").write_text(SCRIPT)
    given = {"script": ["unguarded.py"], "module": ["-m", "unguarded"], "text": ["-c", SCRIPT]}[how]
    ran = subprocess.run(
        [sys.executable, *given, "out"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.returncode) == ("started\n[1, 2, 3, 4]\n", 0), ran.stderr
    assert len(list(Path(tmp_path, "out").rglob("*.png"))) == 4


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_worker_processes_end_when_the_parent_is_killed():
    script = """
import os, signal
from cutout_widgets.outputs.processes import workers
with workers(2) as executor:
    executor.submit(os.getpid).result()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    # Its output ends when all that write to it have ended.
    ran = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, timeout=60, check=False)
    assert ran.returncode == -signal.SIGKILL


def test_worker_processes_are_not_forked():
    with workers(np.int64(1)) as executor:
        assert executor.submit(eval, "'pytest' in __import__('sys').modules").result() is False


def test_the_main_module_keeps_its_name():
    main = vars(sys.modules["__main__"])
    before = main.get("__file__"), main["__spec__"]
    with workers(1) as executor:
        executor.submit(os.getpid).result()
    assert (main.get("__file__"), main["__spec__"]) == before


def test_without_processes_tasks_run_in_this_process():
    with workers(0) as executor:
        assert executor is None


@pytest.mark.parametrize("njobs", [-1, 1.5, "2", None])
def test_an_invalid_number_of_processes_is_refused(njobs):
    with pytest.raises(BadOption, match="njobs is a number of processes"):
        workers(njobs)
