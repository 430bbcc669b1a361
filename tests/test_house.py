"""The plan of the package: imports point down, no circles, small files."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import cutout_widgets

SRC = Path(cutout_widgets.__file__).parent

LAYERS = {
    "_version": 1,
    "_public": 1,
    "errors": 1,
    "disk_cache": 1,
    "hdus": 1,
    "palette": 1,
    "paths": 1,
    "quantities": 1,
    "remarks": 1,
    "remote": 1,
    "unpacking": 1,
    "web": 1,
    "whole_file": 1,
    "pixels": 2,
    "catalog": 2,
    "labels": 2,
    "display": 3,
    "footprints": 3,
    "stores": 4,
    "reader": 5,
    "stacking": 5,
    "cutout_arrays": 5,
    "demo": 5,
    "testing": 5,
    "detection": 5,
    "outputs": 6,
    "widget": 7,
    "cli": 7,
    "compat": 7,
}
"""Package or module -> layer. The top ``__init__`` only names what is public: it may name every module."""

APART = {("pixels", "catalog"), ("catalog", "pixels"), ("pixels", "labels"), ("labels", "pixels")}
"""The two halves of a cutout know nothing of each other."""

FILES = sorted(path for path in SRC.rglob("*.py") if path.name != "_placeholder.py")


def module_of(path: Path) -> str:
    parts = path.relative_to(SRC.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = frozenset(module_of(path) for path in FILES)
PACKAGES = frozenset(module_of(path) for path in FILES if path.name == "__init__.py")


def package_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def own_imports(path: Path) -> set[str]:
    """Modules of the package that a file imports: at the top, inside functions, for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} uses a relative import"
            if node.module == "cutout_widgets":
                found |= {f"cutout_widgets.{alias.name}" for alias in node.names}
            elif node.module in PACKAGES:
                found |= {
                    full if (full := f"{node.module}.{alias.name}") in MODULES else node.module
                    for alias in node.names
                }
            elif (node.module or "").startswith("cutout_widgets."):
                found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("cutout_widgets.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_imports_point_down(path: Path):
    package = package_of(module_of(path))
    if package == "":
        return  # the public names
    for module in own_imports(path):
        other = package_of(module)
        assert LAYERS[other] <= LAYERS[package], f"{path.name} imports {module} from above"
        assert (package, other) not in APART, f"{path.name}: {package} must not know {other}"


def test_no_import_circles():
    names = {module_of(path) for path in FILES}
    graph = {}
    for path in FILES:
        if package_of(module_of(path)) == "":
            continue
        graph[module_of(path)] = {module for module in own_imports(path) if module in names} - {
            module_of(path)
        }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as err:
        pytest.fail(f"a circle of imports: {' -> '.join(err.args[1])}")


def test_no_module_is_called_utils():
    assert not [path for path in FILES if path.stem in {"utils", "helpers", "misc", "common"}]


def test_no_file_is_too_long():
    long = {path.name: n for path in FILES if (n := len(path.read_text("utf-8").splitlines())) > 350}
    assert not long, f"files to split: {long}"


def test_import_brings_in_nothing_heavy():
    heavy = ("matplotlib", "bqplot", "lsst", "pandas", "pyarrow", "ipywidgets")
    code = f"import sys, cutout_widgets; print([name for name in {heavy} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
