"""The build hook: a bundle with node, a placeholder without, no rebuild if nothing changed."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
pytest.importorskip("hatchling", reason="the build hook is hatchling's; it is in the dev group")


@pytest.fixture
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def js(tmp_path: Path) -> Path:
    """A front end of one line, and an npm that was never installed."""
    folder = tmp_path / "js"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "widget.ts").write_text("export default {};\n")
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text("{}")
    return folder


def pretend_npm(folder: Path, script: str) -> str:
    """Write commands `node` and `npm`; return a PATH that has them first."""
    folder.mkdir()
    for name in ("node", "npm"):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"


def test_without_node_the_widget_says_what_to_install(hook, js, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    problem = hook.build(js, tmp_path / "static")
    assert problem == (
        "the widget's front end is a placeholder, all else works: node and npm were not found on the PATH"
    )
    module = (tmp_path / "static" / "widget.js").read_text()
    assert "Install Node.js 20 or newer with npm" in module
    assert "export default" in module


def test_a_bundle_is_built_once(hook, js, tmp_path, monkeypatch):
    static = tmp_path / "static"
    script = (
        f"echo run >> {tmp_path}/runs; "
        f"for f in widget.js saved.js widget.css; do echo made > {static}/$f; done; "
        f"mkdir -p {js}/node_modules; touch {js}/node_modules/.package-lock.json"
    )
    monkeypatch.setenv("PATH", pretend_npm(tmp_path / "bin", script))
    assert hook.build(js, static) is None
    assert hook.build(js, static) is None
    assert (tmp_path / "runs").read_text().split() == ["run", "run"], "npm ci, npm run build, once each"
    (js / "src" / "widget.ts").write_text("export default { render() {} };\n")
    assert hook.build(js, static) is None
    assert (tmp_path / "runs").read_text().split() == ["run"] * 3, "only the build again"


def test_an_existing_bundle_is_kept_when_npm_fails(hook, js, tmp_path, monkeypatch):
    static = tmp_path / "static"
    static.mkdir()
    for name in hook.OUTPUTS:
        (static / name).write_text("before")
    (static / hook.STAMP).write_text("another digest")
    monkeypatch.setenv("PATH", pretend_npm(tmp_path / "bin", "echo no registry >&2; exit 1"))
    problem = hook.build(js, static)
    assert "kept as it was bundled before" in problem
    assert "no registry" in problem
    assert (static / "widget.js").read_text() == "before"


def test_this_installation_includes_the_front_end(hook):
    static = ROOT / "src" / "cutout_widgets" / "static"
    missing = [name for name in hook.OUTPUTS if not (static / name).is_file()]
    if missing and not os.environ.get("CI"):
        pytest.skip("the front end was not bundled here: no node")
    assert not missing
