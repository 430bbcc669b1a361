"""Keys can be changed, but no key has two actions."""

from __future__ import annotations

import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.widget.keymap import KEYS, keymap_of


def test_keys_are_normalised():
    given = {"label_1": "R", "undo": ["Ctrl+Z", "Backspace"], "select": "Space"}
    assert keymap_of(given) == {"label_1": ["r"], "undo": ["ctrl+z", "backspace"], "select": [" "]}
    assert keymap_of({"undo": "Shift+Ctrl+Y"}) == {"undo": ["ctrl+shift+y"]}
    assert keymap_of({"help": "+", "larger": "="}) == {"help": ["+"], "larger": ["="]}
    assert keymap_of({"help": ["Ctrl++", "Shift++"], "larger": "="})["help"] == ["ctrl++", "shift++"]
    assert keymap_of({"close": ["Esc", "Ctrl+Left"]}) == {"close": ["escape", "ctrl+arrowleft"]}


def test_a_key_cannot_have_two_actions():
    with pytest.raises(BadOption, match="the key 'n' is used for both next_page and label_1"):
        keymap_of({"label_1": "n"})
    assert keymap_of({"label_1": "n", "next_page": "r"}) == {"label_1": ["n"], "next_page": ["r"]}


def test_an_unknown_action_is_refused_by_name():
    with pytest.raises(BadOption, match="no action of the grid is called 'lable_1'"):
        keymap_of({"lable_1": "r"})


@pytest.mark.parametrize("key", ["rr", "Ctrl", "Shift+", "Shift+Foo", "\n", "u "])
def test_an_unknown_key_is_refused(key):
    with pytest.raises(BadOption, match="no key is called"):
        keymap_of({"undo": key})


@pytest.mark.parametrize("given", [["r"], "r", {"label_1": 1}, {"label_1": ""}, {"label_1": "Hyper+r"}])
def test_an_invalid_key_is_refused(given):
    with pytest.raises(BadOption):
        keymap_of(given)


def test_the_default_keys_do_not_clash():
    assert keymap_of(dict(KEYS)) == {name: list(keys) for name, keys in KEYS.items()}
