"""All commands except ``save``."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import cutout_widgets as cw
from cutout_widgets.cli.save import SOME_FAILED, save
from cutout_widgets.errors import BadOption, CutoutError, sentence

if TYPE_CHECKING:
    from cutout_widgets.outputs.report import Report

__all__ = ["main"]


class _Commands(click.Group):
    """Commands whose expected failures are one sentence, the page that explains, and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (CutoutError, OSError, OverflowError) as err:  # click converts an infinite number to int
            page = getattr(err, "page", "")
            raise click.ClickException(sentence(err) + (f"\nExplained in {page}" if page else "")) from err


EXAMPLES = """\b
Examples:
  cutout-widgets demo
  cutout-widgets info "alerts:night/*.avro"
  cutout-widgets save "alerts:night/*.avro" - out --min-reliability 0.5
  cutout-widgets save fits:images.csv sources.parquet out --where "snr > 10"
  cutout-widgets verify out
  cutout-widgets doctor
"""


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXAMPLES)
@click.version_option(cw.__version__, prog_name="cutout-widgets")
def main() -> None:
    """Template, science and difference cutouts of DiaSources: seen, labelled, saved."""


@main.command()
@click.argument(
    "directory", type=click.Path(file_okay=False, path_type=Path), default=Path("cutout-widgets-demo")
)
@click.option("--seed", type=int, default=None, help="Seed of the sky: any whole number.")
def demo(directory: Path, seed: int | None) -> None:
    """Make a small sky in DIRECTORY, save its cutouts with a manifest, and say how to look at it.

    DIRECTORY is created if it does not exist; an existing demo is used again.
    """
    from cutout_widgets import demo as sky

    start = time.monotonic()
    made = sky.write(directory) if seed is None else sky.write(directory, seed=seed)
    sources = made.sources()
    click.echo(f"Sky: {len(sources)} DiaSources in {directory}")
    click.echo(f"APDB: {made.apdb}")
    if made.repository.is_dir():
        click.echo(f"Butler repository: {made.repository}, collection demo")
    out = directory / "cutouts"
    report = cw.save_cutouts(
        sources, made.images(), out, sizes=(30,), url_root=DEMO_URL, progress=sys.stderr.isatty()
    )
    click.echo(f"PNGs: {_counts(report)}, in {out / 'images'}")
    if report.failed:
        click.echo(f"Not saved: {len(report.failed)}; the first: {next(iter(report.failed.values()))}")
    problems = cw.verify(out)
    click.echo(f"Manifest: {report.manifest} ({'every row checked' if not problems else problems[0]})")
    notebook = sky.write_notebook(directory)
    click.echo(f"Done in {time.monotonic() - start:.0f} s. To look at the sky in the notebook:")
    click.echo(f"    {_to_open(notebook)}")
    click.echo("To serve the images as the manifest says:")
    port = DEMO_URL.rpartition(":")[2]
    click.echo(f"    python -m http.server {port} --bind 127.0.0.1 --directory {shlex.quote(str(out))}")
    if problems:
        raise click.ClickException(f"{len(problems)} problems in {out}")


DEMO_URL = "http://127.0.0.1:8000"
"""Root of the demo's manifest: the URL at which the printed command would serve it."""


def _to_open(notebook: Path) -> str:
    """Return the command that opens a notebook: through uv if uv runs this, else JupyterLab itself."""
    command = f"jupyter lab {shlex.quote(str(notebook))}"
    if os.environ.get("UV"):
        return f"uv run {command}"
    return command if find_spec("jupyterlab") else f"pip install jupyterlab && {command}"


def _counts(report: Report) -> str:
    """Return how many sources were saved, as text."""
    text = f"{len(report.written)} written, {len(report.present)} already there"
    return f"{text}, {len(report.failed)} failed" if report.failed else text


main.add_command(save)


@main.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
def verify(out: Path, as_json: bool) -> None:
    """Check every file, row and URL of a directory that `save` wrote.

    Exit codes: 0 all is well, 3 there are problems.
    """
    problems = cw.verify(out)
    if as_json:
        click.echo(json.dumps(problems))
    else:
        for problem in problems:
            click.echo(problem)
        click.echo(f"{len(problems)} problems")
    if problems:
        sys.exit(SOME_FAILED)


@main.command()
@click.argument("what")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def info(what: str, as_json: bool) -> None:
    """Describe WHAT: a table of DiaSources, an image store, or a directory that `save` wrote."""
    info = _info_of(what)
    if as_json:
        click.echo(json.dumps(info))
        return
    for key, value in info.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{key}: {shown}")


def _info_of(what: str) -> dict[str, Any]:
    """Return the description as plain values."""
    from cutout_widgets.outputs.provenance import read_provenance

    provenance = read_provenance(Path(what))
    if provenance is not None:
        figures = sum(1 for path in (Path(what) / "images").rglob(f"*{provenance.get('suffix', '.png')}"))
        return {"kind": "saved cutouts", "figures": figures, **provenance}
    try:
        table, images = cw.SourceTable.read(what), None
    except (CutoutError, OSError) as no_table:
        try:
            images = cw.open_images(what)
        except (CutoutError, OSError) as no_images:
            raise BadOption(
                f"{what} is neither a table ({sentence(no_table)}) nor an image store ({sentence(no_images)})"
            ) from no_images
        if not callable(getattr(images, "table", None)):
            return {"kind": "images", "images": repr(images)}
        table = cw.SourceTable.read(images)
    info: dict[str, Any] = {"kind": "table" if images is None else "images with a table"}
    if images is not None:
        info["images"] = repr(images)
    return info | {
        "rows": len(table),
        "meanings": [f"{meaning} = {column}" for meaning, column in table.names.items()],
        "flags": list(table.flag_columns),
        "columns": list(table.columns),
    }


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
def doctor(as_json: bool) -> None:
    """List the installed versions, what is missing, and the command that installs it.

    Exit codes: 0 the grid can be shown, 3 something that it needs is missing. Extras are optional.
    """
    from cutout_widgets.cli.doctor import examine, report

    findings = examine()
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in findings]))
    else:
        for line in report(findings):
            click.echo(line)
    if any(one.state != "ok" and not one.optional for one in findings):
        sys.exit(SOME_FAILED)


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path("notebooks"))
def notebooks(directory: Path) -> None:
    """Copy the tutorial notebooks to DIRECTORY; existing files are kept."""
    from cutout_widgets.cli.notebooks import copy_notebooks

    copied, kept = copy_notebooks(directory)
    click.echo(f"{len(copied)} notebooks copied to {directory}")
    if kept:
        click.echo(f"{len(kept)} existing ones kept: {', '.join(path.name for path in kept)}")
    first = min([*copied, *kept])
    click.echo(f"Open the first: {_to_open(first)}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes SHELL complete this command: eval "$(cutout-widgets completion bash)"."""
    from click.shell_completion import get_completion_class

    maker = get_completion_class(shell)
    assert maker is not None
    click.echo(maker(main, {}, "cutout-widgets", "_CUTOUT_WIDGETS_COMPLETE").source())
