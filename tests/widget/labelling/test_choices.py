"""Label choices of a grid can be given in several forms; each has a key, a colour and a symbol."""

from __future__ import annotations

import pytest
from tests.widget.other_end import SIDE, make_stamps, make_table

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.grid import CutoutGrid
from cutout_widgets.widget.labelling.choices import USUAL_CHOICES, keys_with, label_choices


def test_labels_get_keys_colours_and_symbols_in_order():
    found = label_choices(["real", "bogus"])
    assert [(one["word"], one["key"], one["colour"], one["symbol"]) for one in found] == [
        ("real", "1", "#009e73", "\u25cf"),
        ("bogus", "2", "#d55e00", "\u2715"),
    ]
    assert [one["word"] for one in label_choices(USUAL_CHOICES)] == ["real", "bogus", "dipole", "unsure"]


def test_a_label_choice_can_have_a_colour_and_a_key():
    found = label_choices([("real", "green", "R"), ("bogus", "#ABC"), {"word": "odd", "key": "x"}])
    assert [(one["key"], one["colour"]) for one in found] == [
        ("r", "#008000"),
        ("2", "#aabbcc"),
        ("x", "#0072b2"),
    ]
    assert keys_with(found)["label_1"] == ("r",)
    assert keys_with(found)["undo"][0] == "u"


def test_choices_are_distinguishable_without_colour():
    found = label_choices([str(n) for n in range(9)])
    assert len({one["symbol"] for one in found}) == 9
    assert len({one["colour"] for one in found}) == 9


def test_labels_beyond_nine_have_only_buttons():
    assert [one["key"] for one in label_choices("abcdefghijk"[n] for n in range(11))][8:] == ["9", "", ""]


@pytest.mark.parametrize(
    "given, found",
    [
        ("real", "choices are labels in their order"),
        (None, "choices are labels in their order"),
        ({"real": "red"}, "choices are labels in their order"),
        ({"real", "bogus"}, "choices are labels in their order"),
        (["real", "real "], "'real' appears twice"),
        (["x" * 1001], "at most 1000 characters"),
        (["\ud800"], "half a character"),
        (["real", "real"], "'real' appears twice"),
        ([("real", None, "x"), ("bogus", None, "x")], "a key of its own"),
        ([("real", "grean")], "'grean' is not a colour"),
        ([""], "needs a word"),
        ([3], "a choice is a word"),
        ([{"word": "real", "color": "red"}], "got 'color'"),
        ([{"word": "real", "symbol": "ab"}], "one character"),
        ([{"word": "real", "symbol": "\n"}], "one character"),
    ],
)
def test_an_invalid_choice_is_refused(given, found):
    with pytest.raises(BadOption, match=found):
        label_choices(given)


def test_a_grid_offers_its_choices_and_counts_them(tmp_path):
    grid = CutoutGrid(
        make_table(),
        make_stamps(),
        SIDE,
        labels=tmp_path / "labels.jsonl",
        choices=[("real", None, "r"), "odd"],
    )
    assert [(one["word"], one["key"]) for one in grid.choices["label_choices"]] == [
        ("real", "r"),
        ("odd", "2"),
    ]
    grid.label(list(grid.sources.ids[:3]), "odd")
    assert grid.progress["labels"] == {"real": 0, "odd": 3}
    grid.close()


def test_a_choice_key_already_in_use_is_refused():
    with pytest.raises(BadOption, match="the key 'n' is used for both next_page and label_1"):
        CutoutGrid(make_table(), make_stamps(), SIDE, choices=[("real", None, "n")])


def test_keys_can_be_changed_from_python_and_a_clash_changes_nothing():
    grid = CutoutGrid(make_table(), make_stamps(), SIDE, keymap={"label_1": "R"}, advance=False)
    assert (grid.keymap, grid.advance) == ({"label_1": ["r"]}, False)
    with pytest.raises(BadOption, match="'b' is used for both"):
        grid.keymap = {"label_1": "b"}
    assert grid.keymap == {"label_1": ["r"]}
    grid.close()


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_the_time_until_a_source_counts_as_seen_is_validated(seconds):
    with pytest.raises(BadOption, match="seen_after_s is in seconds"):
        CutoutGrid(make_table(), make_stamps(), SIDE, seen_after_s=seconds)


def test_classes_is_accepted_as_the_old_name_of_choices():
    with pytest.warns(DeprecationWarning, match=r"CutoutGrid\(classes=...\) is called choices= now"):
        grid = CutoutGrid(make_table(), make_stamps(), SIDE, classes=("yes", "no"))
    assert [one["word"] for one in grid.choices["label_choices"]] == ["yes", "no"]
    grid.close()
