"""Error messages, and their standard library types."""

from __future__ import annotations

import builtins
import inspect
import pickle
import re
import sys
from pathlib import Path

import pytest

from cutout_widgets import errors
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import CutoutError, ImageNotFound, MissingDependency, counted, require, sentence

TREE = dict(re.findall(r"\+-- (\w+) +\((\w+)[,)]", errors.__doc__))
"""Each error of the drawing in the docstring -> the standard library's."""


@pytest.mark.parametrize(("name", "standard"), list(TREE.items()))
def test_every_error_also_has_a_standard_type(name, standard):
    assert issubclass(getattr(errors, name), CutoutError)
    assert issubclass(getattr(errors, name), getattr(builtins, standard))


def test_the_error_tree_shows_every_error():
    ours = {
        name
        for name, one in vars(errors).items()
        if inspect.isclass(one) and issubclass(one, CutoutError) and one is not CutoutError
    }
    assert ours == set(TREE)
    assert {"ImageNotFound", "NoOverlap", "PartialOverlap", "BadTable", "MissingDependency"} <= ours


def test_a_missing_package_error_names_the_extra_and_its_purpose():
    error = MissingDependency("fastavro", "alerts", "reading alert packets")
    assert str(error) == (
        "reading alert packets needs the package 'fastavro', which is not installed; "
        'install it with: pip install "cutout-widgets[alerts]"'
    )


def test_a_missing_core_package_error_names_the_package_and_python(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed
    with pytest.raises(MissingDependency, match=r"(?m)^a table needs .* 'pyarrow'.*pip install pyarrow$"):
        SourceTable.read({"id": [1], "ra": [0.0], "dec": [0.0]})
    with pytest.raises(MissingDependency, match="in this Python"):
        require("no_such_package", "a test")
    require("json", "a test")


def test_a_missing_package_error_can_be_pickled():
    error = pickle.loads(pickle.dumps(MissingDependency("fastavro", "alerts", "reading alert packets")))
    assert (error.package, error.extra, error.purpose) == ("fastavro", "alerts", "reading alert packets")
    assert "cutout-widgets[alerts]" in str(error)


def test_a_traceback_names_the_docs_page_once_also_after_pickling():
    error = pickle.loads(pickle.dumps(errors.NotWritable("no folder there")))
    assert error.__notes__ == ["Explained in docs/saving.md of the documentation."]
    assert str(error) == "no folder there"


def test_docs_pages_named_by_errors_exist():
    root = Path(__file__).parents[1]
    pages = {one.page for name, one in vars(errors).items() if name in TREE and one.page}
    assert pages
    assert all((root / page).is_file() for page in pages)


def test_a_lookup_error_message_has_no_quotes():
    assert str(ImageNotFound("no template here")) == "no template here"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImageNotFound("no template\n  here."), "no template here"),
        (ValueError("a bad\nthing."), "ValueError: a bad thing"),
        (KeyError("visit"), "KeyError: 'visit'"),
        (OSError(2, "No such file", "a.fits"), "FileNotFoundError: [Errno 2] No such file: 'a.fits'"),
        (RuntimeError(), "RuntimeError"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_any_exception_becomes_one_line(error, said):
    assert sentence(error) == said


def test_nouns_agree_with_their_number():
    assert [counted(n, "row") for n in (0, 1, 2, 10_000)] == ["0 rows", "1 row", "2 rows", "10,000 rows"]
