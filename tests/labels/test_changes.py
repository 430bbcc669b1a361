"""Changes of labels of many sources, as arrays."""

from __future__ import annotations

import numpy as np

from cutout_widgets.labels import Change
from cutout_widgets.labels.changes import Changes, first_of_each


def changes(ids: list[int], was: list[int], now: list[int], words: list[str]) -> Changes:
    return Changes(
        np.array(ids, dtype=np.int64), np.array(was, dtype=np.int32), np.array(now, dtype=np.int32), words
    )


def test_changes_can_be_iterated_and_minus_one_means_no_label():
    one = changes([7, 2**63 - 1], [-1, 1], [0, -1], ["real", "bogus"])
    assert list(one) == [Change(7, None, "real"), Change(2**63 - 1, "bogus", None)]
    assert one.labels() == {7: "real", 2**63 - 1: None}


def test_merging_keeps_the_later_change_of_a_source():
    first = changes([7, 8], [-1, 0], [0, 1], ["real", "bogus"])
    later = changes([8], [0], [1], ["bogus", "dipole"])
    assert list(first.then(later)) == [Change(7, None, "real"), Change(8, "bogus", "dipole")]
    assert list(Changes.none().then(later)) == [Change(8, "bogus", "dipole")]
    assert list(first.then(Changes.none())) == list(first)


def test_labels_are_compared_by_text_not_by_code():
    one = changes([7, 8, 9], [0, 1, -1], [0, 1, -1], ["real", "bogus"])
    again = one.with_labels(np.array([1, 1, -1], dtype=np.int32), ["bogus", "real"])
    assert list(again) == [
        Change(7, "real", "real"), Change(8, "bogus", "real"), Change(9, None, None)
    ]  # fmt: skip


def test_repeated_ids_are_dropped_in_order_of_first_appearance():
    assert first_of_each(np.array([5, 3, 5, 1, 3])).tolist() == [5, 3, 1]
    assert first_of_each(np.array([5, 3])).tolist() == [5, 3]
