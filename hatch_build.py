"""Build hook: bundle the TypeScript of `js/` into `src/cutout_widgets/static/`; add tutorials to the wheel.

Runs for wheels, editable installs and sdists alike. It is quick when nothing changed: the bundle
carries a digest of what it was made from. An sdist holds the bundle beside its sources, so a wheel
is built from it without node. Without node and without a bundle, a placeholder is written: all of
the Python works, and the widget says in the notebook what to do.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "src/**/*.ts", "src/**/*.css")
OUTPUTS = ("widget.js", "saved.js", "widget.css")
STAMP = "bundle.sha256"

PLACEHOLDER = """\
// Written by hatch_build.py because the front end could not be bundled when the package was installed.
const text = "The front end of cutout_widgets was not built: %s. " +
  "Install Node.js 20 or newer with npm, then install cutout_widgets again.";
export default { render({ el }) { el.textContent = text; el.setAttribute("role", "alert"); } };
"""


class FrontEnd(BuildHookInterface):
    """The build step that makes the widget's one ES module."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        problem = build(root / "js", root / "src" / "cutout_widgets" / "static")
        if problem:
            self.app.display_warning(problem)
        if self.target_name == "wheel":  # file by file: the folder may hold what the tutorials saved
            for path in sorted((root / "notebooks").glob("*.ipynb")):
                build_data["force_include"][str(path)] = f"cutout_widgets/tutorials/{path.name}"


def build(js: Path, static: Path) -> str | None:
    """Bundle `js` into `static` unless that is done already; return what went wrong, if anything."""
    static.mkdir(parents=True, exist_ok=True)
    digest = digest_of(js)
    stamp = static / STAMP
    whole = all((static / name).is_file() for name in OUTPUTS)
    if whole and stamp.is_file() and stamp.read_text("ascii").strip() == digest:
        return None
    problem = bundle(js)
    if problem is None:
        stamp.write_text(digest + "\n", "ascii")
        return None
    if whole and stamp.is_file():
        return f"the front end is kept as it was bundled before: {problem}"
    (static / "widget.js").write_text(PLACEHOLDER % problem.replace('"', "'"), "utf-8")
    (static / "widget.css").write_text("", "utf-8")
    return f"the widget's front end is a placeholder, all else works: {problem}"


def digest_of(js: Path) -> str:
    """Return a digest of everything the bundle depends on."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in INPUTS for path in js.glob(pattern)}):
        total.update(path.relative_to(js).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def bundle(js: Path) -> str | None:
    """Install the locked tools and run esbuild; return one sentence if that is not possible."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node and npm were not found on the PATH"
    lock, installed = js / "package-lock.json", js / "node_modules" / ".package-lock.json"
    steps = [["run", "build"]]
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        # Who has the tools of tests keeps them; a fresh clone fetches one package in place of a hundred.
        steps.insert(0, ["ci", "--no-audit", "--no-fund", *(() if installed.is_file() else ("--omit=dev",))])
    for step in steps:
        done = subprocess.run([npm, *step], cwd=js, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            last = next((x for x in reversed((done.stderr or done.stdout).splitlines()) if x.strip()), "")
            return f"`npm {' '.join(step)}` ended with code {done.returncode} ({last.strip()[:200]})"
        if step[0] == "ci":
            os.utime(installed)
    return None
