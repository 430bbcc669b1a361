"""What ``cutout-widgets doctor`` finds."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from click.testing import CliRunner

import cutout_widgets
from cutout_widgets.cli import main
from cutout_widgets.cli.doctor import Finding, examine, report


def found(findings: list[Finding], what: str) -> Finding:
    return next(one for one in findings if one.what == what)


def test_installed_packages_are_found_with_their_versions():
    one = found(examine(), "numpy")
    assert (one.part, one.state, one.found) == ("core", "ok", metadata.version("numpy"))


def test_a_missing_optional_package_is_listed_with_its_install_command(monkeypatch):
    version = metadata.version

    def lacking(name: str) -> str:
        if name == "fastavro":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", lacking)
    one = found(examine(), "fastavro")
    assert (one.state, one.optional) == ("missing", True)
    assert one.mend == 'pip install "cutout-widgets[alerts]"'


def test_an_outdated_package_is_reported_with_the_required_version(monkeypatch):
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.1" if name == "anywidget" else version(name))
    one = found(examine(), "anywidget")
    assert (one.state, one.found, one.optional) == ("old", "0.1, not >=0.9.18", False)
    assert one.mend == 'pip install "anywidget>=0.9.18"'


def test_a_lab_without_the_anywidget_extension_is_reported(tmp_path, monkeypatch):
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "4.2" if name == "jupyterlab" else version(name))
    manager = tmp_path / "@jupyter-widgets" / "jupyterlab-manager"
    manager.mkdir(parents=True)
    (manager / "package.json").write_text("{}")
    findings = examine([str(tmp_path)])
    assert found(findings, "JupyterLab's extension @jupyter-widgets/jupyterlab-manager").state == "ok"
    one = found(findings, "JupyterLab's extension anywidget")
    assert (one.state, one.optional) == ("missing", False)
    assert one.mend.startswith("pip install --force-reinstall anywidget")


def test_without_a_notebook_package_doctor_says_it_may_be_installed_elsewhere(monkeypatch):
    version = metadata.version

    def lacking(name: str) -> str:
        if name in ("jupyterlab", "notebook", "voila", "marimo"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", lacking)
    one = found(examine(), "a notebook")
    assert one.state == "missing"
    assert "in another" in one.found


def test_an_unbuilt_front_end_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(cutout_widgets, "__file__", str(tmp_path / "__init__.py"))
    one = found(examine(), "the grid's JavaScript")
    assert (one.state, one.optional) == ("broken", False)
    assert "Node.js" in one.mend


def test_each_finding_is_a_line_followed_by_its_remedy():
    lines = [*report([Finding("core", "numpy", "missing", mend="pip install numpy")])]
    assert lines[1:] == ["\ncore", "  missing numpy", "          pip install numpy"]


def test_the_command_exits_with_3_if_the_grid_cannot_be_shown(monkeypatch):
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.1" if name == "anywidget" else version(name))
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    assert answer.exit_code == 3
    assert {"part": "core", "what": "anywidget", "state": "old"}.items() <= found_json(answer.stdout).items()


def found_json(text: str) -> dict[str, str]:
    return next(one for one in json.loads(text) if one["what"] == "anywidget")


def test_missing_notebooks_are_copied_and_existing_ones_kept(tmp_path):
    first = CliRunner().invoke(main, ["notebooks", str(tmp_path / "mine")])
    assert first.exit_code == 0
    copied = sorted(path.name for path in (tmp_path / "mine").iterdir())
    assert copied == sorted(path.name for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
    (tmp_path / "mine" / copied[0]).write_text("my own")
    again = CliRunner().invoke(main, ["notebooks", str(tmp_path / "mine")])
    assert (tmp_path / "mine" / copied[0]).read_text() == "my own"
    assert f"{len(copied)} existing ones kept: {copied[0]}" in again.output


def test_a_folder_that_cannot_be_created_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    answer = CliRunner().invoke(main, ["notebooks", str(tmp_path / "file" / "below")])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: the notebooks cannot be copied to")
