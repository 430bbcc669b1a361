"""The first page of alerts does not import slow packages."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from tests.stores.alerts.packet_files import ZTF_SCHEMA, lsst_packet, write_container, ztf_packet

pytest.importorskip("fastavro", reason="the extra 'alerts' is not installed")

HEAVY = ("pandas", "matplotlib", "astropy", "scipy", "bqplot", "http.client")

SCRIPT = f"""
import sys
import cutout_widgets as cw
images = cw.open_images("alerts:" + sys.argv[1])
sources = cw.SourceTable.read(images)
((row, triplet),) = cw.read(sources.head(1), images, 6)
assert not triplet.problems, triplet.problems
assert triplet.science is not None
print([name for name in {HEAVY} if name in sys.modules])
if sys.argv[2] == "grid":
    grid = cw.CutoutGrid(sources, images, size=6)
    assert tuple(grid.snapshot["tiles"][0]["panels"]["science"]["shape"]) == (6, 6)
    print([name for name in {HEAVY} if name in sys.modules])
"""


@pytest.fixture(params=["lsst", "ztf"])
def packets(request, tmp_path):
    path = tmp_path / "alerts.avro"
    if request.param == "lsst":
        write_container(path, [lsst_packet(number) for number in (1, 2)])
    else:
        write_container(path, [ztf_packet(7, np.ones((63, 63)))], schema=ZTF_SCHEMA)
    return path


def test_the_first_triplet_of_alerts_imports_nothing_heavy(packets):
    command = [sys.executable, "-c", SCRIPT, str(packets), "triplet"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.split("\n") == ["[]", ""]


def test_the_first_page_of_alerts_imports_nothing_heavy(packets):
    command = [sys.executable, "-c", SCRIPT, str(packets), "grid"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.split("\n") == ["[]", "[]", ""]
