"""Agreement between people: values computed by hand, and by statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import cutout_widgets as cw

ID = 506428274000265570


def of(text: str) -> dict[int, str]:
    """Labels of consecutive ids, given by first letters; a dot is no label."""
    return {
        ID + place: {"r": "real", "b": "bogus", "u": "unsure"}[one]
        for place, one in enumerate(text)
        if one != "."
    }


def test_agreement_of_two_people_has_the_expected_values():
    found = cw.agreement(of("rrrbb."), of("rrbbrr"))
    assert (found.n, found.people, found.words) == (5, ("person 1", "person 2"), ("bogus", "real"))
    assert found.confusion().to_numpy().tolist() == [[1, 1], [1, 2]]
    assert found.observed == pytest.approx(3 / 5)
    chance = 0.4 * 0.4 + 0.6 * 0.6
    assert found.cohen.value == pytest.approx((0.6 - chance) / (1 - chance))
    assert found.disagreements["id"].tolist() == [ID + 2, ID + 4]


def test_cohens_kappa_and_its_interval_agree_with_statsmodels():
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    random = np.random.default_rng(3)
    for n in (20, 400):
        one = random.choice(list("rbu"), n, p=[0.5, 0.3, 0.2])
        two = np.where(random.random(n) < 0.7, one, random.choice(list("rbu"), n))
        found = cw.agreement(of("".join(one)), of("".join(two)))
        theirs = inter_rater.cohens_kappa(found.confusion().to_numpy())
        assert found.cohen.value == pytest.approx(theirs.kappa)
        assert (found.cohen.low, found.cohen.high) == pytest.approx((theirs.kappa_low, theirs.kappa_upp))


def test_fleiss_kappa_agrees_with_statsmodels():
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    random = np.random.default_rng(4)
    people = ["".join(random.choice(list("rbu"), 50, p=[0.6, 0.3, 0.1])) for _ in range(4)]
    found = cw.agreement(*map(of, people))
    counts = np.array([[person[i] for person in people] for i in range(50)])
    table = np.stack([(counts == one).sum(axis=1) for one in "bru"], axis=1)
    assert found.fleiss.value == pytest.approx(inter_rater.fleiss_kappa(table))
    assert found.fleiss.low < found.fleiss.value < found.fleiss.high
    assert len(found.pairs) == 6
    with pytest.raises(cw.BadOption, match=r"compares two people.*see \.pairs"):
        found.cohen  # noqa: B018  the look-up is the test


def test_the_fleiss_interval_has_its_nominal_coverage():
    """Two people who copy a fair coin at 80 %, else guess: kappa is 0.64 (0.8 squared)."""
    random = np.random.default_rng(5)
    inside = 0
    for _ in range(200):
        truth = random.integers(0, 2, 200)
        seen = [np.where(random.random(200) < 0.8, truth, random.integers(0, 2, 200)) for _ in range(2)]
        found = cw.agreement(*({i: "rb"[one] for i, one in enumerate(person)} for person in seen))
        inside += found.fleiss.low <= 0.64 <= found.fleiss.high
    assert 0.9 <= inside / 200 <= 0.99


def test_perfect_agreement_gives_kappa_one_and_a_single_class_gives_nan():
    assert cw.agreement(of("rrb"), of("rrb")).cohen.value == 1
    same = cw.agreement(of("rrr"), of("rrr"))
    assert math.isnan(same.cohen.value)
    assert math.isnan(same.fleiss.value)


def test_one_journal_is_split_by_person(tmp_path):
    path = tmp_path / "lab.jsonl"
    for who, text in (("vera", "rrb"), ("maria", "rbb")):
        journal = cw.LabelJournal(path, who=who)
        for id, word in of(text).items():
            journal.label(id, word)
    found = cw.agreement(path)
    assert found.people == ("maria", "vera")
    assert found.disagreements.to_dict("list") == {"id": [ID + 1], "maria": ["bogus"], "vera": ["real"]}


def test_disagreements_are_rows_that_a_grid_can_show():
    sources = cw.SourceTable(
        {"diaSourceId": [ID + 2, ID + 1, ID], "ra": [1.0, 2.0, 3.0], "dec": [0.0, 0.0, 0.0]}
    )
    assert cw.agreement(of("rrb"), of("rbr")).in_table(sources).ids.tolist() == [ID + 2, ID + 1]


@pytest.mark.parametrize("labels", [(), (of("r"),), (of("r."), of(".b"))])
def test_too_few_people_or_sources_are_refused(labels):
    with pytest.raises(cw.BadOption):
        cw.agreement(*labels)


def test_something_without_labels_is_refused():
    with pytest.raises(cw.BadTable, match="columns id and label"):
        cw.agreement(pd.DataFrame({"a": [1]}), of("r"))
    with pytest.raises(cw.BadOption, match="an id is"):
        cw.agreement(pd.DataFrame({"id": [1.5], "label": ["real"]}), of("r"))
