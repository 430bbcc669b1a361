"""Damaged inputs of every kind end in a sentence, soon, in little memory. `fuzz.run` tries more of them."""

from __future__ import annotations

import pytest

from fuzz.run import faults
from fuzz.subjects import SUBJECTS

INPUTS = 100
"""Of all kinds; the seeds are those of the command's first inputs."""


@pytest.mark.parametrize("subject", SUBJECTS, ids=[one.name for one in SUBJECTS])
def test_damaged_inputs_are_told_in_a_sentence(subject):
    assert sum(one.share for one in SUBJECTS) == 100
    assert [str(fault) for fault in faults(INPUTS * subject.share // 100, kinds=(subject.name,))] == []
