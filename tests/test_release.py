"""Release files: the wheel, the sdist, and files that repeat facts of the project."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import cutout_widgets

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the wheel and the sdist of this source."""
    if not (ROOT / "src" / "cutout_widgets" / "static" / "saved.js").is_file():
        pytest.skip("needs the front end, which is built where node is")
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return out


def test_the_wheel_contains_package_front_end_and_tutorials(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = {*wheel.namelist()}
    source = ROOT / "src"
    python = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    tutorials = {f"cutout_widgets/tutorials/{path.name}" for path in ROOT.glob("notebooks/*.ipynb")}
    data = {
        "cutout_widgets/py.typed",
        "cutout_widgets/colormaps.npy",
        "cutout_widgets/colormaps-licence.txt",
        "cutout_widgets/outputs/figure/glyphs.npz",
        "cutout_widgets/outputs/figure/glyphs-licence.txt",
        *(f"cutout_widgets/static/{name}" for name in ("widget.js", "widget.css", "saved.js")),
    }
    assert python | tutorials | data <= names
    assert {name for name in names if name.startswith("cutout_widgets/tutorials/")} == tutorials
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"cutout_widgets"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda path: path.stem)
def test_tutorials_contain_pictures_and_are_small(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    kinds = {kind for cell in cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert "image/png" in kinds
    assert kinds <= {"image/png", "text/plain", "text/html"}  # no state of widgets
    assert path.stat().st_size < 500_000


def test_the_sdist_builds_the_same_wheel_without_node(built, tmp_path, monkeypatch):
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    monkeypatch.setenv("PATH", str(tmp_path))  # where no node is
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out")]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr

    def members(path: Path) -> dict[str, int]:
        with zipfile.ZipFile(path) as wheel:
            return {one.filename: one.CRC for one in wheel.infolist()}

    assert members(next((tmp_path / "out").glob("*.whl"))) == members(next(built.glob("*.whl")))


def test_the_citation_has_the_current_version():
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(r"^version: (.*)$", text, re.MULTILINE)[1] == cutout_widgets.__version__
    assert re.search(r"^license: (.*)$", text, re.MULTILINE)[1] == PROJECT["license"]


def test_the_conda_recipe_has_the_dependencies_of_the_package():
    text = (ROOT / "conda" / "meta.yaml").read_text("utf-8")
    wanted = {re.sub(r"^([\w-]+)(.*)", r"\1 \2", one) for one in PROJECT["dependencies"]}
    run = text.partition("  run:\n")[2].partition("\n\n")[0]
    asked = {
        line.removeprefix("    - ").replace("matplotlib-base", "matplotlib") for line in run.splitlines()
    }
    assert asked == wanted | {f"python {PROJECT['requires-python']}"}
    assert f'"{cutout_widgets.__version__}"' in text


@pytest.mark.parametrize("extra", sorted(PROJECT["optional-dependencies"]))
def test_installation_pages_list_every_extra(extra):
    for page in ("README.md", "docs/start.md"):
        assert f"`{extra}`" in (ROOT / page).read_text("utf-8"), page


def test_changelog_fragments_have_a_known_type():
    kinds = {path.suffixes[0] for path in (ROOT / "changes").glob("*.md") if path.name != "README.md"}
    assert kinds <= {".added", ".changed", ".fixed", ".removed"}
