"""Damaged inputs of every kind give a one-sentence error, fast and in little memory; see also `fuzz.run`."""

from __future__ import annotations

import logging
import random
import warnings
from contextlib import suppress

import pytest
from astropy import log as astropy_log

from cutout_widgets.errors import CutoutError, CutoutWarning
from fuzz.run import faults
from fuzz.subjects import SUBJECTS

INPUTS = 100
"""Of all kinds; the seeds are those of the command's first inputs."""


@pytest.mark.parametrize("subject", SUBJECTS, ids=[one.name for one in SUBJECTS])
def test_damaged_inputs_are_reported_in_one_sentence(subject):
    assert sum(one.share for one in SUBJECTS) == 100
    assert [str(fault) for fault in faults(INPUTS * subject.share // 100, kinds=(subject.name,))] == []


@pytest.mark.parametrize("kind", ["fits", "packets", "tables"])
def test_no_warning_of_another_package_escapes_from_damaged_files_and_none_stays_open(kind, tmp_path, capfd):
    subject = next(one for one in SUBJECTS if one.name == kind)
    escaped, lines = [], _Lines()
    root = logging.getLogger()
    root.addHandler(lines)
    astropy_log.addHandler(lines)
    try:
        for number in range(60):
            ending, data = subject.make(random.Random(f"{kind} {number}"))
            path = tmp_path / f"{number}{ending}"
            path.write_bytes(data)
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                with suppress(CutoutError):
                    subject.use(path)
            escaped += [str(one.message) for one in told if one.category is not CutoutWarning]
    finally:
        root.removeHandler(lines)
        astropy_log.removeHandler(lines)
    assert escaped == []
    assert lines.foreign == []
    assert capfd.readouterr() == ("", "")


class _Lines(logging.Handler):
    """Keeps what packages other than ours log."""

    def __init__(self):
        super().__init__()
        self.foreign = []

    def emit(self, record):
        if not record.name.startswith("cutout_widgets"):
            self.foreign.append(f"{record.name}: {record.getMessage()}")
