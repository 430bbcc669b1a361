"""The commands other than ``save`` and ``doctor``: the commands they suggest can be run."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from cutout_widgets.cli import main


@pytest.mark.parametrize(("uv", "before"), [("/usr/bin/uv", "uv run "), ("", "")])
def test_the_suggested_command_uses_uv_only_under_uv(uv, before, tmp_path, monkeypatch):
    monkeypatch.setenv("UV", uv)  # uv tells its programs where it is
    result = CliRunner().invoke(main, ["notebooks", str(tmp_path / "copies")])
    install = "" if uv or find_spec("jupyterlab") else "pip install jupyterlab && "
    assert (
        f"Open the first: {before}{install}jupyter lab {tmp_path}/copies/01_quickstart.ipynb" in result.output
    )


def test_the_examples_in_the_help_use_existing_commands():
    text = CliRunner().invoke(main, ["--help"]).output.partition("Examples:")[2]
    words = [line.split()[1] for line in text.splitlines() if line.strip().startswith("cutout-widgets")]
    assert len(words) >= 5
    assert {*words} <= {*main.commands}
