"""The options of a run as one object."""

from __future__ import annotations

from dataclasses import fields
from inspect import getdoc, signature

import pytest

from cutout_widgets.cli.save import save as command
from cutout_widgets.errors import BadOption, UnknownOption
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.options import SaveKeywords, SaveOptions
from outputs.makers import files_of, make_world

NAMES = [one.name for one in fields(SaveOptions)]


def test_an_object_and_keywords_save_the_same_files(tmp_path):
    table, images = make_world(2)
    save_cutouts(table, images, tmp_path / "a", sizes=(20,), save_as_numpy=True, progress=False)
    options = SaveOptions(sizes=(20,), save_as_numpy=True)
    save_cutouts(table, images, tmp_path / "b", options=options, progress=False)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


def test_a_keyword_overrides_a_field_even_with_the_default_value(tmp_path):
    table, images = make_world(1)
    options = SaveOptions(save_as_numpy=True)
    save_cutouts(table, images, tmp_path, options=options, save_as_numpy=False, progress=False)
    assert not (tmp_path / "numpy").exists()


def test_an_unknown_keyword_is_refused_with_the_nearest(tmp_path):
    table, images = make_world(1)
    with pytest.raises(
        UnknownOption, match=r"save_cutouts does not know 'executer'; did you mean 'executor'"
    ):
        save_cutouts(table, images, tmp_path, executer=None)  # type: ignore[call-arg]  # the test


def test_something_that_is_not_an_options_object_is_refused(tmp_path):
    table, images = make_world(1)
    with pytest.raises(BadOption, match=r"options= of save_cutouts is a SaveOptions; got \{'fits': True\}"):
        save_cutouts(table, images, tmp_path, options={"fits": True})  # type: ignore[arg-type]  # the test


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"missing": "hide"}, "missing is 'draw' or 'fail'; got 'hide'"),
        ({"sizes": (30, 30)}, "each size once; got 30, 30"),
        ({"chunk_size": 300}, "chunk_size is a power of ten"),
        ({"manifest_rows": 0}, "manifest_rows is a whole number of 1 or more"),
        ({"use_footprint": "box"}, "use_footprint is True, False"),
    ],
)
def test_an_invalid_option_is_refused_when_the_object_is_created(option, said):
    with pytest.raises(BadOption, match=said):
        SaveOptions(**option)


def test_help_lists_every_field_as_a_keyword_of_save_cutouts():
    parameters = signature(save_cutouts).parameters
    assert {name: parameters[name].default for name in NAMES} == {
        one.name: one.default for one in fields(SaveOptions)
    }


def test_type_checkers_see_the_same_field_types():
    assert SaveKeywords.__annotations__.keys() == set(NAMES)
    assert [SaveKeywords.__annotations__[one.name].__forward_arg__ for one in fields(SaveOptions)] == [
        one.type for one in fields(SaveOptions)
    ]


def test_every_field_is_documented_by_save_cutouts():
    lines = (getdoc(save_cutouts) or "").splitlines()
    assert not set(NAMES) - set(lines)


def test_every_field_is_an_option_of_the_command_and_its_configuration():
    assert set(NAMES) - {one.name for one in command.params} == {"style"}
