"""The public names: `__all__` matches the namespace, and docs and notebooks import nothing else."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from inspect import isclass, isroutine
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import cutout_widgets

ROOT = Path(__file__).parents[1]

LAZY = (
    "cutout_widgets",
    *(
        f"cutout_widgets.{name}"
        for name in (
            "catalog",
            "compat",
            "demo",
            "detection",
            "display",
            "footprints",
            "pixels",
            "stores",
            "testing",
        )
    ),
)
"""Packages that import a name when it is first used."""

DROP_INS = (
    *(f"cutout_widgets.compat.{name}" for name in cutout_widgets.compat.__all__),
    "cutout_widgets.compat.analysis_ap.apdb",
    "cutout_widgets.compat.analysis_ap.nb_utils",
    "cutout_widgets.compat.analysis_ap.plotImageSubtractionCutouts",
    "cutout_widgets.compat.analysis_ap.zooniverseCutouts",
    "cutout_widgets.compat.subpixal.cutout",
)
"""Modules by the names of those that they replace."""

FACES = (*LAZY, *DROP_INS)
"""All that is public: what these list in ``__all__``."""


@pytest.mark.parametrize("face", LAZY)
def test_public_names_match_the_namespace(face):
    module = importlib.import_module(face)
    assert {*module.__all__} - {"__version__"} == {*module._MODULES}
    assert len({*module.__all__}) == len(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert dir(module) == sorted(module.__all__)


@pytest.mark.parametrize("face", LAZY)
def test_no_module_hides_a_public_name(face):
    module = importlib.import_module(face)
    inside = {one.name for one in pkgutil.iter_modules(module.__path__)}
    clashes = {name for name in module.__all__ if name in inside and module._MODULES[name] != name}
    assert not clashes, f"{face}: importing the module of that name would replace {clashes}"


@pytest.mark.parametrize("face", LAZY)
def test_type_checkers_see_the_same_public_names(face):
    module = importlib.import_module(face)
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    guarded = next(
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    named = {
        alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert named == {
        name: face if where == name else f"{face}.{where}" for name, where in module._MODULES.items()
    }


@pytest.mark.parametrize("face", FACES)
def test_every_public_name_has_a_docstring(face):
    module = importlib.import_module(face)
    things = {name: getattr(module, name) for name in module.__all__ if name[0] != "_"}
    code = {name: thing for name, thing in things.items() if isclass(thing) or isroutine(thing)}
    assert not [name for name, thing in code.items() if not thing.__doc__]


@pytest.mark.parametrize("face", LAZY)
def test_an_unknown_name_raises_attribute_error(face):
    with pytest.raises(AttributeError, match=f"module '{face}' has no attribute 'cutout'"):
        importlib.import_module(face).cutout  # noqa: B018  the look-up is the test


def test_a_name_that_needs_a_missing_package_says_which(tmp_path, monkeypatch):
    (tmp_path / "faced").mkdir()
    (tmp_path / "faced" / "__init__.py").write_text(
        "from cutout_widgets._public import public_names\n"
        "__getattr__, __dir__ = public_names(__name__, {'Grid': 'grid'})\n"
    )
    (tmp_path / "faced" / "grid.py").write_text("import no_such_package.widget\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(
        cutout_widgets.MissingDependency, match=r"faced.Grid needs the package 'no_such_package'"
    ):
        importlib.import_module("faced").Grid  # noqa: B018  the look-up is the test


def test_a_star_import_brings_the_public_names():
    namespace: dict[str, object] = {}
    exec("from cutout_widgets.display import *", namespace)
    assert {"Look", "Stretch", "zscale"} <= set(namespace)


@pytest.mark.parametrize("face", LAZY)
def test_importing_a_public_package_imports_nothing_heavy(face):
    heavy = ("matplotlib", "bqplot", "lsst", "pandas", "pyarrow", "ipywidgets", "astropy")
    code = f"import sys, {face}; print([name for name in {heavy} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


class Mention(NamedTuple):
    """A name that a page uses."""

    module: str
    name: str
    page: str


IMPORT = re.compile(r"from (cutout_widgets[\w.]*) import (\([^)]*\)|[^\n#`;]*)")
DOTTED = re.compile(r"\bcutout_widgets((?:\.\w+)+)")


def mentions_in(text: str, page: str) -> list[Mention]:
    """Return what a text imports of the package, and what it names in full."""
    found = []
    for module, names in IMPORT.findall(text):
        for name in re.findall(r"\w+(?: as \w+)?", names.strip("()")):
            found.append(Mention(module, name.split(" as ")[0], page))
    for dotted in DOTTED.findall(IMPORT.sub("", text)):
        module, _, name = f"cutout_widgets{dotted}".rpartition(".")
        found.append(Mention(module, name, page))
    return found


def pages() -> list[tuple[str, str]]:
    """Return name and text of all that users read."""
    texts = [(path.name, path.read_text("utf-8")) for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"))]
    for path in ROOT.glob("notebooks/*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        texts.append((path.name, "\n".join("".join(cell["source"]) for cell in cells)))
    return texts


def is_public(mention: Mention) -> bool:
    if f"{mention.module}.{mention.name}" in FACES:
        return True
    face: ModuleType | None = importlib.import_module(mention.module) if mention.module in FACES else None
    return face is not None and mention.name in face.__all__


def test_docs_and_notebooks_import_only_public_names():
    private = [
        mention for page, text in pages() for mention in mentions_in(text, page) if not is_public(mention)
    ]
    assert not private, "\n".join(f"{one.page}: {one.module}.{one.name}" for one in private)


def test_an_import_from_a_private_module_is_detected():
    text = "from cutout_widgets.catalog.flags import badges_of\nsee `cutout_widgets.stores.Handles`\n"
    text += "from cutout_widgets.pixels import (\n    Box,\n    XY as Pair,\n)\n"
    found = mentions_in(text, "page")
    assert [(one.module, one.name) for one in found] == [
        ("cutout_widgets.catalog.flags", "badges_of"),
        ("cutout_widgets.pixels", "Box"),
        ("cutout_widgets.pixels", "XY"),
        ("cutout_widgets.stores", "Handles"),
    ]
    assert [is_public(one) for one in found] == [False, True, True, True]


def examples() -> list[doctest.DocTest]:
    """Return the examples in the docstrings of public things, each once, methods included."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found: dict[int, doctest.DocTest] = {}
    for face in FACES:
        module = importlib.import_module(face)
        for name in module.__all__:
            thing = getattr(module, name)
            if not (isclass(thing) or isroutine(thing)) or id(thing) in found:
                continue
            for test in finder.find(thing, name, module=False, globs={"cw": cutout_widgets, name: thing}):
                if test.examples:
                    found[id(thing) if test.name == name else id(test)] = test
    return list(found.values())


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_docstring_examples_run(example):
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    failed = runner.run(example, out=said.append).failed
    lacking = re.search(r"MissingDependency: (.+)", "".join(said))
    if lacking is not None:
        pytest.skip(lacking[1])
    assert failed == 0, "".join(said)


NO_EXAMPLE = {
    "AlertImages",
    "Apdb",
    "ButlerImages",
    "Demo",
    "FitsImages",
    "Hats",
    "Samp",
    "SodaImages",
    "Tap",
    "images_at",
    "open_demo",
    "read_apdb",
    "read_tap",
    "write",
    "write_notebook",
}
"""They need files, a database or a service, and docs or notebooks show them."""


def lacking_an_example() -> set[str]:
    """Return the names, errors and those of drop-ins aside, whose docstrings have no example."""
    have = {example.name.partition(".")[0] for example in examples()}
    lacking = set()
    for face in LAZY:
        module = importlib.import_module(face)
        for name in module.__all__:
            thing = getattr(module, name)
            is_error = isclass(thing) and issubclass(thing, Exception)
            if (isclass(thing) or isroutine(thing)) and not is_error and name not in have:
                lacking.add(name)
    return lacking


def test_every_public_name_has_an_example_unless_it_needs_files_or_services():
    assert lacking_an_example() == NO_EXAMPLE
