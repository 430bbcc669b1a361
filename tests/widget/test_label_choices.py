"""Labels of a grid are written in a few ways, and each has a key, a colour and a symbol."""

from __future__ import annotations

import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.label_choices import USUAL_CHOICES, keys_with, label_choices


def test_words_get_keys_colours_and_symbols_in_turn():
    found = label_choices(["real", "bogus"])
    assert [(one["word"], one["key"], one["colour"], one["symbol"]) for one in found] == [
        ("real", "1", "#009e73", "\u25cf"),
        ("bogus", "2", "#d55e00", "\u2715"),
    ]
    assert [one["word"] for one in label_choices(USUAL_CHOICES)] == ["real", "bogus", "dipole", "unsure"]


def test_a_choice_may_have_a_colour_and_a_key():
    found = label_choices([("real", "green", "R"), ("bogus", "#ABC"), {"word": "odd", "key": "x"}])
    assert [(one["key"], one["colour"]) for one in found] == [
        ("r", "#008000"),
        ("2", "#aabbcc"),
        ("x", "#0072b2"),
    ]
    assert keys_with(found)["label_1"] == ("r",)
    assert keys_with(found)["undo"] == ("u",)


def test_no_two_choices_look_alike_to_those_who_see_no_colours():
    found = label_choices([str(n) for n in range(9)])
    assert len({one["symbol"] for one in found}) == 9
    assert len({one["colour"] for one in found}) == 9


def test_beyond_nine_labels_there_are_buttons_only():
    assert [one["key"] for one in label_choices("abcdefghijk"[n] for n in range(11))][8:] == ["9", "", ""]


@pytest.mark.parametrize(
    "given, found",
    [
        ("real", "choices are several labels"),
        (["real", "real"], "'real' is there twice"),
        ([("real", None, "x"), ("bogus", None, "x")], "a key of its own"),
        ([("real", "grean")], "'grean' is no colour"),
        ([""], "needs a word"),
        ([3], "a choice is a word"),
        ([{"word": "real", "color": "red"}], "got 'color'"),
        ([{"word": "real", "symbol": "ab"}], "one character"),
    ],
)
def test_what_is_no_choice_is_refused(given, found):
    with pytest.raises(BadOption, match=found):
        label_choices(given)
