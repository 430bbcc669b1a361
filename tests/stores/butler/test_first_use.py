"""The first image of a process, requested by two threads at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.stores import rubin_repository as rubin

pytest.importorskip("lsst.daf.butler", reason="needs the extra 'rubin'")
pytest.importorskip("lsst.images", reason="needs the extra 'rubin'")

SCRIPT = """
import sys, threading
import cutout_widgets as cw

store = cw.ButlerImages(sys.argv[1])
rows = list(store.table())[:1]
assert "lsst.images.serialization" not in sys.modules, "the race is not set up: it is imported already"

def import_all():
    import lsst.images

other = threading.Thread(target=import_all)
other.start()
# The moment in which the package that opens files is there, and those that know the files are not.
while "lsst.images.serialization" not in sys.modules or (
    sys.modules["lsst.images.serialization"].__spec__._initializing
):
    pass
assert sys.modules["lsst.images"].__spec__._initializing, "too late: everything is imported"
(_, triplet), = cw.read(rows, store, 9)
print(triplet.problems)
other.join()
"""


def test_the_first_image_waits_until_all_of_lsst_images_is_imported(tmp_path):
    repository = rubin.build(tmp_path / "repo")
    command = [sys.executable, "-c", SCRIPT, str(repository)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "()"
