"""The WCS of a Rubin image is read by a library that is not thread-safe."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("lsst.images", reason="needs the extra rubin: lsst-images")
pytest.importorskip("lsst.daf.butler", reason="needs the extra rubin: lsst-daf-butler")

from tests.stores import rubin_repository as rubin  # needs the packages above

SCRIPT = """
    import sys

    sys.setswitchinterval(1e-5)  # another thread comes to run in the middle of everything
    import cutout_widgets as cw
    from cutout_widgets.reader import read
    from tests.stores.butler.test_store import all_sources

    images = cw.ButlerImages(sys.argv[1])
    rows = all_sources(1)
    alone = dict(read(rows, images, 9))
    for _ in range(8):  # without the lock it ended in the first or second
        images.close()
        for place, triplet in read(rows, images, 9, threads=8):
            assert triplet.problems == alone[place].problems, triplet.problems
    print("alive")
"""


def test_opening_exposures_concurrently_does_not_crash(tmp_path):
    repository = rubin.build(tmp_path / "repo")
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(SCRIPT), str(repository)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr[-2000:]
