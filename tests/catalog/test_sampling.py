"""Samples of a table, and their weights."""

from __future__ import annotations

import numpy as np
import pytest

import cutout_widgets as cw


@pytest.fixture
def table() -> cw.SourceTable:
    """A thousand rows: 900 of a low score, 90 of a middle one, 8 of a high one, 2 without."""
    score = np.repeat([0.05, 0.55, 0.95, np.nan], [900, 90, 8, 2])
    rows = {"id": np.arange(1000) + 2**60, "ra": np.zeros(1000), "dec": np.zeros(1000)}
    return cw.SourceTable({**rows, "reliability": score, "band": ["g", "r"] * 500})


def test_each_bin_gives_equally_many_rows_and_weights_restore_the_counts(table):
    sample = table.sample(40, by="reliability", bins=10)
    score, weight = sample.values("reliability"), sample.values("sample_weight")
    counts = [int((score == one).sum()) for one in (0.05, 0.55, 0.95)] + [int(np.isnan(score).sum())]
    assert counts == [15, 15, 8, 2]
    assert weight[score == 0.05].tolist() == [60.0] * 15
    assert weight[score == 0.55].tolist() == [6.0] * 15
    assert weight[score == 0.95].tolist() == [1.0] * 8
    assert weight.sum() == pytest.approx(1000)


def test_the_same_seed_gives_the_same_sample(table):
    one, two, other = (table.sample(30, by="reliability", seed=seed).ids.tolist() for seed in (1, 1, 2))
    assert one == two != other
    assert len(set(one)) == 30
    assert one == sorted(one)


def test_text_values_are_strata_and_the_filter_is_kept(table):
    sample = table.where("reliability > 0.9").sample(4, by="band")
    assert sorted(sample.values("band").tolist()) == ["g", "g", "r", "r"]
    assert sample.values("sample_weight").sum() == 8
    assert sample.where("sample_weight == 2").ids.tolist() == sample.ids.tolist()


def test_a_sample_larger_than_a_stratum_takes_all_of_it(table):
    sample = table.sample(5000, by="reliability")
    assert len(sample) == 1000
    assert set(sample.values("sample_weight").tolist()) == {1.0}


def test_a_sample_without_strata_is_uniform(table):
    sample = table.sample(10)
    assert sample.values("sample_weight").tolist() == [100.0] * 10


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n": 1.5}, {"n": True}, {"n": 5, "bins": 0}])
def test_an_empty_sample_is_refused(table, wrong):
    with pytest.raises(cw.BadOption, match="positive whole number"):
        table.sample(**wrong, by="reliability")
    with pytest.raises(cw.BadTable, match="no column 'x'"):
        table.sample(3, by="x")
